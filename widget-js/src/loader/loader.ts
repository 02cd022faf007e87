// The script of the host page. It installs `halloo`, runs what was queued, and boots from its own tag.

import { type Chat, startChat } from './chat.ts';
import { documentProperty, settingsOf } from './host.ts';
import { EVENT_NAMES, type EventName } from './port.ts';

type Listener = (detail: unknown) => void;
type Halloo = ((method: string, ...given: unknown[]) => unknown) & { [method: string]: unknown };

/** Tells our own function from a stub, a clobbered name, or another script's. */
const MARK = Symbol.for('halloo.v1');

install();

function install(): void {
  const script = documentProperty('currentScript');
  if (!(script instanceof HTMLScriptElement)) return;
  const origin = originOf(script.src);
  if (origin === null) return;
  const found: unknown = (window as { halloo?: unknown }).halloo;
  const isOurs = typeof found === 'function' && MARK in found;
  const halloo = isOurs ? (found as unknown as Halloo) : create(origin);
  (window as { halloo?: unknown }).halloo = halloo;
  const { site, locale, position } = script.dataset;
  if (site !== undefined) halloo('boot', { site, locale, position });
  // What was queued may ask for the chat that the tag boots.
  if (!isOurs) replay(halloo, found);
}

function originOf(src: string): string | null {
  try {
    const { protocol, origin } = new URL(src);
    return protocol === 'https:' || protocol === 'http:' ? origin : null;
  } catch {
    return null;
  }
}

/** Runs what the stub has queued. */
function replay(halloo: Halloo, stub: unknown): void {
  const queue: unknown = typeof stub === 'function' ? (stub as { q?: unknown }).q : null;
  if (!Array.isArray(queue)) return;
  for (const given of queue as ArrayLike<unknown>[]) {
    const [method, ...rest] = Array.from(given);
    halloo(String(method), ...rest);
  }
}

function create(origin: string): Halloo {
  let chat: Chat | null = null;
  const listeners = new Map<EventName, Set<Listener>>(EVENT_NAMES.map(name => [name, new Set()]));

  function emit(name: EventName, detail: unknown): void {
    for (const listener of [...(listeners.get(name) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        // The host's fault is reported as such, and stops nobody else.
        setTimeout(() => {
          throw error;
        });
      }
    }
    const event = new CustomEvent(`halloo:${name}`, { detail, bubbles: true });
    EventTarget.prototype.dispatchEvent.call(document, event);
  }

  const methods: { [method: string]: (...given: unknown[]) => unknown } = Object.assign(Object.create(null), {
    boot(given: unknown) {
      const { site, locale, position } = settingsOf(given);
      if (chat !== null || site === undefined || !/^[\w-]+$/.test(site)) return;
      const chosen = locale === undefined || locale === 'auto' ? null : locale;
      chat = startChat({ origin, site, locale: chosen, position: position ?? 'right', emit });
    },
    shutdown() {
      chat?.shutdown();
      chat = null;
    },
    open: () => chat?.open(),
    close: () => chat?.close(),
    on(name: unknown, listener: unknown) {
      if (typeof listener === 'function') listeners.get(name as EventName)?.add(listener as Listener);
    },
    off(name: unknown, listener: unknown) {
      listeners.get(name as EventName)?.delete(listener as Listener);
    },
    state: () => chat?.state() ?? null,
  });

  const halloo = (method: string, ...given: unknown[]): unknown => methods[method]?.(...given);
  return Object.assign(halloo, methods, { [MARK]: true }) as unknown as Halloo;
}
