// Whether the start page may be shown: what the site says of itself has come, or is not waited for any longer.

import { useRef } from 'preact/hooks';
import { useLate } from '../../ui/late.ts';
import { PATIENCE_MS, type View } from './view.ts';

/** Once settled it stays so: a page that somebody reads does not go away. */
export function useSettled({ client, panel }: View): boolean {
  const isSettled = useRef(false);
  const { kind } = client.connection.phase;
  const isHeard = client.ready !== null && panel.availability !== null;
  const isCutOff = kind === 'waiting' || kind === 'stopped' || !navigator.onLine;
  const isLate = useLate(!isHeard && !isSettled.current, PATIENCE_MS);
  isSettled.current ||= isHeard || isCutOff || isLate;
  return isSettled.current;
}
