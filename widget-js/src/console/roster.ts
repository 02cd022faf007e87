// Colleagues: their order where one is chosen, and names for ids.

import type { AgentRow, Roster } from '../protocol/frames.ts';
import { FORMER_TEAM, type Names } from './words.ts';

const RANK: Readonly<{ [status in AgentRow['status']]: number }> = { online: 0, away: 2, offline: 3 };

/** Who can take a chat now first: online and accepting with room, then the others; by name among equals. */
export function rosterOrder(roster: Roster): AgentRow[] {
  return [...roster.agents].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function rank(agent: AgentRow): number {
  if (!agent.connected) return 4;
  if (agent.status === 'online' && (!agent.accepting || agent.load >= agent.capacity)) return 1;
  return RANK[agent.status];
}

/** Whether a chat may be handed to them: full or not accepting, they can say so themselves; away, they cannot. */
export function isThere({ connected, status }: AgentRow): boolean {
  return connected && status === 'online';
}

/** Names for ids; one that left is "a colleague". */
export function namesOf(roster: Roster | null): Names {
  const agents = new Map(roster?.agents.map(agent => [agent.id, agent.name]));
  const teams = new Map(roster?.teams.map(team => [team.id, team.name]));
  return {
    agent: id => agents.get(id) ?? 'a colleague',
    team: id => teams.get(id) ?? FORMER_TEAM,
  };
}
