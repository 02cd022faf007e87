// What waits to be read, counted the same for rows, tabs and the title.

import type { ClientState } from '../client/client.ts';
import type { Row } from '../protocol/frames.ts';
import { agentOf, stateName } from './lists.ts';
import { type ConsoleState, rowFor } from './state.ts';
import { lastAssignment, unreadIn } from './timeline.ts';

/**
 * Words of the visitor that nobody has read, in a chat of one's own; 0 in all others.
 * In a chat that was handed on everything may be read, by a colleague: it counts until it is opened.
 */
export function unreadOf(state: ConsoleState, client: ClientState, row: Row): number {
  if (agentOf(row.state) !== state.self) return 0;
  const held = client.transcripts.get(row.conversation);
  if (held === undefined || held.records.length === 0) return row.head > row.read ? 1 : 0;
  const read = Math.max(row.read, held.read.agent);
  // A mark before one's own assignment is a colleague's, wherever and whenever this page was loaded.
  const given = lastAssignment(held.records);
  const handed = given !== null && given.agent === state.self && given.number > read;
  return Math.max(unreadIn(held.records, read), handed ? 1 : 0);
}

/** How many of one's own chats want something: an answer to an offer, or to be read. */
export function callsOf(state: ConsoleState, client: ClientState): number {
  let calls = 0;
  for (const id of state.lists.mine.rows.keys()) {
    const row = rowFor(state, id);
    if (row === null) continue;
    const offered = stateName(row.state) === 'offered' && agentOf(row.state) === state.self;
    if (offered || unreadOf(state, client, row) > 0) calls += 1;
  }
  return calls;
}
