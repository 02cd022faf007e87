import { describe, expect, it } from 'vitest';
import { abilitiesFor, takeOf } from '../../src/console/abilities.ts';
import { readArrival, takeArrival } from '../../src/console/arrival.ts';
import { insert, slashAt, suggest } from '../../src/console/canned.ts';
import { clipLength, tame } from '../../src/console/clip.ts';
import { decodeDraft, encodeDraft, NO_DRAFT, withMode, withText } from '../../src/console/drafts.ts';
import { actionFor, SHORTCUTS } from '../../src/console/keys.ts';
import { createRest, RestError } from '../../src/console/rest.ts';
import { namesOf, rosterOrder } from '../../src/console/roster.ts';
import { readOrigins } from '../../src/console/settings/origins.ts';
import {
  closeTab,
  cycleTab,
  decodeTabs,
  encodeTabs,
  NO_TABS,
  openTab,
  showBeside,
} from '../../src/console/tabs.ts';
import { age, span } from '../../src/console/time.ts';
import { timelineOf, unreadIn } from '../../src/console/timeline.ts';
import { emptyWords, initials, lineOf, shortUrl, visitorName } from '../../src/console/words.ts';
import { AGENT, noted, OTHER, record, row, SELF, said } from './rows.ts';

const replies = [
  { id: '1', shortcut: 'hello', body: 'Hello!' },
  { id: '2', shortcut: 'hours', body: 'Nine to six.' },
  { id: '3', shortcut: 'bye', body: 'Thank you, and hello to your cat.' },
];
const names = { agent: (id: string) => `<${id}>`, team: (id: string) => `<${id}>` };

it('a_shortcut_is_found_where_a_word_begins_and_not_inside_an_address', () => {
  expect(slashAt('/he', 3)).toEqual({ start: 0, end: 3, word: 'he' });
  expect(slashAt('Well, /', 7)).toEqual({ start: 6, end: 7, word: '' });
  expect(slashAt('https://example.org/a', 21)).toBeNull();
  expect(slashAt('/he and more', 12)).toBeNull();
});

it('suggestions_begin_with_the_shortcut_and_the_reply_takes_its_place', () => {
  expect(suggest(replies, 'h').map(reply => reply.shortcut)).toEqual(['hello', 'hours', 'bye']);
  expect(suggest(replies, 'zzz')).toEqual([]);
  expect(insert('Hi /he there', { start: 3, end: 6, word: 'he' }, 'Hello!')).toEqual({
    text: 'Hi Hello! there',
    cursor: 9,
  });
});

it('drafts_of_reply_and_note_are_two', () => {
  let drafts = withText(new Map(), 'a', 'public');
  drafts = withText(withMode(drafts, 'a', 'note'), 'a', 'private');
  expect(drafts.get('a')).toEqual({ mode: 'note', reply: 'public', note: 'private' });
  drafts = withMode(withText(drafts, 'a', ''), 'a', 'reply');
  expect(drafts.get('a')).toEqual({ mode: 'reply', reply: 'public', note: '' });
  expect(withText(drafts, 'a', '').has('a')).toBe(false);
});

it('stored_drafts_come_back_and_what_is_none_does_not', () => {
  const draft = { mode: 'note' as const, reply: 'a', note: 'b' };
  expect(decodeDraft(encodeDraft(draft))).toEqual(draft);
  for (const text of ['', 'null', '[]', '{}', '{"reply":1,"note":""}']) expect(decodeDraft(text)).toBeNull();
  expect(NO_DRAFT.mode).toBe('reply');
});

it('tabs_open_once_and_a_closed_one_leaves_its_neighbour_in_front', () => {
  const three = ['a', 'b', 'c'].reduce(openTab, NO_TABS);
  expect(openTab(three, 'a').open).toEqual(['a', 'b', 'c']);
  expect(closeTab(openTab(three, 'b'), 'b').active).toBe('c');
  expect(closeTab(three, 'c').active).toBe('b');
  expect(closeTab(openTab(NO_TABS, 'a'), 'a').active).toBeNull();
  expect(cycleTab(three, 1).active).toBe('a');
  expect(showBeside(three, 'c').beside).toBeNull();
  expect(decodeTabs(encodeTabs(three))).toEqual(three);
  expect(decodeTabs('{"open":[1,"a","a"],"active":"z"}')).toEqual({
    open: ['a'],
    active: null,
    beside: null,
  });
});

