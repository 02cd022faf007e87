// A request that a person started: whether it runs, and what went wrong.

import { useCallback, useRef, useState } from 'preact/hooks';
import { sentence } from '../refusals.ts';
import { RestError } from '../rest.ts';

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
