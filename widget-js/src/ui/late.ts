// When something takes longer than it should without a word.

import { useEffect, useState } from 'preact/hooks';

/** Whether something bad has lasted. */
export function useLate(isBad: boolean, patience_ms: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isBad) return setLate(false);
    const timer = setTimeout(() => setLate(true), patience_ms);
    return () => clearTimeout(timer);
  }, [isBad, patience_ms]);
  return isLate && isBad;
}