it('letters_are_shortcuts_only_where_nothing_is_typed', () => {
  const press = (key: string, held: object = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...held,
  });
  expect(actionFor(press('t'), false)).toBe('take');
  expect(actionFor(press('t'), true)).toBeNull();
  expect(actionFor(press('t', { ctrlKey: true }), false)).toBeNull();
  expect(actionFor(press('k', { ctrlKey: true }), true)).toBe('search');
  expect(actionFor(press('K', { metaKey: true }), true)).toBe('search');
  expect(actionFor(press('˜', { altKey: true, code: 'KeyN' }), true)).toBe('toggle_note');
  expect(actionFor(press('ArrowDown', { altKey: true }), true)).toBe('next_tab');
  expect(actionFor(press('t', { isComposing: true }), false)).toBeNull();
  expect(new Set(SHORTCUTS.map(({ key, with: held }) => `${held} ${key}`)).size).toBe(SHORTCUTS.length);
});

it('a_code_is_read_from_the_address_and_dropped_from_it', () => {
  const replaced: string[] = [];
  const history = {
    replaceState: (_: unknown, __: string, url?: string | URL | null) => void replaced.push(String(url)),
  };
  const arrival = takeArrival({ hash: '#code=a%2Bb', pathname: '/console', search: '' }, history);
  expect(arrival).toEqual({ kind: 'code', code: 'a+b', toSettings: false });
  expect(replaced).toEqual(['/console']);
  expect(readArrival('#setup=x')).toEqual({ kind: 'setup', code: 'x' });
  expect(readArrival('#code=x&go=settings')).toEqual({ kind: 'code', code: 'x', toSettings: true });
  expect(readArrival('#code=x&go=elsewhere')).toEqual({ kind: 'plain' });
  expect(readArrival('#other')).toEqual({ kind: 'plain' });
});

it('a_timeline_names_authors_once_marks_days_and_the_unread', () => {
  const records = [
    record(1, { opened: { offline: false } }, 1_000),
    said(2, 'visitor', 'one', 2_000),
    said(3, 'visitor', 'two', 3_000),
    said(4, 'agent', 'three', 4_000),
    noted(5, 'note'),
    said(6, 'visitor', 'four', 6_000),
  ];
  const entries = timelineOf(records, names, 'Ada', 5);
  const words = entries.map(entry =>
    entry.kind === 'message' ? `${entry.message.number}${entry.named ? '!' : ''}` : entry.kind,
  );
  expect(words).toEqual(['day', 'fact', '2!', '3', '4!', '5!', 'unread', '6!']);
  expect(unreadIn(records, 2)).toBe(2);
});

it('edits_and_withdrawals_change_the_message_in_its_place', () => {
  const by = 'visitor' as const;
  const records = [
    said(1, 'visitor', 'first'),
    said(2, 'visitor', 'second'),
    record(3, { edited: { message: 'record-1', by, body: [{ text: 'better' }] } }),
    record(4, { deleted: { message: 'record-2', by } }),
  ];
  const messages = timelineOf(records, names, 'Ada', null).flatMap(entry =>
    entry.kind === 'message' ? [entry.message] : [],
  );
  expect(messages.map(message => message.body)).toEqual([[{ text: 'better' }], null]);
});

it('only_what_the_state_allows_is_offered', () => {
  expect(abilitiesFor(row('a'), SELF)).toMatchObject({ take: 'Take', reply: false });
  expect(abilitiesFor(row('a', { state: { assigned: { agent: SELF } } }), SELF)).toMatchObject({
    reply: true,
    take: null,
  });
  expect(abilitiesFor(row('a', { state: { offered: { agent: SELF } } }), SELF)).toMatchObject({
    accept: true,
    close: false,
  });
  expect(abilitiesFor(row('a', { state: { closed: { reason: 'spam' } } }), SELF)).toMatchObject({
    reopen: true,
    park: false,
  });
  expect(takeOf(row('a'))).toEqual({ take: {} });
  expect(takeOf(row('a', { state: { assigned: { agent: OTHER } } }))).toEqual({ take: { from: OTHER } });
});

it('piled_marks_and_overrides_are_cut_and_written_languages_are_not', () => {
  expect(tame(`Z${'\u0351'.repeat(50)}a`)).toBe(`Z${'\u0351'.repeat(4)}a`);
  expect(tame('\u202egro.live')).toBe('gro.live');
  for (const text of ['é', 'e\u0301', 'שָׁלוֹם', 'مَرْحَبًا', 'ที่นี่', '👩‍👩‍👧‍👦']) expect(tame(text)).toBe(text);
  expect(clipLength('👩👩👩', 2)).toBe('👩👩…');
});

