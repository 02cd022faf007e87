// The time of day, for the few elements that tick. Each one that ticks redraws itself alone.

import { useEffect, useState } from 'preact/hooks';

export function useNow(every_ms = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
