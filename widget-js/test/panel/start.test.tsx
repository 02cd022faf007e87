// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import { Start } from '../../src/panel/components/Start.tsx';
import type { View } from '../../src/panel/components/view.ts';
import { newPanel } from '../../src/panel/panel.ts';
import { wordsFor } from '../../src/panel/words.ts';
import type { Ready } from '../../src/protocol/frames.ts';

const LIMITS = { body_bytes_max: 8_192, frame_bytes_max: 65_536, silence_ms_max: 40_000 };
const nothing = () => undefined;
let root: HTMLElement | null = null;

afterEach(() => {
  if (root !== null) render(null, root);
  root?.remove();
});

/** The start page of a site that says this of itself; `null`: before it said anything. */
function start(ready: Pick<Ready, 'greeting'> | null, isOnline = true): HTMLElement {
  const client = newClient('shop', 'session');
  const view: View = {
    panel: newPanel({ availability: { online: isOnline, waiting: 0 }, isShown: true }),
    client: {
      ...client,
      ready: ready === null ? null : { protocol: 1, site: 'Shop', limits: LIMITS, ...ready },
    },
    sight: { transcript: null, items: [], standing: { kind: 'none' }, unread: 0 },
    words: wordsFor('en'),
    isDurable: true,
    isEmbedded: true,
    bytes_max: LIMITS.body_bytes_max,
    act: nothing,
    start: nothing,
    typing: nothing,
    read: nothing,
    retry: nothing,
    reload: nothing,
    close: nothing,
  };
  const into = document.body.appendChild(document.createElement('div'));
  root = into;
  act(() => render(<Start view={view} />, into));
  return into;
}

const headings = (page: HTMLElement) => [...page.querySelectorAll('h2, h3')].map(each => each.textContent);

it.each([null, {}])('without_a_greeting_the_panel_says_its_own_words: %j', ready => {
  expect(headings(start(ready))).toEqual(['How can we help?']);
});

it('the_sites_greeting_takes_the_place_of_our_own_and_keeps_its_lines', () => {
  expect(headings(start({ greeting: 'Good day!\nAsk us about tea.' }))).toEqual([
    'Good day!\nAsk us about tea.',
  ]);
});

it('a_greeting_stays_text', () => {
  const page = start({ greeting: '<img src=x onerror=alert(1)>' });
  expect(page.querySelectorAll('img')).toHaveLength(0);
  expect(headings(page)).toEqual(['<img src=x onerror=alert(1)>']);
});

it('while_nobody_is_there_the_greeting_stands_above_the_form_that_is_left', () => {
  expect(headings(start({ greeting: 'Good day!' }, false))).toEqual(['Good day!', 'Leave us a message']);
  expect(headings(start({}, false))).toEqual(['Leave us a message']);
});
