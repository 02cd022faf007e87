// What the agents of a site share and an admin may change at any time: canned replies and teams.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Canned, MySite, Rest, Team } from '../rest.ts';

export interface Shared {
  readonly canned: readonly Canned[];
  readonly teams: readonly Team[];
  /** Reads both again, unless they are being read. */
  reread(): void;
}

/** Read at first, and again when the settings are left, the connection is back, or the window is looked at. */
export function useShared(rest: Rest, site: MySite, atDesk: boolean, isConnected: boolean): Shared {
  const [canned, setCanned] = useState<readonly Canned[]>([]);
  const [teams, setTeams] = useState<readonly Team[]>([]);
  const isReading = useRef(false);
  const wasRead = useRef(false);

  const reread = useCallback(() => {
    if (isReading.current) return;
    isReading.current = true;
    // What was read before serves until one of the next reads goes well.
    const read = [rest.canned(site.key).then(setCanned), rest.teams(site.key).then(setTeams)];
    void Promise.allSettled(read).then(() => {
      isReading.current = false;
    });
  }, [rest, site.key]);

  // A connection that is lost tells nothing new; one that is back does.
  useEffect(() => {
    if (atDesk && (isConnected || !wasRead.current)) reread();
    wasRead.current = true;
  }, [reread, atDesk, isConnected]);

  useEffect(() => {
    if (!atDesk) return;
    window.addEventListener('focus', reread);
    return () => window.removeEventListener('focus', reread);
  }, [reread, atDesk]);

  return { canned, teams, reread };
}
