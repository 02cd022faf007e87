import { expect, it } from 'vitest';
import { enqueue } from '../../src/client/outbox.ts';
import { draftOf } from '../../src/console/drafts.ts';
import { rowFor, storeTime } from '../../src/console/state.ts';
import { callsOf, unreadOf } from '../../src/console/unread.ts';
import { Dialogue, holding, OTHER, record, row, SELF, said } from './rows.ts';

const assigned = { assigned: { agent: SELF } };
const offered = { offered: { agent: SELF } };

it('a_ready_socket_watches_every_list', () => {
  expect(new Dialogue().ready().words).toEqual([
    'watch mine',
    'watch line',
    'watch all',
    'watch closed',
    'watch roster',
  ]);
});

it('a_gap_in_a_list_watches_it_again', () => {
  const desk = new Dialogue().ready().rows('line', 5, row('a'));
  expect(desk.change('line', 6, 'a').words).toEqual(['watch line']);
});

it('what_is_mine_or_open_is_followed_and_what_is_put_away_is_not', () => {
  const desk = new Dialogue().ready().rows('mine', 1, row('a', { state: assigned }));
  expect(desk.words).toEqual(['follow a']);
  desk.say({ kind: 'rows', rows: [row('b')] });
  expect(desk.say({ kind: 'open', conversation: 'b' }).words).toEqual(['follow b', 'keep tabs b']);
  expect(desk.say({ kind: 'close_tab', conversation: 'b' }).words).toEqual(['unfollow b', 'keep tabs ']);
  expect(desk.change('mine', 1, 'a').words).toEqual(['unfollow a']);
});

it('a_conversation_with_unsent_words_stays_followed', () => {
  const desk = new Dialogue()
    .ready()
    .say({ kind: 'rows', rows: [row('b')] })
    .say({ kind: 'open', conversation: 'b' });
  const moment = { now: 0, wall: 0, chance: 0, id: () => 'id' };
  const [outbox] = enqueue(desk.client.outbox, 'b', { say: { body: 'x' } }, moment);
  desk.client = { ...desk.client, outbox };
  expect(desk.say({ kind: 'close_tab', conversation: 'b' }).words).toEqual(['keep tabs ']);
});

it('an_offer_and_an_assignment_call_the_agent_once', () => {
  const desk = new Dialogue().ready().rows('mine', 1);
  desk.say({ kind: 'rows', rows: [row('z')] }).say({ kind: 'open', conversation: 'z' });
  expect(desk.change('mine', 1, 'a', row('a', { state: offered })).words).toContain('alert offer a');
  expect(desk.change('mine', 2, 'a', row('a', { state: offered, head: 2 })).words).toEqual([]);
  expect(desk.change('mine', 3, 'a', row('a', { state: assigned, head: 3 })).words).toContain(
    'alert assignment a',
  );
});

/** A chat that a colleague had, and read to its end, and then handed on; as a console holds it that was just loaded. */
function handedOn(to: string): Dialogue {
  const desk = new Dialogue();
  desk.client = holding(desk.client, 'a', [
    record(1, { assigned: { agent: OTHER, name: 'Mira', cause: 'routed' } }),
    said(2, 'visitor', 'Hello?'),
    record(3, { transferred: { by: { agent: { id: OTHER, name: 'Mira' } }, to: { agent: to } } }),
    record(4, { assigned: { agent: to, name: 'Sam', cause: 'transferred' } }),
  ]);
  return desk.ready();
}

it('a_chat_that_was_handed_on_is_marked_until_it_is_read_on_any_page_load', () => {
  const desk = handedOn(SELF);
  const shown = (read: number) => {
    const chat = row('a', { state: assigned, head: 4, read });
    desk.rows('mine', read, chat);
    return [unreadOf(desk.state, desk.client, chat), callsOf(desk.state, desk.client)];
  };
  expect(shown(2)).toEqual([1, 1]);
  expect(shown(4)).toEqual([0, 0]);
});

