// The button on the host page and the frame behind it, in one custom element with an open shadow root.

import { createElement, createSvg, documentProperty } from './host.ts';
import { STYLE } from './style.ts';

const BUBBLE = 'M21 11.5a8.4 8.4 0 0 1-12.2 7.6L3 21l1.9-5.8A8.5 8.5 0 1 1 21 11.5z';
const CROSS = 'M6 6l12 12M18 6L6 18';

const WORDS = {
  en: {
    open: 'Open chat',
    close: 'Close chat',
    title: 'Chat',
    unread: ', unread messages: ',
    loading: 'Loading…',
    lost: 'The chat cannot be reached. Try again later.',
  },
  de: {
    open: 'Chat öffnen',
    close: 'Chat schließen',
    title: 'Chat',
    unread: ', ungelesene Nachrichten: ',
    loading: 'Wird geladen…',
    lost: 'Der Chat ist nicht erreichbar. Bitte später versuchen.',
  },
};

/** For whoever tries the chat out; a visitor never meets it. */
export const UNSERVED = 'A file cannot chat. Serve it over HTTP.';

export interface Launcher {
  element: HTMLElement;
  button: HTMLButtonElement;
  /** Makes the frame, unseen and untouched until `lose` says that the panel is there; before, nothing is fetched. */
  frame(src: string, onLoad: (frame: HTMLIFrameElement) => void): HTMLIFrameElement;
  show(isOpen: boolean): void;
  /** Shows a sentence in the frame's place, or the frame. */
  lose(isLost: boolean): void;
  badge(unread: number): void;
  remove(): void;
}

export function createLauncher(locale: string, position: string, onToggle: () => void): Launcher {
  const words = locale.toLowerCase().startsWith('de') ? WORDS.de : WORDS.en;
  const element = createElement('halloo-chat');
  const root = element.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  const button = createElement('button');
  const count = createElement('span');
  const notice = createElement('p');
  const why = location.protocol === 'file:' ? UNSERVED : words.lost;
  let frame: HTMLIFrameElement | null = null;
  let isOpen = false;
  let isLost = false;
  let unread = 0;

  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  element.lang = words === WORDS.de ? 'de' : 'en';
  if (position === 'left') element.dataset.position = 'left';
  button.type = 'button';
  count.setAttribute('aria-hidden', 'true');
  notice.setAttribute('role', 'status');
  button.append(icon(BUBBLE), icon(CROSS), count);
  root.append(notice, button);
  button.addEventListener('click', onToggle);
  const cancel = whenBody(body => body.append(element));
  describe();

  function describe(): void {
    button.setAttribute('aria-expanded', String(isOpen));
    button.setAttribute(
      'aria-label',
      isOpen ? words.close : words.open + (unread > 0 ? words.unread + unread : ''),
    );
    count.hidden = isOpen || unread === 0;
    count.textContent = unread > 99 ? '99+' : String(unread);
    notice.textContent = !isOpen ? '' : isLost ? why : frame?.className ? words.loading : '';
    if (frame === null) return;
    const hadFocus = root.activeElement === frame;
    frame.hidden = !isOpen || isLost;
    if (hadFocus && isLost) button.focus();
  }

  return {
    element,
    button,
    frame(src, onLoad) {
      const made = createElement('iframe');
      made.title = words.title;
      made.src = src;
      made.className = 'mute';
      made.addEventListener('load', () => onLoad(made));
      root.prepend(made);
      frame = made;
      describe();
      return made;
    },
    show(open) {
      isOpen = open;
      describe();
    },
    lose(lost) {
      isLost = lost;
      if (frame !== null) frame.className = '';
      describe();
    },
    badge(now) {
      unread = now;
      describe();
    },
    remove() {
      cancel();
      element.remove();
    },
  };
}

function icon(path: string): SVGElement {
  const svg = createSvg('svg');
  const line = createSvg('path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** Runs now, or when the body has come: the script may stand in the head. */
function whenBody(run: (body: HTMLElement) => void): () => void {
  const now = documentProperty('body');
  if (now instanceof HTMLElement) {
    run(now);
    return () => {};
  }
  const observer = new MutationObserver(() => {
    const body = documentProperty('body');
    if (!(body instanceof HTMLElement)) return;
    observer.disconnect();
    run(body);
  });
  observer.observe(document, { childList: true, subtree: true });
  return () => observer.disconnect();
}
