// What stands between the visitor and an answer: the connection, or a chat that is gone.

import { useLate } from '../../ui/late.ts';
import { PATIENCE_MS, type View } from './view.ts';

/** The place is always there: what comes into it is read out, which a place that comes with its words is not. */
export function Banner({ view }: { view: View }) {
  return (
    <div role="status">
      <Said view={view} />
    </div>
  );
}

function Said({ view }: { view: View }) {
  const { client, panel, words } = view;
  const { phase } = client.connection;
  const isLate = useLate(phase.kind !== 'ready', PATIENCE_MS);
  if (phase.kind === 'stopped') {
    const { why } = phase;
    const isOld = why === 'too_old';
    const canRetry = why !== 'forbidden' && why !== 'unknown_site';
    return (
      <div class="banner">
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
      <div class="banner">
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
    <div class="banner">
      <p>{words.gone}</p>
    </div>
  );
}
