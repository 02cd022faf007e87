// A conversation between the pure client and a pretended gateway, told in short lines.

import {
  type ClientEffect,
  type ClientInput,
  type ClientState,
  clientDeadline,
  newClient,
  stepClient,
} from '../../src/client/client.ts';
import type { Queue } from '../../src/client/outbox.ts';
import { nodesOf } from '../../src/protocol/decode.ts';
import type { Action, Author, Code, Down, Record, RecordKind, Up } from '../../src/protocol/frames.ts';

export const LIMITS = { body_bytes_max: 8192, frame_bytes_max: 65536, silence_ms_max: 40_000 };

export class Dialogue {
  state: ClientState;
  now = 1_000;
  chance = 0.5;
  /** What storage would hold. */
  readonly stored = new Map<string, Queue>();
  private ids = 0;
  private lines: string[] = [];

  constructor(
    readonly name = 'a',
    reloaded = false,
  ) {
    this.state = newClient('demo', `session-${name}`, reloaded);
  }

  tell(input: ClientInput): this {
    const moment = {
      now: this.now,
      wall: this.now,
      chance: this.chance,
      id: () => `${this.name}${++this.ids}`,
    };
    const [state, effects] = stepClient(this.state, input, moment);
    this.state = state;
    for (const effect of effects) this.note(effect);
    return this;
  }

  hear(frame: Down): this {
    return this.tell({ kind: 'frame', frame });
  }

  /** Lets time pass, with every timer on the way. */
  wait(ms: number): this {
    const end = this.now + ms;
    for (let deadline = clientDeadline(this.state); deadline !== null && deadline <= end; ) {
      this.now = Math.max(this.now, deadline);
      this.tell({ kind: 'tick' });
      deadline = clientDeadline(this.state);
    }
    this.now = end;
    return this;
  }

  /** Loses the socket and waits exactly until the next attempt. */
  redial(): this {
    this.close(1006);
    return this.wait((clientDeadline(this.state) ?? this.now) - this.now);
  }

