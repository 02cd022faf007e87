// A request that a person started: whether it runs, and what went wrong, in words for them.

import { useCallback, useRef, useState } from 'preact/hooks';
import { RestError } from '../rest.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  unreachable: 'The gateway cannot be reached. Check your connection and try again.',
  forbidden: 'You may not do that.',
  rate_limited: 'Too many tries. Wait a moment, then try again.',
  conflict: 'This exists already.',
  not_found: 'It was not found; perhaps it was removed.',
};

/** An error as a sentence for the person at the screen. */
export function sentence(error: unknown): string {
  if (!(error instanceof RestError)) return 'Something went wrong.';
  const known = SENTENCES[error.code];
  if (known !== undefined) return known;
  const text = error.message;
  const first = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export interface Action {
  readonly busy: boolean;
  readonly error: string | null;
  /** Runs it, unless it runs already; answers whether it went well. */
  run(work: () => Promise<void>): Promise<boolean>;
}

export function useAction(onSignedOut?: () => void): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const running = useRef(false);
  const run = useCallback(
    async (work: () => Promise<void>) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setError(null);
      try {
        await work();
        return true;
      } catch (caught) {
        if (caught instanceof RestError && caught.status === 401 && onSignedOut) onSignedOut();
        setError(sentence(caught));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [onSignedOut],
  );
  return { busy, error, run };
}
