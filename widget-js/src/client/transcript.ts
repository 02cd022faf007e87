// One conversation as this reader holds it: records without a hole, marks, and who types.
// The rule: next number after my tail → apply; lower, or equal with my tail → drop; anything else → fetch.

import type {
  Author,
  Body,
  ConversationId,
  Event,
  MessageId,
  Party,
  Position,
  Record,
  Records,
  Stream,
} from '../protocol/frames.ts';
import { TYPING_MS } from '../protocol/limits.ts';
import { type Moment, sooner } from './moment.ts';

/** Longest wait for a page before it is asked for again: twice the resend of a command. */
const FETCH_MS_MAX = 10_000;
/** Pause after a page that brought nothing, or a refused fetch that names no pause of its own. */
const FETCH_PAUSE_MS = 1_000;

export interface Transcript {
  conversation: ConversationId;
  position: Position;
  /** In order and without a hole, up to `position`. */
  records: readonly Record[];
  /** The highest position the gateway told of. */
  head: Position;
  /** The page in flight, or the pause before the next one. */
  fetch: null | { after: Position; asked: boolean; until: number };
  /** Whether the records are known to reach the head. */
  complete: boolean;
  /** Read up to, in this reader's numbering. */
  read: { visitor: number; agent: number };
  typing: readonly TypingNow[];
}

export interface TypingNow {
  who: Party;
  stream: Stream;
  until: number;
}

export type TranscriptEffect =
  | { kind: 'fetch'; conversation: ConversationId; after: Position }
  /** Records were added; `live` where they came by event or ok, and are news to the reader. */
  | { kind: 'added'; conversation: ConversationId; records: readonly Record[]; live: boolean }
  | { kind: 'forgotten'; conversation: ConversationId }
  /** The records reach the head: whoever waited for that may look now. */
  | { kind: 'complete'; conversation: ConversationId };

type Step = [Transcript, TranscriptEffect[]];

const BEGINNING: Position = { number: 0, tail: 0 };

export function newTranscript(conversation: ConversationId): Transcript {
  return {
    conversation,
    position: BEGINNING,
    records: [],
    head: BEGINNING,
    fetch: null,
    complete: false,
    read: { visitor: 0, agent: 0 },
    typing: [],
  };
}

/** What storage keeps of a transcript. */
export interface KeptTranscript {
  conversation: ConversationId;
  records: readonly Record[];
  read: { visitor: number; agent: number };
}

export function keep({ conversation, records, read }: Transcript): KeptTranscript {
  return { conversation, records, read };
}

export function restore({ conversation, records, read }: KeptTranscript): Transcript {
  const last = records.at(-1);
  const position = last === undefined ? BEGINNING : { number: last.number, tail: last.tail };
  return { ...newTranscript(conversation), records, position, head: position, read };
}

/** A record that was just made. */
export function handleEvent(state: Transcript, { before, record }: Event, moment: Moment): Step {
  const { position } = state;
  if (record.number === position.number + 1 && before === position.tail) {
    const [next, effects] = append(state, [record], true);
    return [quiet(next, record), effects];
  }
  if (record.number < position.number || isAt(position, record)) return [state, []];
  return fetch(raiseHead(state, record), moment);
}

/** Where the gateway says the conversation stands. */
export function handleHead(state: Transcript, head: Position, moment: Moment): Step {
  if (isAt(state.position, head)) {
    const next = { ...state, head, complete: true };
    return [next, [{ kind: 'complete', conversation: state.conversation }]];
  }
  return fetch({ ...state, head }, moment);
}

/** A page, the answer to the fetch in flight. */
export function handleRecords(state: Transcript, page: Records, moment: Moment): Step {
  if (state.fetch === null || !state.fetch.asked) return [state, []];
  const landed: Transcript = { ...state, fetch: null, head: furthest(state.head, page.head.position) };
  if (page.resync) return restart({ ...landed, head: page.head.position }, moment);
  const [next, effects] = take(landed, page.records);
  if (next.position.number >= next.head.number) {
    const done = { ...next, complete: true };
    return [done, [...effects, { kind: 'complete', conversation: state.conversation }]];
  }
  const isStuck = next.position.number === state.position.number;
  const [asking, asked] = isStuck ? pause(next, FETCH_PAUSE_MS, moment) : fetch(next, moment);
  return [asking, [...effects, ...asked]];
}

/** The fetch in flight was refused. */
export function handleFetchRefused(state: Transcript, after_ms: number | undefined, moment: Moment): Step {
  return state.fetch?.asked ? pause(state, after_ms ?? FETCH_PAUSE_MS, moment) : [state, []];
}

/** Forgets what is held and reads from the beginning: another history, or ids to look for. */
export function restart(state: Transcript, moment: Moment): Step {
  const empty = { ...state, position: BEGINNING, records: [], fetch: null, complete: false };
  const [next, effects] = fetch(empty, moment);
  return [next, [{ kind: 'forgotten', conversation: state.conversation }, ...effects]];
}

