// One socket's life: open, greet, listen, come back. It does not know what is said on it.
// Driven by `client.ts`; the shell opens and closes the real socket.

import {
  CLIENT_SILENCE_MS_MAX,
  RATE_LIMITED_MS_MIN,
  RECONNECT_BASE_MS,
  RECONNECT_MS_MAX,
  RECONNECT_STABLE_MS,
} from '../protocol/limits.ts';
import { jitter, type Moment } from './moment.ts';

/** Longest wait for the socket to open, and then for `ready`: as long as the gateway waits for a pong. */
const OPEN_MS_MAX = 10_000;
/** `online` and becoming visible reconnect at once when the last try is older than this. */
const EAGER_MS = 5_000;

/** Why the client no longer tries by itself. */
export type StopReason =
  | 'ended'
  | 'fault'
  | 'sign_in'
  | 'forbidden'
  | 'unknown_site'
  | 'superseded'
  | 'erased'
  | 'too_old';

export type Phase =
  | { kind: 'idle' }
  | { kind: 'opening'; until: number }
  | { kind: 'greeting'; until: number }
  | { kind: 'ready'; since: number; heard: number }
  | { kind: 'waiting'; until: number }
  | { kind: 'stopped'; why: StopReason };

export interface Connection {
  phase: Phase;
  /** Counted up before each attempt; the desk lets the higher one win. */
  generation: number;
  /** The n of the back-off. */
  tries: number;
  tried_at: number;
  /** Whether a new token was asked for since the last `ready`. */
  renewed: boolean;
  /** Whether this page was already reloaded for a newer client. */
  reloaded: boolean;
  silence_ms_max: number;
}

export type ConnectionInput =
  | { kind: 'start' }
  | { kind: 'opened' }
  | { kind: 'heard' }
  | { kind: 'ready'; silence_ms_max: number }
  | { kind: 'closed'; code: number; reason: string }
  | { kind: 'tick' }
  | { kind: 'online' }
  | { kind: 'retry' }
  | { kind: 'pause' };

export type ConnectionEffect =
  | { kind: 'connect'; generation: number; renew: boolean }
  | { kind: 'disconnect' }
  | { kind: 'greet' }
  | { kind: 'lost' }
  | { kind: 'reload' }
  | { kind: 'wipe' };

export function newConnection(reloaded = false): Connection {
  return {
    phase: { kind: 'idle' },
    generation: 0,
    tries: 0,
    tried_at: Number.NEGATIVE_INFINITY,
    renewed: false,
    reloaded,
    silence_ms_max: CLIENT_SILENCE_MS_MAX,
  };
}

type Step = [Connection, ConnectionEffect[]];

export function stepConnection(state: Connection, input: ConnectionInput, moment: Moment): Step {
  const { phase } = state;
  switch (input.kind) {
    case 'start':
      return phase.kind === 'idle' ? connect(state, moment) : [state, []];
    case 'opened':
      return phase.kind === 'opening'
        ? [{ ...state, phase: { kind: 'greeting', until: moment.now + OPEN_MS_MAX } }, [{ kind: 'greet' }]]
        : [state, []];
    case 'heard':
      return phase.kind === 'ready'
        ? [{ ...state, phase: { ...phase, heard: moment.now } }, []]
        : [state, []];
    case 'ready':
      return phase.kind === 'greeting' ? [greeted(state, input.silence_ms_max, moment), []] : [state, []];
    case 'closed':
      return isLive(phase) ? closed(state, input.code, input.reason, moment) : [state, []];
    case 'tick':
      return tick(state, moment);
    case 'online':
      return phase.kind === 'waiting' && moment.now - state.tried_at > EAGER_MS
        ? connect(state, moment)
        : [state, []];
    case 'retry':
      return isLive(phase) ? [state, []] : connect({ ...state, tries: 0, renewed: false }, moment);
    case 'pause':
      return [
        { ...state, phase: phase.kind === 'stopped' ? phase : { kind: 'idle' } },
        isLive(phase) ? [{ kind: 'lost' }, { kind: 'disconnect' }] : [],
      ];
  }
}

