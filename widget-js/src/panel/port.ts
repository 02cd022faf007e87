// The panel's end of the port: who may hand it over, and what a boot holds.

import { textOf } from '../loader/host.ts';
import { HANDSHAKE, messageOf } from '../loader/port.ts';
import { TITLE_BYTES_MAX, URL_BYTES_MAX } from '../protocol/limits.ts';

export interface Boot {
  token: string | null;
  /** The conversation that the host page's storage remembers. */
  conversation: string | null;
  locale: string | null;
  page: { url?: string; title?: string };
  isOpen: boolean;
  /** Whose storage this is: the host page's origin, or the gateway's own talk page. */
  namespace: string;
  port: MessagePort | null;
}

/** Takes the one port that the embedding page hands over, and nothing else from any window. */
export function awaitPort(site: string, start: (boot: Boot) => void): void {
  const listen = ({ data, source, origin, ports }: MessageEvent<unknown>): void => {
    const [port, more] = ports;
    const embedder = location.ancestorOrigins?.[0] ?? origin;
    if (source !== window.parent || origin !== embedder || port === undefined || more !== undefined) return;
    if (messageOf(data)?.kind !== HANDSHAKE) return;
    window.removeEventListener('message', listen);
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = messageOf(data);
      if (message?.kind !== 'boot') return;
      const { token, conversation, locale, page, open } = message;
      start({
        token: textOf(token),
        conversation: textOf(conversation),
        locale: textOf(locale),
        page: pageOf(page),
        isOpen: open === true,
        namespace: `halloo:panel:${site}:${origin}`,
        port,
      });
    };
  };
  window.addEventListener('message', listen);
}

/** A page as a stranger tells of it, cut to what the wire takes. */
export function pageOf(given: unknown): { url?: string; title?: string } {
  const { url, title } = (typeof given === 'object' && given !== null ? given : {}) as {
    url?: unknown;
    title?: unknown;
  };
  return {
    ...(typeof url === 'string' && url.length <= URL_BYTES_MAX && { url }),
    ...(typeof title === 'string' && { title: [...title].slice(0, TITLE_BYTES_MAX / 4).join('') }),
  };
}
