// The only file of the client that does I/O: socket, timers, storage, locks, clock and chance.
// It carries out what the pure machine in `client.ts` says, and hands it what happens.

import { decodeDown } from '../protocol/decode.ts';
import { SUBPROTOCOL } from '../protocol/limits.ts';
import {
  type ClientEffect,
  type ClientInput,
  type ClientState,
  type Credential,
  clientDeadline,
  type News,
  newClient,
  stepClient,
} from './client.ts';
import { newConnection } from './connection.ts';
import { newOutbox, newQueue, type Queue } from './outbox.ts';
import type { KeptTranscript } from './transcript.ts';

/** Without Web Locks a queue whose owner was not heard of for this long is taken to be left. */
const ALIVE_MS_MAX = 90_000;
/** How often an owner without Web Locks says that it lives; background tabs run timers once a minute. */
const ALIVE_EVERY_MS = 30_000;
/** Records of one transcript that storage keeps; the rest is fetched again. */
const KEPT_RECORDS_MAX = 500;

/** The edge of the page: what tests replace. */
export interface Rim {
  storage: Storage | null;
  session: Storage | null;
  locks: Pick<LockManager, 'request'> | null;
  now(): number;
  wall(): number;
  chance(): number;
  id(): string;
  socket(url: string, protocol: string): WebSocket;
  after(ms: number, run: () => void): () => void;
  listen(target: 'window' | 'document', event: string, run: (event: Event) => void): () => void;
  isVisible(): boolean;
  reload(): void;
}

export interface ShellOptions {
  url: string;
  site: string;
  /** Prefix of storage keys and lock names. */
  namespace: string;
  /** Signs the next socket in; `renew` after a 4401. `null`: there is nothing to sign in with. */
  credential(renew: boolean): Promise<Credential | null> | Credential | null;
  /** Whether storage keeps transcripts for the next load. */
  keepTranscripts: boolean;
  onToken?(token: string): void;
  onNews?(news: News): void;
  /** After every change, once a batch of inputs. */
  onState?(state: ClientState): void;
  /** Another tab wrote under this namespace; the key comes without it. */
  onStorage?(key: string, value: string | null): void;
}

export interface Client {
  readonly state: ClientState;
  /** Whether what is given here outlives the page. */
  readonly isDurable: boolean;
  dispatch(input: ClientInput): void;
  read(key: string): string | null;
  write(key: string, value: string | null): void;
  /** The keys under the namespace that begin so. */
  keys(prefix: string): string[];
  keptTranscript(conversation: string): KeptTranscript | null;
  id(): string;
  /** Forgets all that storage keeps under the namespace. */
  forget(): void;
  stop(): void;
}

/** Adopts what earlier tabs left, connects, and runs until `stop`. */
export function startClient(options: ShellOptions, rim: Rim = browserRim()): Client {
  const shell = new Shell(options, rim);
  void shell.start();
  return shell;
}

class Shell implements Client {
  state: ClientState;
  isDurable: boolean;
  private readonly inputs: ClientInput[] = [];
  private isStepping = false;
  private isStarted = false;
  private isStopped = false;
  private socket: WebSocket | null = null;
  private cancelTimer: (() => void) | null = null;
  private readonly unlisten: (() => void)[] = [];
  private readonly unlocks = new Set<() => void>();
  private readonly seen = new Set<string>();
  private epoch = 0;

  constructor(
    private readonly options: ShellOptions,
    private readonly rim: Rim,
  ) {
    const reloaded = this.inSession(storage => storage.getItem(this.key('reloaded'))) !== null;
    this.state = newClient(options.site, rim.id(), reloaded);
    this.isDurable = rim.storage !== null;
  }

  async start(): Promise<void> {
    const { rim } = this;
    this.unlisten.push(
      rim.listen('window', 'online', () => this.wake()),
      rim.listen('document', 'visibilitychange', () => {
        if (rim.isVisible()) this.wake();
      }),
      rim.listen('window', 'pagehide', () => this.pause()),
      rim.listen('window', 'pageshow', event => {
        if ((event as PageTransitionEvent).persisted) void this.resume();
      }),
      rim.listen('window', 'storage', event => this.onStorage(event as StorageEvent)),
    );
    await this.open();
  }

