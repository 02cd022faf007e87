// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EVENT_NAMES, HANDSHAKE, type ToLoader, type ToPanel } from '../../src/loader/port.ts';

type Halloo = ((method: string, ...given: unknown[]) => unknown) & {
  [method: string]: (...given: unknown[]) => unknown;
};

const GATEWAY = 'https://chat.example.com';
let current: unknown = null;
/** The pretended DOM has its getters further up the chain than browsers do. */
const realBody = getterOf('body');

function getterOf(name: string): PropertyDescriptor {
  for (let proto: object | null = Document.prototype; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const found = Object.getOwnPropertyDescriptor(proto, name);
    if (found !== undefined) return found;
  }
  throw new Error(`no ${name}`);
}

// The pretended DOM says of every frame that it was told to load none.
vi.spyOn(HTMLIFrameElement.prototype, 'src', 'set').mockImplementation(function (
  this: HTMLIFrameElement,
  src,
) {
  this.setAttribute('data-src', src);
});

/** A script tag with these attributes. */
function tag(attributes: { [name: string]: string }, src = `${GATEWAY}/v1/loader.js`): HTMLScriptElement {
  const script = document.createElement('script');
  Object.defineProperty(script, 'src', { value: src });
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  return script;
}

/** Runs the loader as that tag would. */
function include(attributes: { [name: string]: string } = {}, src?: string): Promise<Halloo> {
  return run(tag(attributes, src));
}

const CLOBBERED = ['body', 'createElement', 'currentScript'];

function unclobber(): void {
  for (const name of CLOBBERED) delete (document as unknown as { [name: string]: unknown })[name];
}

async function run(script: unknown): Promise<Halloo> {
  current = script;
  vi.resetModules();
  await import('../../src/loader/loader.ts');
  current = null;
  return (window as unknown as { halloo: Halloo }).halloo;
}

function chats(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('halloo-chat')];
}

function root(): ShadowRoot {
  const shadow = chats()[0]?.shadowRoot;
  if (!shadow) throw new Error('no launcher');
  return shadow;
}

const button = () => root().querySelector('button') as HTMLButtonElement;
const frame = () => root().querySelector('iframe');

/** Lets the frame load and takes the panel's end of the port. */
async function panel(): Promise<{
  boot: ToPanel;
  heard: ToPanel[];
  say(message: ToLoader | unknown): Promise<void>;
  origin: string;
}> {
  const posted = vi.fn<(message: unknown, origin: string, ports: MessagePort[]) => void>();
  const iframe = frame();
  if (iframe === null) throw new Error('no frame');
  Object.defineProperty(iframe, 'contentWindow', { value: { postMessage: posted }, configurable: true });
  iframe.dispatchEvent(new Event('load'));
  const [message, origin, [port]] = posted.mock.calls[0] as [unknown, string, [MessagePort]];
  expect(message).toEqual({ kind: HANDSHAKE });
  const heard: ToPanel[] = [];
  port.onmessage = ({ data }) => heard.push(data as ToPanel);
  await settle();
  return {
    boot: heard[0] as ToPanel,
    heard,
    origin,
    say: async sent => {
      port.postMessage(sent);
      await settle();
    },
  };
}

const settle = () => new Promise(resolve => setTimeout(resolve, 20));
const kept = () =>
  JSON.parse(localStorage.getItem('halloo:demo') ?? 'null') as { token: string; open: boolean } | null;

beforeEach(() => {
  Object.defineProperty(Document.prototype, 'currentScript', { configurable: true, get: () => current });
  Object.defineProperty(Document.prototype, 'body', { ...realBody, configurable: true });
});

afterEach(() => {
  unclobber();
  for (const chat of chats()) chat.remove();
  delete (window as { halloo?: unknown }).halloo;
  localStorage.clear();
  document.body.replaceChildren();
});

