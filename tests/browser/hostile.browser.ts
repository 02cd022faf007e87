// Text and pages that mean harm: shown as text or refused, nobody else is harmed, and nothing of it runs.

import type { Frame } from 'playwright-core';
import { describe, expect } from 'vitest';
import { it } from './harness/world.ts';

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>';
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the attacker writes.
const TEMPLATE = '{{7*7}} ${jndi:ldap://x}';
const ZALGO = 'Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308'.repeat(60);
const LINKS =
  'javascript:alert(3) data:text/html,<b>x</b> vbscript:x JaVaScRiPt&#58;alert(4) https://example.org/?q="<b>';

/** What a page has become by text that was not kept text. */
const elements = (frame: Frame): Promise<string[]> =>
  frame.evaluate(() =>
    [...document.querySelectorAll('.bubble *, .name *, .preview *, h1 *, h2 *, dd *')]
      .map(each => each.localName)
      .filter(name => !['bdi', 'br', 'a', 'button', 'span'].includes(name)),
  );

const schemes = (frame: Frame): Promise<string[]> =>
  frame.evaluate(() => [
    ...new Set(
      [...document.querySelectorAll<HTMLAnchorElement>('.bubble a')].map(({ protocol }) => protocol),
    ),
  ]);

const hasScrollbar = (frame: Frame): Promise<boolean> =>
  frame.evaluate(() => document.documentElement.scrollWidth > innerWidth);