/** The socket is gone, and the page in flight with it. */
export function handleLost(state: Transcript): Transcript {
  return { ...state, fetch: null, complete: false, typing: [] };
}

/** Read marks are state: the highest wins. */
export function handleRead(state: Transcript, who: Party, number: number): Transcript {
  const side = who === 'visitor' ? 'visitor' : 'agent';
  return number > state.read[side] ? { ...state, read: { ...state.read, [side]: number } } : state;
}

export function handleTyping(state: Transcript, who: Party, stream: Stream, moment: Moment): Transcript {
  const others = state.typing.filter(now => keyOf(now) !== keyOf({ who, stream }));
  return { ...state, typing: [...others, { who, stream, until: moment.now + TYPING_MS }] };
}

export function handleTick(state: Transcript, moment: Moment): Step {
  const typing = state.typing.filter(now => now.until > moment.now);
  const next = typing.length < state.typing.length ? { ...state, typing } : state;
  if (next.fetch === null || moment.now < next.fetch.until) return [next, []];
  return fetch({ ...next, fetch: null }, moment);
}

/** When the transcript wants its next tick. */
export function transcriptDeadline(state: Transcript): number | null {
  return state.typing.reduce<number | null>(
    (deadline, now) => sooner(deadline, now.until),
    state.fetch?.until ?? null,
  );
}

/** A message as it stands now: edits applied, withdrawn ones without a body. */
export interface Message {
  number: number;
  id: MessageId;
  at: number;
  by: Author;
  body: Body | null;
  edited: boolean;
  stream: Stream;
}

/** Messages and notes of a transcript, in order. */
export function messagesOf(records: readonly Record[]): Message[] {
  const messages = new Map<MessageId, Message>();
  for (const { number, id, at, what } of records) {
    if ('said' in what) messages.set(id, { number, id, at, ...what.said, edited: false, stream: 'public' });
    if ('noted' in what) messages.set(id, { number, id, at, ...what.noted, edited: false, stream: 'note' });
    if ('edited' in what) change(messages, what.edited.message, { body: what.edited.body, edited: true });
    if ('deleted' in what) change(messages, what.deleted.message, { body: null });
  }
  return [...messages.values()];
}

function change(messages: Map<MessageId, Message>, id: MessageId, part: Partial<Message>): void {
  const message = messages.get(id);
  if (message !== undefined) messages.set(id, { ...message, ...part });
}

function isAt(position: Position, other: Position): boolean {
  return position.number === other.number && position.tail === other.tail;
}

function furthest(a: Position, b: Position): Position {
  return a.number > b.number ? a : b;
}

function raiseHead(state: Transcript, { number, tail }: Position): Transcript {
  return { ...state, head: furthest(state.head, { number, tail }), complete: false };
}

/** One page in flight; a second need is met when the first has landed. */
function fetch(state: Transcript, moment: Moment): Step {
  const { conversation, position } = state;
  if (state.fetch !== null) return [{ ...state, complete: false }, []];
  return [
    {
      ...state,
      complete: false,
      fetch: { after: position, asked: true, until: moment.now + FETCH_MS_MAX },
    },
    [{ kind: 'fetch', conversation, after: position }],
  ];
}

function pause(state: Transcript, ms: number, moment: Moment): Step {
  return [{ ...state, fetch: { after: state.position, asked: false, until: moment.now + ms } }, []];
}

/** Takes what a page adds: what came meanwhile by event is passed over. */
function take(state: Transcript, records: readonly Record[]): Step {
  const fresh = records.filter(record => record.number > state.position.number);
  const isDense = fresh.every((record, index) => record.number === state.position.number + 1 + index);
  return isDense && fresh.length > 0 ? append(state, fresh, false) : [state, []];
}

function append(state: Transcript, records: readonly Record[], live: boolean): Step {
  const last = records.at(-1);
  if (last === undefined) return [state, []];
  const position = { number: last.number, tail: last.tail };
  return [
    { ...state, position, head: furthest(state.head, position), records: [...state.records, ...records] },
    [{ kind: 'added', conversation: state.conversation, records, live }],
  ];
}

/** Whoever has written no longer types; when a chat ends, nobody does. */
function quiet(state: Transcript, { what }: Record): Transcript {
  if ('closed' in what) return { ...state, typing: [] };
  const said = 'said' in what ? what.said : 'noted' in what ? what.noted : null;
  if (said === null || said.by === 'system') return state;
  const stream = 'said' in what ? 'public' : 'note';
  const gone = keyOf({ who: said.by, stream });
  return { ...state, typing: state.typing.filter(now => keyOf(now) !== gone) };
}

function keyOf({ who, stream }: { who: Party; stream: Stream }): string {
  return `${stream} ${who === 'visitor' ? '' : who.agent.id}`;
}
