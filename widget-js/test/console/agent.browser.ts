// The built console in Chromium, under the policy it is served with, against a gateway of the tests' own.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Built, buildConsole, hasChromium, openBrowser } from './fake/browser.ts';
import { type FakeGateway, startGateway } from './fake/gateway.ts';
import { busyAfternoon, type Scene } from './fake/scene.ts';

/** A browser on a busy machine of two cores; alone a test takes a second or two. */
const SLOW_MS = 60_000;
const PHONE = { width: 360, height: 740 };
const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));

describe.skipIf(!hasChromium)('the console in a browser', { timeout: SLOW_MS }, () => {
  let built: Built;
  let browser: Browser;
  let context: BrowserContext;
  let gateway: FakeGateway;
  const faults: string[] = [];

  beforeAll(async () => {
    built = await buildConsole();
    browser = await openBrowser();
  }, SLOW_MS);
  afterAll(async () => {
    await browser.close();
    await built.remove();
  });
  afterEach(async () => {
    await context.close();
    await gateway.close();
    expect(faults.splice(0)).toEqual([]);
  });

  async function open(hash = '', signedIn = true): Promise<[Page, Scene]> {
    const scene = busyAfternoon();
    gateway = await startGateway(scene.world, built.dist);
    gateway.signedIn = signedIn;
    context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
    const page = await context.newPage();
    page.setDefaultTimeout(SLOW_MS / 3);
    page.on('pageerror', error => faults.push(error.message));
    page.on('dialog', dialog => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', message => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) faults.push(message.text());
    });
    await page.goto(`${gateway.url}/console${hash}`);
    return [page, scene];
  }

  const row = (page: Page, name: RegExp | string) =>
    page.locator('.lists [role="option"]', { hasText: name });
  const composer = (page: Page) => page.locator('[data-hook="composer"]');
  const bubble = (page: Page, text: string) => page.locator('.message', { hasText: text });

  it('a_one_time_code_signs_in_and_leaves_the_address', async () => {
    const [page] = await open('#code=once', false);
    await row(page, 'Ada').waitFor();
    expect(new URL(page.url()).hash).toBe('');
  });

  it('a_password_signs_in_and_a_wrong_one_is_told', async () => {
    const [page] = await open('', false);
    await page.getByLabel('Email').fill('sam@example.org');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.fault:not(:empty)').waitFor();
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await row(page, 'Ada').waitFor();
  });

  it('a_waiting_chat_is_taken_and_answered', async () => {
    const [page, { world, chats }] = await open();
    await page.getByRole('tab', { name: /Line/ }).click();
    await row(page, /Visitor/)
      .first()
      .click();
    await page.getByRole('button', { name: 'Take' }).click();
    await page.getByText('Assigned to Sam, who took it').waitFor();
    await composer(page).fill('Hello there');
    await composer(page).press('Enter');
    await bubble(page, 'Hello there').getByText('Sent').waitFor();
    world.visitorSays(chats.waiting, 'Thank you!');
    await bubble(page, 'Thank you!').waitFor();
    expect(chats.waiting.records.filter(({ what }) => 'said' in what)).toHaveLength(3);
  });

  it('a_note_cannot_leave_as_a_reply', async () => {
    const [page, { chats }] = await open();
    await row(page, 'Ada').click();
    await composer(page).fill('a reply, half');
    await composer(page).press('Alt+n');
    expect(await composer(page).inputValue()).toBe('');
    await composer(page).fill('for colleagues');
    await composer(page).press('Enter');
    await bubble(page, 'for colleagues').getByText('only colleagues see it').waitFor();
    await composer(page).press('Alt+n');
    expect(await composer(page).inputValue()).toBe('a reply, half');
    expect(chats.ada.records.at(-1)?.what).toHaveProperty('noted');
  });

  it('drafts_outlive_a_change_of_chats_and_a_reload', async () => {
    const [page] = await open();
    await row(page, 'Ada').click();
    await composer(page).fill('not yet');
    await row(page, 'Liu').click();
    expect(await composer(page).inputValue()).toBe('');
    await page.reload();
    await row(page, 'Ada').click();
    expect(await composer(page).inputValue()).toBe('not yet');
  });

  it('a_canned_reply_takes_the_place_of_its_shortcut', async () => {
    const [page] = await open();
    await row(page, 'Ada').click();
    await composer(page).pressSequentially('Well: /hou');
    await page.getByRole('option', { name: /hours/ }).waitFor();
    await composer(page).press('Enter');
    expect(await composer(page).inputValue()).toBe('Well: We are here Monday to Friday, 9:00 to 18:00.');
  });

  it('an_offer_counts_down_and_is_accepted_by_key', async () => {
    const [page] = await open();
    await row(page, 'Grace').click();
    await page.getByRole('progressbar', { name: /Time left/ }).waitFor();
    await page.locator('.transcript').focus();
    await page.keyboard.press('t');
    await page.getByText('Assigned to Sam, who accepted it').waitFor();
  });

  it('a_refused_message_is_kept_and_sent_again', async () => {
    const [page, { world }] = await open();
    await row(page, 'Ada').click();
    await bubble(page, 'at home until six').waitFor();
    world.refuseNext = 'forbidden';
    await composer(page).fill('keep me');
    await composer(page).press('Enter');
    await bubble(page, 'keep me').getByText('Not sent').waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await bubble(page, 'keep me').getByText('Sent', { exact: true }).waitFor();
    await page.getByText('Not sent').waitFor({ state: 'detached' });
  });

  it('what_was_missed_while_the_socket_was_away_is_there_after_it', async () => {
    const [page, { world, chats }] = await open();
    await row(page, 'Ada').click();
    await bubble(page, 'at home until six').waitFor();
    gateway.drop(1012);
    world.visitorSays(chats.ada, 'are you still there?');
    await bubble(page, 'are you still there?').waitFor();
    await page.getByText('Connected').waitFor({ state: 'attached' });
    expect(gateway.heard.filter(frame => 'hello' in frame)).toHaveLength(2);
  });

  it('a_chat_is_parked_resumed_closed_reopened_and_handed_on', async () => {
    const [page, { chats }] = await open();
    await row(page, 'Ada').click();
    await page.getByRole('button', { name: 'Park this chat' }).click();
    await page.getByRole('menuitem', { name: 'For 1 hour' }).click();
    await page.getByText('Sam parked this for 1 h').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Assigned to Sam, who took it').waitFor();
    await page.getByRole('button', { name: 'Close this chat' }).click();
    await page.getByRole('menuitem', { name: 'Solved', exact: true }).click();
    await page.getByText('Closed by Sam · Solved').waitFor();
    await page.getByRole('button', { name: 'Reopen' }).click();
    await page.getByText('Reopened by Sam').waitFor();
    await page.getByRole('button', { name: 'Transfer' }).click();
    await page.getByLabel('Mira').check();
    await page.getByLabel(/A word/).fill('She knows the carrier.');
    await page.getByRole('dialog').getByRole('button', { name: 'Transfer' }).click();
    await page.getByText('Sam transferred this to Mira').waitFor();
    expect(chats.ada.records.at(-1)?.what).toMatchObject({
      transferred: { comment: 'She knows the carrier.' },
    });
  });

  it('a_search_result_opens_where_it_was_said', async () => {
    const [page] = await open();
    await row(page, 'Ada').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Norway');
    await page.getByRole('option', { name: /Norway/ }).waitFor();
    await page.keyboard.press('Enter');
    const found = page.locator('.message.found', { hasText: 'Norway' });
    await found.waitFor();
    // What is skipped out of sight is clipped to its box: the ring must be inside.
    const room = await found.evaluate(message => {
      const bubble = message.querySelector('.bubble');
      if (bubble === null) return 0;
      const { outlineWidth, outlineOffset } = getComputedStyle(bubble);
      const below = message.getBoundingClientRect().bottom - bubble.getBoundingClientRect().bottom;
      return below - Number.parseFloat(outlineWidth) - Number.parseFloat(outlineOffset);
    });
    expect(room).toBeGreaterThanOrEqual(0);
    expect(await composer(page).evaluate(field => field === document.activeElement)).toBe(true);
  });

  it('a_dialog_gives_the_keyboards_place_back', async () => {
    const [page] = await open();
    await row(page, 'Ada').click();
    const place = () =>
      page.evaluate(() => {
        const { activeElement: at } = document;
        return at?.getAttribute('data-hook') ?? at?.className ?? '';
      });
    for (const [from, key] of [
      ['.searcher', 'Control+k'],
      ['.transcript', '?'],
      ['[data-hook="transfer"]', 'Enter'],
    ] as const) {
      await page.locator(from).focus();
      const before = await place();
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await place()).toBe(before);
    }
  });

  it('the_title_counts_what_calls_and_reading_quiets_it', async () => {
    const [page] = await open();
    await row(page, 'Ada').waitFor();
    await page.waitForFunction(() => document.title.startsWith('(2)'));
    await row(page, 'Ada').click();
    await page.waitForFunction(() => document.title.startsWith('(1)'));
  });

  it('a_lapse_is_told_and_undone', async () => {
    const [page, { world }] = await open();
    await row(page, 'Ada').waitFor();
    world.agent = { ...world.agent, lapsed: true, accepting: false };
    world.tell({ agent: world.agent }, null);
    await page.getByText('an offer lapsed').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('an offer lapsed').waitFor({ state: 'detached' });
    expect(world.agent.accepting).toBe(true);
  });

  it('a_new_site_shows_its_snippet', async () => {
    const [page] = await open();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'New site' }).click();
    await page.getByLabel('Name').fill('Blog');
    await page.getByLabel('Key', { exact: true }).fill('blog');
    await page.getByLabel('Origins').fill('https://blog.example.org/some/page');
    await page.getByRole('button', { name: 'Create the site' }).click();
    expect(await page.getByLabel('Snippet to paste').inputValue()).toContain('data-site="blog"');
  });

  it('the_first_new_site_page_fills_the_window', async () => {
    const [page, { world }] = await open();
    Object.assign(world.me, { sites: [] });
    await page.reload();
    await page.getByRole('heading', { name: 'New site' }).waitFor();
    const nav = await page.getByRole('navigation', { name: 'Settings' }).boundingBox();
    expect(nav?.height).toBe(820);
  });

  it('on_a_phone_the_bar_is_one_row_and_its_menu_holds_the_rest', async () => {
    const [page, { world }] = await open();
    await page.setViewportSize(PHONE);
    await row(page, 'Ada').waitFor();
    expect((await page.locator('.top').boundingBox())?.height).toBeLessThan(52);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByRole('button', { name: 'More' }).click();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('checkbox', { name: 'Accepting' }).click();
    await page.getByRole('button', { name: 'One chat more at once' }).click();
    await expect.poll(() => [world.agent.accepting, world.agent.capacity]).toEqual([false, 5]);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(await page.getByRole('checkbox', { name: 'Accepting' }).isVisible()).toBe(false);
  });

  it('on_a_phone_all_that_can_be_done_with_a_chat_is_in_sight', async () => {
    const [page, { chats }] = await open();
    await page.setViewportSize(PHONE);
    const visitor = chats.waiting.row.visitor;
    chats.waiting.row = { ...chats.waiting.row, visitor: { ...visitor, name: 'Wolfeschlegelsteinhausen' } };
    await page.reload();
    await page.getByRole('tab', { name: /Line/ }).click();
    await row(page, 'Wolfeschlegel').click();
    await page.getByRole('button', { name: 'Take' }).waitFor();
    const outside = await page
      .locator('.chat-head button')
      .evaluateAll(buttons =>
        buttons
          .map(button => [
            button.getAttribute('aria-label') ?? button.textContent,
            button.getBoundingClientRect(),
          ])
          .flatMap(([name, box]) => ((box as DOMRect).right > innerWidth ? [name] : [])),
      );
    expect(outside).toEqual([]);
    expect(await page.getByRole('button', { name: 'About the visitor' }).isVisible()).toBe(true);
  });

  it('on_a_phone_the_section_in_front_is_in_sight_and_begins_at_its_top', async () => {
    const [page] = await open();
    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Settings' }).click();
    const section = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true });
    const sides = (name: string) =>
      section(name).evaluate(entry => {
        const { left, right } = entry.getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
      });
    await section('Site and snippet').dispatchEvent('click');
    await page.getByLabel('Snippet to paste').waitFor();
    await page.locator('.settings main').evaluate(main => main.scrollTo(0, main.scrollHeight));
    await section('Agents').dispatchEvent('click');
    await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
    expect(await sides('Agents')).toBe(true);
    expect(await page.locator('.settings main').evaluate(main => main.scrollTop)).toBe(0);
    await page.setViewportSize({ width: 1360, height: 820 });
    await page.setViewportSize(PHONE);
    await expect.poll(() => sides('Agents')).toBe(true);
    await section('Your account').dispatchEvent('click');
    await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();
    expect(await sides('Your account')).toBe(true);
  });

  it('what_is_done_by_keyboard_leaves_the_focus_in_the_chat', async () => {
    const [page] = await open();
    await row(page, 'Ada').click();
    await bubble(page, 'at home until six').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.className);
    await page.getByRole('button', { name: 'Park this chat' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('[role="menuitem"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.chat-head .chip', { hasText: 'Parked' }).waitFor();
    expect(await focused()).toBe('transcript');
  });

  it('notifications_that_the_browser_blocks_are_not_offered', async () => {
    const [page] = await open();
    await page.addInitScript("Object.defineProperty(Notification, 'permission', { value: 'denied' })");
    await page.reload();
    await page.getByRole('button', { name: 'Account of' }).click();
    await page.getByRole('menuitem', { name: 'Notifications are blocked by the browser' }).waitFor();
  });

  it('a_transfer_begins_at_the_first_who_can_take_it', async () => {
    const [page] = await open();
    await row(page, 'Ada').click();
    await bubble(page, 'at home until six').waitFor();
    await page.locator('.transcript').focus();
    await page.keyboard.press('f');
    await page.locator('input[type="radio"]:focus').waitFor();
    await page.keyboard.press('Space');
    expect(await page.getByRole('radio', { name: /^Mira/ }).isChecked()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('transcript');
  });

  it('one_escape_shuts_the_search_with_what_was_typed', async () => {
    const [page] = await open();
    await row(page, 'Ada').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Words to look for').fill('parcel');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('a_form_in_the_settings_takes_the_focus_and_gives_it_back', async () => {
    const [page] = await open();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Canned replies' }).click();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    const shortcut = page.getByRole('textbox', { name: 'Shortcut' });
    const isFocused = () => shortcut.evaluate(field => field === document.activeElement);
    await page.getByRole('button', { name: 'Edit /hours' }).click();
    expect(await isFocused()).toBe(true);
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await focused()).toBe('Edit /hours');
    await page.getByRole('button', { name: 'Add a reply' }).click();
    expect(await isFocused()).toBe(true);
    await shortcut.fill('bye');
    await page.getByLabel('Reply').fill('Good bye!');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit /bye' }).waitFor();
    expect(await focused()).toBe('Add a reply');

    await page.getByRole('button', { name: 'Agents', exact: true }).click();
    await page.getByRole('button', { name: 'Add an agent' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Noor');
    await page.getByLabel('Email').fill('noor@example.org');
    await page.getByRole('button', { name: 'Add and make a link' }).click();
    await page.getByLabel('One-time link').waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
  });

  it('a_window_that_shrinks_keeps_the_end_of_the_transcript_in_sight', async () => {
    const [page, { world, chats }] = await open();
    await page.setViewportSize(PHONE);
    for (let turn = 1; turn <= 30; turn += 1)
      world.visitorSays(chats.ada, `${'a line that wraps '.repeat(20)}${turn}.`);
    await row(page, 'Ada').click();
    await bubble(page, '30.').waitFor();
    const fromEnd = () =>
      page
        .locator('.transcript')
        .evaluate(box => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
    await expect.poll(fromEnd).toBe(0);
    await composer(page).focus();
    await slide(page, PHONE.height, 340);
    await expect.poll(fromEnd).toBe(0);
    world.visitorSays(chats.ada, 'after the keyboard came');
    await bubble(page, 'after the keyboard came').waitFor();
    await expect.poll(fromEnd).toBe(0);
    await page.locator('.transcript').evaluate(box => box.scrollTo(0, 0));
    await page.getByRole('button', { name: 'To the latest' }).waitFor();
    await slide(page, 340, PHONE.height);
    expect(await page.getByRole('button', { name: 'To the latest' }).isVisible()).toBe(true);
  });

  it('with_nobody_chosen_one_sentence_stands_in_the_middle', async () => {
    const [page, { world }] = await open();
    await row(page, 'Ada').waitFor();
    await page.locator('.no-chat', { hasText: 'Choose a conversation' }).waitFor();
    expect(await page.locator('.about').count()).toBe(0);
    world.chats.clear();
    await page.reload();
    await page.locator('.no-chat', { hasText: 'No chats of yours' }).waitFor();
    expect(await page.locator('.lists .empty').isVisible()).toBe(false);
    await page.setViewportSize(PHONE);
    await page.locator('.lists .empty', { hasText: 'No chats of yours' }).waitFor();
  });

  it.each(['light', 'dark'] as const)('axe_finds_nothing_grave_in_the_%s_scheme', async scheme => {
    const [page] = await open();
    await page.emulateMedia({ colorScheme: scheme });
    await row(page, 'Ada').click();
    await bubble(page, 'at home until six').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Agents', exact: true }).click();
    await page.getByRole('button', { name: 'Edit Sam' }).click();
    expect(await axe(page)).toEqual([]);
  });

  /** As a keyboard slides in or out: frame by frame, and no frame waits for the page. */
  async function slide(page: Page, from: number, to: number): Promise<void> {
    const devtools = await page.context().newCDPSession(page);
    const steps = Array.from({ length: 7 }, (_, step) => Math.round(from + ((to - from) * step) / 6));
    await Promise.all(
      steps.map(height =>
        devtools.send('Emulation.setDeviceMetricsOverride', {
          ...PHONE,
          height,
          deviceScaleFactor: 1,
          mobile: true,
        }),
      ),
    );
  }

  /** Run through the debugger: the page's own policy would not let it in. */
  async function axe(page: Page): Promise<string[]> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Runtime.evaluate', { expression: await readFile(AXE, 'utf8') });
    const run =
      "axe.run(document).then(({ violations }) => violations.map(({ impact, id }) => impact + ' ' + id))";
    const answer = await devtools.send('Runtime.evaluate', {
      expression: run,
      awaitPromise: true,
      returnByValue: true,
    });
    return answer.result.value as string[];
  }
});