describe('boot', () => {
  it('a tag with data-site shows a launcher and fetches nothing', async () => {
    await include({ 'data-site': 'demo' });
    expect(button().getAttribute('aria-label')).toBe('Open chat');
    expect(button().getAttribute('aria-expanded')).toBe('false');
    expect(frame()).toBeNull();
  });

  it('has no style attribute and no style element', async () => {
    await include({ 'data-site': 'demo' });
    expect(root().innerHTML).not.toMatch(/style/);
    expect(root().adoptedStyleSheets).toHaveLength(1);
  });

  it('runs what the stub has queued, in order', async () => {
    const queue: unknown[] = [];
    (window as unknown as { halloo: unknown }).halloo = Object.assign(() => {}, { q: queue });
    const listener = vi.fn();
    queue.push(['on', 'visibility', listener], ['boot', { site: 'demo' }], ['open']);
    await include();
    expect(frame()?.dataset.src).toBe(`${GATEWAY}/v1/panel/demo`);
    expect(listener).toHaveBeenCalledWith({ visibility: 'open' });
  });

  it('what was queued finds the chat that the tag boots', async () => {
    const queue: unknown[] = [['open']];
    (window as unknown as { halloo: unknown }).halloo = Object.assign(() => {}, { q: queue });
    const halloo = await include({ 'data-site': 'demo' });
    expect(halloo('state')).toMatchObject({ visibility: 'open' });
    expect(frame()?.dataset.src).toBe(`${GATEWAY}/v1/panel/demo`);
  });

  it('waits for a body', async () => {
    let isThere = false;
    Object.defineProperty(Document.prototype, 'body', {
      configurable: true,
      get: () => (isThere ? realBody.get?.call(document) : null),
    });
    await include({ 'data-site': 'demo' });
    expect(chats()).toHaveLength(0);
    isThere = true;
    document.documentElement.append(document.createElement('div'));
    await settle();
    expect(chats()).toHaveLength(1);
  });

  it('a second include and a second boot are harmless', async () => {
    const first = await include({ 'data-site': 'demo' });
    const second = await include({ 'data-site': 'demo' });
    second('boot', { site: 'other' });
    expect(second).toBe(first);
    expect(chats()).toHaveLength(1);
    first('open');
    expect(frame()?.dataset.src).toBe(`${GATEWAY}/v1/panel/demo`);
  });

  it('goes left and speaks German when told so', async () => {
    await include({ 'data-site': 'demo', 'data-position': 'left', 'data-locale': 'de-AT' });
    expect(chats()[0]?.dataset.position).toBe('left');
    expect(button().getAttribute('aria-label')).toBe('Chat öffnen');
  });

  it.each(['', '../admin', 'a/b', 'a b', 'x'.repeat(65)])('a site key like %j boots nothing', async site => {
    const halloo = await include();
    halloo('boot', { site });
    expect(chats()).toHaveLength(0);
  });
});

describe('a hostile host page', () => {
  it('a clobbered currentScript installs nothing', async () => {
    const image = document.createElement('img');
    Object.defineProperty(image, 'src', { value: 'https://evil.example/v1/loader.js' });
    await run(image);
    expect((window as { halloo?: unknown }).halloo).toBeUndefined();
  });

  it('a script from no web address installs nothing', async () => {
    await include({ 'data-site': 'demo' }, 'data:text/javascript,1');
    expect((window as { halloo?: unknown }).halloo).toBeUndefined();
  });

  it('names clobbered on document and window do not reach it', async () => {
    const script = tag({ 'data-site': 'demo' });
    const form = document.createElement('form');
    for (const name of CLOBBERED) Object.defineProperty(document, name, { configurable: true, value: form });
    (window as unknown as { halloo: unknown }).halloo = form;
    const halloo = await run(script);
    halloo('open');
    unclobber();
    expect(frame()?.dataset.src).toBe(`${GATEWAY}/v1/panel/demo`);
  });

  it('settings come from own keys only, and pollute nothing', async () => {
    const halloo = await include();
    halloo('boot', Object.create({ site: 'inherited' }));
    expect(chats()).toHaveLength(0);
    halloo(
      'boot',
      JSON.parse(
        '{"site":"demo","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"origin":"https://evil.example"}',
      ),
    );
    halloo('open');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(frame()?.dataset.src).toBe(`${GATEWAY}/v1/panel/demo`);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'nothing'])(
    'method %s does not exist',
    async method => {
      const halloo = await include({ 'data-site': 'demo' });
      expect(halloo(method, { polluted: true })).toBeUndefined();
    },
  );

  it('storage that throws costs memory only', async () => {
    const spy = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    await include({ 'data-site': 'demo' });
    spy.mockRestore();
    expect(chats()).toHaveLength(1);
  });

  it('what storage holds may be anything', async () => {
    for (const text of ['null', '7', '[]', '{', '{"token":{},"open":"yes"}']) {
      localStorage.setItem('halloo:demo', text);
      const halloo = await include({ 'data-site': 'demo' });
      expect(frame()).toBeNull();
      halloo('shutdown');
      await settle();
    }
  });
});

