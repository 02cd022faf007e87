// The host page as a stranger: names in it may be clobbered by elements, and storage may throw.
// Document lends its properties to named elements (`<img name="body">`), so they are read from the prototype.

export function documentProperty(name: 'currentScript' | 'body' | 'hidden'): unknown {
  return Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document);
}

export function createElement<K extends keyof HTMLElementTagNameMap>(tag: K): HTMLElementTagNameMap[K];
export function createElement(tag: string): HTMLElement;
export function createElement(tag: string): HTMLElement {
  return Document.prototype.createElement.call(document, tag);
}

export function createSvg(tag: string): SVGElement {
  return Document.prototype.createElementNS.call(document, 'http://www.w3.org/2000/svg', tag) as SVGElement;
}

/** What the host page's first-party storage keeps for one site. */
export interface Kept {
  token: string | null;
  conversation: string | null;
  /** Whether that conversation is open. */
  open: boolean;
}

const NOTHING: Kept = { token: null, conversation: null, open: false };

export function readKept(site: string): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`halloo:${site}`) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return NOTHING;
    const { token, conversation, open } = kept as { [key in keyof Kept]: unknown };
    return { token: textOf(token), conversation: textOf(conversation), open: open === true };
  } catch {
    return NOTHING;
  }
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function writeKept(site: string, kept: Kept | null): void {
  try {
    if (kept === null) localStorage.removeItem(`halloo:${site}`);
    else localStorage.setItem(`halloo:${site}`, JSON.stringify(kept));
  } catch {
    // Without storage the chat lives as long as the page.
  }
}

export interface Settings {
  site?: string;
  locale?: string;
  position?: string;
}

const SETTINGS = ['site', 'locale', 'position'] as const;

/** Takes known settings only, from own keys only, into an object without a prototype. */
export function settingsOf(given: unknown): Settings {
  const settings: Settings = Object.create(null);
  if (typeof given !== 'object' || given === null) return settings;
  for (const name of SETTINGS) {
    const value: unknown = Object.hasOwn(given, name) ? (given as Settings)[name] : undefined;
    if (typeof value === 'string' && value.length <= 64) settings[name] = value;
  }
  return settings;
}
