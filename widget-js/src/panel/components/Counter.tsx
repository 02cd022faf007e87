// How near a draft is to the limit; silent until it matters.

import { byteLength } from '../../protocol/decode.ts';
import type { Words } from '../words.ts';

/** Share of the limit from which the counter shows. */
const NEAR = 0.85;

export function Counter({ text, max, words }: { text: string; max: number; words: Words }) {
  // A UTF-16 unit is at most three bytes: short drafts need no counting.
  const bytes = text.length * 3 < max * NEAR ? 0 : byteLength(text);
  if (bytes < max * NEAR) return null;
  return (
    <output class="counter" data-over={bytes > max}>
      {words.counter(bytes, max)}
    </output>
  );
}
