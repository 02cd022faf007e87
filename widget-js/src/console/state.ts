// The console as one pure machine beside the client: lists, open chats, drafts, and what deserves an alert.
// It holds no socket and no storage; what follows from a step is returned, and `store.ts` carries it out.

import type { ClientInput, ClientState, News } from '../client/client.ts';
import { type Item, itemsOf } from '../client/outbox.ts';
import type {
  Action,
  AgentState,
  CommandId,
  ConversationId,
  Record,
  Roster,
  Row,
  View,
} from '../protocol/frames.ts';
import { type Alert, alertsFor, messageAlert } from './alerts.ts';
import {
  type Draft,
  type Drafts,
  draftOf,
  type Mode,
  textOf,
  withDraft,
  withMode,
  withText,
} from './drafts.ts';
import { failureOf, keepsWords } from './failures.ts';
import {
  applyChange,
  applyRows,
  isNewer,
  type List,
  type ListName,
  type Lists,
  NO_LISTS,
  rowOf,
  unsettled,
} from './lists.ts';
import { closeTab, cycleTab, NO_TABS, openTab, showBeside, type Tabs } from './tabs.ts';
import { lastAssignment } from './timeline.ts';

/** Conversations followed at once; the wire takes 256 in one hello, and the open ones come first. */
const FOLLOWS_MAX = 250;
/** Notices shown at once; older ones make room. */
const NOTICES_MAX = 4;

export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** A record to bring into sight, asked for by a search. */
export interface Jump {
  readonly conversation: ConversationId;
  readonly number: number;
  readonly turn: number;
}

export interface ConsoleState {
  /** One's own agent at this site. */
  readonly self: string;
  readonly list: ListName;
  readonly lists: Lists;
  readonly roster: Roster | null;
  readonly agent: AgentState | null;
  readonly tabs: Tabs;
  readonly drafts: Drafts;
  /** Rows asked for one by one, and those that left the lists while their tab is open. */
  readonly known: ReadonlyMap<ConversationId, Row>;
  readonly followed: ReadonlySet<ConversationId>;
  readonly jump: Jump | null;
  readonly notices: readonly Notice[];
  readonly notices_made: number;
  /** By how much this machine's clock is ahead of the store's, as far as is known. */
  readonly ahead_ms: number | null;
}

export type ConsoleInput =
  | { readonly kind: 'news'; readonly news: News }
  /** A conversation is not there any more, or not for this agent. */
  | { readonly kind: 'gone'; readonly conversation: ConversationId }
  | { readonly kind: 'list'; readonly list: ListName }
  | { readonly kind: 'open'; readonly conversation: ConversationId; readonly number?: number }
  | { readonly kind: 'close_tab'; readonly conversation: ConversationId }
  | { readonly kind: 'cycle'; readonly by: 1 | -1 }
  | { readonly kind: 'leave' }
  | { readonly kind: 'beside'; readonly conversation: ConversationId | null }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'write'; readonly conversation: ConversationId; readonly text: string }
  | { readonly kind: 'mode'; readonly conversation: ConversationId; readonly mode: Mode }
  | { readonly kind: 'restore'; readonly tabs: Tabs; readonly drafts: ReadonlyMap<ConversationId, Draft> }
  /** Sends the draft of the mode that is on, as what that mode says. */
  | { readonly kind: 'send'; readonly conversation: ConversationId }
  | { readonly kind: 'act'; readonly conversation: ConversationId; readonly action: Action }
  | { readonly kind: 'own'; readonly action: Action }
  /** Sends a refused command again, or forgets it. */
  | { readonly kind: 'resend' | 'discard'; readonly id: CommandId; readonly conversation: ConversationId }
  | { readonly kind: 'seen'; readonly conversation: ConversationId; readonly number: number }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'dismiss'; readonly notice: number };

export type ConsoleEffect =
  | { readonly kind: 'client'; readonly input: ClientInput }
  | { readonly kind: 'keep_draft'; readonly conversation: ConversationId; readonly draft: Draft }
  | { readonly kind: 'keep_tabs'; readonly tabs: Tabs }
  | { readonly kind: 'ask_row'; readonly conversation: ConversationId }
  | { readonly kind: 'alert'; readonly alert: Alert };

