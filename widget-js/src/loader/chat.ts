// One booted chat on the host page: launcher, frame, port, and what the host's storage keeps.

import { type Kept, readKept, textOf, writeKept } from './host.ts';
import { createLauncher, UNSERVED } from './launcher.ts';
import { pageNow, watchPage } from './page.ts';
import { EVENT_NAMES, type EventName, HANDSHAKE, messageOf, type PanelState, type ToPanel } from './port.ts';

/** How long a shutdown waits for the panel to forget. */
const FORGET_MS_MAX = 1_000;
/** A panel speaks at once when it is there; in a frame that was blocked, or got another page, nobody does. */
const CLIENT_SILENCE_MS_MAX = 3_000;
/** Longest wait for the panel's document and scripts, over a slow line. */
const LOADING_MS_MAX = 10_000;

export interface Chat {
  site: string;
  open(): void;
  close(): void;
  state(): PanelState & { visibility: 'open' | 'closed' };
  shutdown(): void;
}

export interface ChatOptions {
  origin: string;
  site: string;
  locale: string | null;
  position: string;
  emit(name: EventName, detail: unknown): void;
}

export function startChat({ origin, site, locale, position, emit }: ChatOptions): Chat {
  const address = `${origin}/v1/panel/${encodeURIComponent(site)}`;
  let kept = readKept(site);
  let isOpen = false;
  let isOver = false;
  let frame: HTMLIFrameElement | null = null;
  let port: MessagePort | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;
  /** `null` before the panel has spoken or was missed. */
  let isLost: boolean | null = null;
  let unwatch = (): void => {};
  let panel: PanelState = {
    ready: false,
    connection: 'offline',
    availability: null,
    queue: null,
    agent: null,
    unread: 0,
  };
  const launcher = createLauncher(locale ?? navigator.language, position, () => (isOpen ? close() : open()));
  launcher.element.addEventListener('keydown', event => {
    if (event.key === 'Escape' && isOpen) close();
  });
  // A conversation left open is a reason to load the panel unseen, so that replies show as unread.
  if (kept.open) load();

  /** A panel that was lost is asked for again. */
  function load(): void {
    if (frame === null) {
      frame = launcher.frame(address, shakeHands);
      unwatch = watchPage(page => tell({ kind: 'page', page }));
    } else if (isLost) frame.src = address;
    else return;
    expectWords(LOADING_MS_MAX);
  }

  function expectWords(within_ms: number): void {
    clearTimeout(silence);
    silence = setTimeout(() => lose(true), within_ms);
  }

  /** Each load of the frame is a new panel with a port of its own. Only the gateway's origin can take it. */
  function shakeHands(loaded: HTMLIFrameElement): void {
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => hear(data);
    loaded.contentWindow?.postMessage({ kind: HANDSHAKE }, origin, [channel.port2]);
    const { token, conversation } = kept;
    tell({ kind: 'boot', token, conversation, locale, page: pageNow(), open: isOpen });
    expectWords(CLIENT_SILENCE_MS_MAX);
  }

  function lose(lost: boolean): void {
    if (lost === isLost) return;
    isLost = lost;
    launcher.lose(lost);
    if (!lost) return;
    // biome-ignore lint/suspicious/noConsole: for the embedder, who sees nothing else of it.
    console.warn(
      `halloo: no chat for "${site}": ` +
        (location.protocol === 'file:'
          ? UNSERVED
          : `check the site key, and that its settings list ${location.origin}`),
    );
    emit('error', { code: 'unreachable' });
  }

  function tell(message: ToPanel): void {
    port?.postMessage(message);
  }

  function hear(data: unknown): void {
    const message = messageOf(data);
    clearTimeout(silence);
    lose(false);
    switch (message?.kind) {
      case 'token':
        keep({ token: textOf(message.token) });
        break;
      case 'conversation':
        keep({ conversation: textOf(message.conversation), open: message.open === true });
        break;
      case 'event':
        if (EVENT_NAMES.includes(message.name as EventName)) emit(message.name as EventName, message.detail);
        break;
      case 'state':
        if (typeof message.state !== 'object' || message.state === null) break;
        panel = message.state as PanelState;
        launcher.badge(Number(panel.unread) || 0);
        break;
      case 'close':
        close();
        break;
      case 'forgotten':
        remove();
        break;
    }
  }

  function keep(change: Partial<Kept>): void {
    if (isOver) return;
    kept = { ...kept, ...change };
    writeKept(site, kept);
  }

  function show(open: boolean): void {
    isOpen = open;
    launcher.show(open);
    tell({ kind: 'visibility', open });
    emit('visibility', { visibility: open ? 'open' : 'closed' });
  }

  function open(): void {
    if (isOpen || isOver) return;
    load();
    show(true);
    frame?.focus();
  }

  function close(): void {
    if (!isOpen) return;
    show(false);
    launcher.button.focus();
  }

  function remove(): void {
    clearTimeout(silence);
    port?.close();
    port = null;
    launcher.remove();
  }

  function shutdown(): void {
    isOver = true;
    isOpen = false;
    unwatch();
    writeKept(site, null);
    launcher.element.hidden = true;
    launcher.show(false);
    if (port === null) return remove();
    tell({ kind: 'forget' });
    setTimeout(remove, FORGET_MS_MAX);
  }

  return {
    site,
    open,
    close,
    state: () => ({ ...panel, visibility: isOpen ? 'open' : 'closed' }),
    shutdown,
  };
}
