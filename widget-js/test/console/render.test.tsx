// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import { newTranscript } from '../../src/client/transcript.ts';
import { abilitiesFor } from '../../src/console/abilities.ts';
import { About } from '../../src/console/components/About.tsx';
import { Banners } from '../../src/console/components/Banners.tsx';
import { BodyText } from '../../src/console/components/BodyText.tsx';
import { Composer } from '../../src/console/components/Composer.tsx';
import { EntryRow } from '../../src/console/components/EntryRow.tsx';
import { SignIn } from '../../src/console/components/SignIn.tsx';
import { Transcript } from '../../src/console/components/Transcript.tsx';
import { createRest } from '../../src/console/rest.ts';
import { newConsole } from '../../src/console/state.ts';
import { openTab } from '../../src/console/tabs.ts';
import { type Work, WorkProvider } from '../../src/console/work.ts';
import { nodesOf } from '../../src/protocol/decode.ts';
import type { Record, Row } from '../../src/protocol/frames.ts';
import { noted, row, SELF, said } from './rows.ts';

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '\u202eevil',
  '{{constructor.constructor("alert(1)")()}}',
];

let root: HTMLElement | null = null;

function draw(tree: preact.ComponentChild): HTMLElement {
  root = document.body.appendChild(document.createElement('div'));
  const into = root;
  act(() => render(tree, into));
  return into;
}

afterEach(() => {
  if (root !== null) render(null, root);
  root?.remove();
});

function work(shown: Row, records: Record[] = []): Work {
  const client = newClient('shop', 'session');
  const transcripts = new Map([
    [shown.conversation, { ...newTranscript(shown.conversation), records, complete: true }],
  ]);
  const state = newConsole(SELF);
  const rest = createRest(() => Promise.reject(new TypeError('down')));
  const account = {
    id: 'account',
    email: 'sam@example.org',
    name: 'Sam',
    operator: false,
    has_password: true,
  };
  const site = { key: 'shop', name: 'Shop', role: 'agent' as const, agent: SELF };
  return {
    state: {
      ...state,
      known: new Map([[shown.conversation, shown]]),
      tabs: openTab(state.tabs, shown.conversation),
    },
    client: { ...client, transcripts },
    dispatch: () => undefined,
    rest,
    me: { account, sites: [site], insecure_cookie: false },
    site,
    names: { agent: id => id, team: id => id },
    shared: { canned: [], teams: [], reread: () => undefined },
    onSignedOut: () => undefined,
  };
}

/** Nothing of it is an element that a stranger's text could have made. */
function expectHarmless(drawn: HTMLElement): void {
  expect(drawn.querySelectorAll('img, script, iframe, object, embed, [onload], [onerror]')).toHaveLength(0);
  expect(drawn.querySelectorAll('svg:not(.icon)')).toHaveLength(0);
  for (const link of drawn.querySelectorAll('a'))
    expect(link.getAttribute('href')).toMatch(/^(https?|mailto|tel):/);
}

it.each(HOSTILE)('a_message_stays_text: %s', text => {
  const drawn = draw(<BodyText body={nodesOf(text)} />);
  expectHarmless(drawn);
  expect(drawn.textContent).toBe(text.replace('\u202e', ''));
});

it('a_link_node_with_another_scheme_stays_text', () => {
  const drawn = draw(
    <BodyText body={[{ link: 'javascript:alert(1)' }, { link: 'https://a.org/' }, { break: {} }]} />,
  );
  expect([...drawn.querySelectorAll('a')].map(link => link.getAttribute('href'))).toEqual(['https://a.org/']);
  expect(drawn.querySelector('a')?.rel).toContain('noopener');
  expect(drawn.textContent).toContain('javascript:alert(1)');
});

it('a_very_long_message_is_shown_in_part_until_asked_for', () => {
  const drawn = draw(<BodyText body={[{ text: 'x'.repeat(9_000) }]} />);
  expect(drawn.textContent?.length).toBeLessThan(4_000);
  act(() => drawn.querySelector('button')?.click());
  expect(drawn.textContent).toBe('x'.repeat(9_000));
});

it.each(HOSTILE)('a_visitors_card_stays_text: %s', text => {
  const visitor = {
    id: 'v',
    name: text,
    email: text,
    url: text,
    title: text,
    browser: text,
    language: text,
    present: true,
  };
  const shown = row('a', { visitor, preview: text });
  expectHarmless(
    draw(
      <WorkProvider value={work(shown)}>
        <About conversation="a" onShut={() => undefined} />
        <EntryRow
          row={shown}
          list="all"
          unread={2}
          selected={false}
          focusable={true}
          draft={true}
          self={SELF}
          names={{ agent: id => id, team: id => id }}
          ahead_ms={0}
          onFocus={() => undefined}
          onOpen={() => undefined}
        />
      </WorkProvider>,
    ),
  );
});

it('earlier_conversations_that_cannot_be_read_are_not_called_none', async () => {
  const shown = row('a');
  const drawn = draw(
    <WorkProvider value={work(shown)}>
      <About conversation="a" onShut={() => undefined} />
    </WorkProvider>,
  );
  await vi.waitFor(() => expect(drawn.querySelector('[role=alert]')?.textContent).toContain('Try again'));
  expect(drawn.textContent).not.toContain('This is the first.');
});

