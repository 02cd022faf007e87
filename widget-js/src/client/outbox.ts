// Durable commands on their way: numbered, kept, sent one at a time a lane, and sent again until answered.
// It knows nothing of sockets; `client.ts` says when one is ready, and carries out what it returns.

import type { Action, Code, CommandId, ConversationId, OutboxId, Refusal } from '../protocol/frames.ts';
import { RECONNECT_BASE_MS, RECONNECT_MS_MAX, RESEND_MS } from '../protocol/limits.ts';
import { jitter, type Moment, sooner } from './moment.ts';

/** Lanes that a queue remembers: more conversations than a tab has open. */
const LANES_MAX = 64;

/** A command and how far it has come. */
export interface Item {
  id: CommandId;
  /** The lane; absent for an agent's own status, accepting and capacity. */
  conversation?: ConversationId;
  action: Action;
  /** Unix milliseconds at which it was given, for display. */
  at: number;
  /** Why it was refused for good. Absent: on its way. */
  failed?: Code | 'too_big';
}

/** The commands of one tab. It is what storage keeps, and what a Web Lock guards. */
export interface Queue {
  id: string;
  /** For each lane ('' is the lane none) the outbox its commands go by, and the next ordinal. */
  lanes: Readonly<{ [lane: string]: { outbox: OutboxId; next: number } }>;
  items: readonly Item[];
}

/** How the first unanswered command of a lane stands with the present socket. */
interface Flight {
  /** Whether it went out on this socket and is unanswered. */
  sent: boolean;
  /** Earliest next send. */
  until: number;
  tries: number;
}

export interface Outbox {
  /** The first takes new commands; the others are adopted and empty themselves. */
  queues: readonly Queue[];
  /** By queue and lane. */
  flights: ReadonlyMap<string, Flight>;
  /** Lanes of queues that wait for their transcript, to look for their own command ids. */
  healing: ReadonlyMap<string, { queue: string; conversation: ConversationId }>;
}

export type OutboxEffect =
  | { kind: 'save_queue'; queue: Queue }
  | { kind: 'forget_queue'; queue: string }
  | { kind: 'send_item'; item: Item }
  | { kind: 'heal'; conversation: ConversationId }
  | { kind: 'moved'; from: ConversationId; to: ConversationId }
  | { kind: 'failed'; item: Item };

type Step = [Outbox, OutboxEffect[]];

export function newOutbox(): Outbox {
  return { queues: [], flights: new Map(), healing: new Map() };
}

export function newQueue(id: string): Queue {
  return { id, lanes: {}, items: [] };
}

/** Takes over a queue that storage kept, or a fresh one. The first becomes the one for new commands. */
export function adopt(state: Outbox, queue: Queue): Step {
  if (state.queues.some(own => own.id === queue.id)) return [state, []];
  const isSpent = state.queues.length > 0 && queue.items.length === 0;
  if (isSpent) return [state, [{ kind: 'forget_queue', queue: queue.id }]];
  return [{ ...state, queues: [...state.queues, queue] }, [{ kind: 'save_queue', queue }]];
}

/** Gives a command its ordinal and keeps it. Sending is left to `pump`, which comes after the save. */
export function enqueue(
  state: Outbox,
  conversation: ConversationId | undefined,
  action: Action,
  moment: Moment,
): Step {
  const queue = state.queues[0] ?? newQueue(moment.id());
  return put(state, append(queue, conversation, action, moment.wall, moment));
}

/** Sends what may be sent: the first unanswered command of each lane of a queue, if it is not out already. */
export function pump(state: Outbox, moment: Moment): Step {
  const flights = new Map(state.flights);
  const effects: OutboxEffect[] = [];
  for (const queue of state.queues) {
    for (const item of heads(queue)) {
      const key = keyOf(queue, item.conversation);
      const flight = flights.get(key);
      if (state.healing.has(key) || (flight !== undefined && moment.now < flight.until)) continue;
      flights.set(key, {
        sent: true,
        until: moment.now + RESEND_MS,
        tries: flight?.tries ?? 0,
      });
      effects.push({ kind: 'send_item', item });
    }
  }
  return effects.length > 0 ? [{ ...state, flights }, effects] : [state, effects];
}

/** The socket is gone: what is unanswered goes out again on the next one, save what was told to wait. */
export function unsend(state: Outbox): Outbox {
  return { ...state, flights: new Map([...state.flights].filter(([, flight]) => !flight.sent)) };
}

/** When `pump` has something to do again. */
export function outboxDeadline(state: Outbox): number | null {
  let deadline: number | null = null;
  for (const [key, flight] of state.flights) {
    if (!state.healing.has(key)) deadline = sooner(deadline, flight.until);
  }
  return deadline;
}

/** The command is durable: it leaves its queue. `null` where no queue holds it. */
export function settle(
  state: Outbox,
  id: CommandId,
  conversation: ConversationId | undefined,
): [Outbox, OutboxEffect[], Item | null] {
  const found = find(state, id, item => item.conversation === conversation);
  if (found === null) return [state, [], null];
  const { queue, item } = found;
  return [...put(land(state, queue, item), without(queue, item)), item];
}

