// Refusals as sentences for the agent who asked.

import type { Item } from '../client/outbox.ts';
import { kindOf } from '../protocol/decode.ts';
import type { Action } from '../protocol/frames.ts';

type Why = NonNullable<Item['failed']>;

const REASONS: Readonly<{ [why in Why]?: string }> = {
  stale: 'it has changed meanwhile',
  forbidden: 'you may not do that',
  not_found: 'the conversation is gone',
  closed: 'the conversation is closed',
  bad_text: 'the text is empty, too long or holds characters that are not allowed',
  bad_value: 'a value is out of its range',
  too_big: 'it is too long',
  unstorable: 'the store refuses this content',
  internal: 'the gateway made a mistake',
};

const DEEDS: Readonly<{ [kind: string]: string }> = {
  say: 'Your message was not sent',
  note: 'Your note was not added',
  accept: 'The offer was not accepted',
  decline: 'The offer was not declined',
  take: 'The chat was not taken',
  transfer: 'The chat was not transferred',
  park: 'The chat was not parked',
  close: 'The chat was not closed',
  reopen: 'The chat was not reopened',
  status: 'Your status was not changed',
  accepting: 'Accepting was not changed',
  capacity: 'Your capacity was not changed',
};

export function whyFailed(why: Why): string {
  return REASONS[why] ?? 'it was refused';
}

export function failureOf(action: Action, why: Why): string {
  return `${DEEDS[kindOf(action)] ?? 'That was not done'}: ${whyFailed(why)}.`;
}

/** Whether a failed command keeps words that must not be lost; all others are forgotten once told. */
export function keepsWords(action: Action): boolean {
  return 'say' in action || 'note' in action;
}
