// The client as one pure machine: a connection, an outbox, and the transcripts of the followed conversations.
// Panel and console drive it through `shell.ts`, the only file that does I/O.

import { kindOf, nodesOf, textOf } from '../protocol/decode.ts';
import type {
  Action,
  AgentState,
  Author,
  CommandId,
  ConversationId,
  Down,
  FollowFrom,
  Outcome,
  Page,
  Position,
  Ready,
  Refusal,
  SessionId,
  Stream,
  Up,
} from '../protocol/frames.ts';
import { FOLLOWS_MAX, PROTOCOL, RECONNECT_BASE_MS, TYPING_EVERY_MS_MIN } from '../protocol/limits.ts';
import {
  type Connection,
  type ConnectionInput,
  connectionDeadline,
  newConnection,
  stepConnection,
} from './connection.ts';
import { type Moment, sooner } from './moment.ts';
import * as outbox from './outbox.ts';
import * as transcript from './transcript.ts';

/** What signs a socket in: a visitor's token (none on the first visit) or an agent's ticket. */
export type Credential = { token?: string; ticket?: string };

export interface ClientState {
  site: string;
  session: SessionId;
  page?: Page;
  connection: Connection;
  outbox: outbox.Outbox;
  transcripts: ReadonlyMap<ConversationId, transcript.Transcript>;
  /** The last `ready`, kept while reconnecting. */
  ready: Ready | null;
  typed_at: number;
  /** Read marks that wait for a socket. */
  reads_due: ReadonlyMap<ConversationId, number>;
  /** When what is followed is said again: something that the refusal did not name was too much. */
  follows_due: number | null;
}

export type ClientInput =
  | Exclude<ConnectionInput, { kind: 'opened' } | { kind: 'heard' } | { kind: 'ready' }>
  | { kind: 'opened'; credential: Credential }
  | { kind: 'frame'; frame: Down }
  /** A durable command; without a conversation for an agent's own status, accepting and capacity. */
  | { kind: 'command'; conversation?: ConversationId; action: Action }
  | { kind: 'resend'; id: CommandId; conversation?: ConversationId }
  | { kind: 'discard'; id: CommandId; conversation?: ConversationId }
  | { kind: 'follow'; conversation: ConversationId; kept?: transcript.KeptTranscript }
  | { kind: 'unfollow'; conversation: ConversationId }
  | { kind: 'typing'; conversation: ConversationId; stream: Stream }
  | { kind: 'read'; conversation: ConversationId; number: number }
  | { kind: 'page'; page: Page }
  /** A frame that needs no answer; dropped unless a socket is ready. Ask again on the news `ready`. */
  | { kind: 'ask'; frame: Up }
  /** A queue of this tab's, or of one that is gone. */
  | { kind: 'adopt'; queue: outbox.Queue };

/** What the app is told, beside the state. */
export type News =
  | { kind: 'ready'; ready: Ready }
  | { kind: 'frame'; frame: Down }
  | { kind: 'settled'; item: outbox.Item; outcome: Outcome }
  | Extract<outbox.OutboxEffect, { kind: 'failed' | 'moved' }>
  | Extract<transcript.TranscriptEffect, { kind: 'added' | 'forgotten' | 'complete' }>
  /** The conversation cannot be followed: erased, or not this principal's. What waited in it is handed back. */
  | { kind: 'gone'; conversation: ConversationId; dropped: readonly outbox.Item[] }
  /** The visitor was erased; everything kept is forgotten. */
  | { kind: 'wiped' };

export type ClientEffect =
  | { kind: 'connect'; generation: number; renew: boolean }
  | { kind: 'disconnect' }
  | { kind: 'reload' }
  | { kind: 'wipe' }
  | { kind: 'send'; frame: Up }
  | Extract<outbox.OutboxEffect, { kind: 'save_queue' | 'forget_queue' }>
  | { kind: 'save_transcript'; kept: transcript.KeptTranscript }
  | { kind: 'forget_transcript'; conversation: ConversationId }
  | { kind: 'token'; token: string }
  | { kind: 'tell'; news: News };