describe('hostile text', () => {
  it('of a visitor stays text, and the others are served as ever', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const mallory = await world.visitor();
    await mallory.page.evaluate(markup => {
      document.title = `A\u0000B\u202e ${markup}`;
    }, MARKUP);
    await mallory.start(MARKUP, MARKUP);
    await mallory.isServedBy('Ada');
    const said = [LINKS, '\u202egnp.exe', ZALGO, '😀'.repeat(2_000), TEMPLATE];
    for (const text of said) {
      await mallory.write(text);
      await expect.poll(() => mallory.panel.locator('[data-state="sending"]').count()).toBe(0);
    }
    await mallory.field.fill('😀'.repeat(4_000));
    await mallory.panel.getByText('This is too long to send').waitFor();
    expect(await mallory.panel.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    await mallory.field.fill('\u200b \u00a0\u2060');
    expect(await mallory.panel.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    expect(await mallory.bubbles()).toEqual([MARKUP, ...said]);

    const karim = await world.visitor();
    await karim.start('مرحبا، هل لديكم شاي أخضر؟', 'محمد كريم');
    await karim.isServedBy('Ada');
    await ada.openChat('محمد كريم');
    await ada.reads('مرحبا، هل لديكم شاي أخضر؟');
    await ada.say('نعم');
    await karim.reads('نعم');

    await ada.row('<img').click();
    await expect.poll(async () => (await ada.bubbles()).length).toBe(6);
    const [markup, links, turned, pile, faces] = await ada.bubbles();
    expect([markup, links, turned]).toEqual([MARKUP, LINKS, 'gnp.exe']);
    expect(pile).toMatch(/^Z/);
    expect(faces).toMatch(/^(😀)+…?/u);
    await ada.page.getByText(/^A ?B/).first().waitFor();
    const rows = ada.page.locator('.lists [role="option"]');
    for (const row of await rows.all()) expect((await row.boundingBox())?.height).toBeLessThan(120);

    for (const frame of [ada.page.mainFrame(), mallory.frame()]) {
      expect(await elements(frame)).toEqual([]);
      expect(await schemes(frame)).toEqual(['https:']);
      expect(await hasScrollbar(frame)).toBe(false);
    }
  });

  it('of an agent stays text too, their name with it', async ({ world }) => {
    const name = '<b>Ada</b> \u0639\u0644\u064a';
    const ada = await world.agentOnline(name);
    const grace = await world.visitor();
    await grace.start('Hello?', 'Grace');
    await grace.isServedBy(name);
    await ada.openChat('Grace');
    const said = [MARKUP, LINKS, ZALGO, '😀'.repeat(4_000)];
    for (const text of said) {
      await ada.write(text);
      await ada.page.locator('.message.on-its-way').waitFor({ state: 'detached' });
    }
    await grace.hasStory('Hello?', ...said);
    expect(await elements(grace.frame())).toEqual([]);
    expect(await schemes(grace.frame())).toEqual(['https:']);
    expect(await hasScrollbar(grace.frame())).toBe(false);
  });
});

describe('hostile pages', () => {
  it('bad_input_66_window_messages_from_elsewhere_are_dropped', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.start('Hello?', 'Grace');
    await grace.isServedBy('Ada');
    const refused = await grace.page.evaluate(() => {
      const frame = document.querySelector('halloo-chat')?.shadowRoot?.querySelector('iframe')?.contentWindow;
      if (!frame) throw new Error('no frame');
      document.body.append(document.createElement('iframe'));
      const shapes = [
        null,
        1,
        'forget',
        [],
        {},
        { kind: 1 },
        { kind: { toString: 1 } },
        { kind: 'forget' },
        { kind: 'boot', token: 'x', conversation: 'y', open: true },
        { kind: 'token', token: 'stolen' },
        { kind: 'close' },
        JSON.parse('{"__proto__": {"kind": "forget"}}'),
        { kind: 'x'.repeat(10_000_000) },
      ];
      for (const shape of shapes) {
        frame.postMessage(shape, '*');
        window.postMessage(shape, '*');
      }
      // A second port, as a page that took the panel over would hand it.
      const { port1, port2 } = new MessageChannel();
      frame.postMessage({ kind: 'halloo.v1.port' }, { targetOrigin: '*', transfer: [port2] });
      port1.postMessage({ kind: 'boot', token: 'x', conversation: 'y', page: {}, open: true });
      port1.postMessage({ kind: 'forget' });
      try {
        frame.postMessage({ kind: 'boot', run: () => 1 }, '*');
        return false;
      } catch {
        return true;
      }
    });
    expect(refused, 'a function cannot be posted').toBe(true);
    // From another window than the page around the panel.
    const beside = grace.page.frames().find(frame => frame.url() === 'about:blank');
    await beside?.evaluate(() => {
      const panel = parent.document.querySelector('halloo-chat')?.shadowRoot?.querySelector('iframe');
      const { port1, port2 } = new MessageChannel();
      panel?.contentWindow?.postMessage({ kind: 'halloo.v1.port' }, '*', [port2]);
      port1.postMessage({ kind: 'forget' });
    });
    expect(beside).toBeDefined();
    await grace.say('Still here');
    await ada.openChat('Grace');
    await ada.say('So am I');
    await grace.hasStory('Hello?', 'Still here', 'So am I');
  });

  it('bad_input_66_a_panel_takes_its_port_and_boot_only_in_their_shape', async ({ world }) => {
    const grace = await world.visitor();
    const panel = await grace.page.evaluateHandle(
      src =>
        new Promise<HTMLIFrameElement>(done => {
          const frame = document.createElement('iframe');
          frame.src = src;
          frame.onload = () => done(frame);
          document.body.append(frame);
        }),
      `${world.gateway.origin}/v1/panel/demo`,
    );
    await panel.evaluate(frame => {
      const ports = () => [new MessageChannel(), new MessageChannel()].map(({ port2 }) => port2);
      const target = frame.contentWindow;
      for (const shape of [null, 7, 'halloo.v1.port', { kind: 'halloo' }, { kind: ['halloo.v1.port'] }]) {
        target?.postMessage(shape, '*', ports().slice(1));
      }
      target?.postMessage({ kind: 'halloo.v1.port' }, '*');
      target?.postMessage({ kind: 'halloo.v1.port' }, '*', ports());
      const { port1, port2 } = new MessageChannel();
      target?.postMessage({ kind: 'halloo.v1.port' }, '*', [port2]);
      port1.postMessage('boot');
      port1.postMessage({ kind: 'visibility', open: true });
      port1.postMessage({
        kind: 'boot',
        token: { length: 9 },
        conversation: 5,
        locale: ['de'],
        page: { url: 'x'.repeat(100_000), title: { at: 1 } },
        open: true,
      });
    });
    const inner = await panel.contentFrame();
    if (inner === null) throw new Error('no frame');
    await inner
      .getByRole('button', { name: 'Start chat' })
      .or(inner.getByText('Leave us a message'))
      .waitFor();
    await inner.locator('.status', { hasText: 'Away at the moment' }).waitFor();
  });

  it('bad_input_67_settings_with_a_prototype_markup_and_clobbered_names_do_no_harm', async ({ world }) => {
    const { origin } = world.gateway;
    world.host.show(
      origin,
      `<form name="createElement"></form><img name="body" alt=""><img name="currentScript" alt="">
       <form name="dispatchEvent"></form><form name="getElementById"></form><a id="halloo"></a>
       <script src="${origin}/v1/loader.js" data-site="&lt;img src=x onerror=alert(1)&gt;"></script>
       <script src="${origin}/v1/loader.js" data-site="demo" data-locale="&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;"
         data-position="&lt;b&gt;" data-site-url="javascript:alert(3)"></script>`,
    );
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    expect(await grace.page.locator('halloo-chat').count()).toBe(1);
    await grace.start('Hello?', 'Grace');
    await grace.isServedBy('Ada');

    const polluted = await grace.page.evaluate(() => {
      const { halloo } = window as unknown as { halloo(method: string, given?: unknown): unknown };
      halloo('shutdown');
      halloo('boot', JSON.parse('{"__proto__": {"site": "evil", "origin": "https://evil.example"}}'));
      halloo('boot', JSON.parse('{"constructor": {"prototype": {"site": "evil"}}}'));
      halloo('__proto__', { site: 'evil' });
      halloo('constructor', 'alert(1)');
      halloo('boot', { site: '../../console' });
      halloo('boot', { site: 'demo', __proto__: { polluted: true } });
      return 'polluted' in {} || 'site' in {};
    });
    expect(polluted).toBe(false);
    // The first one stays, unseen, until its panel has forgotten the visitor.
    await expect.poll(() => grace.page.locator('halloo-chat').count()).toBe(1);
    expect(await grace.page.locator('halloo-chat').isVisible()).toBe(true);
    expect(grace.page.frames().map(frame => new URL(frame.url()).host)).not.toContain('evil.example');
    await ada.openChat('Grace');
  });

  it('bad_input_68_no_unlisted_site_frames_the_panel_and_nobody_the_console', async ({ world }) => {
    const { origin } = world.gateway;
    const framed = (path: string) =>
      `<!doctype html><title>Frame</title><iframe src="${origin}${path}"></iframe>`;
    const blocked = async (path: string): Promise<string[]> => {
      world.host.showBare(framed(path));
      const visitor = await world.visitor();
      const found = await visitor.page.locator('iframe').contentFrame();
      await expect.poll(() => world.faults.peek()).not.toEqual([]);
      expect(await found.locator('#panel, #console').count()).toBe(0);
      await visitor.page.close();
      return world.faults.take();
    };
    for (const path of ['/console', '/console/', '/console#code=x']) {
      expect((await blocked(path)).join()).toContain('frame-ancestors');
    }
    await world.gateway.run('site', 'set', world.site.key, '--origin', 'https://listed.example');
    expect((await blocked('/v1/panel/demo')).join()).toContain('frame-ancestors');
    await world.gateway.run('site', 'set', world.site.key, '--origin', world.host.origin);
    world.host.showBare(framed('/v1/panel/demo'));
    const visitor = await world.visitor();
    await visitor.page.frameLocator('iframe').locator('#panel').waitFor({ state: 'attached' });
  });
});
