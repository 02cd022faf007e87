// A transcript as it is read: days, facts, messages, and where the unread begin. Pure; the components draw it.

import { type Message, messagesOf } from '../client/transcript.ts';
import type { AgentId, MessageId, Record } from '../protocol/frames.ts';
import { isSameDay } from './time.ts';
import { commentOf, lineOf, type Names } from './words.ts';

export type Entry =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | {
      readonly kind: 'fact';
      readonly key: string;
      readonly number: number;
      readonly at: number;
      readonly text: string;
      readonly comment: string | null;
    }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      /** Whether its author must be named: not the one of the message right before, or long after it. */
      readonly named: boolean;
    };

/** Messages of one author closer than this stand together. */
const TOGETHER_MS = 5 * 60_000;

/** The entries of a transcript; `unread_after`: the mark behind which the visitor's words are new. */
export function timelineOf(
  records: readonly Record[],
  names: Names,
  visitor: string,
  unread_after: number | null,
): Entry[] {
  const messages = new Map<MessageId, Message>(messagesOf(records).map(message => [message.id, message]));
  const entries: Entry[] = [];
  let day: number | null = null;
  let before: Message | null = null;
  let marked = unread_after === null;
  for (const record of records) {
    const message = messages.get(record.id);
    const text = message === undefined ? lineOf(record.what, names, visitor) : null;
    if (message === undefined && text === null) continue;
    if (day === null || !isSameDay(day, record.at)) {
      entries.push({ kind: 'day', key: `day ${record.number}`, at: record.at });
      before = null;
    }
    day = record.at;
    if (message === undefined) {
      const comment = commentOf(record.what);
      const { number, at, id } = record;
      entries.push({ kind: 'fact', key: id, number, at, text: text ?? '', comment });
      before = null;
      continue;
    }
    if (!marked && message.by === 'visitor' && message.number > (unread_after ?? 0)) {
      entries.push({ kind: 'unread', key: 'unread' });
      marked = true;
      before = null;
    }
    entries.push({ kind: 'message', key: message.id, message, named: !isTogether(before, message) });
    before = message;
  }
  return entries;
}

function isTogether(before: Message | null, message: Message): boolean {
  if (before === null || before.stream !== message.stream) return false;
  return authorKey(before) === authorKey(message) && message.at - before.at < TOGETHER_MS;
}

function authorKey({ by }: Message): string {
  return typeof by === 'string' ? by : by.agent.id;
}

/** How many words of the visitor stand behind a read mark. */
export function unreadIn(records: readonly Record[], read: number): number {
  let count = 0;
  for (let index = records.length - 1; index >= 0; index -= 1) {
    const record = records[index];
    if (record === undefined || record.number <= read) break;
    if ('said' in record.what && record.what.said.by === 'visitor') count += 1;
  }
  return count;
}

/** To whom a chat was given last, and by which record. */
export function lastAssignment(records: readonly Record[]): { agent: AgentId; number: number } | null {
  for (let index = records.length - 1; index >= 0; index -= 1) {
    const record = records[index];
    if (record !== undefined && 'assigned' in record.what)
      return { agent: record.what.assigned.agent, number: record.number };
  }
  return null;
}