export function newClient(site: string, session: SessionId, reloaded = false): ClientState {
  return {
    site,
    session,
    connection: newConnection(reloaded),
    outbox: outbox.newOutbox(),
    transcripts: new Map(),
    ready: null,
    typed_at: Number.NEGATIVE_INFINITY,
    reads_due: new Map(),
    follows_due: null,
  };
}

/** The one transition of the client. */
export function stepClient(
  state: ClientState,
  input: ClientInput,
  moment: Moment,
): [ClientState, ClientEffect[]] {
  const draft = new Draft(state, moment);
  draft.handle(input);
  if (draft.isReady) draft.outbox(outbox.pump(draft.state.outbox, moment));
  return [draft.state, draft.effects];
}

/** When the client wants its next `tick`. */
export function clientDeadline(state: ClientState): number | null {
  let deadline = connectionDeadline(state.connection);
  if (state.connection.phase.kind === 'ready')
    deadline = sooner(deadline, sooner(outbox.outboxDeadline(state.outbox), state.follows_due));
  for (const each of state.transcripts.values()) {
    deadline = sooner(deadline, transcript.transcriptDeadline(each));
  }
  return deadline;
}

/** One transition in the making: the state so far, and what follows from it. */
class Draft {
  readonly effects: ClientEffect[] = [];
  constructor(
    public state: ClientState,
    private readonly moment: Moment,
  ) {}

  get isReady(): boolean {
    return this.state.connection.phase.kind === 'ready';
  }

  handle(input: ClientInput): void {
    const { state, moment } = this;
    switch (input.kind) {
      case 'start':
      case 'online':
      case 'retry':
      case 'pause':
        return this.connection(input);
      case 'tick':
        this.connection(input);
        for (const each of this.state.transcripts.values())
          this.transcript(transcript.handleTick(each, moment));
        return this.followAgain();
      case 'closed':
        if (input.code === 1009) this.outbox(outbox.refuseTooBig(state.outbox, moment));
        return this.connection(input);
      case 'opened':
        return this.connection(input, input.credential);
      case 'frame':
        this.connection({ kind: 'heard' });
        return this.frame(input.frame);
      case 'command':
        return this.command(input.conversation, input.action);
      case 'resend':
        return this.outbox(outbox.resend(state.outbox, input.id, input.conversation, moment));
      case 'discard':
        return this.outbox(outbox.discard(state.outbox, input.id, input.conversation));
      case 'follow':
        return this.follow(input.conversation, input.kept);
      case 'unfollow':
        return this.unfollow(input.conversation);
      case 'typing':
        return this.typing(input.conversation, input.stream);
      case 'read':
        return this.read(input.conversation, input.number);
      case 'page':
        this.state = { ...state, page: input.page };
        return this.send({ page: input.page });
      case 'ask':
        return this.send(input.frame);
      case 'adopt':
        return this.outbox(outbox.adopt(state.outbox, input.queue));
    }
  }

  outbox([next, effects]: [outbox.Outbox, outbox.OutboxEffect[]]): void {
    this.state = { ...this.state, outbox: next };
    for (const effect of effects) {
      switch (effect.kind) {
        case 'save_queue':
        case 'forget_queue':
          this.effects.push(effect);
          break;
        case 'send_item':
          this.send(commandFrame(effect.item));
          break;
        case 'heal':
          this.heal(effect.conversation);
          break;
        case 'moved':
          this.unfollow(effect.from);
          this.follow(effect.to);
          this.tell(effect);
          break;
        case 'failed':
          this.tell(effect);
          break;
      }
    }
  }

