// What stands between the visitor and an answer: the connection, or a chat that is gone.

import { useEffect, useState } from 'preact/hooks';
import type { View } from './view.ts';

/** A first connection that is quicker than this needs no words. */
const PATIENCE_MS = 1_500;

export function Banner({ view }: { view: View }) {
  const { client, panel, words } = view;
  const { phase } = client.connection;
  const isLate = useLate(phase.kind === 'ready' ? 0 : client.connection.generation + 1);
  if (phase.kind === 'stopped') {
    const { why } = phase;
    const isOld = why === 'too_old';
    const canRetry = why !== 'forbidden' && why !== 'unknown_site';
    return (
      <div class="banner" role="alert">
        <p>{words.stopped[why]}</p>
        {canRetry && (
          <button type="button" class="banner-button" onClick={isOld ? view.reload : view.retry}>
            {isOld ? words.reload : words.tryNow}
          </button>
        )}
      </div>
    );
  }
  if (phase.kind !== 'ready' && phase.kind !== 'idle' && isLate) {
    const isFirst = client.ready === null && client.connection.tries === 0;
    return (
      <div class="banner" role="status">
        <p>{navigator.onLine ? (isFirst ? words.connecting : words.reconnecting) : words.youAreOffline}</p>
        {phase.kind === 'waiting' && (
          <button type="button" class="banner-button" onClick={view.retry}>
            {words.tryNow}
          </button>
        )}
      </div>
    );
  }
  if (!panel.isGone) return null;
  return (
    <div class="banner" role="status">
      <p>{words.gone}</p>
    </div>
  );
}

/** Whether a state has lasted; 0 is the good one. */
function useLate(key: number): boolean {
  const [isLate, setLate] = useState(false);
  const isBad = key > 0;
  useEffect(() => {
    if (!isBad) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isBad]);
  return isLate && isBad;
}
