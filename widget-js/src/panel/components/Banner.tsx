// What stands between the visitor and an answer: the connection, or a chat that is gone.

import { useLate } from './late.ts';
import type { View } from './view.ts';

export function Banner({ view }: { view: View }) {
  const { client, panel, words } = view;
  const { phase } = client.connection;
  const isLate = useLate(phase.kind !== 'ready');
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