  private connection(input: ConnectionInput, credential?: Credential): void {
    const [connection, effects] = stepConnection(this.state.connection, input, this.moment);
    this.state = { ...this.state, connection };
    for (const effect of effects) {
      switch (effect.kind) {
        case 'greet':
          this.effects.push({ kind: 'send', frame: { hello: this.hello(credential ?? {}) } });
          break;
        case 'lost':
          this.lost();
          break;
        case 'wipe':
          this.wipe();
          break;
        case 'connect':
        case 'disconnect':
        case 'reload':
          this.effects.push(effect);
          break;
      }
    }
  }

  private transcript([next, effects]: [transcript.Transcript, transcript.TranscriptEffect[]]): void {
    const transcripts = new Map(this.state.transcripts).set(next.conversation, next);
    this.state = { ...this.state, transcripts };
    for (const effect of effects) {
      switch (effect.kind) {
        case 'fetch':
          this.send({ fetch: { conversation: effect.conversation, after: effect.after } });
          break;
        case 'added':
          this.effects.push({ kind: 'save_transcript', kept: transcript.keep(next) });
          this.tell(effect);
          break;
        case 'forgotten':
          this.tell(effect);
          break;
        case 'complete':
          this.complete(next);
          this.tell(effect);
          break;
      }
    }
  }

  private frame(frame: Down): void {
    const { moment } = this;
    if ('ping' in frame) return this.send({ pong: {} });
    if ('ready' in frame) return this.ready(frame.ready);
    if ('ok' in frame) return this.ok(frame.ok);
    if ('no' in frame) return this.no(frame.no);
    if ('heads' in frame) {
      for (const { conversation, position } of frame.heads.heads) this.head(conversation, position);
      return;
    }
    if ('event' in frame) {
      const held = this.state.transcripts.get(frame.event.conversation);
      if (held !== undefined) this.transcript(transcript.handleEvent(held, frame.event, moment));
    } else if ('records' in frame) {
      const held = this.state.transcripts.get(frame.records.head.conversation);
      if (held !== undefined) this.transcript(transcript.handleRecords(held, frame.records, moment));
    } else if ('typing' in frame) {
      const { conversation, who, stream } = frame.typing;
      const held = this.state.transcripts.get(conversation);
      if (held !== undefined) this.transcript([transcript.handleTyping(held, who, stream, moment), []]);
    } else if ('read' in frame) {
      const { conversation, who, number } = frame.read;
      const held = this.state.transcripts.get(conversation);
      if (held !== undefined) this.transcript([transcript.handleRead(held, who, number), []]);
    }
    this.tell({ kind: 'frame', frame });
  }

  private ready(ready: Ready): void {
    this.connection({ kind: 'ready', silence_ms_max: ready.limits.silence_ms_max });
    if (!this.isReady) return;
    this.state = { ...this.state, ready };
    if (ready.visitor?.token !== undefined) this.effects.push({ kind: 'token', token: ready.visitor.token });
    const heads = new Map(ready.heads?.map(head => [head.conversation, head.position]));
    const named = new Set(this.follows().map(from => from.conversation));
    for (const conversation of named) {
      const position = heads.get(conversation);
      if (position !== undefined) this.head(conversation, position);
      else this.gone(conversation);
    }
    for (const [conversation, number] of this.state.reads_due) this.send({ read: { conversation, number } });
    this.state = { ...this.state, reads_due: new Map() };
    this.tell({ kind: 'ready', ready });
  }

  private head(conversation: ConversationId, position: Position): void {
    const held = this.state.transcripts.get(conversation);
    if (held !== undefined) this.transcript(transcript.handleHead(held, position, this.moment));
  }

  private ok(outcome: Outcome): void {
    const [next, effects, item] = outbox.settle(this.state.outbox, outcome.command, outcome.conversation);
    this.outbox([next, effects]);
    if (item === null) return;
    const { conversation } = item;
    if (conversation !== undefined) this.stands(item, conversation, outcome);
    this.tell({ kind: 'settled', item, outcome });
  }

