// The console's words for states, causes and reasons, and how people are named.

import type {
  AgentState,
  Author,
  Cause,
  CloseReason,
  RecordKind,
  Row,
  Status,
  Target,
} from '../protocol/frames.ts';
import { isolated } from '../ui/isolated.ts';
import type { List, ListName, StateName } from './lists.ts';

/** NIST SP 800-63B asks for at least 8; 10 leaves a margin against lists of common ones. */
export const PASSWORD_LENGTH_MIN = 10;

export const STATUS_WORDS: Readonly<{ [status in Status]: string }> = {
  online: 'Online',
  away: 'Away',
  offline: 'Offline',
};

export const STATE_WORDS: Readonly<{ [state in StateName]: string }> = {
  waiting: 'Waiting',
  offered: 'Offered',
  assigned: 'Assigned',
  parked: 'Parked',
  closed: 'Closed',
  offline: 'Left a message',
};

export const REASON_WORDS: Readonly<{ [reason in CloseReason]: string }> = {
  solved: 'Solved',
  not_solved: 'Not solved',
  no_answer: 'Visitor stopped answering',
  visitor_left: 'Visitor left',
  spam: 'Spam or abuse',
  unknown: 'Another reason',
};

/** Reasons an agent may give; `visitor_left` is the visitor's own. */
export const AGENT_REASONS: readonly CloseReason[] = ['solved', 'not_solved', 'no_answer', 'spam'];

const EMPTY_WORDS: Readonly<{ [name in ListName]: string }> = {
  mine: 'No chats of yours. New ones come by themselves.',
  line: 'Nobody is waiting.',
  all: 'No open conversations.',
  closed: 'Nothing was closed lately.',
};

/** What is said of a list without rows, to this agent. */
export function emptyWords(name: ListName, list: List, agent: AgentState | null): string {
  if (list.revision === null) return 'Loading…';
  if (name !== 'mine' || agent === null) return EMPTY_WORDS[name];
  if (agent.status !== 'online')
    return `No chats of yours. You are ${STATUS_WORDS[agent.status].toLowerCase()}: new ones come while you are online.`;
  if (!agent.accepting) return 'No chats of yours. New ones come once you accept them again.';
  return agent.capacity === 0
    ? 'No chats of yours. New ones come once you take more than none at once.'
    : EMPTY_WORDS.mine;
}

const ASSIGNED_CAUSES: Readonly<{ [cause in Cause]: string }> = {
  opened: '',
  reopened: ', reopened',
  routed: '',
  accepted: ', who accepted it',
  taken: ', who took it',
  transferred: ' by transfer',
  unanswered: '',
  agent_lost: '',
  woken: ', back from being parked',
  returned: '',
  unknown: '',
};

const WAITING_CAUSES: Readonly<{ [cause in Cause]: string }> = {
  opened: 'Joined the line',
  reopened: 'Back in line: reopened',
  routed: 'Back in line',
  accepted: 'Back in line',
  taken: 'Back in line',
  transferred: 'In line by transfer',
  unanswered: 'Back in line: no first reply in time',
  agent_lost: 'Back in line: the agent’s connection was lost',
  woken: 'Back in line: no longer parked',
  returned: 'Back in line: returned by an agent',
  unknown: 'Back in line',
};

/** A visitor's name, or what stands in for it. */
export function visitorName(row: Row | null): string {
  const name = row?.visitor.name?.trim();
  if (name !== undefined && name !== '') return name;
  const email = row?.visitor.email?.trim();
  if (email !== undefined && email !== '') return email;
  return row === null ? 'Visitor' : `Visitor ${row.visitor.id.slice(-4)}`;
}

/** Two letters for a round mark. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter(word => /^[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined].map(word =>
    word === undefined ? '' : (Array.from(word)[0] ?? ''),
  );
  return letters.join('').toLocaleUpperCase() || '·';
}

/** Stands for a team that is not there any more. */
export const FORMER_TEAM = 'a former team';

/** Names of agents and teams, as the roster tells them. */
export interface Names {
  agent(id: string): string;
  team(id: string): string;
}

export function authorName(by: Author, visitor: string): string {
  if (by === 'visitor') return visitor;
  return by === 'system' ? 'halloo' : by.agent.name;
}

function targetName(to: Target, names: Names): string {
  if ('agent' in to) return isolated(names.agent(to.agent));
  const team = names.team(to.team);
  return team === FORMER_TEAM ? team : `team ${isolated(team)}`;
}

/** A record that is no message as one line, or null for those that are shown otherwise. */
export function lineOf(what: RecordKind, names: Names, who: string): string | null {
  const visitor = isolated(who);
  const author = (by: Author) => isolated(authorName(by, who));
  if ('opened' in what)
    return what.opened.offline === true ? `${visitor} left a message` : `${visitor} opened the chat`;
  if ('waiting' in what) {
    const team = what.waiting.team === undefined ? '' : ` · ${isolated(names.team(what.waiting.team))}`;
    return WAITING_CAUSES[what.waiting.cause] + team;
  }
  if ('offered' in what) return `Offered to ${isolated(names.agent(what.offered.agent))}`;
  if ('declined' in what) return `${isolated(names.agent(what.declined.agent))} declined`;
  if ('lapsed' in what) return `The offer to ${isolated(names.agent(what.lapsed.agent))} lapsed`;
  if ('assigned' in what)
    return `Assigned to ${isolated(what.assigned.name)}${ASSIGNED_CAUSES[what.assigned.cause] ?? ''}`;
  if ('transferred' in what) {
    const { by, to } = what.transferred;
    return `${author(by)} transferred this to ${targetName(to, names)}`;
  }
  if ('parked' in what) return `${author(what.parked.by)} parked this${parkedFor(what.parked.for_ms)}`;
  if ('closed' in what) {
    return `Closed by ${author(what.closed.by)} · ${REASON_WORDS[what.closed.reason] ?? what.closed.reason}`;
  }
  if ('reopened' in what) return `Reopened by ${author(what.reopened.by)}`;
  if ('rated' in what) return `${visitor} rated this ${what.rated.score} of 5`;
  return null;
}

function parkedFor(ms: number | undefined): string {
  if (ms === undefined) return ' until the visitor writes';
  const hours = Math.round(ms / 3_600_000);
  if (hours < 1) return ` for ${Math.max(1, Math.round(ms / 60_000))} min`;
  return hours < 48 ? ` for ${hours} h` : ` for ${Math.round(hours / 24)} days`;
}

/** A word from a person that belongs to a line: a transfer's or a rating's comment. */
export function commentOf(what: RecordKind): string | null {
  if ('transferred' in what) return what.transferred.comment ?? null;
  if ('rated' in what) return what.rated.comment ?? null;
  return null;
}

/** The part of an address worth its space: host and path, without what identifies a person. */
export function shortUrl(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return host + (pathname === '/' ? '' : pathname);
  } catch {
    return url;
  }
}

/** A language tag as a name in the agent's own language. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
