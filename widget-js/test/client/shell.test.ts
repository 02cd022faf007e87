// The shell with a pretended browser: what tabs share (storage, locks), and what each has of its own.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { News } from '../../src/client/client.ts';
import { type Client, type Rim, startClient, steadyClock } from '../../src/client/shell.ts';
import type { Command, Down, Up } from '../../src/protocol/frames.ts';
import { LIMITS } from './dialogue.ts';

Object.assign(globalThis, { WebSocket: { OPEN: 1 } });

class MemoryStorage {
  private readonly map = new Map<string, string>();
  isFull = false;
  get length(): number {
    return this.map.size;
  }
  key(index: number): string | null {
    return [...this.map.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.isFull) throw new DOMException('full', 'QuotaExceededError');
    this.map.set(key, value);
  }
  removeItem(key: string): void {
    this.map.delete(key);
  }
  get keys(): string[] {
    return [...this.map.keys()];
  }
}

/** Web Locks, as far as queues need them. */
class Locks {
  private readonly held = new Set<string>();
  private readonly waiting = new Map<string, (() => void)[]>();

  async request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    run: (lock: object | null) => unknown,
  ) {
    await null;
    if (this.held.has(name)) {
      if (options.ifAvailable) return run(null);
      await new Promise<void>((resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        this.waiting.set(name, [...(this.waiting.get(name) ?? []), resolve]);
      });
    }
    this.held.add(name);
    try {
      return await run({});
    } finally {
      this.held.delete(name);
      this.waiting.get(name)?.shift()?.();
    }
  }
}

class Socket {
  readyState = 1;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly sent: Up[] = [];
  isClosed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Up);
  }
  close(): void {
    this.isClosed = true;
  }
  hear(frame: Down): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  get commands(): Command[] {
    return this.sent.flatMap(frame => ('command' in frame ? [frame.command] : []));
  }
}

class Tab {
  readonly sockets: Socket[] = [];
  readonly news: News[] = [];
  readonly client: Client;
  private readonly listeners = new Map<string, (event: Event) => void>();
  private ids = 0;
  now = 0;
  reloads = 0;

  constructor(
    readonly name: string,
    storage: MemoryStorage | null,
    locks: Locks | null,
    private readonly session = new MemoryStorage(),
  ) {
    const rim: Rim = {
      storage: storage as unknown as Storage | null,
      session: this.session as unknown as Storage,
      locks: locks as unknown as LockManager | null,
      now: () => this.now,
      wall: () => this.now + 1_000_000,
      chance: () => 0.5,
      id: () => `${name}${++this.ids}`,
      socket: () => {
        const socket = new Socket();
        this.sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      after: () => () => {},
      listen: (target, event, run) => {
        this.listeners.set(`${target} ${event}`, run);
        return () => this.listeners.delete(`${target} ${event}`);
      },
      isVisible: () => true,
      reload: () => void this.reloads++,
    };
    this.client = startClient(
      {
        url: 'ws://x',
        site: 'demo',
        namespace: 'n',
        keepTranscripts: true,
        credential: () => ({}),
        onNews: news => this.news.push(news),
      },
      rim,
    );
  }

  get socket(): Socket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket');
    return socket;
  }

  fire(event: string, detail: object = {}): void {
    this.listeners.get(event)?.(Object.assign(new Event('x'), detail));
  }

  async ready(): Promise<this> {
    await vi.waitFor(() => expect(this.sockets.at(-1)?.onopen).toBeTruthy());
    this.socket.onopen?.();
    const follows = this.socket.sent.flatMap(frame => ('hello' in frame ? (frame.hello.follows ?? []) : []));
    const heads = follows.map(({ conversation, position = { number: 0, tail: 0 } }) => ({
      conversation,
      position,
    }));
    this.socket.hear({ ready: { protocol: 1, site: 'Demo', limits: LIMITS, heads } });
    return this;
  }

  say(body: string): void {
    this.client.dispatch({ kind: 'command', conversation: 'c', action: { say: { body } } });
  }

  ok(index: number): void {
    const command = this.socket.commands[index] as Command;
    this.socket.hear({ ok: { command: command.id, conversation: 'c', at: 1 } });
  }
}

const bodies = (socket: Socket) =>
  socket.commands.map(({ action }) => ('say' in action ? action.say.body : ''));
const settle = () => new Promise(resolve => setTimeout(resolve, 5));
let storage: MemoryStorage;
let locks: Locks;

beforeEach(() => {
  storage = new MemoryStorage();
  locks = new Locks();
});

describe('one tab', () => {
  it('keeps a command before it sends it', async () => {
    const tab = await new Tab('a', storage, locks).ready();
    let kept = '';
    const { send } = tab.socket;
    tab.socket.send = text => {
      kept = storage.keys.map(key => storage.getItem(key)).join();
      send.call(tab.socket, text);
    };
    tab.say('hi');
    expect(kept).toContain('"body":"hi"');
  });

  it('what is given before the first socket is sent after ready', async () => {
    const tab = new Tab('a', storage, locks);
    tab.client.dispatch({ kind: 'command', conversation: 'c', action: { open: {} } });
    tab.say('early');
    await tab.ready();
    tab.ok(0);
    expect(bodies(tab.socket)).toEqual(['', 'early']);
  });

  it('says so when storage fills up, and goes on in memory', async () => {
    const tab = await new Tab('a', storage, locks).ready();
    storage.isFull = true;
    tab.say('hi');
    expect(bodies(tab.socket)).toEqual(['hi']);
    expect(tab.client.isDurable).toBe(false);
  });

  it('without storage runs in memory', async () => {
    const tab = await new Tab('a', null, null).ready();
    tab.say('hi');
    expect(bodies(tab.socket)).toEqual(['hi']);
    expect(tab.client.isDurable).toBe(false);
  });

  it('reloads once for a newer client, also over the reload', async () => {
    const session = new MemoryStorage();
    const tab = await new Tab('a', storage, locks, session).ready();
    tab.socket.onclose?.({ code: 4426, reason: '' });
    expect(tab.reloads).toBe(1);
    const again = new Tab('b', new MemoryStorage(), new Locks(), session);
    await vi.waitFor(() => expect(again.sockets).toHaveLength(1));
    again.socket.onopen?.();
    again.socket.onclose?.({ code: 4426, reason: '' });
    expect(again.reloads).toBe(0);
  });

  it('does not listen to a socket it has left', async () => {
    const tab = await new Tab('a', storage, locks).ready();
    const old = tab.socket;
    tab.fire('window pagehide');
    expect(old.isClosed).toBe(true);
    expect(old.onmessage).toBeNull();
  });
});

