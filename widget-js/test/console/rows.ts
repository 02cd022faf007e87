// Rows, records and small worlds for the console's dialogues.

import { type ClientState, newClient } from '../../src/client/client.ts';
import { adopt, newQueue } from '../../src/client/outbox.ts';
import { restore } from '../../src/client/transcript.ts';
import {
  type ConsoleEffect,
  type ConsoleInput,
  type ConsoleState,
  newConsole,
  stepConsole,
} from '../../src/console/state.ts';
import type { AgentState, Record, RecordKind, Row } from '../../src/protocol/frames.ts';

export const SELF = 'agent-1';
export const OTHER = 'agent-2';

export function row(conversation: string, part: Partial<Row> = {}): Row {
  return {
    conversation,
    state: 'waiting',
    visitor: { id: `visitor-of-${conversation}`, present: true },
    priority: 10,
    arrival: 1,
    opened_at: 1_000,
    since: 1_000,
    head: 1,
    read: 0,
    last_at: 1_000,
    ...part,
  };
}

export function record(number: number, what: RecordKind, at = number * 1_000): Record {
  return { number, tail: number * 7, id: `record-${number}`, at, what };
}

export function said(number: number, by: 'visitor' | 'agent', text: string, at?: number): Record {
  const author = by === 'visitor' ? 'visitor' : { agent: { id: SELF, name: 'Sam' } };
  return record(number, { said: { by: author, body: [{ text }] } }, at);
}

export function noted(number: number, text: string): Record {
  return record(number, { noted: { by: { agent: { id: SELF, name: 'Sam' } }, body: [{ text }] } });
}

export const AGENT: AgentState = {
  id: SELF,
  name: 'Sam',
  status: 'online',
  accepting: true,
  capacity: 3,
  load: 0,
  lapsed: false,
};

/** A console and a client that stands still, driven by inputs; `effects` are those of the last input. */
export class Dialogue {
  state: ConsoleState = newConsole(SELF);
  client: ClientState = { ...newClient('shop', 'session'), outbox: adopted() };
  effects: ConsoleEffect[] = [];
  wall = 100_000;

  say(input: ConsoleInput): this {
    [this.state, this.effects] = stepConsole(this.state, input, this.client, this.wall);
    return this;
  }

  ready(): this {
    const limits = { body_bytes_max: 16_384, frame_bytes_max: 65_536, silence_ms_max: 40_000 };
    return this.say({
      kind: 'news',
      news: { kind: 'ready', ready: { protocol: 1, site: 'Shop', limits, agent: AGENT } },
    });
  }

  rows(view: 'mine' | 'line' | 'all' | 'closed', revision: number, ...rows: Row[]): this {
    return this.say({ kind: 'news', news: { kind: 'frame', frame: { rows: { view, revision, rows } } } });
  }

  change(view: 'mine' | 'line' | 'all' | 'closed', before: number, conversation: string, next?: Row): this {
    const change = {
      view,
      before,
      revision: before + 1,
      conversation,
      ...(next !== undefined && { row: next }),
    };
    return this.say({ kind: 'news', news: { kind: 'frame', frame: { change } } });
  }

  /** What follows, as short words. */
  get words(): string[] {
    return this.effects.map(wordOf);
  }
}

/** The client with a conversation's records. */
export function holding(client: ClientState, conversation: string, records: Record[]): ClientState {
  const read = { visitor: 0, agent: 0 };
  const transcripts = new Map(client.transcripts).set(conversation, restore({ conversation, records, read }));
  return { ...client, transcripts };
}

function adopted() {
  const [outbox] = adopt({ queues: [], flights: new Map(), healing: new Map() }, newQueue('queue'));
  return outbox;
}

function wordOf(effect: ConsoleEffect): string {
  switch (effect.kind) {
    case 'client': {
      const { input } = effect;
      if (input.kind === 'command')
        return `command ${input.conversation ?? '-'} ${JSON.stringify(input.action)}`;
      if (input.kind === 'ask' && 'watch' in input.frame) return `watch ${input.frame.watch.view}`;
      if (input.kind === 'typing') return `typing ${input.conversation} ${input.stream}`;
      if (input.kind === 'read') return `read ${input.conversation} ${input.number}`;
      return 'conversation' in input ? `${input.kind} ${input.conversation}` : input.kind;
    }
    case 'alert':
      return `alert ${effect.alert.kind} ${effect.alert.conversation}`;
    case 'keep_draft':
      return `keep draft ${effect.conversation} ${effect.draft.mode}`;
    case 'keep_tabs':
      return `keep tabs ${effect.tabs.open.join(',')}`;
    case 'ask_row':
      return `ask row ${effect.conversation}`;
  }
}
