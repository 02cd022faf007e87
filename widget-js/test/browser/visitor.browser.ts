// The visitor's journey in a real browser: launcher, panel, policies, reloads, tabs, keyboard.

import axe from 'axe-core';
import type { Frame, Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { type World, type WorldOptions, world } from './world.ts';

let here: World;

async function visit(options: WorldOptions = {}): Promise<World> {
  here = await world(options);
  return here;
}

afterEach(() => here.end());

/** Opens the panel and starts a chat that Ada answers. */
async function chat({ page, panel, gateway }: World): Promise<void> {
  await page.locator('halloo-chat button').click();
  await panel.getByLabel('Message').fill('Hello?');
  await panel.getByRole('button', { name: 'Start chat' }).click();
  await panel.getByText('Finding someone for you').first().waitFor();
  gateway.assign();
  gateway.say('Good morning!');
  await said(here.panel, 'Good morning!');
}

const said = (panel: World['panel'], text: string) => panel.locator('.bubble', { hasText: text }).waitFor();

async function write({ panel }: World, text: string): Promise<void> {
  await panel.getByLabel('Message').fill(text);
  await panel.getByLabel('Message').press('Enter');
}

/** The visitor's message stands, and says so. */
const sent = ({ panel }: World, text: string) =>
  panel.locator('.message', { hasText: text }).getByText('Sent', { exact: true }).waitFor();

async function bubbles(page: Page): Promise<string[]> {
  return page.frameLocator('halloo-chat iframe').locator('.bubble').allTextContents();
}

/** Texts that the gateway has stored. */
function stored({ gateway }: World): string[] {
  const records = gateway.conversations.get(gateway.only) ?? [];
  return records.flatMap(({ what }) =>
    'said' in what ? [what.said.body.map(node => ('text' in node ? node.text : '')).join('')] : [],
  );
}

function panelFrame(page: Page): Frame {
  const frame = page
    .frames()
    .find(frame => frame.url().includes('/v1/panel/') || frame.url().includes('/talk/'));
  if (frame === undefined) throw new Error('no panel');
  return frame;
}

/** The kind of element in the panel that has the focus. */
const focused = (page: Page) => panelFrame(page).evaluate(() => document.activeElement?.tagName);

/** Rules of WCAG 2.2 AA that axe finds broken, with the element. */
async function broken(page: Page): Promise<string[]> {
  const frame = panelFrame(page);
  await frame.evaluate(axe.source);
  const result = await frame.evaluate(() =>
    (
      window as unknown as {
        axe: {
          run(
            context: Document,
            options: object,
          ): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
      }
    ).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

describe('before intent', () => {
  it('nothing but the loader is fetched, and no policy of a strict page is broken', async () => {
    const { page, gateway, faults } = await visit();
    await page.locator('halloo-chat button').waitFor();
    expect(gateway.requests).toEqual(['/v1/loader.js']);
    expect(faults).toEqual([]);
  });

  it('a page that clobbers names still gets its launcher', async () => {
    const { page, panel } = await visit({
      body: url =>
        `<form name="createElement"></form><img name="body"><img name="currentScript"><a id="halloo"></a><form name="dispatchEvent"></form>
         <script src="${url}/v1/loader.js" data-site="demo"></script>`,
    });
    await page.locator('halloo-chat button').click();
    await panel.getByRole('button', { name: 'Start chat' }).waitFor();
    expect(await page.evaluate('typeof halloo')).toBe('function');
  });

  it('calls queued by the stub are run', async () => {
    const { panel, page } = await visit({
      body: url =>
        `<script nonce="n">window.halloo=window.halloo||function(){(halloo.q=halloo.q||[]).push(arguments)};
         halloo('boot',{site:'demo'});halloo('on','ready',function(){document.title='ready'});halloo('open')</script>
         <script async src="${url}/v1/loader.js"></script>`,
    });
    await panel.getByRole('button', { name: 'Start chat' }).waitFor();
    await page.waitForFunction("document.title === 'ready'");
    expect(await page.evaluate("halloo('state')")).toMatchObject({
      ready: true,
      visibility: 'open',
      connection: 'online',
      availability: { online: true, waiting: 0 },
    });
  });
});

describe('a slow line, on a phone', () => {
  it('leaves the page usable and the chat closable until the panel speaks', async () => {
    const { page, panel } = await visit({ width: 360, height: 640 });
    let deliver = (): void => undefined;
    const isHeld = new Promise<void>(resolve => {
      deliver = resolve;
    });
    await page.route('**/v1/panel/**', async route => {
      await isHeld;
      await route.continue();
    });
    const launcher = page.locator('halloo-chat button');
    await launcher.click();
    await page.getByText('Loading…').waitFor();
    const touched = () =>
      page.evaluate("document.elementFromPoint(20, 40)?.closest('h1, halloo-chat')?.localName");
    expect(await touched()).toBe('h1');
    await launcher.click();
    await page.getByText('Loading…').waitFor({ state: 'hidden' });
    await launcher.click();
    deliver();
    await panel.getByRole('button', { name: 'Start chat' }).waitFor();
    await launcher.waitFor({ state: 'hidden' });
    expect(await touched()).toBe('halloo-chat');
  });
});

describe('the start page', () => {
  it('shows the words of the site first, and does not move when they come', async () => {
    const { page, panel, gateway, context } = await visit();
    gateway.greeting = 'Good day! We know our tea, and like to talk about it.';
    gateway.availability = { online: false, waiting: 0 };
    await context.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const title = document.querySelector('h2')?.textContent;
        const field = document.querySelector('textarea')?.getBoundingClientRect();
        const now = `${title} ${field?.top}`;
        if (field !== undefined && seen.at(-1) !== now) seen.push(now);
      }).observe(document, { childList: true, subtree: true, characterData: true });
    });
    await page.locator('halloo-chat button').click();
    await panel.getByRole('heading', { name: 'Leave us a message' }).waitFor();
    const top = await panel.getByLabel('Message').evaluate(field => field.getBoundingClientRect().top);
    const seen = await panelFrame(page).evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen).toEqual([`${gateway.greeting} ${top}`]);
  });
});