  dispatch(input: ClientInput): void {
    if (this.isStopped) return;
    this.inputs.push(input);
    if (this.isStarted) this.run();
  }

  read(key: string): string | null {
    try {
      return this.rim.storage?.getItem(this.key(key)) ?? null;
    } catch {
      return null;
    }
  }

  write(key: string, value: string | null): void {
    const { storage } = this.rim;
    if (storage === null) return;
    try {
      if (value === null) storage.removeItem(this.key(key));
      else storage.setItem(this.key(key), value);
    } catch {
      this.isDurable = false;
    }
  }

  keptTranscript(conversation: string): KeptTranscript | null {
    const kept = parse<KeptTranscript>(this.read(`transcript:${conversation}`));
    return kept !== null && kept.conversation === conversation && Array.isArray(kept.records) ? kept : null;
  }

  id(): string {
    return this.rim.id();
  }

  forget(): void {
    for (const key of this.keys('')) this.write(key, null);
  }

  keys(prefix: string): string[] {
    const { storage } = this.rim;
    const start = this.key(prefix);
    const keys: string[] = [];
    try {
      for (let index = 0; index < (storage?.length ?? 0); index++) {
        const key = storage?.key(index);
        if (key?.startsWith(start)) keys.push(key.slice(this.key('').length));
      }
    } catch {
      // Storage that was taken away holds nothing.
    }
    return keys;
  }

  stop(): void {
    this.pause();
    this.isStopped = true;
    for (const unlisten of this.unlisten) unlisten();
  }

  private key(key: string): string {
    return `${this.options.namespace}:${key}`;
  }

  private inSession<T>(use: (storage: Storage) => T): T | null {
    try {
      return this.rim.session === null ? null : use(this.rim.session);
    } catch {
      return null;
    }
  }

  /** Takes queues first, so that the hello and the first command already know them. */
  private async open(): Promise<void> {
    const epoch = ++this.epoch;
    const queues = await this.takeQueues(epoch);
    if (this.isStopped || epoch !== this.epoch) return;
    this.inputs.unshift(...queues.map(queue => ({ kind: 'adopt', queue }) as const), { kind: 'start' });
    this.isStarted = true;
    this.run();
  }

  /** Deadlines first: a socket that fell silent while the machine slept is dead, whatever it says. */
  private wake(): void {
    this.dispatch({ kind: 'tick' });
    this.dispatch({ kind: 'online' });
  }

  /** The page goes to the back-forward cache, or away: the socket closes and the queues are free to take. */
  private pause(): void {
    this.epoch++;
    if (this.isStarted) this.dispatch({ kind: 'pause' });
    this.isStarted = false;
    this.cancelTimer?.();
    for (const unlock of this.unlocks) unlock();
    this.unlocks.clear();
  }

  /** A restored page is a new session: another tab may have taken its queues meanwhile. */
  private async resume(): Promise<void> {
    const { state } = this;
    const outbox = this.isDurable ? newOutbox() : state.outbox;
    this.seen.clear();
    this.state = { ...state, session: this.rim.id(), connection: newConnection(), outbox };
    await this.open();
  }

  private async takeQueues(epoch: number): Promise<Queue[]> {
    if (!this.isDurable) return [newQueue(this.rim.id())];
    const taken: Queue[] = [];
    for (const key of this.keys('queue:')) {
      const id = key.slice('queue:'.length);
      this.seen.add(id);
      if (await this.own(id, true)) taken.push(this.keptQueue(id));
      else this.await(id, epoch);
    }
    if (taken.length > 0) return taken.sort((a, b) => b.items.length - a.items.length);
    const queue = newQueue(this.rim.id());
    this.seen.add(queue.id);
    await this.own(queue.id, true);
    return [queue];
  }

