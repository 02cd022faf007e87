// Text of strangers before it is shown: what would leave its line, or turn the words around it, is cut.

/** Marks kept on one letter; written languages need three at most. */
const MARKS_MAX = 4;
const PILE = new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, 'gu');

/** Characters that override the direction of all that follows; written languages never need them. */
const OVERRIDES = /[\u202d\u202e]/g;

export function tame(text: string): string {
  return text.replace(OVERRIDES, '').replace(PILE, '$1');
}

/** The beginning of a text, by letters as a person counts them, never by halves of one. */
export function clipLength(text: string, letters: number): string {
  if (text.length <= letters) return text;
  const kept = Array.from(text).slice(0, letters).join('');
  return kept.length < text.length ? `${kept}…` : text;
}
