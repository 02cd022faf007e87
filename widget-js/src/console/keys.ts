// The console's keyboard shortcuts: what is pressed, what it does, and the words of the help dialog.
// Single letters work only where nothing is being typed (WCAG 2.1, 2.1.4).

export type KeyAction =
  | 'search'
  | 'help'
  | 'next_tab'
  | 'previous_tab'
  | 'close_tab'
  | 'focus_list'
  | 'focus_composer'
  | 'toggle_note'
  | 'take'
  | 'transfer'
  | 'close'
  | 'park';

export interface Shortcut {
  readonly action: KeyAction;
  /** The key as `KeyboardEvent.key` tells it, in lower case. */
  readonly key: string;
  readonly with?: 'mod' | 'alt';
  readonly says: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { action: 'search', key: 'k', with: 'mod', says: 'Search all messages' },
  { action: 'next_tab', key: 'arrowdown', with: 'alt', says: 'Next open chat' },
  { action: 'previous_tab', key: 'arrowup', with: 'alt', says: 'Previous open chat' },
  { action: 'close_tab', key: 'w', with: 'alt', says: "Put the chat's tab away" },
  { action: 'toggle_note', key: 'n', with: 'alt', says: 'Switch between reply and note' },
  { action: 'focus_list', key: 'l', says: 'Go to the list' },
  { action: 'focus_composer', key: 'r', says: 'Go to the composer' },
  { action: 'take', key: 't', says: 'Accept or take the chat' },
  { action: 'transfer', key: 'f', says: 'Transfer the chat' },
  { action: 'park', key: 's', says: 'Park (snooze) the chat' },
  { action: 'close', key: 'e', says: 'Close (end) the chat' },
  { action: 'help', key: '?', says: 'Show these shortcuts' },
];

export interface Pressed {
  readonly key: string;
  readonly code?: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing?: boolean;
}

/** What a key press asks for; `typing`: the focus is where letters are text. */
export function actionFor(pressed: Pressed, typing: boolean): KeyAction | null {
  if (pressed.isComposing === true) return null;
  const mod = pressed.ctrlKey || pressed.metaKey;
  // With Alt held some layouts give another letter, so the physical key counts too.
  const names = [pressed.key.toLowerCase(), (pressed.code ?? '').replace(/^Key/, '').toLowerCase()];
  for (const shortcut of SHORTCUTS) {
    const held =
      shortcut.with === 'mod'
        ? mod && !pressed.altKey
        : shortcut.with === 'alt'
          ? pressed.altKey && !mod
          : !mod && !pressed.altKey;
    const isKey = shortcut.with === 'alt' ? names.includes(shortcut.key) : names[0] === shortcut.key;
    if (held && isKey && (shortcut.with !== undefined || !typing)) return shortcut.action;
  }
  return null;
}

/** A shortcut as a reader sees it. */
export function keysOf(shortcut: Shortcut, mac: boolean): readonly string[] {
  const key = { arrowdown: '↓', arrowup: '↑' }[shortcut.key] ?? shortcut.key.toUpperCase();
  if (shortcut.with === 'mod') return [mac ? '⌘' : 'Ctrl', key];
  if (shortcut.with === 'alt') return [mac ? '⌥' : 'Alt', key];
  return [key];
}