it('who_handed_a_chat_on_reads_it_for_nobody_any_more', () => {
  const desk = handedOn(OTHER).rows('mine', 1, row('a', { state: assigned, head: 2, read: 2 }));
  expect(desk.say({ kind: 'seen', conversation: 'a', number: 4 }).words).toEqual([]);
});

it('the_rows_of_a_page_load_are_no_news_but_what_came_while_away_is', () => {
  const desk = new Dialogue().ready();
  expect(desk.rows('mine', 1, row('a', { state: assigned })).words).toEqual(['follow a']);
  desk.say({ kind: 'rows', rows: [row('z')] }).say({ kind: 'open', conversation: 'z' });
  desk.ready();
  const back = desk.rows('mine', 9, row('a', { state: assigned }), row('b', { state: assigned }));
  expect(back.words).toContain('alert assignment b');
  expect(back.words).not.toContain('alert assignment a');
});

it('what_the_agent_takes_does_not_call_them', () => {
  const desk = new Dialogue()
    .ready()
    .rows('mine', 1)
    .say({ kind: 'rows', rows: [row('a')] });
  desk.say({ kind: 'open', conversation: 'a' });
  const moment = { now: 0, wall: 0, chance: 0, id: () => 'id' };
  const [outbox] = enqueue(desk.client.outbox, 'a', { take: {} }, moment);
  desk.client = { ...desk.client, outbox };
  expect(desk.change('mine', 1, 'a', row('a', { state: assigned })).words).toEqual([]);
});

it('the_first_chat_opens_by_itself_and_the_next_one_does_not_steal_the_place', () => {
  const desk = new Dialogue().ready().rows('mine', 1);
  desk.change('mine', 1, 'a', row('a', { state: assigned }));
  expect(desk.state.tabs.active).toBe('a');
  desk.change('mine', 2, 'b', row('b', { state: assigned }));
  expect(desk.state.tabs.active).toBe('a');
});

it('a_visitors_word_in_ones_own_chat_calls_and_a_fetched_one_does_not', () => {
  const desk = new Dialogue().ready().rows('mine', 1, row('a', { state: assigned }));
  const news = { kind: 'added' as const, conversation: 'a', records: [said(2, 'visitor', 'hi')] };
  expect(desk.say({ kind: 'news', news: { ...news, live: true } }).words).toEqual(['alert message a']);
  expect(desk.say({ kind: 'news', news: { ...news, live: false } }).words).toEqual([]);
});

it('a_note_leaves_as_a_note_and_a_reply_as_a_reply', () => {
  const desk = new Dialogue();
  desk.say({ kind: 'write', conversation: 'a', text: 'for the visitor' });
  expect(desk.words).toEqual(['keep draft a reply', 'typing a public']);
  desk.say({ kind: 'mode', conversation: 'a', mode: 'note' });
  desk.say({ kind: 'write', conversation: 'a', text: 'for colleagues' });
  expect(desk.words).toEqual(['keep draft a note', 'typing a note']);
  desk.say({ kind: 'send', conversation: 'a' });
  expect(desk.words[0]).toBe('command a {"note":{"body":"for colleagues"}}');
  expect(draftOf(desk.state.drafts, 'a')).toEqual({ mode: 'note', reply: 'for the visitor', note: '' });
  desk.say({ kind: 'mode', conversation: 'a', mode: 'reply' }).say({ kind: 'send', conversation: 'a' });
  expect(desk.words[0]).toBe('command a {"say":{"body":"for the visitor"}}');
});

it('nothing_is_sent_where_nothing_is_written', () => {
  const desk = new Dialogue().say({ kind: 'write', conversation: 'a', text: ' \n' });
  expect(desk.words).toEqual(['keep draft a reply']);
  expect(desk.say({ kind: 'send', conversation: 'a' }).words).toEqual([]);
});