  /** Takes a queue when the tab that owns it is gone, and sends what it left. */
  private await(id: string, epoch: number): void {
    void this.own(id, false).then(owned => {
      if (owned && epoch === this.epoch && this.read(`queue:${id}`) !== null) {
        this.dispatch({ kind: 'adopt', queue: this.keptQueue(id) });
      }
    });
  }

  private keptQueue(id: string): Queue {
    const kept = parse<Queue>(this.read(`queue:${id}`));
    const isQueue = kept?.id === id && Array.isArray(kept.items) && typeof kept.lanes === 'object';
    return kept !== null && isQueue ? kept : newQueue(id);
  }

  /** Owns a queue until the page goes. Two tabs never send from the same one. */
  private own(id: string, ifAvailable: boolean): Promise<boolean> {
    const { locks } = this.rim;
    if (locks === null) return Promise.resolve(ifAvailable && this.ownByStamp(id));
    const abort = new AbortController();
    const cancel = (): void => abort.abort();
    this.unlocks.add(cancel);
    return new Promise(resolve => {
      locks
        .request(this.key(`queue:${id}`), ifAvailable ? { ifAvailable } : { signal: abort.signal }, lock => {
          this.unlocks.delete(cancel);
          resolve(lock !== null);
          if (lock === null) return undefined;
          return new Promise<void>(unlock => this.unlocks.add(unlock));
        })
        .catch(() => resolve(false));
    });
  }

  private ownByStamp(id: string): boolean {
    const key = `alive:${id}`;
    const stamp = Number(this.read(key));
    if (Math.abs(this.rim.wall() - stamp) < ALIVE_MS_MAX) return false;
    let cancel: () => void;
    const beat = (): void => {
      this.write(key, String(this.rim.wall()));
      cancel = this.rim.after(ALIVE_EVERY_MS, beat);
    };
    beat();
    this.unlocks.add(() => {
      cancel();
      this.write(key, null);
    });
    return true;
  }

  private onStorage({ key, newValue, storageArea }: StorageEvent): void {
    const prefix = this.key('');
    if (storageArea !== this.rim.storage || key === null || !key.startsWith(prefix)) return;
    const name = key.slice(prefix.length);
    const id = name.startsWith('queue:') ? name.slice('queue:'.length) : null;
    if (id !== null && newValue !== null && !this.seen.has(id)) {
      this.seen.add(id);
      this.await(id, this.epoch);
    }
    this.options.onStorage?.(name, newValue);
  }

  /** Inputs that come while effects are carried out wait their turn. */
  private run(): void {
    if (this.isStepping) return;
    this.isStepping = true;
    try {
      for (let input = this.inputs.shift(); input !== undefined; input = this.inputs.shift()) {
        const { rim } = this;
        const moment = { now: rim.now(), wall: rim.wall(), chance: rim.chance(), id: () => rim.id() };
        const [state, effects] = stepClient(this.state, input, moment);
        this.state = state;
        for (const effect of effects) this.perform(effect);
      }
    } finally {
      this.isStepping = false;
    }
    this.arm();
    this.options.onState?.(this.state);
  }

  private arm(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    const deadline = clientDeadline(this.state);
    if (deadline === null || !this.isStarted) return;
    const delay = Math.max(0, Math.ceil(deadline - this.rim.now()));
    this.cancelTimer = this.rim.after(delay, () => this.dispatch({ kind: 'tick' }));
  }

