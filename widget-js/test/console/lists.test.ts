import { expect, it } from 'vitest';
import {
  applyChange,
  applyRows,
  NO_LISTS,
  oldestWait,
  placeOf,
  rowOf,
  sorted,
  unsettled,
} from '../../src/console/lists.ts';
import { OTHER, row, SELF } from './rows.ts';

const held = applyRows(NO_LISTS, { view: 'line', revision: 5, rows: [row('a'), row('b', { arrival: 2 })] });

it('a_change_that_follows_the_held_revision_is_applied', () => {
  const applied = applyChange(held, { view: 'line', before: 5, revision: 6, conversation: 'a' });
  expect(applied.kind === 'applied' && [...applied.lists.line.rows.keys()]).toEqual(['b']);
  expect(applied.kind === 'applied' && applied.lists.line.revision).toBe(6);
});

it('a_change_after_a_gap_asks_for_the_rows_and_keeps_the_old_ones_in_sight', () => {
  const applied = applyChange(held, { view: 'line', before: 7, revision: 8, conversation: 'a' });
  expect(applied.kind).toBe('gap');
  expect(applied.kind === 'gap' && applied.lists.line.revision).toBeNull();
  expect(applied.kind === 'gap' && applied.lists.line.rows.size).toBe(2);
});

it('a_change_that_is_behind_or_comes_before_the_rows_is_dropped', () => {
  expect(applyChange(held, { view: 'line', before: 4, revision: 5, conversation: 'a' }).kind).toBe('dropped');
  const asked = unsettled(held);
  expect(applyChange(asked, { view: 'line', before: 5, revision: 6, conversation: 'a' }).kind).toBe(
    'dropped',
  );
});

it('the_line_is_in_the_order_it_is_served_with_offline_messages_behind', () => {
  const rows = [
    row('late', { arrival: 9 }),
    row('left', { state: 'offline', arrival: 1 }),
    row('urgent', { priority: 1, arrival: 10 }),
    row('early', { arrival: 2 }),
  ];
  const { line } = applyRows(NO_LISTS, { view: 'line', revision: 1, rows });
  expect(sorted('line', line).map(each => each.conversation)).toEqual(['urgent', 'early', 'late', 'left']);
  expect(placeOf(line, 'late')).toBe(3);
  expect(placeOf(line, 'left')).toBeNull();
});

it('mine_has_offers_first_and_parked_chats_last_and_does_not_move_when_a_word_comes', () => {
  const mine = (name: string, state: 'offered' | 'assigned' | 'parked', since: number, last_at = 0) =>
    row(name, { state: { [state]: { agent: SELF } } as never, since, last_at });
  const rows = [
    mine('p', 'parked', 1),
    mine('b', 'assigned', 3, 99),
    mine('a', 'assigned', 2),
    mine('o', 'offered', 9),
  ];
  const lists = applyRows(NO_LISTS, { view: 'mine', revision: 1, rows });
  expect(sorted('mine', lists.mine).map(each => each.conversation)).toEqual(['o', 'a', 'b', 'p']);
});

it('the_oldest_wait_counts_from_the_opening_and_not_for_offline_messages', () => {
  const rows = [row('a', { opened_at: 50, since: 90 }), row('b', { state: 'offline', opened_at: 1 })];
  expect(oldestWait(applyRows(NO_LISTS, { view: 'line', revision: 1, rows }).line)).toBe(50);
  expect(oldestWait(NO_LISTS.line)).toBeNull();
});

it('of_two_rows_of_one_conversation_the_one_with_the_later_head_counts', () => {
  const all = row('a', { head: 4, state: { assigned: { agent: OTHER } } });
  const closed = row('a', { head: 5, state: { closed: { reason: 'solved' } } });
  const first = applyRows(NO_LISTS, { view: 'closed', revision: 1, rows: [closed] });
  expect(rowOf(applyRows(first, { view: 'all', revision: 1, rows: [all] }), 'a')).toBe(closed);
});