it('a_refused_deed_is_told_and_forgotten', () => {
  const item = {
    id: { outbox: 'o', ordinal: 1 },
    conversation: 'a',
    action: { take: {} },
    at: 0,
    failed: 'stale' as const,
  };
  const desk = new Dialogue().say({ kind: 'news', news: { kind: 'failed', item } });
  expect(desk.words).toEqual(['discard a']);
  expect(desk.state.notices.map(notice => notice.text)).toEqual([
    'The chat was not taken: it has changed meanwhile.',
  ]);
});

it('refused_words_are_kept_and_told_only_where_they_are_out_of_sight', () => {
  const item = {
    id: { outbox: 'o', ordinal: 1 },
    conversation: 'a',
    action: { say: { body: 'hi' } },
    at: 0,
    failed: 'forbidden' as const,
  };
  const desk = new Dialogue().say({ kind: 'news', news: { kind: 'failed', item } });
  expect(desk.words).toEqual([]);
  expect(desk.state.notices).toHaveLength(1);
  desk.say({ kind: 'rows', rows: [row('a')] }).say({ kind: 'open', conversation: 'a' });
  desk.say({ kind: 'news', news: { kind: 'failed', item } });
  expect(desk.state.notices).toHaveLength(1);
});

it('only_ones_own_chats_are_marked_as_read', () => {
  const desk = new Dialogue().ready().rows('mine', 1, row('a', { state: assigned, head: 5, read: 3 }));
  desk.rows('all', 1, row('b', { state: { assigned: { agent: OTHER } }, head: 5 }));
  expect(desk.say({ kind: 'seen', conversation: 'b', number: 5 }).words).toEqual([]);
  expect(desk.say({ kind: 'seen', conversation: 'a', number: 5 }).words).toEqual(['read a 5']);
  expect(desk.say({ kind: 'seen', conversation: 'a', number: 2 }).words).toEqual([]);
});

it('a_chat_that_leaves_every_list_while_open_is_asked_for', () => {
  const desk = new Dialogue()
    .ready()
    .rows('mine', 1, row('a', { state: assigned }))
    .rows('all', 1);
  desk.say({ kind: 'open', conversation: 'a' });
  expect(desk.change('mine', 1, 'a').words).toEqual(['ask row a']);
  expect(rowFor(desk.state, 'a')?.conversation).toBe('a');
  desk.say({ kind: 'rows', rows: [row('a', { state: { closed: { reason: 'solved' } }, head: 9 })] });
  expect(rowFor(desk.state, 'a')?.head).toBe(9);
});

it('a_conversation_that_is_gone_leaves_tabs_and_lists_and_hands_unsent_words_back', () => {
  const desk = new Dialogue().ready().rows('mine', 1, row('a', { state: assigned }));
  desk.say({ kind: 'open', conversation: 'a' });
  const item = {
    id: { outbox: 'o', ordinal: 1 },
    conversation: 'a',
    action: { say: { body: 'my words' } },
    at: 0,
  };
  desk.say({ kind: 'news', news: { kind: 'gone', conversation: 'a', dropped: [item] } });
  expect(desk.state.tabs.open).toEqual([]);
  expect(desk.state.followed.has('a')).toBe(false);
  expect(desk.state.notices.at(-1)?.text).toContain('my words');
});

it('the_clock_of_the_store_is_taken_from_what_is_fresh', () => {
  const desk = new Dialogue().ready().rows('mine', 1, row('a', { state: assigned, last_at: 10 }));
  expect(storeTime(desk.state, 100_000)).toBe(100_000);
  const records = [said(2, 'visitor', 'hi', 95_000)];
  desk.say({ kind: 'news', news: { kind: 'added', conversation: 'a', records, live: true } });
  expect(storeTime(desk.state, 100_000)).toBe(95_000);
});

it('a_search_result_opens_its_conversation_at_the_record', () => {
  const desk = new Dialogue().say({ kind: 'open', conversation: 'q', number: 7 });
  expect(desk.words).toEqual(['ask row q', 'follow q', 'keep tabs q']);
  expect(desk.state.jump).toEqual({ conversation: 'q', number: 7, turn: 1 });
});