const VIEWS: readonly View[] = ['mine', 'line', 'all', 'closed', 'roster'];

export function newConsole(self: string): ConsoleState {
  return {
    self,
    list: 'mine',
    lists: NO_LISTS,
    roster: null,
    agent: null,
    tabs: NO_TABS,
    drafts: new Map(),
    known: new Map(),
    followed: new Set(),
    jump: null,
    notices: [],
    notices_made: 0,
    ahead_ms: null,
  };
}

/** The newest row known of a conversation. */
export function rowFor(state: ConsoleState, conversation: ConversationId): Row | null {
  const listed = rowOf(state.lists, conversation);
  const known = state.known.get(conversation);
  if (listed === null || known === undefined) return listed ?? known ?? null;
  return isNewer(known, listed) ? known : listed;
}

/** The store's time, as far as it is known. */
export function storeTime(state: ConsoleState, wall: number): number {
  return wall - (state.ahead_ms ?? 0);
}

/** The one transition of the console. */
export function stepConsole(
  state: ConsoleState,
  input: ConsoleInput,
  client: ClientState,
  wall: number,
): [ConsoleState, ConsoleEffect[]] {
  const step = new Step(state, client, wall);
  step.handle(input);
  step.follow();
  if (step.state.tabs !== state.tabs) step.effects.push({ kind: 'keep_tabs', tabs: step.state.tabs });
  return [step.state, step.effects];
}

/** One transition in the making: the state so far, and what follows from it. */
class Step {
  readonly effects: ConsoleEffect[] = [];
  constructor(
    public state: ConsoleState,
    private readonly client: ClientState,
    private readonly wall: number,
  ) {}

  handle(input: ConsoleInput): void {
    switch (input.kind) {
      case 'news':
        return this.news(input.news);
      case 'gone':
        return this.gone(input.conversation, []);
      case 'list':
        return this.set({ list: input.list });
      case 'open':
        return this.open(input.conversation, input.number);
      case 'close_tab':
        return this.set({ tabs: closeTab(this.state.tabs, input.conversation) });
      case 'cycle':
        return this.set({ tabs: cycleTab(this.state.tabs, input.by) });
      case 'leave':
        return this.set({ tabs: { ...this.state.tabs, active: null, beside: null } });
      case 'beside':
        return this.set({ tabs: showBeside(this.state.tabs, input.conversation) });
      case 'rows':
        return this.know(input.rows);
      case 'write':
        return this.write(input.conversation, input.text);
      case 'mode':
        return this.draft(input.conversation, withMode(this.state.drafts, input.conversation, input.mode));
      case 'restore':
        return this.restore(input.tabs, input.drafts);
      case 'send':
        return this.send(input.conversation);
      case 'act':
        return this.tell({ kind: 'command', conversation: input.conversation, action: input.action });
      case 'own':
        return this.tell({ kind: 'command', action: input.action });
      case 'resend':
      case 'discard':
        return this.tell({ kind: input.kind, id: input.id, conversation: input.conversation });
      case 'seen':
        return this.seen(input.conversation, input.number);
      case 'say':
        return this.notice(input.text);
      case 'dismiss':
        return this.set({ notices: this.state.notices.filter(notice => notice.id !== input.notice) });
    }
  }

  /** Follows what is shown and what is one's own, and nothing else. */
  follow(): void {
    const { tabs, lists, followed } = this.state;
    const wanted = new Set<ConversationId>(tabs.active === null ? [] : [tabs.active]);
    if (tabs.beside !== null) wanted.add(tabs.beside);
    for (const id of [...tabs.open, ...lists.mine.rows.keys()]) if (wanted.size < FOLLOWS_MAX) wanted.add(id);
    const left = [...followed].filter(id => !wanted.has(id) && itemsOf(this.client.outbox, id).length === 0);
    const come = [...wanted].filter(id => !followed.has(id));
    if (left.length === 0 && come.length === 0) return;
    for (const conversation of left) this.tell({ kind: 'unfollow', conversation });
    for (const conversation of come) this.tell({ kind: 'follow', conversation });
    this.set({ followed: new Set([...[...followed].filter(id => !left.includes(id)), ...come]) });
  }

