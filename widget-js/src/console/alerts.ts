// What an agent is called for: a new offer, a new assignment, and a visitor's words in one of their own chats.

import { textOf } from '../protocol/decode.ts';
import type { Record, Row } from '../protocol/frames.ts';
import { clipLength, tame } from './clip.ts';
import { agentOf, type List, stateName } from './lists.ts';
import { visitorName } from './words.ts';

export interface Alert {
  readonly kind: 'offer' | 'assignment' | 'message';
  readonly conversation: string;
  readonly title: string;
  readonly body: string;
}

/** Letters of a message in a notification: what a lock screen shows, no more. */
const LETTERS_MAX = 120;

/** The alerts for what came to one's list. The first rows of a page load are no news. */
export function alertsFor(before: List, after: List, self: string): Alert[] {
  if (before.revision === null && before.rows.size === 0) return [];
  const alerts: Alert[] = [];
  for (const row of after.rows.values()) {
    if (agentOf(row.state) !== self) continue;
    const state = stateName(row.state);
    const held = before.rows.get(row.conversation);
    if (held !== undefined && stateName(held.state) === state && agentOf(held.state) === self) continue;
    const title = visitorName(row);
    const body = clipLength(tame(row.preview ?? ''), LETTERS_MAX);
    const { conversation } = row;
    if (state === 'offered') alerts.push({ kind: 'offer', conversation, title: `Offer: ${title}`, body });
    if (state === 'assigned')
      alerts.push({ kind: 'assignment', conversation, title: `New chat: ${title}`, body });
  }
  return alerts;
}

export function messageAlert(row: Row, { what }: Record): Alert | null {
  if (!('said' in what) || what.said.by !== 'visitor') return null;
  const body = clipLength(tame(textOf(what.said.body)), LETTERS_MAX);
  return { kind: 'message', conversation: row.conversation, title: visitorName(row), body };
}