  private perform(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'connect':
        void this.connect(effect.generation, effect.renew);
        break;
      case 'disconnect':
        this.disconnect();
        break;
      case 'send':
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(effect.frame));
        break;
      case 'save_queue':
        this.write(`queue:${effect.queue.id}`, JSON.stringify(effect.queue));
        break;
      case 'forget_queue':
        this.write(`queue:${effect.queue}`, null);
        break;
      case 'save_transcript':
        if (this.options.keepTranscripts) this.saveTranscript(effect.kept);
        break;
      case 'forget_transcript':
        this.write(`transcript:${effect.conversation}`, null);
        break;
      case 'token':
        this.options.onToken?.(effect.token);
        break;
      case 'wipe':
        this.forget();
        break;
      case 'reload':
        this.inSession(storage => storage.setItem(this.key('reloaded'), '1'));
        this.rim.reload();
        break;
      case 'tell':
        if (effect.news.kind === 'ready') this.inSession(storage => storage.removeItem(this.key('reloaded')));
        this.options.onNews?.(effect.news);
        break;
    }
  }

  private saveTranscript(kept: KeptTranscript): void {
    const records = kept.records.slice(-KEPT_RECORDS_MAX);
    this.write(`transcript:${kept.conversation}`, JSON.stringify({ ...kept, records }));
  }

  private async connect(generation: number, renew: boolean): Promise<void> {
    this.disconnect();
    const isCurrent = (): boolean =>
      !this.isStopped && this.isStarted && this.state.connection.generation === generation;
    let credential: Credential | null;
    try {
      credential = await this.options.credential(renew);
    } catch {
      if (isCurrent()) this.dispatch({ kind: 'closed', code: 1006, reason: '' });
      return;
    }
    if (!isCurrent() || this.state.connection.phase.kind !== 'opening') return;
    if (credential === null) return this.dispatch({ kind: 'closed', code: 4401, reason: '' });
    this.listen(this.rim.socket(this.options.url, SUBPROTOCOL), credential);
  }

  private listen(socket: WebSocket, credential: Credential): void {
    this.socket = socket;
    socket.onopen = () => this.dispatch({ kind: 'opened', credential });
    socket.onclose = ({ code, reason }) => {
      this.socket = null;
      this.dispatch({ kind: 'closed', code, reason });
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const frame = typeof data === 'string' ? decodeDown(data) : null;
      if (frame !== null) this.dispatch({ kind: 'frame', frame });
    };
  }

  /** A socket that was left is not listened to any more. */
  private disconnect(): void {
    const { socket } = this;
    if (socket === null) return;
    this.socket = null;
    socket.onopen = null;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
  }
}

function parse<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as T) : null;
  } catch {
    return null;
  }
}

/** Storage that works, or `null`: blocked storage throws on touch, and full storage on write. */
export function workingStorage(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    const storage = window[kind];
    storage.setItem('halloo:probe', '1');
    storage.removeItem('halloo:probe');
    return storage;
  } catch {
    return null;
  }
}

/** A random UUID, version 4. `crypto.randomUUID` is missing on plain http, `getRandomValues` is not. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return formatId(bytes, 4);
}

/** A UUIDv7 (RFC 9562, section 5.7): the time in milliseconds, then chance. */
export function timeId(wall_ms: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index++) bytes[index] = Math.floor(wall_ms / 2 ** (8 * (5 - index))) & 255;
  return formatId(bytes, 7);
}

function formatId(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 15) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128;
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Milliseconds that only grow, and count the sleep of the machine, which `performance.now` may leave out. */
export function steadyClock(steady: () => number, wall: () => number): () => number {
  let [last_steady, last_wall, now] = [steady(), wall(), 0];
  return () => {
    const [next_steady, next_wall] = [steady(), wall()];
    now += Math.max(next_steady - last_steady, next_wall - last_wall);
    [last_steady, last_wall] = [next_steady, next_wall];
    return now;
  };
}

export function browserRim(): Rim {
  return {
    storage: workingStorage('localStorage'),
    session: workingStorage('sessionStorage'),
    locks: navigator.locks ?? null,
    now: steadyClock(
      () => performance.now(),
      () => Date.now(),
    ),
    wall: () => Date.now(),
    chance: () => Math.random(),
    id: randomId,
    socket: (url, protocol) => new WebSocket(url, protocol),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    listen: (target, event, run) => {
      const source: EventTarget = target === 'window' ? window : document;
      source.addEventListener(event, run);
      return () => source.removeEventListener(event, run);
    },
    isVisible: () => document.visibilityState === 'visible',
    reload: () => location.reload(),
  };
}