  /** For `say` and `note` the ok stands in place of the event; an `open` is followed from now on. */
  private stands({ id, action }: outbox.Item, conversation: ConversationId, { made, at }: Outcome): void {
    if ('open' in action) return this.follow(conversation);
    const held = this.state.transcripts.get(conversation);
    const said = 'say' in action ? action.say : 'note' in action ? action.note : null;
    if (held === undefined || made === undefined || said === null) return;
    const what = { by: this.me(), body: nodesOf(said.body) };
    const record = {
      number: made.number,
      tail: made.tail,
      id: made.message,
      at,
      command: id,
      what: 'say' in action ? { said: what } : { noted: what },
    };
    this.transcript(transcript.handleEvent(held, { conversation, before: made.before, record }, this.moment));
  }

  private no(refusal: Refusal): void {
    const { moment } = this;
    if (refusal.command !== undefined) {
      return this.outbox(outbox.refuse(this.state.outbox, refusal, moment));
    }
    const { conversation, code } = refusal;
    if (conversation === undefined && refusal.retryable) {
      this.state = { ...this.state, follows_due: moment.now + (refusal.retry_after_ms ?? RECONNECT_BASE_MS) };
    }
    if (conversation !== undefined && (code === 'not_found' || code === 'forbidden')) {
      return this.gone(conversation);
    }
    for (const held of this.state.transcripts.values()) {
      if (conversation !== undefined && held.conversation !== conversation) continue;
      this.transcript(transcript.handleFetchRefused(held, refusal.retry_after_ms, moment));
    }
  }

  private command(conversation: ConversationId | undefined, action: Action): void {
    if (conversation !== undefined && !this.state.transcripts.has(conversation)) {
      this.transcript([transcript.newTranscript(conversation), []]);
    }
    this.outbox(outbox.enqueue(this.state.outbox, conversation, action, this.moment));
  }

  private follow(conversation: ConversationId, kept?: transcript.KeptTranscript): void {
    const held =
      this.state.transcripts.get(conversation) ??
      (kept === undefined ? transcript.newTranscript(conversation) : transcript.restore(kept));
    this.transcript([held, []]);
    if (!this.isUnopened(conversation)) {
      this.send({ follow: { follows: [{ conversation, position: held.position }] } });
    }
  }

  private followAgain(): void {
    const { follows_due } = this.state;
    if (follows_due === null || this.moment.now < follows_due) return;
    this.state = { ...this.state, follows_due: null };
    const follows = this.follows();
    if (follows.length > 0) this.send({ follow: { follows } });
  }

  private unfollow(conversation: ConversationId): void {
    const transcripts = new Map(this.state.transcripts);
    if (!transcripts.delete(conversation)) return;
    this.state = { ...this.state, transcripts };
    this.effects.push({ kind: 'forget_transcript', conversation });
    this.send({ unfollow: { conversation } });
  }

  private gone(conversation: ConversationId): void {
    const transcripts = new Map(this.state.transcripts);
    if (!transcripts.delete(conversation)) return;
    this.state = { ...this.state, transcripts };
    this.effects.push({ kind: 'forget_transcript', conversation });
    const dropped = outbox.itemsOf(this.state.outbox, conversation);
    this.outbox(outbox.dropLane(this.state.outbox, conversation));
    this.tell({ kind: 'gone', conversation, dropped });
  }

  /** Nobody reads yet what is not open, and the gateway would say that it is not there. */
  private typing(conversation: ConversationId, stream: Stream): void {
    if (!this.isReady || this.moment.now - this.state.typed_at < TYPING_EVERY_MS_MIN) return;
    if (this.isUnopened(conversation)) return;
    this.state = { ...this.state, typed_at: this.moment.now };
    this.send({ typing: { conversation, stream } });
  }

