// Notices that an agent has put away, until the browser's tab is closed.

import { useState } from 'preact/hooks';

/** Whether it is put away, and what puts it there. */
export function useDismissed(name: string): [isAway: boolean, putAway: () => void] {
  const key = `halloo.console/${name}`;
  const [isAway, setAway] = useState(() => wasPutAway(key));
  const putAway = () => {
    keep(key);
    setAway(true);
  };
  return [isAway, putAway];
}

function wasPutAway(key: string): boolean {
  try {
    return sessionStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

function keep(key: string): void {
  try {
    sessionStorage.setItem(key, 'yes');
  } catch {
    // Without storage it comes back with the next load.
  }
}
