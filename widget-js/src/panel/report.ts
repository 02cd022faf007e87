// What the host page is told: states, and the events between two of them. Never what was written.

import type { ClientState } from '../client/client.ts';
import type { EventName, PanelState as Shown } from '../loader/port.ts';
import type { PanelState, Sight } from './panel.ts';

export interface Report {
  state: Shown;
  /** The conversation and how it stands, for starts and ends. */
  conversation: string | null;
  isOpen: boolean;
  isClosed: boolean;
  reason: string | null;
  score: number | null;
  stopped: string | null;
}

export interface Told {
  name: EventName;
  detail: unknown;
}

export function reportOf(panel: PanelState, client: ClientState, sight: Sight): Report {
  const { phase } = client.connection;
  const { standing } = sight;
  const isOnline = phase.kind === 'ready';
  const isOff = phase.kind === 'idle' || phase.kind === 'stopped';
  const { place } = panel;
  const isOpen = standing.kind === 'waiting' || standing.kind === 'chat' || standing.kind === 'offline';
  return {
    state: {
      ready: client.ready !== null,
      connection: isOnline ? 'online' : isOff ? 'offline' : 'resuming',
      availability: panel.availability,
      queue:
        standing.kind === 'waiting' && place !== null
          ? {
              position: place.place,
              low_s: place.wait?.low_s ?? null,
              high_s: place.wait?.high_s ?? null,
            }
          : null,
      agent: standing.kind === 'chat' ? standing.agent : null,
      unread: sight.unread,
    },
    conversation: panel.conversation,
    isOpen,
    isClosed: standing.kind === 'closed',
    reason: standing.kind === 'closed' ? standing.reason : null,
    score: standing.kind === 'closed' ? standing.score : null,
    stopped: phase.kind === 'stopped' ? phase.why : null,
  };
}

/** The events that lead from one report to the next. */
export function eventsBetween(before: Report, after: Report): Told[] {
  const told: Told[] = [];
  const tell = (name: EventName, detail: unknown): void => void told.push({ name, detail });
  const differs = (key: keyof Shown): boolean =>
    JSON.stringify(before.state[key]) !== JSON.stringify(after.state[key]);

  if (!before.state.ready && after.state.ready) tell('ready', {});
  if (differs('connection')) tell('connection', { connection: after.state.connection });
  if (after.stopped !== null && before.stopped === null) tell('error', { code: after.stopped });
  if (differs('availability')) tell('availability', after.state.availability);
  if (!before.isOpen && after.isOpen) tell('conversation:start', { conversation: after.conversation });
  if (differs('queue') && after.state.queue !== null) tell('queue', after.state.queue);
  if (differs('agent')) {
    if (before.state.agent !== null) tell('agent:leave', { name: before.state.agent });
    if (after.state.agent !== null) tell('agent:join', { name: after.state.agent });
  }
  if (!before.isClosed && after.isClosed) tell('conversation:end', { reason: after.reason });
  if (after.score !== null && after.score !== before.score) tell('rating', { score: after.score });
  if (differs('unread')) tell('unread', after.state.unread);
  return told;
}