describe('a reload in the middle of a send', () => {
  it('the next load adopts the queue and sends the same command', async () => {
    const before = await new Tab('a', storage, locks).ready();
    before.say('hi');
    const sent = before.socket.commands[0];
    before.fire('window pagehide');
    await settle();
    const after = await new Tab('b', storage, locks).ready();
    expect(after.socket.commands).toEqual([sent]);
    after.ok(0);
    after.say('more');
    expect(after.socket.commands[1]?.id).toEqual({ outbox: sent?.id.outbox, ordinal: 2 });
  });

  it('what is given at once waits behind what was left', async () => {
    const before = await new Tab('a', storage, locks).ready();
    before.say('left');
    before.fire('window pagehide');
    await settle();
    const after = new Tab('b', storage, locks);
    after.say('early');
    await after.ready();
    expect(bodies(after.socket)).toEqual(['left']);
    after.ok(0);
    expect(bodies(after.socket)).toEqual(['left', 'early']);
  });

  it('leaves no litter behind, however often', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      const tab = await new Tab(name, storage, locks).ready();
      tab.say('hi');
      tab.ok(0);
      tab.fire('window pagehide');
      await settle();
    }
    expect(storage.keys.filter(key => key.startsWith('n:queue:'))).toHaveLength(1);
  });
});

describe('two tabs', () => {
  it('never send from the same queue', async () => {
    const left = await new Tab('a', storage, locks).ready();
    left.say('left');
    const right = await new Tab('b', storage, locks).ready();
    right.say('right');
    expect(bodies(left.socket)).toEqual(['left']);
    expect(bodies(right.socket)).toEqual(['right']);
    expect(left.socket.commands[0]?.id.outbox).not.toBe(right.socket.commands[0]?.id.outbox);
  });

  it('the one that stays sends what the closed one left', async () => {
    const left = await new Tab('a', storage, locks).ready();
    const right = await new Tab('b', storage, locks).ready();
    left.say('left behind');
    left.fire('window pagehide');
    await settle();
    expect(bodies(right.socket)).toEqual(['left behind']);
    expect(right.socket.commands).toEqual(left.socket.commands);
  });

  it('also when the closed one came later', async () => {
    const first = await new Tab('a', storage, locks).ready();
    const second = await new Tab('b', storage, locks).ready();
    second.say('left behind');
    const key = storage.keys.find(key => key.startsWith('n:queue:b')) ?? '';
    first.fire('window storage', { key, newValue: storage.getItem(key), storageArea: storage });
    second.fire('window pagehide');
    await settle();
    expect(bodies(first.socket)).toEqual(['left behind']);
  });

  it('a page back from the cache is a new session, and its queue may be gone', async () => {
    const left = await new Tab('a', storage, locks).ready();
    const session = left.client.state.session;
    left.say('hi');
    left.fire('window pagehide');
    await settle();
    const right = await new Tab('b', storage, locks).ready();
    expect(bodies(right.socket)).toEqual(['hi']);
    left.fire('window pageshow', { persisted: true });
    await vi.waitFor(() => expect(left.sockets).toHaveLength(2));
    await left.ready();
    expect(left.client.state.session).not.toBe(session);
    expect(bodies(left.socket)).toEqual([]);
  });
});

describe('without Web Locks', () => {
  it('a queue whose owner lives is left alone, and adopted when it is gone', async () => {
    const left = await new Tab('a', storage, null).ready();
    left.say('hi');
    const right = await new Tab('b', storage, null).ready();
    expect(bodies(right.socket)).toEqual([]);
    left.fire('window pagehide');
    const third = await new Tab('c', storage, null).ready();
    expect(bodies(third.socket)).toEqual(['hi']);
  });
});

describe('the clock', () => {
  it('only grows, and counts the sleep of the machine', () => {
    let [steady, wall] = [0, 1_000];
    const now = steadyClock(
      () => steady,
      () => wall,
    );
    [steady, wall] = [10, 1_010];
    expect(now()).toBe(10);
    [steady, wall] = [20, 61_010];
    expect(now()).toBe(60_010);
    [steady, wall] = [30, 5];
    expect(now()).toBe(60_020);
  });

  it('after a sleep the dead socket is left as soon as the page is seen', async () => {
    const tab = await new Tab('a', storage, locks).ready();
    tab.now += 3_600_000;
    tab.fire('document visibilitychange');
    await vi.waitFor(() => expect(tab.sockets).toHaveLength(2));
    expect(tab.sockets[0]?.isClosed).toBe(true);
  });
});

describe('forget', () => {
  it('takes everything of this namespace, and nothing else', async () => {
    storage.setItem('other:key', '1');
    const tab = await new Tab('a', storage, locks).ready();
    tab.say('hi');
    tab.client.write('draft', 'secret');
    tab.socket.onclose?.({ code: 4410, reason: '' });
    expect(storage.keys).toEqual(['other:key']);
  });
});
