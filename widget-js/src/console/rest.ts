// The console's side of the REST API: one method a request, typed answers, errors with a code.
// Does no rendering and keeps no state; the shell makes one with the page's own `fetch`.

import type { Records, Row } from '../protocol/frames.ts';

export type Role = 'agent' | 'lead' | 'admin';

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly operator: boolean;
  /** A new password then needs the current one beside it. */
  readonly has_password: boolean;
}

/** A site the account works for; `agent` is the account's agent there. */
export interface MySite {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly agent: string;
}

export interface Me {
  readonly account: Account;
  readonly sites: readonly MySite[];
  readonly insecure_cookie: boolean;
}

export interface Site {
  readonly key: string;
  readonly name: string;
  readonly origins: readonly string[];
  readonly enabled: boolean;
  readonly greeting?: string | null;
  readonly grace_s: number;
  readonly absent_s: number;
  readonly reopen_days: number;
  readonly open_max: number;
  /** Seconds after which skill and language no longer bind; absent where they always do. */
  readonly relax_s?: number | null;
  readonly preferred_s: number;
  /** The HTML to paste into the website. */
  readonly snippet: string;
}

export interface Team {
  readonly id: string;
  readonly name: string;
  /** Seconds an offer stands; absent where the team assigns at once. */
  readonly offer_s?: number | null;
  readonly first_reply_s?: number | null;
  readonly skills?: readonly string[];
}

export interface Agent {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly enabled: boolean;
  readonly teams: readonly string[];
  readonly skills: readonly string[];
  readonly languages: readonly string[];
  readonly capacity: number;
}

export interface Canned {
  readonly id: string;
  readonly shortcut: string;
  readonly body: string;
}

export interface Hit {
  readonly cursor: string;
  readonly conversation: string;
  readonly message: string;
  /** Full number of the record. */
  readonly number: number;
  readonly at: number;
  readonly snippet: string;
}

export interface ConversationQuery {
  readonly state?: 'closed';
  readonly visitor?: string;
  readonly before?: string;
  readonly limit?: number;
}

export interface MeChange {
  readonly name?: string;
  readonly password?: string;
  readonly current_password?: string;
}

export type NewSite = Pick<Site, 'key' | 'name' | 'origins'> & { readonly greeting?: string };
export type SitePatch = Partial<Omit<Site, 'key' | 'snippet'>>;
export type NewTeam = Omit<Team, 'id'>;
export type NewAgent = Pick<Agent, 'email' | 'name' | 'role'> & Partial<Omit<Agent, 'id'>>;
export type NewCanned = Omit<Canned, 'id'>;

/** A refused or failed request. `status` 0: the gateway was not reached. */
export class RestError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Names are taken apart by the server on `/`, so each one is escaped. */
function path(...names: string[]): string {
  return `/api/v1/${names.map(encodeURIComponent).join('/')}`;
}

