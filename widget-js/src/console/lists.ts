// The console's lists: rows of each view, held by a chain of revisions.
// A change that does not follow the held revision is a gap, and the view must be watched again.

import type { Change, Row, RowState, Rows } from '../protocol/frames.ts';

export type ListName = 'mine' | 'line' | 'all' | 'closed';
export const LIST_NAMES: readonly ListName[] = ['mine', 'line', 'all', 'closed'];

export interface List {
  /** `null`: rows are asked for and have not come. */
  readonly revision: number | null;
  readonly rows: ReadonlyMap<string, Row>;
}

export type Lists = Readonly<Record<ListName, List>>;

const EMPTY: List = { revision: null, rows: new Map() };
export const NO_LISTS: Lists = { mine: EMPTY, line: EMPTY, all: EMPTY, closed: EMPTY };

export function isListName(view: string): view is ListName {
  return (LIST_NAMES as readonly string[]).includes(view);
}

/** Marks every list as asked for, keeping its rows on the screen meanwhile. */
export function unsettled(lists: Lists): Lists {
  const entries = LIST_NAMES.map(name => [name, { ...lists[name], revision: null }]);
  return Object.fromEntries(entries) as unknown as Lists;
}

export function applyRows(lists: Lists, frame: Rows): Lists {
  if (!isListName(frame.view)) return lists;
  const rows = new Map(frame.rows.map(row => [row.conversation, row]));
  return { ...lists, [frame.view]: { revision: frame.revision, rows } };
}

export type Applied =
  | { readonly kind: 'applied'; readonly lists: Lists }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'gap'; readonly lists: Lists; readonly view: ListName };

/** Applies one change, drops one that is behind or while rows are on their way, or tells of a gap. */
export function applyChange(lists: Lists, frame: Change): Applied {
  if (!isListName(frame.view)) return { kind: 'dropped' };
  const list = lists[frame.view];
  if (list.revision === null || frame.revision <= list.revision) return { kind: 'dropped' };
  if (frame.before !== list.revision) {
    const view = frame.view;
    return { kind: 'gap', view, lists: { ...lists, [view]: { ...list, revision: null } } };
  }
  const rows = new Map(list.rows);
  if (frame.row) rows.set(frame.conversation, frame.row);
  else rows.delete(frame.conversation);
  return { kind: 'applied', lists: { ...lists, [frame.view]: { revision: frame.revision, rows } } };
}

/** The newest row known of a conversation. */
export function rowOf(lists: Lists, conversation: string): Row | null {
  let newest: Row | null = null;
  for (const name of LIST_NAMES) {
    const row = lists[name].rows.get(conversation);
    if (row && (newest === null || isNewer(row, newest))) newest = row;
  }
  return newest;
}

/** A conversation's head only grows; rows of one head differ in presence or marks, and the later in time wins. */
export function isNewer(row: Row, than: Row): boolean {
  if (row.head !== than.head) return row.head > than.head;
  if (row.since !== than.since) return row.since > than.since;
  return row.read > than.read;
}

export type StateName = 'waiting' | 'offered' | 'assigned' | 'parked' | 'closed' | 'offline';

/** The kind of a row's state, without what it carries. */
export function stateName(state: RowState): StateName {
  if (typeof state === 'string') return state;
  if ('offered' in state) return 'offered';
  if ('assigned' in state) return 'assigned';
  if ('parked' in state) return 'parked';
  return 'closed';
}

/** The agent whom a state names, if it names one. */
export function agentOf(state: RowState): string | null {
  if (typeof state === 'string') return null;
  if ('offered' in state) return state.offered.agent;
  if ('assigned' in state) return state.assigned.agent;
  if ('parked' in state) return state.parked.agent;
  return null;
}

const MINE_ORDER: Record<StateName, number> = {
  offered: 0,
  assigned: 1,
  waiting: 1,
  offline: 2,
  parked: 3,
  closed: 4,
};
const LINE_ORDER: Record<StateName, number> = {
  waiting: 0,
  offered: 0,
  assigned: 0,
  parked: 0,
  offline: 1,
  closed: 2,
};

/**
 * The rows of a list in the order they are shown.
 *
 * Mine: offers first, then chats in the order they came, so that a row does not move under the pointer;
 * parked ones last. Line: as it is served, messages left offline behind. All and closed: the latest first.
 */
export function sorted(name: ListName, list: List): Row[] {
  return [...list.rows.values()].sort(
    (a, b) => compare(name, a, b) || (a.conversation < b.conversation ? -1 : 1),
  );
}

function compare(name: ListName, a: Row, b: Row): number {
  switch (name) {
    case 'mine':
      return MINE_ORDER[stateName(a.state)] - MINE_ORDER[stateName(b.state)] || a.since - b.since;
    case 'line':
      return (
        LINE_ORDER[stateName(a.state)] - LINE_ORDER[stateName(b.state)] ||
        a.priority - b.priority ||
        a.arrival - b.arrival
      );
    case 'all':
    case 'closed':
      return b.last_at - a.last_at;
  }
}

/** When the longest waiting visitor in the line came, or null. Messages left offline do not wait. */
export function oldestWait(list: List): number | null {
  let oldest: number | null = null;
  for (const row of list.rows.values()) {
    if (stateName(row.state) === 'waiting' && (oldest === null || row.opened_at < oldest))
      oldest = row.opened_at;
  }
  return oldest;
}

/** The place of a conversation among the waiting, from 1, or null when it does not wait. */
export function placeOf(list: List, conversation: string): number | null {
  const waiting = sorted('line', list).filter(row => stateName(row.state) === 'waiting');
  const index = waiting.findIndex(row => row.conversation === conversation);
  return index < 0 ? null : index + 1;
}