  private news(news: News): void {
    switch (news.kind) {
      case 'ready':
        this.set({ agent: news.ready.agent ?? null, lists: unsettled(this.state.lists) });
        for (const view of VIEWS) this.watch(view);
        return;
      case 'frame':
        return this.frame(news.frame);
      case 'added':
        return news.live ? this.added(news.conversation, news.records) : undefined;
      case 'settled':
        return this.sample(news.outcome.at);
      case 'failed':
        return this.failed(news.item);
      case 'gone':
        return this.gone(news.conversation, news.dropped);
      case 'moved':
      case 'forgotten':
      case 'complete':
      case 'wiped':
        return;
    }
  }

  private frame(frame: Extract<News, { kind: 'frame' }>['frame']): void {
    if ('rows' in frame) {
      const before = this.state.lists.mine;
      this.set({ lists: applyRows(this.state.lists, frame.rows) });
      if (frame.rows.view === 'mine') this.mineChanged(before);
    } else if ('change' in frame) {
      this.change(frame.change);
    } else if ('roster' in frame) {
      this.set({ roster: frame.roster });
    } else if ('agent' in frame) {
      this.set({ agent: frame.agent });
    }
  }

  private change(
    change: Extract<Extract<News, { kind: 'frame' }>['frame'], { change: unknown }>['change'],
  ): void {
    const before = rowFor(this.state, change.conversation);
    const { mine } = this.state.lists;
    const applied = applyChange(this.state.lists, change);
    switch (applied.kind) {
      case 'dropped':
        return;
      case 'gap':
        this.set({ lists: applied.lists });
        return this.watch(applied.view);
      case 'applied':
        this.set({ lists: applied.lists });
        if (change.row && (before === null || change.row.head > before.head)) this.sample(change.row.last_at);
        if (!change.row && before !== null) this.keepIfOpen(before);
        if (change.view === 'mine') this.mineChanged(mine);
    }
  }

  /** A row that left a list is still shown where its tab is open, and asked for anew if no list holds it. */
  private keepIfOpen(row: Row): void {
    const { conversation } = row;
    const { tabs, lists } = this.state;
    if (!tabs.open.includes(conversation) && tabs.beside !== conversation) return;
    this.know([row]);
    if (rowOf(lists, conversation) === null) this.effects.push({ kind: 'ask_row', conversation });
  }

  private mineChanged(before: List): void {
    const { lists, self, tabs } = this.state;
    const own = (id: ConversationId) => itemsOf(this.client.outbox, id).length > 0;
    const alerts = alertsFor(before, lists.mine, self).filter(alert => !own(alert.conversation));
    for (const alert of alerts) this.effects.push({ kind: 'alert', alert });
    const first = alerts[0];
    if (first !== undefined && tabs.active === null && tabs.open.length === 0) this.open(first.conversation);
  }

  private added(conversation: ConversationId, records: readonly Record[]): void {
    for (const record of records) {
      this.sample(record.at);
      const row = this.state.lists.mine.rows.get(conversation);
      const alert = row === undefined ? null : messageAlert(row, record);
      if (alert !== null) this.effects.push({ kind: 'alert', alert });
    }
  }

  /** Words stay in the transcript, with a way to send them again; it says so itself where it is in sight. */
  private failed(item: Item): void {
    const { action, conversation, failed } = item;
    const kept = keepsWords(action);
    if (!kept || conversation !== this.state.tabs.active) this.notice(failureOf(action, failed ?? 'unknown'));
    if (!kept) this.discard(item);
  }