describe('a chat', () => {
  it('goes from the greeting to the rating without a fault', async () => {
    const { panel, gateway, faults } = await visit();
    await chat(here);
    await write(here, 'Thank you');
    await sent(here, 'Thank you');
    gateway.tell({
      read: { conversation: gateway.only, who: { agent: { id: 'a', name: 'Ada' } }, number: 9 },
    });
    await panel.getByText('Seen').last().waitFor();
    await panel.getByRole('button', { name: 'End chat' }).click();
    await panel.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
    await panel.getByLabel('4/5 Good').hover();
    const colours = () =>
      panel.locator('.stars .icon').evaluateAll(icons => icons.map(icon => getComputedStyle(icon).color));
    await expect.poll(async () => new Set((await colours()).slice(0, 4)).size).toBe(1);
    expect(new Set(await colours()).size).toBe(2);
    await panel.getByLabel('5/5 Great').check();
    await panel.getByRole('button', { name: 'Send rating' }).click();
    await panel.getByText('Thank you for your rating').waitFor();
    expect(gateway.conversations.get(gateway.only)?.at(-1)?.what).toEqual({ rated: { score: 5 } });
    await write(here, 'One more thing');
    await panel.getByText('The chat is open again').first().waitFor();
    expect(stored(here)).toEqual(['Hello?', 'Good morning!', 'Thank you', 'One more thing']);
    expect(faults).toEqual([]);
  });

  it('shows a message once, however often its answer is lost', async () => {
    const { gateway, panel, page } = await visit();
    await chat(here);
    gateway.losesAnswers = true;
    await write(here, 'Only once');
    await panel.getByText('Sending…').waitFor();
    gateway.losesAnswers = false;
    gateway.close(1011);
    await panel.getByText('Sending…').waitFor({ state: 'detached' });
    expect(stored(here)).toEqual(['Hello?', 'Good morning!', 'Only once']);
    expect(await bubbles(page)).toEqual(['Hello?', 'Good morning!', 'Only once']);
  });

  it('a reload in the middle of a send loses nothing and doubles nothing', async () => {
    const { gateway, page, panel } = await visit();
    await chat(here);
    gateway.isDeaf = true;
    await write(here, 'First');
    await write(here, 'Second');
    await panel.getByLabel('Message').fill('A draft');
    await panel.getByText('Sending…').first().waitFor();
    gateway.isDeaf = false;
    await page.reload();
    await page.locator('halloo-chat button').click();
    await sent(here, 'Second');
    await expect.poll(() => stored(here)).toEqual(['Hello?', 'Good morning!', 'First', 'Second']);
    await expect.poll(() => bubbles(page)).toEqual(['Hello?', 'Good morning!', 'First', 'Second']);
    expect(await panel.getByLabel('Message').inputValue()).toBe('A draft');
  });

  it('tells of the page that the visitor went to without a load', async () => {
    const { gateway, page } = await visit();
    await chat(here);
    await page.evaluate("history.pushState(null, '', '/teas/oolong?sort=price'); document.title = 'Oolong'");
    const url = `${here.hostUrl}/teas/oolong`;
    await expect
      .poll(() => gateway.heard.flatMap(frame => ('page' in frame ? [frame.page] : [])).at(-1))
      .toMatchObject({ url, title: 'Oolong', language: 'en-GB' });
  });

  it('two tabs tell the same story', async () => {
    const { page, newTab, gateway } = await visit();
    await chat(here);
    const tab = await newTab();
    await tab.locator('halloo-chat button').click();
    const other = tab.frameLocator('halloo-chat iframe');
    await said(other, 'Good morning!');
    await other.getByLabel('Message').fill('From the other tab');
    await other.getByLabel('Message').press('Enter');
    await write(here, 'From this tab');
    gateway.say('I see both');
    const story = ['Hello?', 'Good morning!', 'From the other tab', 'From this tab', 'I see both'];
    await expect.poll(async () => (await bubbles(page)).sort()).toEqual([...story].sort());
    await expect.poll(() => bubbles(tab)).toEqual(await bubbles(page));
    expect(stored(here).sort()).toEqual([...story].sort());
  });

  it('an unread reply shows on the launcher, also after the next page load', async () => {
    const { page, gateway } = await visit();
    await chat(here);
    await page.locator('halloo-chat button').click();
    gateway.say('Still there?');
    await page.getByRole('button', { name: 'Open chat, unread messages: 1' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Open chat, unread messages: 1' }).waitFor();
    await page.locator('halloo-chat button').click();
    await said(here.panel, 'Still there?');
    await page.getByRole('button', { name: 'Close chat' }).waitFor();
    await expect.poll(() => page.evaluate("halloo('state').unread")).toBe(0);
  });

  it('refuses what is too long before it is sent', async () => {
    const { gateway, panel } = await visit();
    await chat(here);
    const sent = gateway.heard.length;
    await panel.getByLabel('Message').fill('ä'.repeat(4_097));
    await panel.getByText('8,194 of 8,192 bytes').waitFor();
    await panel.getByLabel('Message').press('Enter');
    expect(gateway.heard.slice(sent).filter(frame => 'command' in frame)).toEqual([]);
    expect(await panel.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  });

  it('a failed message can be sent again', async () => {
    const { gateway, panel } = await visit();
    await chat(here);
    gateway.refusals.push({ code: 'bad_value' });
    await write(here, 'Try me');
    await panel.locator('.failed').waitFor();
    await panel.getByRole('button', { name: 'Send again' }).click();
    await sent(here, 'Try me');
    expect(stored(here)).toEqual(['Hello?', 'Good morning!', 'Try me']);
  });

  it('a failed message is told to screen readers, and the focus outlives what is done about it', async () => {
    const { gateway, page, panel } = await visit();
    await chat(here);
    gateway.refusals.push({ code: 'bad_text' });
    await panel.getByLabel('Message').fill('Too much');
    await panel.getByRole('button', { name: 'Send' }).focus();
    await page.keyboard.press('Enter');
    await panel.getByRole('log').getByText('Not sent. It holds characters that cannot be sent.').waitFor();
    expect(await focused(page)).toBe('TEXTAREA');
    await panel.getByRole('button', { name: 'Discard' }).focus();
    await page.keyboard.press('Enter');
    await panel.locator('.failed').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('SECTION');

    await panel.getByRole('button', { name: 'End chat' }).click();
    await panel.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
    await panel.getByLabel('5/5 Great').check();
    await panel.getByRole('button', { name: 'Send rating' }).focus();
    await page.keyboard.press('Enter');
    await panel.getByText('Thank you for your rating').waitFor();
    expect(await focused(page)).toBe('SECTION');
  });

  it('a stopped connection says why, and what to do', async () => {
    const { gateway, panel } = await visit();
    await chat(here);
    gateway.close(4409);
    await panel.getByText('continued in another window').waitFor();
    await panel.getByRole('button', { name: 'Try now' }).click();
    await panel.getByText('continued in another window').waitFor({ state: 'detached' });
    await write(here, 'Back');
    await sent(here, 'Back');
  });

  it('hostile text stays text', async () => {
    const { gateway, page, panel, faults } = await visit();
    await chat(here);
    gateway.say(
      `<img src=x onerror=alert(1)> https://example.org/?a="<b>" ${'Z\u0300\u0301\u0302'.repeat(60)}`,
    );
    gateway.say('\u202eevil', '\u202eada <b>');
    gateway.tell({
      event: {
        conversation: gateway.only,
        before: 1,
        record: {
          number: 99,
          tail: 1,
          id: 'x',
          at: 1,
          what: { said: { by: 'system', body: [{ link: 'javascript:alert(1)' }] } },
        },
      },
    });
    await said(panel, 'evil');
    expect(await panel.locator('.bubble img, .bubble b').count()).toBe(0);
    expect(
      await panel
        .locator('.bubble a')
        .evaluateAll(links =>
          links.map(link => [(link as HTMLAnchorElement).protocol, (link as HTMLAnchorElement).rel]),
        ),
    ).toEqual([['https:', 'noopener noreferrer nofollow']]);
    expect(faults).toEqual([]);
    expect(await page.title()).toBe('Shop');
  });
});

describe('a panel that cannot be shown', () => {
  it.each([
    ['the page is not listed', 'https://listed.example'],
    ['there is no such site', null],
  ])('because %s is said to be out of reach, and is there once that is mended', async (_, ancestors) => {
    const { gateway, page, panel } = await visit();
    gateway.ancestors = ancestors;
    const warnings: string[] = [];
    page.on('console', message => message.type() === 'warning' && warnings.push(message.text()));
    await page.locator('halloo-chat button').click();
    await page.getByText('The chat cannot be reached.').waitFor();
    expect(await page.locator('halloo-chat iframe').isVisible()).toBe(false);
    expect(warnings.filter(text => text.includes('site key'))).toHaveLength(1);
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.tagName')).toBe('BUTTON');

    gateway.ancestors = '*';
    await page.getByRole('button', { name: 'Close chat' }).click();
    await page.getByRole('button', { name: 'Open chat' }).click();
    await panel.getByRole('button', { name: 'Start chat' }).waitFor();
    expect(await page.getByText('The chat cannot be reached.').count()).toBe(0);
  });
});

describe('where the browser blocks storage', () => {
  it('says so, and still finds the chat after a reload', async () => {
    const { page, panel } = await visit({ blocksStorage: true });
    await chat(here);
    await panel.getByText('Your browser blocks storage here').waitFor();
    await page.reload();
    await page.locator('halloo-chat button').click();
    await said(panel, 'Good morning!');
  });
});

describe('nobody is online', () => {
  it('a message is left with an address', async () => {
    const { gateway, page, panel } = await visit();
    gateway.availability = { online: false, waiting: 0 };
    await page.locator('halloo-chat button').click();
    await panel.getByLabel('Message').fill('Call me');
    await panel.getByRole('button', { name: 'Send message' }).click();
    await panel.getByText('Please give an email address').waitFor();
    await panel.getByLabel('Email').fill('grace@example.org');
    await panel.getByRole('button', { name: 'Send message' }).click();
    await panel.getByText('We may also write to grace@example.org').waitFor();
    expect(gateway.heard.findLast(frame => 'command' in frame)).toMatchObject({
      command: { action: { open: { offline: true, email: 'grace@example.org', body: 'Call me' } } },
    });
  });
});

describe('keyboard and screen readers', () => {
  it('everything works by keyboard, and Escape gives the focus back', async () => {
    const { page, panel, gateway } = await visit();
    await page.locator('halloo-chat button').focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => panel.getByLabel('Message').evaluate(field => field === document.activeElement))
      .toBe(true);
    await page.keyboard.type('One line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('and another');
    await page.keyboard.press('Enter');
    await expect.poll(() => gateway.conversations.size).toBe(1);
    await expect
      .poll(() => panel.getByLabel('Message').evaluate(field => field === document.activeElement))
      .toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Open chat' }).waitFor();
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.tagName')).toBe('BUTTON');
  });

  it('only what the other side adds is announced', async () => {
    const { panel, gateway } = await visit();
    await chat(here);
    await write(here, 'My own words');
    gateway.say('Their words');
    await said(panel, 'Their words');
    const heard = await panel.getByRole('log').locator('p').allTextContents();
    expect(heard).toContain('Ada Lovelace: Their words');
    expect(heard.join()).not.toContain('My own words');
  });

  it('the frame has an edge where colours are forced', async () => {
    const { page } = await visit();
    await page.emulateMedia({ forcedColors: 'active' });
    await page.locator('halloo-chat button').click();
    const frame = page.locator('halloo-chat iframe');
    expect(await frame.evaluate(each => getComputedStyle(each).borderTopWidth)).toBe('2px');
  });

  it.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['a phone', { width: 360, height: 640 }],
  ] as const)('axe finds nothing in any state: %s', async (_, options) => {
    const { page, panel, gateway } = await visit(options);
    await page.locator('halloo-chat button').click();
    await panel.getByRole('button', { name: 'Start chat' }).waitFor();
    expect(await broken(page)).toEqual([]);
    await panel.getByLabel('Message').fill('Hello');
    await panel.getByRole('button', { name: 'Start chat' }).click();
    gateway.tell({ place: { conversation: gateway.only, place: 2 } });
    await panel.getByText('Finding someone').first().waitFor();
    expect(await broken(page)).toEqual([]);
    gateway.assign();
    gateway.say('See https://example.org');
    gateway.refusals.push({ code: 'bad_value' });
    await write(here, 'Fails');
    await panel.locator('.failed').waitFor();
    gateway.typing();
    gateway.isDeaf = true;
    await write(here, 'Waits');
    expect(await broken(page)).toEqual([]);
    gateway.isDeaf = false;
    await panel.getByRole('button', { name: 'End chat' }).click();
    expect(await broken(page)).toEqual([]);
    await panel.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
    await panel.getByLabel('3/5 Fair').check();
    expect(await broken(page)).toEqual([]);
  });
});

describe('shutdown', () => {
  it('leaves no trace', async () => {
    const { page } = await visit();
    await chat(here);
    const storage = () =>
      page
        .frames()
        .find(frame => frame.url().includes('/v1/panel/'))
        ?.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('halloo:')));
    expect((await storage())?.length).toBeGreaterThan(0);
    await page.evaluate("halloo('shutdown')");
    await page.locator('halloo-chat').waitFor({ state: 'detached' });
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.evaluate("halloo('boot', {site: 'demo'}); halloo('open')");
    await here.panel.getByRole('button', { name: 'Start chat' }).waitFor();
    expect(await here.panel.locator('.bubble').count()).toBe(0);
  });
});

