// Times and spans as an agent reads them. Spans are Latin digits and colons; dates follow the browser's locale.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span that ticks: `0:07`, `12:03`, `2 h 05`, `3 d`. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < HOUR) return `${Math.floor(left / MINUTE)}:${two(Math.floor((left % MINUTE) / SECOND))}`;
  if (left < DAY) return `${Math.floor(left / HOUR)} h ${two(Math.floor((left % HOUR) / MINUTE))}`;
  return `${Math.floor(left / DAY)} d`;
}

/** A rough age for a list: `now`, `5 min`, `3 h`, `2 d`. */
export function age(ms: number): string {
  if (ms < MINUTE) return 'now';
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DATE = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function clock(at: number): string {
  return CLOCK.format(at);
}

export function date(at: number): string {
  return DATE.format(at);
}

export function full(at: number): string {
  return FULL.format(at);
}

/** Whether two times fall on one day where the agent is. */
export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** How long until nine in the morning of the next day, where the agent is. */
export function untilTomorrow(now: number): number {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(9, 0, 0, 0);
  return morning.getTime() - now;
}
