// Where the visitor's conversation stands, told from its records alone.

import type { Author, CloseReason, Record } from '../protocol/frames.ts';

export type Standing =
  | { kind: 'none' }
  | { kind: 'offline' }
  | { kind: 'waiting' }
  | { kind: 'chat'; agent: string }
  | { kind: 'closed'; by: Author; reason: CloseReason; score: number | null };

export function standingOf(records: readonly Record[]): Standing {
  let standing: Standing = { kind: 'none' };
  for (const { what } of records) {
    if ('opened' in what) standing = { kind: what.opened.offline ? 'offline' : 'waiting' };
    if ('waiting' in what || 'reopened' in what) standing = { kind: 'waiting' };
    if ('assigned' in what) standing = { kind: 'chat', agent: what.assigned.name };
    if ('closed' in what) standing = { kind: 'closed', ...what.closed, score: null };
    if ('rated' in what && standing.kind === 'closed') standing = { ...standing, score: what.rated.score };
  }
  return standing;
}

/** The agent a chat was with last, also when it is over. */
export function lastAgent(records: readonly Record[]): string | null {
  const last = records.findLast(({ what }) => 'assigned' in what)?.what;
  return last !== undefined && 'assigned' in last ? last.assigned.name : null;
}