function query(values: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function fault(response: Response): Promise<RestError> {
  try {
    const { code, message } = (await response.json()) as { code?: unknown; message?: unknown };
    if (typeof code === 'string' && typeof message === 'string')
      return new RestError(response.status, code, message);
  } catch {
    // A proxy's page instead of the gateway's answer; the status tells enough.
  }
  return new RestError(response.status, 'unknown', `the gateway answered ${response.status}`);
}

export type Rest = ReturnType<typeof createRest>;

/** Binds the API to a `fetch`. */
export function createRest(fetch: typeof globalThis.fetch) {
  /** A new password ends the session and its sockets before the answer brings the next session: whoever asks waits. */
  let renewing: Promise<unknown> | null = null;

  function renew<T>(work: Promise<T>): Promise<T> {
    const ended = work
      .catch(() => undefined)
      .then(() => {
        if (renewing === ended) renewing = null;
      });
    renewing = ended;
    return work;
  }

  async function ask<T>(method: Method, address: string, body?: unknown): Promise<T> {
    const init: RequestInit = { method, credentials: 'same-origin', cache: 'no-store', redirect: 'error' };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'content-type': 'application/json' };
    }
    if (renewing !== null) await renewing;
    let response: Response;
    try {
      response = await fetch(address, init);
    } catch {
      throw new RestError(0, 'unreachable', 'the gateway cannot be reached');
    }
    if (!response.ok) throw await fault(response);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      throw new RestError(response.status, 'unknown', "the gateway's answer cannot be read");
    }
  }

  const site = (key: string, ...names: string[]) => path('sites', key, ...names);
  return {
    me: () => ask<Me>('GET', path('me')),
    patchMe: (change: MeChange) => renew(ask<Me | undefined>('PATCH', path('me'), change)),
    signIn: (proof: { email: string; password: string } | { code: string }) =>
      ask<Me>('POST', path('sign-in'), proof),
    signOut: () => ask<void>('POST', path('sign-out')),
    setup: (first: { code: string; email: string; name: string; password: string }) =>
      ask<Me>('POST', path('setup'), first),
    ticket: async (key: string) =>
      (await ask<{ ticket: string }>('POST', path('ticket'), { site: key })).ticket,

    sites: async () => list<Site>(await ask('GET', path('sites')), 'sites'),
    newSite: (created: NewSite) => ask<Site>('POST', path('sites'), created),
    site: (key: string) => ask<Site>('GET', site(key)),
    patchSite: (key: string, change: SitePatch) => ask<Site>('PATCH', site(key), change),

    teams: async (key: string) => list<Team>(await ask('GET', site(key, 'teams')), 'teams'),
    newTeam: (key: string, team: NewTeam) => ask<Team>('POST', site(key, 'teams'), team),
    patchTeam: (key: string, id: string, change: Partial<NewTeam>) =>
      ask<Team>('PATCH', site(key, 'teams', id), change),
    deleteTeam: (key: string, id: string) => ask<void>('DELETE', site(key, 'teams', id)),

    agents: async (key: string) => list<Agent>(await ask('GET', site(key, 'agents')), 'agents'),
    newAgent: (key: string, agent: NewAgent) =>
      ask<Agent & { link: string }>('POST', site(key, 'agents'), agent),
    patchAgent: (key: string, id: string, change: Partial<Omit<Agent, 'id'>>) =>
      ask<Agent>('PATCH', site(key, 'agents', id), change),

    canned: async (key: string) => list<Canned>(await ask('GET', site(key, 'canned')), 'canned'),
    newCanned: (key: string, canned: NewCanned) => ask<Canned>('POST', site(key, 'canned'), canned),
    patchCanned: (key: string, id: string, change: Partial<NewCanned>) =>
      ask<Canned>('PATCH', site(key, 'canned', id), change),
    deleteCanned: (key: string, id: string) => ask<void>('DELETE', site(key, 'canned', id)),

    conversations: (key: string, asked: ConversationQuery) =>
      ask<{ rows: Row[]; next?: string | null }>('GET', site(key, 'conversations') + query({ ...asked })),
    visitorConversations: (key: string, visitor: string) =>
      ask<{ rows: Row[] }>('GET', site(key, 'visitors', visitor, 'conversations')),
    conversation: (key: string, id: string) => ask<Row>('GET', site(key, 'conversations', id)),
    records: (key: string, id: string, after: { number: number; tail: number }) =>
      ask<Records>(
        'GET',
        site(key, 'conversations', id, 'records') +
          query({ after_number: after.number, after_tail: after.tail }),
      ),
    search: (key: string, q: string, before?: string) =>
      ask<{ hits: Hit[]; next?: string | null }>(
        'GET',
        site(key, 'search') + query({ q, before, limit: 20 }),
      ),
  };
}

/** Lists come bare or under their name; either is taken. */
function list<T>(answer: unknown, name: string): readonly T[] {
  if (Array.isArray(answer)) return answer as T[];
  const rows = (answer as Record<string, unknown> | null)?.[name];
  return Array.isArray(rows) ? (rows as T[]) : [];
}