it('visitors_are_named_by_what_they_gave', () => {
  expect(visitorName(row('a', { visitor: { id: 'v-12345678', present: true } }))).toBe('Visitor 5678');
  expect(visitorName(row('a', { visitor: { id: 'v', name: '  ', email: 'a@b.c', present: true } }))).toBe(
    'a@b.c',
  );
  expect(initials('Ada Lovelace')).toBe('AL');
  expect(initials('👩')).toBe('·');
  expect(shortUrl('https://x.org/a?token=1#s')).toBe('x.org/a');
  expect(shortUrl('nonsense')).toBe('nonsense');
});

it('spans_tick_and_ages_are_rough', () => {
  expect([0, 7_000, 723_000, 7_500_000, 3 * 86_400_000].map(span)).toEqual([
    '0:00',
    '0:07',
    '12:03',
    '2 h 05',
    '3 d',
  ]);
  expect([0, 61_000, 7_200_000, 90_000_000].map(age)).toEqual(['now', '1 min', '2 h', '1 d']);
});

it('who_can_take_a_chat_now_stands_first', () => {
  const agent = (name: string, part: object) => ({
    ...{
      id: name,
      name,
      status: 'online' as const,
      accepting: true,
      connected: true,
      capacity: 2,
      load: 0,
      teams: [],
    },
    ...part,
  });
  const agents = [
    agent('gone', { connected: false }),
    agent('full', { load: 2 }),
    agent('away', { status: 'away' }),
    agent('free', {}),
  ];
  expect(rosterOrder({ agents, teams: [] }).map(each => each.name)).toEqual(['free', 'full', 'away', 'gone']);
});

it('origins_are_cut_out_of_addresses_and_others_refused', () => {
  expect(readOrigins('https://a.org/page\n\n http://localhost:8081 \nhttps://a.org')).toEqual({
    origins: ['https://a.org', 'http://localhost:8081'],
  });
  expect(readOrigins('a.org')).toHaveProperty('fault');
  expect(readOrigins('javascript:alert(1)')).toHaveProperty('fault');
});

it('rest_escapes_names_and_tells_refusals_by_code', async () => {
  const asked: string[] = [];
  const rest = createRest(async input => {
    asked.push(String(input));
    return new Response('{"code":"forbidden","message":"no"}', { status: 403 });
  });
  await expect(rest.conversation('a/b', '../x')).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  expect(asked).toEqual(['/api/v1/sites/a%2Fb/conversations/..%2Fx']);
  const away = createRest(() => Promise.reject(new TypeError('down')));
  await expect(away.me()).rejects.toBeInstanceOf(RestError);
});

describe('an empty list of own chats', () => {
  const settled = { revision: 1, rows: new Map() };
  it.each([
    [{}, 'New ones come by themselves'],
    [{ status: 'away' }, 'You are away'],
    [{ status: 'offline' }, 'You are offline'],
    [{ accepting: false }, 'once you accept them again'],
    [{ capacity: 0 }, 'more than none at once'],
  ] as const)('says_why_none_comes: %j', (part, says) => {
    expect(emptyWords('mine', settled, { ...AGENT, ...part })).toContain(says);
  });
});

describe('a name that is written from right to left', () => {
  const omar = '\u0639\u0645\u0631';
  it('does_not_turn_the_sentence_around_it', () => {
    const opened = timelineOf([record(1, { opened: { offline: false } })], names, omar, null);
    expect(opened.at(-1)).toMatchObject({ text: `\u2068${omar}\u2069 opened the chat` });
    const assigned = record(1, { assigned: { agent: OTHER, name: omar, cause: 'routed' } });
    expect(timelineOf([assigned], names, 'Ada', null).at(-1)).toMatchObject({
      text: `Assigned to \u2068${omar}\u2069`,
    });
  });

  it('and_others_stay_as_they_are', () => {
    const opened = timelineOf([record(1, { opened: { offline: false } })], names, 'Ada', null);
    expect(opened.at(-1)).toMatchObject({ text: 'Ada opened the chat' });
  });
});

it('a_transfer_to_a_team_that_is_gone_is_a_sentence', () => {
  const sam = { agent: { id: 'sam', name: 'Sam' } };
  const to = { team: 'sales' };
  const roster = { agents: [], teams: [{ id: 'sales', name: 'Sales' }] };
  const said = (known: typeof roster | null) =>
    lineOf({ transferred: { by: sam, to } }, namesOf(known), 'Ada');
  expect(said(roster)).toBe('Sam transferred this to team Sales');
  expect(said(null)).toBe('Sam transferred this to a former team');
});
