// The centre: a strip of open chats, the one in front, and an earlier conversation beside it.

import { tame } from '../clip.ts';
import { draftOf, isPending } from '../drafts.ts';
import { rowFor } from '../state.ts';
import { unreadOf } from '../unread.ts';
import { emptyWords, visitorName } from '../words.ts';
import { useWork } from '../work.ts';
import { Beside } from './Beside.tsx';
import { ChatView } from './ChatView.tsx';
import { Icon } from './icons.tsx';

interface Props {
  readonly cardOpen: boolean;
  readonly onCard: () => void;
}

export function ChatPane({ cardOpen, onCard }: Props) {
  const { state } = useWork();
  const { tabs } = state;
  return (
    <section class="chats" aria-label="Chats">
      {tabs.open.length > 0 && <Strip />}
      {tabs.active === null ? (
        <NoChat />
      ) : (
        <div class="views">
          <ChatView
            key={tabs.active}
            conversation={tabs.active}
            hasBeside={tabs.beside !== null}
            cardOpen={cardOpen}
            onCard={onCard}
          />
          {tabs.beside !== null && <Beside key={tabs.beside} conversation={tabs.beside} />}
        </div>
      )}
    </section>
  );
}

/** The one thing said while no chat is in front; beside it an empty list stays silent. */
function NoChat() {
  const { state } = useWork();
  const list = state.lists[state.list];
  return (
    <div class="no-chat">
      <Icon name="chats" />
      <p>
        {list.rows.size === 0
          ? emptyWords(state.list, list, state.agent)
          : 'Choose a conversation from the list.'}
      </p>
    </div>
  );
}

function Strip() {
  const { state, dispatch } = useWork();
  return (
    <nav aria-label="Open chats">
      <ul class="strip">
        {state.tabs.open.map(conversation => (
          <li key={conversation} class={conversation === state.tabs.active ? 'front' : ''}>
            <Tab conversation={conversation} />
            <button
              type="button"
              class="put-away"
              aria-label={`Put ${visitorName(rowFor(state, conversation))} away`}
              title="Put away (Alt W). The chat stays in its list."
              onClick={() => dispatch({ kind: 'close_tab', conversation })}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Tab({ conversation }: { readonly conversation: string }) {
  const { state, client, dispatch } = useWork();
  const row = rowFor(state, conversation);
  const unread = row === null ? 0 : unreadOf(state, client, row);
  return (
    <button
      type="button"
      class="pick"
      aria-current={conversation === state.tabs.active ? 'true' : undefined}
      onClick={() => dispatch({ kind: 'open', conversation })}
    >
      {isPending(draftOf(state.drafts, conversation)) && (
        <>
          <Icon name="pencil" />
          <span class="unseen">Unsent draft: </span>
        </>
      )}
      <bdi>{tame(visitorName(row))}</bdi>
      {unread > 0 && (
        <span class="count new">
          {unread}
          <span class="unseen"> unread</span>
        </span>
      )}
    </button>
  );
}