  /** What was said since the last time. */
  said(): string[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  /** A socket, a hello, a ready. */
  connect(heads: [string, number, number][] = []): this {
    if (this.state.connection.phase.kind === 'idle') this.tell({ kind: 'start' });
    return this.tell({ kind: 'opened', credential: {} }).ready(heads);
  }

  ready(heads: [string, number, number][] = []): this {
    return this.hear({
      ready: {
        protocol: 1,
        site: 'Demo',
        limits: LIMITS,
        heads: heads.map(([id, number, tail]) => head(id, number, tail)),
      },
    });
  }

  command(action: Action, conversation = 'c'): this {
    return this.tell({ kind: 'command', conversation, action });
  }

  say(body: string, conversation = 'c'): this {
    return this.command({ say: { body } }, conversation);
  }

  /** ok of a command that made the record `number`; tails are number × 10. */
  ok(outbox: string, ordinal: number, number?: number, conversation = 'c'): this {
    const made =
      number === undefined
        ? {}
        : { made: { message: `m${number}`, number, tail: number * 10, before: (number - 1) * 10 } };
    return this.hear({ ok: { command: { outbox, ordinal }, conversation, at: 5, ...made } });
  }

  no(
    outbox: string,
    ordinal: number,
    code: Code,
    more: { retry_after_ms?: number; conversation?: string } = {},
  ): this {
    const retryable = code === 'busy' || code === 'unavailable' || code === 'rate_limited';
    return this.hear({
      no: { code, retryable, message: '', command: { outbox, ordinal }, conversation: 'c', ...more },
    });
  }

  event(
    number: number,
    text: string,
    by: Author = { agent: { id: 'ada', name: 'Ada' } },
    before = (number - 1) * 10,
  ): this {
    return this.hear({ event: { conversation: 'c', before, record: said(number, text, by) } });
  }

  /** A page up to the head. */
  records(records: Record[], headNumber = records.at(-1)?.number ?? 0, resync = false): this {
    return this.hear({ records: { head: head('c', headNumber, headNumber * 10), resync, records } });
  }

  close(code: number, reason = ''): this {
    return this.tell({ kind: 'closed', code, reason });
  }

  /** A new page that takes over what this one stored. */
  reload(name = `${this.name}'`): Dialogue {
    const next = new Dialogue(name);
    next.now = this.now;
    for (const [id, queue] of this.stored) {
      next.stored.set(id, queue);
      next.tell({ kind: 'adopt', queue: JSON.parse(JSON.stringify(queue)) as Queue });
    }
    next.said();
    return next;
  }

  get transcript(): string[] {
    const records = this.state.transcripts.get('c')?.records ?? [];
    return records.map(({ number, what }) =>
      'said' in what ? `${number} ${textIn(what.said.body)}` : `${number} (${Object.keys(what)[0]})`,
    );
  }

  get phase(): string {
    const { phase } = this.state.connection;
    return phase.kind === 'stopped' ? `stopped: ${phase.why}` : phase.kind;
  }

  private note(effect: ClientEffect): void {
    if (effect.kind === 'save_queue') this.stored.set(effect.queue.id, effect.queue);
    if (effect.kind === 'forget_queue') this.stored.delete(effect.queue);
    const line = lineOf(effect);
    if (line !== null) this.lines.push(line);
  }
}

export function said(
  number: number,
  text: string,
  by: Author = 'visitor',
  command?: { outbox: string; ordinal: number },
): Record {
  return record(number, { said: { by, body: nodesOf(text) } }, command);
}

export function record(
  number: number,
  what: RecordKind,
  command?: { outbox: string; ordinal: number },
): Record {
  return { number, tail: number * 10, id: `m${number}`, at: 5, ...(command && { command }), what };
}

export function head(conversation: string, number: number, tail: number) {
  return { conversation, position: { number, tail } };
}

function textIn(body: { text?: string }[] | unknown): string {
  return (body as { text?: string; link?: string }[]).map(node => node.text ?? node.link ?? '/').join('');
}

function lineOf(effect: ClientEffect): string | null {
  switch (effect.kind) {
    case 'connect':
      return `connect ${effect.generation}${effect.renew ? ' renewed' : ''}`;
    case 'send':
      return `→ ${upLine(effect.frame)}`;
    case 'save_queue':
    case 'forget_queue':
    case 'save_transcript':
    case 'forget_transcript':
      return null;
    case 'token':
      return `token ${effect.token}`;
    case 'tell':
      return newsLine(effect.news);
    default:
      return effect.kind;
  }
}

function newsLine(news: Extract<ClientEffect, { kind: 'tell' }>['news']): string | null {
  switch (news.kind) {
    case 'failed':
      return `failed ${news.item.failed} ${actionLine(news.item.action)}`;
    case 'moved':
      return `moved ${news.from} to ${news.to}`;
    case 'gone':
      return `gone ${news.conversation}`;
    case 'added':
      return `${news.live ? 'news' : 'read'} ${news.records.map(({ number }) => number).join(' ')}`;
    case 'forgotten':
    case 'wiped':
      return news.kind;
    case 'ready':
    case 'frame':
    case 'settled':
    case 'complete':
      return null;
  }
}

function upLine(frame: Up): string {
  if ('hello' in frame) {
    const { generation, token, ticket, follows } = frame.hello;
    const from =
      follows?.map(({ conversation, position }) => ` ${conversation}@${position?.number ?? 0}`).join('') ??
      '';
    return `hello ${generation}${token ? ` token ${token}` : ''}${ticket ? ` ticket ${ticket}` : ''}${from}`;
  }
  if ('command' in frame) {
    const { id, conversation, action } = frame.command;
    return `${conversation ?? '-'} ${id.outbox}/${id.ordinal} ${actionLine(action)}`;
  }
  if ('fetch' in frame) return `fetch ${frame.fetch.conversation} after ${frame.fetch.after?.number ?? 0}`;
  if ('follow' in frame)
    return `follow ${frame.follow.follows.map(({ conversation, position }) => `${conversation}@${position?.number ?? 0}`).join(' ')}`;
  if ('read' in frame) return `read ${frame.read.number}`;
  return Object.keys(frame)[0] ?? '';
}

function actionLine(action: Action): string {
  if ('say' in action) return `say ${action.say.body}`;
  if ('open' in action) return `open${action.open.body === undefined ? '' : ` ${action.open.body}`}`;
  return Object.keys(action)[0] ?? '';
}