  private read(conversation: ConversationId, number: number): void {
    const held = this.state.transcripts.get(conversation);
    if (held === undefined) return;
    const next = transcript.handleRead(held, partyOf(this.me()), number);
    if (next === held) return;
    this.transcript([next, []]);
    this.effects.push({ kind: 'save_transcript', kept: transcript.keep(next) });
    if (this.isReady) return this.send({ read: { conversation, number } });
    this.state = { ...this.state, reads_due: new Map(this.state.reads_due).set(conversation, number) };
  }

  /** A final refusal says that the two histories differ: read this one from the beginning, then look. */
  private heal(conversation: ConversationId): void {
    const held = this.state.transcripts.get(conversation) ?? transcript.newTranscript(conversation);
    this.transcript(transcript.restart(held, this.moment));
  }

  private complete({ conversation, records }: transcript.Transcript): void {
    const stands = (item: outbox.Item): boolean =>
      records.some(
        ({ command, what }) =>
          command?.outbox === item.id.outbox &&
          command.ordinal === item.id.ordinal &&
          isSame(item.action, what),
      );
    this.outbox(outbox.heal(this.state.outbox, conversation, stands, this.moment));
  }

  private lost(): void {
    const transcripts = new Map(
      [...this.state.transcripts].map(([id, each]) => [id, transcript.handleLost(each)] as const),
    );
    this.state = { ...this.state, transcripts, outbox: outbox.unsend(this.state.outbox), follows_due: null };
  }

  private wipe(): void {
    const { site, session, connection } = this.state;
    this.state = { ...newClient(site, session), connection };
    this.effects.push({ kind: 'wipe' });
    this.tell({ kind: 'wiped' });
  }

  private hello(credential: Credential): Extract<Up, { hello: unknown }>['hello'] {
    const { site, session, connection, page } = this.state;
    const follows = this.follows();
    return {
      protocol: PROTOCOL,
      site,
      ...credential,
      session,
      generation: connection.generation,
      ...(follows.length > 0 && { follows }),
      ...(page !== undefined && { page }),
    };
  }

  /** What a hello names: all that is followed, save what the gateway has not heard of yet. */
  private follows(): FollowFrom[] {
    return [...this.state.transcripts.values()]
      .filter(({ conversation }) => !this.isUnopened(conversation))
      .slice(-FOLLOWS_MAX)
      .map(({ conversation, position }) => ({ conversation, position }));
  }

  private isUnopened(conversation: ConversationId): boolean {
    return outbox.itemsOf(this.state.outbox, conversation).some(({ action }) => 'open' in action);
  }

  private me(): Author {
    const agent: AgentState | undefined = this.state.ready?.agent;
    return agent === undefined ? 'visitor' : { agent: { id: agent.id, name: agent.name } };
  }

  private send(frame: Up): void {
    if (this.isReady) this.effects.push({ kind: 'send', frame });
  }

  private tell(news: News): void {
    this.effects.push({ kind: 'tell', news });
  }
}

function commandFrame({ id, conversation, action }: outbox.Item): Up {
  return { command: { id, ...(conversation !== undefined && { conversation }), action } };
}

function partyOf(author: Author): 'visitor' | { agent: { id: string; name: string } } {
  return author === 'system' ? 'visitor' : author;
}

/** Whether a record with a command's id is that command: a copied storage may have given the id twice. */
function isSame(action: Action, what: object): boolean {
  const kind = kindOf(action);
  if (kind === 'say' && 'said' in what) {
    const { body } = (what as { said: { body: Parameters<typeof textOf>[0] } }).said;
    return 'say' in action && textOf(body) === action.say.body.replace(/\r\n/g, '\n');
  }
  if (kind === 'note' && 'noted' in what) {
    const { body } = (what as { noted: { body: Parameters<typeof textOf>[0] } }).noted;
    return 'note' in action && textOf(body) === action.note.body.replace(/\r\n/g, '\n');
  }
  return kind !== 'say' && kind !== 'note' && !('said' in what) && !('noted' in what);
}
