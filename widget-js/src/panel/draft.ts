// A draft on its way to a body: what the wire refuses is taken out, and nothing else.

// Control characters save tab and line break, as the gateway has them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// White space and what cannot be seen; a body of these alone is empty.
const BLANK =
  /^(?:[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|\u034f|\u115f|\u1160|[\ufe00-\ufe0f])*$/;

/** The body to send; empty where nothing of it can be seen. */
export function cleaned(draft: string): string {
  const text = draft.replace(/\r\n?/g, '\n').replace(CONTROL, '').trim().toWellFormed();
  return BLANK.test(text) ? '' : text;
}

/** Whether a text may be an address to write to; only a letter that arrives would prove it. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text.trim());
}
