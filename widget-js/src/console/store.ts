// Joins the console's machine to the client's shell and to the page: storage, alerts, requests for rows.
// One store lives as long as an agent works at one site.

import type { ClientState } from '../client/client.ts';
import { type Client, startClient } from '../client/shell.ts';
import { type Bell, createBell } from './bell.ts';
import { type Draft, decodeDraft, encodeDraft, isPending } from './drafts.ts';
import { type Me, type MySite, type Rest, RestError } from './rest.ts';
import {
  type ConsoleEffect,
  type ConsoleInput,
  type ConsoleState,
  newConsole,
  stepConsole,
} from './state.ts';
import { decodeTabs, encodeTabs, NO_TABS } from './tabs.ts';

const DRAFT = 'draft:';

export interface StoreOptions {
  readonly rest: Rest;
  readonly me: Me;
  readonly site: MySite;
  readonly onSignedOut: () => void;
}

export class Store {
  state: ConsoleState;
  readonly client: Client;
  readonly bell: Bell;
  private readonly listeners = new Set<() => void>();
  private readonly inputs: ConsoleInput[] = [];
  private isStepping = false;
  private isStopped = false;

  constructor(private readonly options: StoreOptions) {
    const { rest, me, site } = options;
    this.state = newConsole(site.agent);
    this.client = startClient({
      url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/v1/socket`,
      site: site.key,
      namespace: `halloo.console/${me.account.id}/${site.key}`,
      keepTranscripts: false,
      credential: async () => {
        try {
          return { ticket: await rest.ticket(site.key) };
        } catch (caught) {
          if (caught instanceof RestError && caught.status === 401) return null;
          throw caught;
        }
      },
      onNews: news => this.dispatch({ kind: 'news', news }),
      onState: state => this.onClient(state),
      onStorage: (key, value) => this.onStorage(key, value),
    });
    this.bell = createBell(this.client, conversation => this.dispatch({ kind: 'open', conversation }));
    this.dispatch({ kind: 'restore', tabs: this.storedTabs(), drafts: this.storedDrafts() });
  }

  get live(): ClientState {
    return this.client.state;
  }

  dispatch = (input: ConsoleInput): void => {
    if (this.isStopped) return;
    this.inputs.push(input);
    if (this.isStepping) return;
    this.isStepping = true;
    try {
      for (let next = this.inputs.shift(); next !== undefined; next = this.inputs.shift()) {
        const [state, effects] = stepConsole(this.state, next, this.client.state, Date.now());
        this.state = state;
        for (const effect of effects) this.perform(effect);
      }
    } finally {
      this.isStepping = false;
    }
    this.tellAll();
  };

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** How many conversations have words that were not sent. */
  pendingDrafts(): number {
    return [...this.state.drafts.values()].filter(isPending).length;
  }

  /** Forgets what storage keeps here: whoever signs out leaves nothing behind. */
  forget(): void {
    this.stop();
    this.client.forget();
    this.inSession(storage => storage.removeItem(this.tabsKey()));
  }

  stop(): void {
    this.isStopped = true;
    this.client.stop();
    this.bell.stop();
  }

  private perform(effect: ConsoleEffect): void {
    switch (effect.kind) {
      case 'client':
        this.client.dispatch(effect.input);
        break;
      case 'keep_draft':
        this.keepDraft(effect.conversation, effect.draft);
        break;
      case 'keep_tabs':
        this.inSession(storage => storage.setItem(this.tabsKey(), encodeTabs(effect.tabs)));
        break;
      case 'ask_row':
        void this.askRow(effect.conversation);
        break;
      case 'alert':
        this.bell.ring(effect.alert);
        break;
    }
  }

  private async askRow(conversation: string): Promise<void> {
    try {
      const row = await this.options.rest.conversation(this.options.site.key, conversation);
      this.dispatch({ kind: 'rows', rows: [row] });
    } catch (caught) {
      if (!(caught instanceof RestError)) throw caught;
      if (caught.status === 401) this.options.onSignedOut();
      if (caught.status === 404) this.dispatch({ kind: 'gone', conversation });
    }
  }

  private onClient(client: ClientState): void {
    const { phase } = client.connection;
    if (phase.kind === 'stopped' && phase.why === 'sign_in') this.options.onSignedOut();
    this.tellAll();
  }

  /** A draft written in another tab, unless the conversation is in front here too. */
  private onStorage(key: string, value: string | null): void {
    if (!key.startsWith(DRAFT)) return;
    const conversation = key.slice(DRAFT.length);
    if (this.state.tabs.active === conversation) return;
    const draft = value === null ? { mode: 'reply' as const, reply: '', note: '' } : decodeDraft(value);
    if (draft !== null) {
      const drafts = new Map([[conversation, draft]]);
      this.dispatch({ kind: 'restore', tabs: this.state.tabs, drafts });
    }
  }

  private keepDraft(conversation: string, draft: Draft): void {
    const isEmpty = draft.reply === '' && draft.note === '' && draft.mode === 'reply';
    this.client.write(DRAFT + conversation, isEmpty ? null : encodeDraft(draft));
  }

  private storedDrafts(): Map<string, Draft> {
    const drafts = new Map<string, Draft>();
    for (const key of this.client.keys(DRAFT)) {
      const draft = decodeDraft(this.client.read(key) ?? '');
      if (draft !== null) drafts.set(key.slice(DRAFT.length), draft);
    }
    return drafts;
  }

  private storedTabs() {
    return decodeTabs(this.inSession(storage => storage.getItem(this.tabsKey())) ?? '') ?? NO_TABS;
  }

  private tabsKey(): string {
    return `halloo.tabs/${this.options.me.account.id}/${this.options.site.key}`;
  }

  private inSession<T>(use: (storage: Storage) => T): T | null {
    try {
      return use(window.sessionStorage);
    } catch {
      return null;
    }
  }

  private tellAll(): void {
    for (const listener of this.listeners) listener();
  }
}
