// The chats an agent has open: their order, the one in front, and one that may stand beside it.

export interface Tabs {
  readonly open: readonly string[];
  readonly active: string | null;
  /** An earlier conversation shown beside the active one, to read only. */
  readonly beside: string | null;
}

export const NO_TABS: Tabs = { open: [], active: null, beside: null };

/** Tabs kept at once; the one opened first makes room. */
export const TABS_MAX = 30;

export function openTab(tabs: Tabs, conversation: string): Tabs {
  const open = tabs.open.includes(conversation) ? tabs.open : [...tabs.open, conversation].slice(-TABS_MAX);
  const beside = tabs.active === conversation ? tabs.beside : null;
  return { open, active: conversation, beside };
}

/** Closes a tab; its neighbour comes to the front. */
export function closeTab(tabs: Tabs, conversation: string): Tabs {
  const index = tabs.open.indexOf(conversation);
  if (index < 0) return tabs;
  const open = tabs.open.filter(other => other !== conversation);
  if (tabs.active !== conversation) return { ...tabs, open };
  return { open, active: open[Math.min(index, open.length - 1)] ?? null, beside: null };
}

/** Brings the next (1) or the previous (-1) tab to the front, around the ends. */
export function cycleTab(tabs: Tabs, by: 1 | -1): Tabs {
  if (tabs.open.length === 0) return tabs;
  const index = tabs.active === null ? -1 : tabs.open.indexOf(tabs.active);
  const next = tabs.open[(index + by + tabs.open.length) % tabs.open.length];
  return next === undefined || next === tabs.active ? tabs : { ...tabs, active: next, beside: null };
}

export function showBeside(tabs: Tabs, conversation: string | null): Tabs {
  return { ...tabs, beside: conversation === tabs.active ? null : conversation };
}

export function encodeTabs(tabs: Tabs): string {
  return JSON.stringify({ open: tabs.open, active: tabs.active });
}

/** Reads stored tabs; what is not one is nothing. */
export function decodeTabs(text: string): Tabs {
  try {
    const value = JSON.parse(text) as { open?: unknown; active?: unknown } | null;
    const stored = Array.isArray(value?.open) ? value.open : [];
    const open = [...new Set(stored.filter((id): id is string => typeof id === 'string'))].slice(-TABS_MAX);
    const active = typeof value?.active === 'string' && open.includes(value.active) ? value.active : null;
    return { open, active, beside: null };
  } catch {
    return NO_TABS;
  }
}
