// What an agent may do with a conversation as it stands. The desk decides again; this only spares refusals.

import type { Action, Row } from '../protocol/frames.ts';
import { agentOf, stateName } from './lists.ts';

export interface Abilities {
  /** Whether a reply may be written; else `blocked` says what must come first. */
  readonly reply: boolean;
  readonly blocked: string | null;
  readonly accept: boolean;
  /** The word on the button that makes it one's own, or null. */
  readonly take: string | null;
  readonly transfer: boolean;
  readonly park: boolean;
  readonly close: boolean;
  readonly reopen: boolean;
}

const NONE: Abilities = {
  reply: false,
  blocked: 'Loading this conversation…',
  accept: false,
  take: null,
  transfer: false,
  park: false,
  close: false,
  reopen: false,
};

export function abilitiesFor(row: Row | null, self: string): Abilities {
  if (row === null) return NONE;
  const own = agentOf(row.state) === self;
  switch (stateName(row.state)) {
    case 'waiting':
      return { ...NONE, blocked: 'Take this chat to reply.', take: 'Take', transfer: true, close: true };
    case 'offline':
      return { ...NONE, blocked: 'Take this message to reply.', take: 'Take', transfer: true, close: true };
    case 'offered':
      return own
        ? { ...NONE, blocked: 'Accept this chat to reply.', accept: true }
        : { ...NONE, blocked: 'This chat is offered to a colleague.', take: 'Take' };
    case 'assigned':
      return own
        ? { ...NONE, reply: true, blocked: null, transfer: true, park: true, close: true }
        : { ...NONE, blocked: 'A colleague has this chat.', take: 'Take over', transfer: true, close: true };
    case 'parked':
      return own
        ? { ...NONE, reply: true, blocked: null, take: 'Resume', transfer: true, close: true }
        : {
            ...NONE,
            blocked: 'A colleague parked this chat.',
            take: 'Take over',
            transfer: true,
            close: true,
          };
    case 'closed':
      return { ...NONE, blocked: 'Reopen this chat to reply.', reopen: true };
  }
}

/** The command that makes a conversation one's own; it names the assignee one believes in. */
export function takeOf(row: Row): Action {
  const state = stateName(row.state);
  const from = state === 'assigned' || state === 'parked' ? agentOf(row.state) : null;
  return { take: from === null ? {} : { from } };
}