/** When the connection wants its next `tick`. */
export function connectionDeadline(state: Connection): number | null {
  const { phase } = state;
  switch (phase.kind) {
    case 'idle':
    case 'stopped':
      return null;
    case 'opening':
    case 'greeting':
    case 'waiting':
      return phase.until;
    case 'ready': {
      const silent_at = phase.heard + state.silence_ms_max;
      return state.tries > 0 ? Math.min(silent_at, phase.since + RECONNECT_STABLE_MS) : silent_at;
    }
  }
}

/** Whether a socket exists or is being opened. */
function isLive(phase: Phase): boolean {
  return phase.kind === 'opening' || phase.kind === 'greeting' || phase.kind === 'ready';
}

function connect(state: Connection, moment: Moment): Step {
  const generation = state.generation + 1;
  return [
    {
      ...state,
      generation,
      tried_at: moment.now,
      phase: { kind: 'opening', until: moment.now + OPEN_MS_MAX },
    },
    [{ kind: 'connect', generation, renew: state.renewed }],
  ];
}

function greeted(state: Connection, silence_ms_max: number, moment: Moment): Connection {
  return {
    ...state,
    renewed: false,
    reloaded: false,
    silence_ms_max,
    phase: { kind: 'ready', since: moment.now, heard: moment.now },
  };
}

function tick(state: Connection, moment: Moment): Step {
  const { phase } = state;
  const deadline = connectionDeadline(state);
  if (deadline === null || moment.now < deadline) return [state, []];
  switch (phase.kind) {
    case 'waiting':
      return connect(state, moment);
    case 'opening':
    case 'greeting':
      return leave(state, moment);
    case 'ready':
      if (moment.now >= phase.heard + state.silence_ms_max) return leave(state, moment);
      return [{ ...state, tries: 0 }, []];
    case 'idle':
    case 'stopped':
      return [state, []];
  }
}

/** Gives up a socket that no longer answers. */
function leave(state: Connection, moment: Moment): Step {
  const [next, effects] = wait(state, null, moment);
  return [next, [{ kind: 'disconnect' }, ...effects]];
}

function wait(state: Connection, after_ms: number | null, moment: Moment): Step {
  const delay = after_ms ?? jitter(moment.chance, state.tries, RECONNECT_BASE_MS, RECONNECT_MS_MAX);
  return [
    { ...state, tries: state.tries + 1, phase: { kind: 'waiting', until: moment.now + delay } },
    [{ kind: 'lost' }],
  ];
}

function stop(state: Connection, why: StopReason, ...effects: ConnectionEffect[]): Step {
  return [{ ...state, phase: { kind: 'stopped', why } }, [{ kind: 'lost' }, ...effects]];
}

/** What follows each close code of the contract. Codes it does not name are a lost network. */
function closed(state: Connection, code: number, reason: string, moment: Moment): Step {
  const after_ms = retryAfter(reason);
  switch (code) {
    case 1000:
    case 1001:
      return stop(state, 'ended');
    case 1002:
    case 1003:
    case 1007:
    case 4400:
      return stop(state, 'fault');
    case 4401:
      if (state.renewed) return stop(state, 'sign_in');
      return [{ ...state, renewed: true, phase: { kind: 'waiting', until: moment.now } }, [{ kind: 'lost' }]];
    case 4403:
      return stop(state, 'forbidden');
    case 4404:
      return stop(state, 'unknown_site');
    case 4409:
      return stop(state, 'superseded');
    case 4410:
      return stop(state, 'erased', { kind: 'wipe' });
    case 4426:
      return stop(state, 'too_old', ...(state.reloaded ? [] : [{ kind: 'reload' } as const]));
    case 4429:
      return wait(state, Math.max(after_ms ?? 0, RATE_LIMITED_MS_MIN), moment);
    default:
      return wait(state, after_ms, moment);
  }
}

/** The `retry_after_ms` that a close reason may carry. */
function retryAfter(reason: string): number | null {
  if (!reason.startsWith('{')) return null;
  try {
    const ms: unknown = (JSON.parse(reason) as { retry_after_ms?: unknown }).retry_after_ms;
    return typeof ms === 'number' && ms >= 0 && Number.isFinite(ms) ? ms : null;
  } catch {
    return null;
  }
}