/** The command was refused. */
export function refuse(state: Outbox, refusal: Refusal, moment: Moment): Step {
  const { code } = refusal;
  const found = find(
    state,
    refusal.command,
    item =>
      item.failed === undefined &&
      (code === 'already_open' ? 'open' in item.action : item.conversation === refusal.conversation),
  );
  if (found === null) return [state, []];
  const { queue, item } = found;
  const { conversation } = item;
  if (refusal.retryable) return [later(state, queue, item, refusal.retry_after_ms ?? 0, moment), []];
  if (code === 'conflict' || code === 'out_of_order') {
    if (conversation === undefined) return put(land(state, queue, item), renumber(queue, undefined, moment));
    const key = keyOf(queue, conversation);
    const healing = new Map(state.healing).set(key, { queue: queue.id, conversation });
    return [{ ...land(state, queue, item), healing }, [{ kind: 'heal', conversation }]];
  }
  if (code === 'already_open' && conversation !== undefined && refusal.conversation !== undefined) {
    return move(land(state, queue, item), queue, conversation, refusal.conversation, moment);
  }
  return fail(state, queue, item, code, moment);
}

/** The gateway closed with 1009: the largest command that was out cannot be sent, however often it is tried. */
export function refuseTooBig(state: Outbox, moment: Moment): Step {
  const out = state.queues
    .flatMap(queue => heads(queue).map(item => ({ queue, item, size: JSON.stringify(item.action).length })))
    .filter(({ queue, item }) => state.flights.get(keyOf(queue, item.conversation))?.sent)
    .sort((a, b) => b.size - a.size)[0];
  return out === undefined ? [state, []] : fail(state, out.queue, out.item, 'too_big', moment);
}

/** Gives a failed command a new ordinal at the end of its lane. */
export function resend(
  state: Outbox,
  id: CommandId,
  conversation: ConversationId | undefined,
  moment: Moment,
): Step {
  const found = find(state, id, item => item.conversation === conversation && item.failed !== undefined);
  if (found === null) return [state, []];
  const { queue, item } = found;
  return put(state, append(without(queue, item), conversation, item.action, moment.wall, moment));
}

/** Forgets a failed command. */
export function discard(state: Outbox, id: CommandId, conversation: ConversationId | undefined): Step {
  const found = find(state, id, item => item.conversation === conversation && item.failed !== undefined);
  return found === null ? [state, []] : put(state, without(found.queue, found.item));
}

/**
 * The transcript is complete up to its head: what stands in it is done, and what is missing goes out again
 * under a new outbox, in the old order.
 */
export function heal(
  state: Outbox,
  conversation: ConversationId,
  stands: (item: Item) => boolean,
  moment: Moment,
): Step {
  let next = state;
  const effects: OutboxEffect[] = [];
  for (const [key, lane] of state.healing) {
    if (lane.conversation !== conversation) continue;
    const healing = new Map(next.healing);
    healing.delete(key);
    next = { ...next, healing };
    const queue = next.queues.find(queue => queue.id === lane.queue);
    if (queue === undefined) continue;
    const items = queue.items.filter(
      item => item.conversation !== conversation || item.failed !== undefined || !stands(item),
    );
    const [put_state, saved] = put(next, renumber({ ...queue, items }, conversation, moment));
    next = put_state;
    effects.push(...saved);
  }
  return [next, effects];
}

/** Every command of a lane, in order, those that failed among them. */
export function itemsOf(state: Outbox, conversation: ConversationId | undefined): Item[] {
  return state.queues.flatMap(queue => queue.items.filter(item => item.conversation === conversation));
}

/** Forgets every command of a lane: its conversation is gone. */
export function dropLane(state: Outbox, conversation: ConversationId): Step {
  let next = state;
  const effects: OutboxEffect[] = [];
  for (const queue of state.queues) {
    const items = queue.items.filter(item => item.conversation !== conversation);
    if (items.length === queue.items.length) continue;
    const flights = new Map(next.flights);
    flights.delete(keyOf(queue, conversation));
    const [put_state, saved] = put({ ...next, flights }, { ...queue, items });
    next = put_state;
    effects.push(...saved);
  }
  return [next, effects];
}

function find(
  state: Outbox,
  id: CommandId | undefined,
  fits: (item: Item) => boolean,
): { queue: Queue; item: Item } | null {
  for (const queue of state.queues) {
    const item = queue.items.find(
      item => item.id.outbox === id?.outbox && item.id.ordinal === id.ordinal && fits(item),
    );
    if (item !== undefined) return { queue, item };
  }
  return null;
}

/** The first command of each lane that is neither answered nor failed. */
function heads(queue: Queue): Item[] {
  const lanes = new Set<string>();
  return queue.items.filter(item => {
    const lane = item.conversation ?? '';
    if (item.failed !== undefined || lanes.has(lane)) return false;
    lanes.add(lane);
    return true;
  });
}

function keyOf(queue: Queue, conversation: ConversationId | undefined): string {
  return `${queue.id} ${conversation ?? ''}`;
}