it('a_note_says_that_it_is_one_and_a_reply_does_not', () => {
  const shown = row('a', { state: { assigned: { agent: SELF } } });
  const drawn = draw(
    <WorkProvider value={work(shown, [said(1, 'agent', 'to you'), noted(2, 'among us')])}>
      <Transcript conversation="a" row={shown} />
    </WorkProvider>,
  );
  const [reply, note] = drawn.querySelectorAll('article');
  expect(reply?.classList.contains('note')).toBe(false);
  expect(note?.classList.contains('note')).toBe(true);
  expect(note?.textContent).toContain('only colleagues see it');
  expect(drawn.querySelector('[role="log"]')?.getAttribute('aria-label')).toContain('Messages with');
});

it.each([
  ['has_left', { present: false, email: 'ada@example.org' }, 'mailto:ada@example.org'],
  ['is_there', { present: true, email: 'ada@example.org' }, null],
  ['gave_no_address', { present: false }, null],
])('the_composer_says_that_replies_are_not_mailed_where_the_visitor_%s: %j', (_, visitor, link) => {
  const shown = row('a', { state: { assigned: { agent: SELF } }, visitor: { id: 'v', ...visitor } });
  const drawn = draw(
    <WorkProvider value={work(shown)}>
      <Composer conversation="a" can={abilitiesFor(shown, SELF)} />
    </WorkProvider>,
  );
  expect(drawn.textContent?.includes('not mailed')).toBe(link !== null);
  expect(drawn.querySelector('a')?.getAttribute('href') ?? null).toBe(link);
});

it('an_offline_message_says_so_even_while_its_visitor_looks', () => {
  const visitor = { id: 'v', present: true, email: 'ada@example.org' };
  const shown = row('a', { state: 'offline', visitor });
  const drawn = draw(
    <WorkProvider value={work(shown)}>
      <Composer conversation="a" can={abilitiesFor(shown, SELF)} />
    </WorkProvider>,
  );
  expect(drawn.textContent).toContain('not mailed');
});

declare const happyDOM: { setURL(url: string): void };

describe('a page without encryption', () => {
  afterEach(() => {
    sessionStorage.clear();
    happyDOM.setURL('http://localhost:3000/');
  });

  function banner(url: string): { says: string; button: HTMLElement | null } {
    happyDOM.setURL(url);
    const given = work(row('a'));
    const drawn = draw(
      <WorkProvider value={{ ...given, me: { ...given.me, insecure_cookie: true } }}>
        <Banners isDurable={true} onRetry={() => undefined} onMe={() => undefined} />
      </WorkProvider>,
    );
    return { says: drawn.textContent ?? '', button: drawn.querySelector('button') };
  }

  it.each(['http://localhost:8080/console', 'http://127.0.0.1:8080/console', 'http://[::1]/console'])(
    'is_no_danger_on_the_machine_itself: %s',
    url => expect(banner(url).says).toBe(''),
  );

  it.each(['http://chat.example.org/console', 'http://localhost.example.org/', 'http://192.168.0.7/console'])(
    'is_told_of_elsewhere_until_it_is_put_away: %s',
    url => {
      const { says, button } = banner(url);
      expect(says).toContain('not encrypted');
      act(() => button?.click());
      expect(root?.textContent).toBe('');
      expect(banner(url).says).toBe('');
    },
  );
});

it.each([
  [-1, 'Next try now.'],
  [2_500, 'Next try in 3 s.'],
])('a_lost_connection_says_when_it_is_tried_again: %d ms', (in_ms, says) => {
  const given = work(row('a'));
  const phase = { kind: 'waiting' as const, until: performance.now() + in_ms };
  const connection = { ...given.client.connection, phase, tries: 2 };
  const drawn = draw(
    <WorkProvider value={{ ...given, client: { ...given.client, connection } }}>
      <Banners isDurable={true} onRetry={() => undefined} onMe={() => undefined} />
    </WorkProvider>,
  );
  expect(drawn.textContent).toContain(says);
});

it('a_failed_sign_in_speaks_of_what_was_typed_and_of_nothing_older', async () => {
  const refusal = { code: 'sign_in_failed', message: 'the email, the password or the code is not right' };
  const rest = createRest(async () => new Response(JSON.stringify(refusal), { status: 401 }));
  const drawn = draw(<SignIn rest={rest} notice="That link was used already." onMe={() => undefined} />);
  const submit = () =>
    act(async () => {
      drawn.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    });
  const told = () => [...drawn.querySelectorAll('.notice, .fault')].map(each => each.textContent);
  expect(told()).toEqual(['That link was used already.', '']);
  await submit();
  await expect.poll(told).toEqual(['The email or the password is not right.']);
  const other = [...drawn.querySelectorAll('button')].find(
    each => each.textContent === 'Use a one-time code',
  );
  act(() => other?.click());
  expect(told()).toEqual(['']);
  await submit();
  await expect.poll(told).toEqual(['The code is not right, or it was used already.']);
});
