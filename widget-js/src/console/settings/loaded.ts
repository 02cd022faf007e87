// A list that a settings page loads once and then keeps in step with what it changes.

import { useCallback, useEffect, useState } from 'preact/hooks';
import { sentence } from '../refusals.ts';
import { RestError } from '../rest.ts';

export interface Loaded<T> {
  readonly value: T | null;
  readonly error: string | null;
  set(value: T): void;
  reload(): void;
}

export function useLoaded<T>(load: () => Promise<T>, onSignedOut: () => void): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  // A turn is one load; the loader is fixed by the component's key, as another site is another component.
  useEffect(() => {
    let live = true;
    setError(null);
    load().then(
      loaded => live && setValue(() => loaded),
      caught => {
        if (!live) return;
        if (caught instanceof RestError && caught.status === 401) onSignedOut();
        setError(sentence(caught));
      },
    );
    return () => {
      live = false;
    };
  }, [turn]);
  const reload = useCallback(() => setTurn(count => count + 1), []);
  const set = useCallback((next: T) => setValue(() => next), []);
  return { value, error, set, reload };
}