describe('the port', () => {
  it('goes to the gateway’s origin alone', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const { boot, origin } = await panel();
    expect(origin).toBe(GATEWAY);
    expect(boot).toMatchObject({ kind: 'boot', token: null, conversation: null, open: true });
  });

  it('window messages, from whoever, change nothing', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    await panel();
    for (const origin of ['https://evil.example', GATEWAY]) {
      for (const data of [{ kind: 'token', token: 'stolen' }, { kind: 'close' }, { kind: HANDSHAKE }]) {
        window.dispatchEvent(new MessageEvent('message', { data, origin, source: window }));
      }
    }
    await settle();
    expect(kept()).toBeNull();
    expect(halloo('state')).toMatchObject({ visibility: 'open' });
  });

  it('keeps the token and hands it to the next panel', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const first = await panel();
    await first.say({ kind: 'token', token: 't1' });
    expect(kept()?.token).toBe('t1');
    expect((await panel()).boot).toMatchObject({ token: 't1' });
  });

  it('an open conversation loads the panel unseen on the next page', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    await (await panel()).say({ kind: 'conversation', conversation: 'c', open: true });
    for (const chat of chats()) chat.remove();
    delete (window as { halloo?: unknown }).halloo;
    await include({ 'data-site': 'demo' });
    expect(frame()?.hidden).toBe(true);
    expect((await panel()).boot).toMatchObject({ conversation: 'c', open: false });
  });

  it('messages without sense are passed over', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    const listener = vi.fn();
    document.addEventListener('halloo:nothing', listener);
    halloo('on', 'unread', listener);
    halloo('open');
    const { say } = await panel();
    for (const data of [
      null,
      7,
      'close',
      [],
      {},
      { kind: 7 },
      { kind: 'nothing' },
      { kind: 'event', name: '__proto__' },
      { kind: 'event', name: 'nothing' },
      { kind: 'state', state: null },
    ])
      await say(data);
    expect(halloo('state')).toMatchObject({ visibility: 'open', unread: 0 });
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('a panel that cannot be shown', () => {
  const notice = () => root().querySelector('[role=status]')?.textContent;
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    warn.mockClear();
  });
  afterEach(() => void vi.useRealTimers());

  it('is replaced by a sentence, and the embedder learns what to look at', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    const listener = vi.fn();
    halloo('on', 'error', listener);
    halloo('open');
    await panel();
    vi.advanceTimersByTime(2_900);
    expect([frame()?.hidden, notice()]).toEqual([false, 'Loading…']);
    vi.advanceTimersByTime(100);
    expect([frame()?.hidden, notice()]).toEqual([true, 'The chat cannot be reached. Try again later.']);
    expect(listener.mock.calls).toEqual([[{ code: 'unreachable' }]]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls.join()).toMatch(/"demo".+settings list http/);
    halloo('close');
    expect(notice()).toBe('');
  });

  it('is asked for again when the chat is opened again, and told of once', async () => {
    const halloo = await include({ 'data-site': 'demo', 'data-locale': 'de' });
    halloo('open');
    await panel();
    vi.advanceTimersByTime(3_000);
    halloo('close');
    frame()?.removeAttribute('data-src');
    halloo('open');
    expect(frame()?.dataset.src).toBe(`${GATEWAY}/v1/panel/demo`);
    await panel();
    vi.advanceTimersByTime(3_000);
    expect([frame()?.hidden, notice()]).toEqual([
      true,
      'Der Chat ist nicht erreichbar. Bitte später versuchen.',
    ]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('is shown when it speaks after all, and missed again when a reload silences it', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const { say } = await panel();
    vi.advanceTimersByTime(3_000);
    await say({ kind: 'state', state: { unread: 0 } });
    expect([frame()?.hidden, notice()]).toEqual([false, '']);
    vi.advanceTimersByTime(60_000);
    expect(frame()?.hidden).toBe(false);
    await panel();
    vi.advanceTimersByTime(3_000);
    expect(frame()?.hidden).toBe(true);
  });

  it('is missed too when its document does not even come', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    vi.advanceTimersByTime(9_900);
    expect(notice()).toBe('Loading…');
    vi.advanceTimersByTime(100);
    expect(notice()).toBe('The chat cannot be reached. Try again later.');
  });

  it('is not seen before it speaks: it may be an error page of the browser', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const { say } = await panel();
    expect([frame()?.className, notice()]).toEqual(['mute', 'Loading…']);
    await say({ kind: 'state', state: { unread: 0 } });
    expect([frame()?.className, notice()]).toEqual(['', '']);
  });

  it('is none that speaks in time and then has nothing to say', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    await (await panel()).say({ kind: 'state', state: { unread: 0 } });
    vi.advanceTimersByTime(60_000);
    expect([frame()?.hidden, notice()]).toEqual([false, '']);
    expect(warn).not.toHaveBeenCalled();
  });

  it('on a page that was opened as a file says that it must be served', async () => {
    const own = Object.getOwnPropertyDescriptor(location, 'protocol');
    Object.defineProperty(location, 'protocol', { configurable: true, value: 'file:' });
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    await panel();
    vi.advanceTimersByTime(3_000);
    if (own) Object.defineProperty(location, 'protocol', own);
    else Reflect.deleteProperty(location, 'protocol');
    expect(notice()).toBe('A file cannot chat. Serve it over HTTP.');
    expect(warn.mock.calls.join()).toContain('Serve it over HTTP.');
  });

  it('is not waited for after the shutdown', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    await panel();
    halloo('shutdown');
    vi.advanceTimersByTime(60_000);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('a site that changes its page without loading one', () => {
  let isHidden = false;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    isHidden = false;
    Object.defineProperty(Document.prototype, 'hidden', { configurable: true, get: () => isHidden });
    history.replaceState(null, '', '/');
    document.title = 'Shop';
  });
  afterEach(() => {
    vi.useRealTimers();
    delete (Document.prototype as { hidden?: boolean }).hidden;
  });

  async function opened() {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const { heard } = await panel();
    const pages = () => heard.flatMap(message => (message.kind === 'page' ? [message.page] : []));
    const looked = async () => {
      vi.advanceTimersByTime(1_000);
      await settle();
      return pages();
    };
    return { halloo, looked };
  }

  it('tells the panel of the latest, once a second at most', async () => {
    const { looked } = await opened();
    expect(await looked()).toEqual([]);
    history.pushState(null, '', '/tea?colour=green#leaves');
    history.pushState(null, '', '/cart');
    document.title = 'Cart';
    const cart = { url: `${location.origin}/cart`, title: 'Cart' };
    expect(await looked()).toEqual([cart]);
    document.title = 'Cart (1)';
    expect(await looked()).toEqual([cart, { ...cart, title: 'Cart (1)' }]);
    expect(await looked()).toHaveLength(2);
  });

  it('is quiet in a tab behind, and tells again when it comes to the front', async () => {
    const { looked } = await opened();
    isHidden = true;
    history.pushState(null, '', '/cart');
    expect(await looked()).toEqual([]);
    isHidden = false;
    expect(await looked()).toHaveLength(1);
    isHidden = true;
    await looked();
    isHidden = false;
    expect(await looked()).toHaveLength(2);
  });

  it('is not looked at any more after the shutdown, nor before the chat is wanted', async () => {
    const { halloo } = await opened();
    expect(vi.getTimerCount()).toBe(1);
    halloo('shutdown');
    expect(vi.getTimerCount()).toBe(0);
    halloo('boot', { site: 'other' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('events', () => {
  it('are all told of on the page about embedding', () => {
    const page = readFileSync('../docs/embedding.md', 'utf8');
    expect(EVENT_NAMES.filter(name => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('reach listeners and the document, and off ends it', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    const [listener, onDocument] = [vi.fn(), vi.fn()];
    halloo('on', 'unread', listener);
    document.addEventListener('halloo:unread', onDocument);
    halloo('open');
    const { say } = await panel();
    await say({ kind: 'event', name: 'unread', detail: 2 });
    halloo('off', 'unread', listener);
    await say({ kind: 'event', name: 'unread', detail: 3 });
    expect(listener.mock.calls).toEqual([[2]]);
    expect(onDocument.mock.calls.map(([event]) => (event as CustomEvent).detail)).toEqual([2, 3]);
  });

  it('unread shows as a badge and in the name', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const { say } = await panel();
    halloo('close');
    await say({ kind: 'state', state: { unread: 2 } });
    expect(root().querySelector('span')?.textContent).toBe('2');
    expect(button().getAttribute('aria-label')).toBe('Open chat, unread messages: 2');
  });
});

describe('keyboard', () => {
  it('Escape closes, and the focus returns to the launcher', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    button().click();
    expect(button().getAttribute('aria-expanded')).toBe('true');
    button().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }));
    expect(halloo('state')).toMatchObject({ visibility: 'closed' });
    expect(root().activeElement).toBe(button());
  });

  it('a close asked for by the panel does the same', async () => {
    await include({ 'data-site': 'demo' });
    button().click();
    await (await panel()).say({ kind: 'close' });
    expect(frame()?.hidden).toBe(true);
    expect(root().activeElement).toBe(button());
  });
});

describe('shutdown', () => {
  it('tells the panel to forget, forgets itself, and leaves nothing behind', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('open');
    const { say, heard } = await panel();
    await say({ kind: 'token', token: 't1' });
    halloo('shutdown');
    await settle();
    expect(heard.at(-1)).toEqual({ kind: 'forget' });
    await say({ kind: 'token', token: 'late' });
    await say({ kind: 'forgotten' });
    expect(kept()).toBeNull();
    expect(chats()).toHaveLength(0);
    expect(halloo('state')).toBeNull();
  });

  it('a new boot may follow', async () => {
    const halloo = await include({ 'data-site': 'demo' });
    halloo('shutdown');
    halloo('boot', { site: 'other' });
    expect(chats()).toHaveLength(1);
  });
});