  private gone(conversation: ConversationId, dropped: readonly Item[]): void {
    const followed = new Set(this.state.followed);
    followed.delete(conversation);
    const known = new Map(this.state.known);
    known.delete(conversation);
    const shown = this.state.tabs.open.includes(conversation);
    const tabs = closeTab(this.state.tabs, conversation);
    const beside = tabs.beside === conversation ? null : tabs.beside;
    const rows = new Map(this.state.lists.mine.rows);
    rows.delete(conversation);
    const lists = { ...this.state.lists, mine: { ...this.state.lists.mine, rows } };
    this.set({ followed, known, lists, tabs: { ...tabs, beside } });
    if (shown) this.notice('A conversation is gone, or no longer yours to read.');
    for (const { action } of dropped) {
      const words = 'say' in action ? action.say.body : 'note' in action ? action.note.body : null;
      if (words !== null) this.notice(`Not sent, as its conversation is gone: “${words}”`);
    }
  }

  private open(conversation: ConversationId, number?: number): void {
    const turn = (this.state.jump?.turn ?? 0) + 1;
    this.set({ tabs: openTab(this.state.tabs, conversation) });
    if (number !== undefined) this.set({ jump: { conversation, number, turn } });
    if (rowFor(this.state, conversation) === null) this.effects.push({ kind: 'ask_row', conversation });
  }

  private know(rows: readonly Row[]): void {
    const known = new Map(this.state.known);
    for (const row of rows) {
      const held = known.get(row.conversation);
      if (held === undefined || !isNewer(held, row)) known.set(row.conversation, row);
    }
    this.set({ known });
  }

  private restore(tabs: Tabs, drafts: ReadonlyMap<ConversationId, Draft>): void {
    let kept = this.state.drafts;
    for (const [conversation, draft] of drafts) kept = withDraft(kept, conversation, draft);
    this.set({ tabs, drafts: kept });
    for (const conversation of tabs.open) {
      if (rowFor(this.state, conversation) === null) this.effects.push({ kind: 'ask_row', conversation });
    }
  }

  private write(conversation: ConversationId, text: string): void {
    const { mode } = draftOf(this.state.drafts, conversation);
    this.draft(conversation, withText(this.state.drafts, conversation, text));
    if (text.trim() === '') return;
    this.tell({ kind: 'typing', conversation, stream: mode === 'note' ? 'note' : 'public' });
  }

  private send(conversation: ConversationId): void {
    const draft = draftOf(this.state.drafts, conversation);
    const body = textOf(draft).trim();
    if (body === '') return;
    const action: Action = draft.mode === 'note' ? { note: { body } } : { say: { body } };
    this.tell({ kind: 'command', conversation, action });
    this.draft(conversation, withText(this.state.drafts, conversation, ''));
  }

  private draft(conversation: ConversationId, drafts: Drafts): void {
    this.set({ drafts });
    this.effects.push({ kind: 'keep_draft', conversation, draft: draftOf(drafts, conversation) });
  }

  /** Only one's own chats are marked as read: looking over a shoulder is not reading for them. */
  private seen(conversation: ConversationId, number: number): void {
    const row = this.state.lists.mine.rows.get(conversation);
    // The records may tell before the list that it went to a colleague, who has seen none of it.
    const given = lastAssignment(this.client.transcripts.get(conversation)?.records ?? []);
    if (given !== null && given.agent !== this.state.self) return;
    if (row !== undefined && number > row.read) this.tell({ kind: 'read', conversation, number });
  }

  private discard({
    id,
    conversation,
  }: {
    id: { outbox: string; ordinal: number };
    conversation?: string;
  }): void {
    this.tell({ kind: 'discard', id, ...(conversation !== undefined && { conversation }) });
  }

  /** No stamp is younger than the store's present, so the least difference is the nearest to the truth. */
  private sample(at: number): void {
    const ahead = this.wall - at;
    if (this.state.ahead_ms === null || ahead < this.state.ahead_ms) this.set({ ahead_ms: ahead });
  }

  private notice(text: string): void {
    const id = this.state.notices_made + 1;
    const notices = [...this.state.notices, { id, text }].slice(-NOTICES_MAX);
    this.set({ notices, notices_made: id });
  }

  private watch(view: View): void {
    this.tell({ kind: 'ask', frame: { watch: { view } } });
  }

  private tell(input: ClientInput): void {
    this.effects.push({ kind: 'client', input });
  }

  private set(part: Partial<ConsoleState>): void {
    this.state = { ...this.state, ...part };
  }
}
