// Canned replies: finding the `/shortcut` under the cursor and putting the reply in its place.

import type { Canned } from './rest.ts';

export interface Slash {
  /** Where the `/` stands. */
  readonly start: number;
  readonly end: number;
  /** What was typed after it. */
  readonly word: string;
}

/** Suggestions shown at once. */
export const SUGGESTIONS_MAX = 8;

/** The `/word` that ends at the cursor and begins a line or follows white space. */
export function slashAt(text: string, cursor: number): Slash | null {
  const found = /(?:^|\s)\/([^\s/]{0,40})$/u.exec(text.slice(0, cursor));
  if (!found) return null;
  const word = found[1] ?? '';
  return { start: cursor - word.length - 1, end: cursor, word };
}

/** The word of a text that is a `/word` and nothing else. */
export function bareWord(text: string): string | null {
  return /^\/([^\s/]{1,40})$/u.exec(text.trim())?.[1] ?? null;
}

/** Replies whose shortcut begins with the word, then those that hold it anywhere. */
export function suggest(canned: readonly Canned[], word: string): Canned[] {
  const wanted = word.toLocaleLowerCase();
  const rank = (reply: Canned) => {
    if (reply.shortcut.toLocaleLowerCase().startsWith(wanted)) return 0;
    if (reply.shortcut.toLocaleLowerCase().includes(wanted)) return 1;
    return reply.body.toLocaleLowerCase().includes(wanted) ? 2 : 3;
  };
  return canned
    .map(reply => ({ reply, rank: rank(reply) }))
    .filter(ranked => ranked.rank < 3)
    .sort((a, b) => a.rank - b.rank || (a.reply.shortcut < b.reply.shortcut ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(ranked => ranked.reply);
}

/** Puts a reply in the place of its shortcut; the cursor goes behind it. */
export function insert(
  text: string,
  slash: Slash,
  body: string,
): { readonly text: string; readonly cursor: number } {
  return {
    text: text.slice(0, slash.start) + body + text.slice(slash.end),
    cursor: slash.start + body.length,
  };
}
