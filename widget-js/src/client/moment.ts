// What a reducer may know of the world: handed in with each input, so that the reducers stay pure.

export interface Moment {
  /** Milliseconds that only grow, for deadlines. */
  now: number;
  /** Unix milliseconds, for display. */
  wall: number;
  /** Random, at least 0 and below 1. */
  chance: number;
  /** Gives a fresh random UUID. */
  id(): string;
}

/** The sooner of two deadlines, where `null` is never. */
export function sooner(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** Full jitter: random(0, min(max, base × 2^n)). */
export function jitter(chance: number, n: number, base_ms: number, max_ms: number): number {
  return Math.floor(chance * Math.min(max_ms, base_ms * 2 ** Math.min(n, 30)));
}
