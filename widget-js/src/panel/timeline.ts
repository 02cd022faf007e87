// What the log shows: messages and system lines in order, then what is on its way.

import type { Item } from '../client/outbox.ts';
import { messagesOf } from '../client/transcript.ts';
import { nodesOf } from '../protocol/decode.ts';
import type { Author, Body, Cause, CloseReason, Record } from '../protocol/frames.ts';
import { isolated } from '../ui/isolated.ts';

/** Messages of one side this close together stand as one group. */
const GROUP_MS_MAX = 180_000;

export type SystemLine =
  | { kind: 'joined'; name: string; isTransfer: boolean }
  | { kind: 'requeued'; cause: Cause }
  | { kind: 'closed'; by: Author; reason: CloseReason }
  | { kind: 'reopened' };

export type Entry =
  | { kind: 'system'; key: string; at: number; line: SystemLine }
  | {
      kind: 'message';
      key: string;
      at: number;
      isMine: boolean;
      name: string | null;
      body: Body | null;
      edited: boolean;
      /** How far one of the visitor's own has come; `null` for the other side. */
      state: null | 'sending' | 'sent' | 'seen' | { failed: Item };
      startsGroup: boolean;
      endsGroup: boolean;
    };

type MessageEntry = Extract<Entry, { kind: 'message' }>;

export function timelineOf(records: readonly Record[], items: readonly Item[], seen: number): Entry[] {
  const messages = new Map(messagesOf(records).map(message => [message.id, message]));
  const entries: Entry[] = [];
  let before: string | null = null;
  for (const { id, number, at, what } of records) {
    const message = messages.get(id);
    if (message !== undefined) {
      const isMine = message.by === 'visitor';
      const name = typeof message.by === 'object' ? message.by.agent.name : null;
      const state = isMine ? (number <= seen ? 'seen' : 'sent') : null;
      const { body, edited } = message;
      entries.push({ kind: 'message', key: id, at, isMine, name, body, edited, state, ...UNGROUPED });
      continue;
    }
    const line = systemLine(what, before);
    if (line !== null) entries.push({ kind: 'system', key: id, at, line });
    if ('assigned' in what) before = what.assigned.agent;
  }
  for (const item of items) {
    const body = bodyOf(item);
    if (body === null) continue;
    const key = `${item.id.outbox}/${item.id.ordinal}`;
    const state = item.failed === undefined ? 'sending' : { failed: item };
    const base = { kind: 'message', key, at: item.at, isMine: true, name: null, edited: false } as const;
    entries.push({ ...base, body: nodesOf(body), state, ...UNGROUPED });
  }
  return grouped(entries);
}

const UNGROUPED = { startsGroup: true, endsGroup: true };

/** The text that a command on its way would show. */
export function bodyOf({ action }: Item): string | null {
  if ('say' in action) return action.say.body;
  return 'open' in action ? (action.open.body ?? null) : null;
}

/** One agent takes over from another; one to whom their own chat comes back joins again. */
function systemLine(what: Record['what'], before: string | null): SystemLine | null {
  if ('assigned' in what) {
    const { name, agent } = what.assigned;
    return { kind: 'joined', name: isolated(name), isTransfer: before !== null && before !== agent };
  }
  if ('waiting' in what && what.waiting.cause !== 'opened' && what.waiting.cause !== 'reopened') {
    return { kind: 'requeued', cause: what.waiting.cause };
  }
  if ('closed' in what) return { kind: 'closed', ...what.closed };
  return 'reopened' in what ? { kind: 'reopened' } : null;
}

function grouped(entries: Entry[]): Entry[] {
  return entries.map((entry, index) => {
    if (entry.kind !== 'message') return entry;
    const before = entries[index - 1];
    const after = entries[index + 1];
    return { ...entry, startsGroup: !isOneGroup(before, entry), endsGroup: !isOneGroup(entry, after) };
  });
}

function isOneGroup(a: Entry | undefined, b: Entry | undefined): boolean {
  const isMessage = (entry: Entry | undefined): entry is MessageEntry => entry?.kind === 'message';
  if (!isMessage(a) || !isMessage(b)) return false;
  const isFailed = typeof a.state === 'object' && a.state !== null;
  return a.isMine === b.isMine && a.name === b.name && !isFailed && b.at - a.at < GROUP_MS_MAX;
}