describe('a page of its own', () => {
  it('keeps the visitor over a reload', async () => {
    const { page, gateway, gatewayUrl, faults } = await visit();
    await page.goto(`${gatewayUrl}/talk/demo`);
    await page.getByLabel('Message').fill('Hello from the talk page');
    await page.getByRole('button', { name: 'Start chat' }).click();
    await page.getByText('Finding someone').first().waitFor();
    await page.reload();
    await page.locator('.bubble', { hasText: 'Hello from the talk page' }).waitFor();
    const tokens = gateway.heard.flatMap(frame => ('hello' in frame ? [frame.hello.token] : []));
    expect(tokens).toEqual([undefined, expect.stringMatching(/^token-/)]);
    expect(faults).toEqual([]);
  });

  it('reads from right to left without a scrollbar', async () => {
    const { page, gatewayUrl } = await visit({ width: 360, height: 640 });
    await page.goto(`${gatewayUrl}/talk/demo`);
    await page.getByLabel('Message').waitFor();
    await page.evaluate("document.querySelector('.app').dir = 'rtl'");
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});

describe('back and forward', () => {
  it('the chat goes on after the page comes back', async () => {
    const { page, gateway, panel, gatewayUrl } = await visit();
    await chat(here);
    await page.goto(`${gatewayUrl}/v1/loader.js`);
    await expect.poll(() => gateway.sockets.size).toBe(0);
    gateway.say('While you were away');
    await page.goBack();
    if ((await page.locator('halloo-chat button').getAttribute('aria-expanded')) !== 'true') {
      await page.locator('halloo-chat button').click();
    }
    await said(panel, 'While you were away');
    await write(here, 'I am back');
    await sent(here, 'I am back');
    expect(stored(here).at(-1)).toBe('I am back');
  });
});