function append(
  queue: Queue,
  conversation: ConversationId | undefined,
  action: Action,
  at: number,
  moment: Moment,
): Queue {
  const name = conversation ?? '';
  const lane = queue.lanes[name] ?? { outbox: moment.id(), next: 1 };
  const id = { outbox: lane.outbox, ordinal: lane.next };
  const item: Item = { id, ...(conversation !== undefined && { conversation }), action, at };
  return {
    ...queue,
    lanes: { ...queue.lanes, [name]: { ...lane, next: lane.next + 1 } },
    items: [...queue.items, item],
  };
}

function without(queue: Queue, item: Item): Queue {
  return { ...queue, items: queue.items.filter(other => other !== item) };
}

/** Puts a changed queue in its place and keeps it. An adopted one that is empty has served. */
function put(state: Outbox, changed: Queue): Step {
  const queue = prune(changed);
  const index = state.queues.findIndex(own => own.id === queue.id);
  if (index > 0 && queue.items.length === 0) {
    const queues = state.queues.filter(own => own.id !== queue.id);
    return [{ ...state, queues }, [{ kind: 'forget_queue', queue: queue.id }]];
  }
  const queues =
    index < 0 ? [...state.queues, queue] : state.queues.map(own => (own.id === queue.id ? queue : own));
  return [{ ...state, queues }, [{ kind: 'save_queue', queue }]];
}

/** Forgets the oldest idle lanes. One that comes back gets a new outbox, so no ordinal is given twice. */
function prune(queue: Queue): Queue {
  const names = Object.keys(queue.lanes);
  if (names.length <= LANES_MAX) return queue;
  const busy = new Set(queue.items.map(item => item.conversation ?? ''));
  const surplus = new Set(names.filter(name => !busy.has(name)).slice(0, names.length - LANES_MAX));
  const lanes = Object.fromEntries(Object.entries(queue.lanes).filter(([name]) => !surplus.has(name)));
  return { ...queue, lanes };
}

/** The command is answered: its lane is free for the next one. */
function land(state: Outbox, queue: Queue, item: Item): Outbox {
  const flights = new Map(state.flights);
  flights.delete(keyOf(queue, item.conversation));
  return { ...state, flights };
}

/** A retryable refusal settles nothing: the same command, later. */
function later(state: Outbox, queue: Queue, item: Item, after_ms: number, moment: Moment): Outbox {
  const key = keyOf(queue, item.conversation);
  const tries = (state.flights.get(key)?.tries ?? 0) + 1;
  const pause = Math.max(after_ms, jitter(moment.chance, tries, RECONNECT_BASE_MS, RECONNECT_MS_MAX));
  const flight = { sent: false, until: moment.now + pause, tries };
  return { ...state, flights: new Map(state.flights).set(key, flight) };
}

/** Refusals after which the desk's row may or may not hold the ordinal: the lane goes on under a new outbox. */
const ROWLESS: ReadonlySet<string> = new Set([
  'bad_json',
  'bad_frame',
  'unknown_type',
  'bad_text',
  'bad_value',
  'not_found',
  'too_big',
  'unknown',
]);

function fail(state: Outbox, queue: Queue, item: Item, failed: Code | 'too_big', moment: Moment): Step {
  const refused: Item = { ...item, failed };
  const items = queue.items.map(other => (other === item ? refused : other));
  const marked = { ...queue, items };
  const after = ROWLESS.has(failed) ? renumber(marked, item.conversation, moment) : marked;
  const [next, effects] = put(land(state, queue, item), after);
  return [next, [...effects, { kind: 'failed', item: refused }]];
}

/** Gives a lane a new outbox and what waits in it new ordinals. Nothing of it may be unanswered then. */
function renumber(queue: Queue, conversation: ConversationId | undefined, moment: Moment): Queue {
  const waits = queue.items.filter(item => item.conversation === conversation && item.failed === undefined);
  const fresh: Queue = {
    ...queue,
    lanes: { ...queue.lanes, [conversation ?? '']: { outbox: moment.id(), next: 1 } },
    items: queue.items.filter(item => !waits.includes(item)),
  };
  return waits.reduce((queue, item) => append(queue, conversation, item.action, item.at, moment), fresh);
}

/** The visitor has another open conversation: what waits here goes there, under its next ordinals. */
function move(state: Outbox, queue: Queue, from: ConversationId, to: ConversationId, moment: Moment): Step {
  const rest: Queue = { ...queue, items: queue.items.filter(item => item.conversation !== from) };
  const moved = queue.items
    .filter(item => item.conversation === from)
    .reduce((queue, item) => {
      const action = moveable(item.action);
      return action === null ? queue : append(queue, to, action, item.at, moment);
    }, rest);
  const [next, effects] = put(state, moved);
  return [next, [...effects, { kind: 'moved', from, to }]];
}

/** An `open` moves as what it would have said first; the rest as it is. */
function moveable(action: Action): Action | null {
  if (!('open' in action)) return action;
  return action.open.body === undefined ? null : { say: { body: action.open.body } };
}
