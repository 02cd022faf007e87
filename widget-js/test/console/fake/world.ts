// A site in memory, for tests of the console: conversations with records, lists with revisions, one roster.
// It answers commands as the desk would where the console can tell the difference, and nothing more.

import type { Agent, Canned, Hit, Me, Site, Team } from '../../../src/console/rest.ts';
import { nodesOf } from '../../../src/protocol/decode.ts';
import type {
  Action,
  AgentRow,
  AgentState,
  Author,
  Code,
  Command,
  Down,
  Record,
  RecordKind,
  Row,
  RowState,
  View,
} from '../../../src/protocol/frames.ts';

export type ListView = Exclude<View, 'roster'>;
const LISTS: readonly ListView[] = ['mine', 'line', 'all', 'closed'];

export interface Chat {
  row: Row;
  records: Record[];
}

export function uuid(n: number): string {
  return `0190c0de-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** What the world tells whoever listens: a frame, and the outbox that must not get it as an event. */
export type Listener = (frame: Down, author: string | null) => void;

export class World {
  readonly chats = new Map<string, Chat>();
  readonly revisions: { [view in ListView]: number } = { mine: 1, line: 1, all: 1, closed: 1 };
  readonly listeners = new Set<Listener>();
  readonly answers = new Map<string, Down>();
  agents: Agent[] = [];
  roster: AgentRow[] = [];
  teams: Team[] = [];
  canned: Canned[] = [];
  sites: Site[] = [];
  /** Refuses the next command with this code. */
  refuseNext: Code | null = null;
  private made = 0;

  constructor(
    readonly me: Me,
    public agent: AgentState,
    public now: () => number,
  ) {}

  get author(): Author {
    return { agent: { id: this.agent.id, name: this.agent.name } };
  }

  rows(view: ListView): Row[] {
    return [...this.chats.values()].map(chat => chat.row).filter(row => this.belongs(row, view));
  }

  add(chat: Partial<Row> & { visitor: Row['visitor'] }): Chat {
    const at = chat.opened_at ?? this.now();
    const conversation = chat.conversation ?? uuid(1000 + this.chats.size);
    const row: Row = {
      conversation,
      state: 'waiting',
      priority: 10,
      arrival: this.chats.size + 1,
      opened_at: at,
      since: at,
      head: 0,
      read: 0,
      last_at: at,
      ...chat,
    };
    const made = { row, records: [] };
    this.chats.set(conversation, made);
    return made;
  }

  /** Adds a record and tells of it, and of the lists that change. */
  record(chat: Chat, what: RecordKind, at = this.now(), command?: Command): Record {
    const number = chat.records.length + 1;
    this.made += 1;
    const record: Record = {
      number,
      tail: number * 7 + 1,
      id: uuid(900_000 + this.made),
      at,
      what,
      ...(command !== undefined && { command: command.id }),
    };
    const before = chat.records.at(-1)?.tail ?? 0;
    chat.records.push(record);
    chat.row = { ...chat.row, head: number, last_at: at, ...previewOf(what, chat.row) };
    const { conversation } = chat.row;
    this.tell({ event: { conversation, before, record } }, command?.id.outbox ?? null);
    return record;
  }

  /** The row has changed: says so in every list it was or is in. */
  moved(chat: Chat, was: Row): void {
    for (const view of LISTS) {
      const is = this.belongs(chat.row, view);
      if (!is && !this.belongs(was, view)) continue;
      const before = this.revisions[view];
      this.revisions[view] += 1;
      const { conversation } = chat.row;
      const change = { view, before, revision: before + 1, conversation };
      this.tell({ change: is ? { ...change, row: chat.row } : change }, null);
    }
  }

  change(chat: Chat, what: RecordKind, state?: RowState): void {
    const was = chat.row;
    this.record(chat, what);
    if (state !== undefined) chat.row = { ...chat.row, state, since: this.now() };
    this.moved(chat, was);
  }

  visitorSays(chat: Chat, text: string): void {
    this.change(chat, { said: { by: 'visitor', body: nodesOf(text) } });
  }

  /** Answers a command once; the same one again gets the same answer. */
  command(command: Command): Down {
    const key = `${command.conversation ?? ''} ${command.id.outbox} ${command.id.ordinal}`;
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const answer = this.carryOut(command);
    this.answers.set(key, answer);
    return answer;
  }

  search(q: string): Hit[] {
    const hits: Hit[] = [];
    for (const { row, records } of this.chats.values()) {
      for (const { number, id, at, what } of records) {
        const body = 'said' in what ? what.said.body : 'noted' in what ? what.noted.body : [];
        const text = body
          .map(node => ('text' in node ? node.text : 'link' in node ? node.link : ' '))
          .join('');
        if (!text.toLowerCase().includes(q.toLowerCase())) continue;
        hits.push({
          cursor: id,
          conversation: row.conversation,
          message: id,
          number,
          at,
          snippet: text.slice(0, 120),
        });
      }
    }
    return hits.sort((a, b) => b.at - a.at);
  }

  tell(frame: Down, author: string | null): void {
    for (const listener of this.listeners) listener(frame, author);
  }

  private belongs({ state }: Row, view: ListView): boolean {
    const name = typeof state === 'string' ? state : (Object.keys(state)[0] ?? '');
    const holder =
      typeof state === 'string' ? null : 'agent' in (Object.values(state)[0] ?? {}) ? state : null;
    switch (view) {
      case 'mine':
        return holder !== null && JSON.stringify(holder).includes(this.agent.id);
      case 'line':
        return name === 'waiting' || name === 'offline';
      case 'all':
        return name !== 'closed';
      case 'closed':
        return name === 'closed';
    }
  }

  private carryOut(command: Command): Down {
    const { id, conversation, action } = command;
    if (this.refuseNext !== null) {
      const code = this.refuseNext;
      this.refuseNext = null;
      const about = { code, retryable: false, message: code, command: id };
      return { no: conversation === undefined ? about : { ...about, conversation } };
    }
    if (conversation === undefined) {
      this.own(action);
      return { ok: { command: id, at: this.now() } };
    }
    const chat = this.chats.get(conversation);
    if (chat === undefined) {
      return { no: { code: 'not_found', retryable: false, message: '', command: id, conversation } };
    }
    const before = chat.records.at(-1)?.tail ?? 0;
    const was = chat.row;
    const record = this.deed(chat, command);
    this.moved(chat, was);
    const { number, tail, id: message } = record;
    return { ok: { command: id, conversation, at: record.at, made: { message, number, tail, before } } };
  }

  private own(action: Action): void {
    if ('status' in action) this.agent = { ...this.agent, status: action.status.status };
    if ('accepting' in action) {
      this.agent = { ...this.agent, accepting: action.accepting.accepting, lapsed: false };
    }
    if ('capacity' in action) this.agent = { ...this.agent, capacity: action.capacity.capacity };
    this.tell({ agent: this.agent }, null);
  }

  private deed(chat: Chat, command: Command): Record {
    const { action } = command;
    const { id: agent, name } = this.agent;
    const by = this.author;
    const turn = (what: RecordKind, state?: RowState): Record => {
      const record = this.record(chat, what, this.now(), command);
      if (state !== undefined) chat.row = { ...chat.row, state, since: this.now() };
      return record;
    };
    if ('say' in action) {
      const record = turn({ said: { by, body: nodesOf(action.say.body) } });
      chat.row = { ...chat.row, read: record.number };
      return record;
    }
    if ('note' in action) return turn({ noted: { by, body: nodesOf(action.note.body) } });
    if ('accept' in action)
      return turn({ assigned: { agent, name, cause: 'accepted' } }, { assigned: { agent } });
    if ('take' in action) return turn({ assigned: { agent, name, cause: 'taken' } }, { assigned: { agent } });
    if ('decline' in action) return turn({ declined: { agent } }, 'waiting');
    if ('park' in action) return turn({ parked: { by, ...action.park } }, { parked: { agent } });
    if ('close' in action) return turn({ closed: { by, ...action.close } }, { closed: action.close });
    if ('reopen' in action) return turn({ reopened: { by } }, { assigned: { agent } });
    if ('transfer' in action) {
      const { to } = action.transfer;
      const state: RowState = 'agent' in to ? { assigned: { agent: to.agent } } : 'waiting';
      return turn({ transferred: { by, ...action.transfer } }, state);
    }
    throw new Error(`the fake world knows no ${Object.keys(action)[0]}`);
  }
}

function previewOf(what: RecordKind, row: Row): { preview?: string } {
  const said = 'said' in what ? what.said : null;
  if (said === null) return row.preview === undefined ? {} : { preview: row.preview };
  const text = said.body
    .map(node => ('text' in node ? node.text : 'link' in node ? node.link : ' '))
    .join('');
  return { preview: text.slice(0, 120) };
}
