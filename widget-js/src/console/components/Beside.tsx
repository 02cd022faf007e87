// An earlier conversation beside the chat, to read only.

import { rowFor } from '../state.ts';
import { full } from '../time.ts';
import { useWork } from '../work.ts';
import { Icon } from './icons.tsx';
import { Transcript } from './Transcript.tsx';

export function Beside({ conversation }: { readonly conversation: string }) {
  const { state, dispatch } = useWork();
  const row = rowFor(state, conversation);
  return (
    <section class="chat" aria-label="Earlier conversation">
      <div class="chat-head">
        <h2>Earlier: {row === null ? '…' : full(row.opened_at)}</h2>
        <span class="push" />
        <button type="button" onClick={() => dispatch({ kind: 'open', conversation })}>
          Open
        </button>
        <button
          type="button"
          class="plain only-icon"
          aria-label="Close the earlier conversation"
          onClick={() => dispatch({ kind: 'beside', conversation: null })}
        >
          <Icon name="close" />
        </button>
      </div>
      <Transcript conversation={conversation} row={row} />
    </section>
  );
}
