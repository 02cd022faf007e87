// What the REST API refuses with, as sentences for the person who asked. The codes are those of `docs/openapi.json`.

import { RestError } from './rest.ts';

/** The gateway's own words say which value, who or how long; nothing said here could. */
const AS_TOLD = null;

const GATEWAY_SENTENCES = {
  sign_in_first: 'You are signed out. Sign in again.',
  sign_in_failed: AS_TOLD,
  forbidden: 'You may not do that.',
  cross_origin: 'The gateway refuses this page: it was opened from another address than the gateway’s own.',
  wrong_password: 'The current password is not right.',
  not_found: 'It was not found; perhaps it was removed.',
  method_not_allowed: 'This gateway cannot do that. Reload the page.',
  taken: AS_TOLD,
  already_set_up: 'An operator exists already. Sign in instead.',
  bad_json: 'The gateway did not understand this page. Reload it and try again.',
  too_large: 'This is too much at once. Make it shorter.',
  not_json: 'The gateway did not understand this page. Reload it and try again.',
  invalid: AS_TOLD,
  too_many: AS_TOLD,
  busy: 'The gateway is too busy. Wait a moment, then try again.',
  unavailable: 'The gateway cannot reach its store. Wait a moment, then try again.',
  internal: 'The gateway made a mistake. Try again; if it stays, tell whoever runs it.',
} as const satisfies Readonly<Record<string, string | typeof AS_TOLD>>;

export type ErrorCode = keyof typeof GATEWAY_SENTENCES;
export const ERROR_CODES = Object.keys(GATEWAY_SENTENCES) as readonly ErrorCode[];

const SENTENCES: Readonly<Record<string, string | typeof AS_TOLD>> = {
  ...GATEWAY_SENTENCES,
  unreachable: 'The gateway cannot be reached. Check your connection and try again.',
};

/** An error as a sentence for the person at the screen. */
export function sentence(error: unknown): string {
  if (!(error instanceof RestError)) return 'Something went wrong.';
  const own = Object.hasOwn(SENTENCES, error.code) ? SENTENCES[error.code] : AS_TOLD;
  return own ?? asSentence(error.message);
}

function asSentence(text: string): string {
  const first = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
