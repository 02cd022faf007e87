// Limits and codes of `halloo.v1` that a client must know, of those in `frames.ts` the few that are used; a test compares them.

export const PROTOCOL = 1;
export const SUBPROTOCOL = 'halloo.v1';

/** Body of a visitor in UTF-8 bytes; `ready.limits` overrides it. */
export const VISITOR_BODY_BYTES_MAX = 8 * 1024;
export const NAME_BYTES_MAX = 256;
export const EMAIL_BYTES_MAX = 254;
export const TITLE_BYTES_MAX = 512;
export const URL_BYTES_MAX = 2_048;
export const COMMENT_BYTES_MAX = 2_048;
/** Conversations named by one hello or follow. */
export const FOLLOWS_MAX = 256;
/** Silence after which a client closes and resumes. */
export const CLIENT_SILENCE_MS_MAX = 40_000;
/** Time after which an unanswered command is sent again. */
export const RESEND_MS = 5_000;
/** Reconnect delay is random(0, min(max, base × 2^n)). */
export const RECONNECT_BASE_MS = 1_000;
export const RECONNECT_MS_MAX = 30_000;
/** Stability after which n returns to 0. */
export const RECONNECT_STABLE_MS = 60_000;
/** Shortest pause after close 4429. */
export const RATE_LIMITED_MS_MIN = 30_000;
/** Typing shown without news. */
export const TYPING_MS = 6_000;
/** A client says that it types at most this often. */
export const TYPING_EVERY_MS_MIN = 2_000;
