// Tells screen readers what the other side adds, and only that: one's own words need no echo.

import { useRef } from 'preact/hooks';
import { textOf } from '../../protocol/decode.ts';
import type { Entry } from '../timeline.ts';
import type { Words } from '../words.ts';

/** Lines kept in the live region; older ones have been read out. */
const LINES_MAX = 20;

export function Announcer({ entries, words }: { entries: readonly Entry[]; words: Words }) {
  const known = useRef<Set<string> | null>(null);
  const lines = useRef<{ key: string; text: string }[]>([]);
  // What was there when the log came up is not news.
  const before = known.current ?? new Set(entries.map(({ key }) => key));
  for (const entry of entries) {
    if (before.has(entry.key)) continue;
    before.add(entry.key);
    const text = spoken(entry, words);
    if (text !== null) lines.current = [...lines.current, { key: entry.key, text }].slice(-LINES_MAX);
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

function spoken(entry: Entry, words: Words): string | null {
  if (entry.kind === 'system') return words.system(entry.line);
  if (entry.isMine || entry.body === null) return null;
  return `${entry.name ?? words.chat}: ${textOf(entry.body)}`;
}
