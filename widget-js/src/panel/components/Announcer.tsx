// Tells screen readers what the other side adds, and which of one's own words were not sent. The others need no echo.

import { useRef } from 'preact/hooks';
import type { Item } from '../../client/outbox.ts';
import { textOf } from '../../protocol/decode.ts';
import type { Entry } from '../timeline.ts';
import type { Words } from '../words.ts';

/** Lines kept in the live region; older ones have been read out. */
const LINES_MAX = 20;

export function Announcer({ entries, words }: { entries: readonly Entry[]; words: Words }) {
  const known = useRef<Set<string> | null>(null);
  const lines = useRef<{ key: string; text: string }[]>([]);
  // What was there when the log came up is not news.
  const before = known.current ?? new Set(entries.map(keyOf));
  for (const entry of entries) {
    const key = keyOf(entry);
    if (before.has(key)) continue;
    before.add(key);
    const text = spoken(entry, words);
    if (text !== null) lines.current = [...lines.current, { key, text }].slice(-LINES_MAX);
  }
  known.current = before;
  return (
    <div class="hidden" role="log" aria-live="polite" aria-relevant="additions" aria-label={words.chat}>
      {lines.current.map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
}

/** A message that fails is news again. */
function keyOf(entry: Entry): string {
  return failureOf(entry) === null ? entry.key : `${entry.key} failed`;
}

function failureOf(entry: Entry): Item | null {
  return entry.kind === 'message' && typeof entry.state === 'object' ? (entry.state?.failed ?? null) : null;
}

function spoken(entry: Entry, words: Words): string | null {
  if (entry.kind === 'system') return words.system(entry.line);
  const item = failureOf(entry);
  if (item !== null) return `${words.failed}. ${words.failedBecause[item.failed ?? ''] ?? ''}`;
  if (entry.isMine || entry.body === null) return null;
  return `${entry.name ?? words.chat}: ${textOf(entry.body)}`;
}
