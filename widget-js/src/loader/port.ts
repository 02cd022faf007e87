// What loader and panel say to each other over their port. Both ends check what they are told.

/** The window message that hands the panel its port: nothing else ever crosses by window message. */
export const HANDSHAKE = 'halloo.v1.port';

export interface PageNow {
  /** Origin and path only: query and fragment may hold what is nobody's business. */
  url: string;
  title: string;
}

export type ToPanel =
  | {
      kind: 'boot';
      token: string | null;
      conversation: string | null;
      locale: string | null;
      page: PageNow;
      open: boolean;
    }
  | { kind: 'visibility'; open: boolean }
  /** The site went to another page without loading it, or the tab is looked at again. */
  | { kind: 'page'; page: PageNow }
  /** Shut down for good: forget what storage keeps, then say `forgotten`. */
  | { kind: 'forget' };

export const EVENT_NAMES = [
  'ready',
  'error',
  'availability',
  'connection',
  'visibility',
  'conversation:start',
  'conversation:end',
  'message:sent',
  'message:received',
  'message:failed',
  'queue',
  'agent:join',
  'agent:leave',
  'unread',
  'rating',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** What `halloo('state')` answers, save `visibility`, which is the loader's own. */
export interface PanelState {
  ready: boolean;
  connection: 'online' | 'resuming' | 'offline';
  availability: { online: boolean; waiting: number } | null;
  queue: { position: number; low_s: number | null; high_s: number | null } | null;
  agent: string | null;
  unread: number;
}

export type ToLoader =
  | { kind: 'token'; token: string | null }
  /**
   * The visitor's conversation, for browsers that block the panel's own storage: its id is no secret.
   * An open one is a reason to load the panel on the next page.
   */
  | { kind: 'conversation'; conversation: string | null; open: boolean }
  | { kind: 'event'; name: EventName; detail: unknown }
  | { kind: 'state'; state: PanelState }
  | { kind: 'close' }
  | { kind: 'forgotten' };

/** A message as an object with a kind, or `null`. */
export function messageOf(data: unknown): { kind: string; [field: string]: unknown } | null {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, 'kind')) return null;
  const message = data as { kind: unknown };
  return typeof message.kind === 'string' ? (message as { kind: string }) : null;
}
