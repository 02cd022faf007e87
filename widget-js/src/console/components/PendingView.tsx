// A message on its way, or one that was refused: then it can be sent again, taken back to the composer, or dropped.

import type { Item } from '../../client/outbox.ts';
import { nodesOf } from '../../protocol/decode.ts';
import { whyFailed } from '../failures.ts';
import { useWork } from '../work.ts';
import { BodyText } from './BodyText.tsx';
import { Icon } from './icons.tsx';

export function PendingView({ item }: { readonly item: Item }) {
  const { client, onPending } = usePending(item);
  const isNote = 'note' in item.action;
  const body =
    'say' in item.action ? item.action.say.body : 'note' in item.action ? item.action.note.body : '';
  const failed = item.failed;
  const waits = client.connection.phase.kind !== 'ready';
  return (
    <article class={`message ours ${isNote ? 'note' : ''} ${failed === undefined ? 'on-its-way' : 'failed'}`}>
      {isNote && (
        <p class="who">
          <strong class="note-mark">Note · only colleagues see it</strong>
        </p>
      )}
      <div class="bubble" dir="auto">
        <BodyText body={nodesOf(body)} />
      </div>
      {failed === undefined ? (
        <p class="state">{waits ? 'Waiting for the connection…' : 'Sending…'}</p>
      ) : (
        <p class="state" role="alert">
          Not sent: {whyFailed(failed)}.
          <button type="button" onClick={() => onPending('resend')}>
            <Icon name="retry" /> Send again
          </button>
          <button type="button" onClick={() => onPending('discard')}>
            Discard
          </button>
        </p>
      )}
    </article>
  );
}

function usePending(item: Item) {
  const { client, dispatch } = useWork();
  const { id, conversation } = item;
  const onPending = (kind: 'resend' | 'discard') => {
    if (conversation !== undefined) dispatch({ kind, id, conversation });
  };
  return { client, onPending };
}
