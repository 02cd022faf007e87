// When something takes longer than it should without a word.

import { useEffect, useState } from 'preact/hooks';

/** A first connection that is quicker than this needs no words. */
const PATIENCE_MS = 1_500;

/** Whether something bad has lasted. */
export function useLate(isBad: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isBad) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isBad]);
  return isLate && isBad;
}
