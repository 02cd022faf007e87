// One chat: its head with what can be done, an offer that waits for an answer, the transcript and the composer.

import { useRef, useState } from 'preact/hooks';
import type { Action, Row } from '../../protocol/frames.ts';
import { useFocusKept } from '../../ui/focus.ts';
import { abilitiesFor, takeOf } from '../abilities.ts';
import { tame } from '../clip.ts';
import { agentOf, stateName } from '../lists.ts';
import { rowFor } from '../state.ts';
import { untilTomorrow } from '../time.ts';
import { AGENT_REASONS, REASON_WORDS, STATE_WORDS, visitorName } from '../words.ts';
import { useWork } from '../work.ts';
import { Composer } from './Composer.tsx';
import { Icon } from './icons.tsx';
import { Menu } from './Menu.tsx';
import { Offer } from './Offer.tsx';
import { Transcript } from './Transcript.tsx';
import { TransferDialog } from './TransferDialog.tsx';
import { TypingLine } from './TypingLine.tsx';

interface Props {
  readonly conversation: string;
  readonly hasBeside: boolean;
  readonly cardOpen: boolean;
  readonly onCard: () => void;
}

const HOUR_MS = 3_600_000;

export function ChatView({ conversation, hasBeside, cardOpen, onCard }: Props) {
  const { state, dispatch } = useWork();
  const row = rowFor(state, conversation);
  const can = abilitiesFor(row, state.self);
  const act = (action: Action) => dispatch({ kind: 'act', conversation, action });
  // What was done to a chat takes its button away: one cannot take it twice.
  const chat = useRef<HTMLElement>(null);
  const onFocusIn = useFocusKept(() => chat.current?.querySelector<HTMLElement>('.transcript') ?? null);
  return (
    <section
      ref={chat}
      class={hasBeside ? 'chat with-beside' : 'chat'}
      aria-label={`Chat with ${visitorName(row)}`}
      onFocusIn={onFocusIn}
    >
      <Head conversation={conversation} row={row} cardOpen={cardOpen} onCard={onCard} onAct={act} />
      {row !== null && can.accept && <Offer row={row} onAct={act} />}
      <Transcript conversation={conversation} row={row} />
      <TypingLine conversation={conversation} row={row} />
      <Composer conversation={conversation} can={can} />
    </section>
  );
}

interface HeadProps {
  readonly conversation: string;
  readonly row: Row | null;
  readonly cardOpen: boolean;
  readonly onCard: () => void;
  readonly onAct: (action: Action) => void;
}

function Head({ row, cardOpen, onCard, onAct }: HeadProps) {
  const { state, dispatch } = useWork();
  return (
    <div class="chat-head">
      <button
        type="button"
        class="plain only-icon for-narrow"
        aria-label="Back to the list"
        onClick={() => dispatch({ kind: 'leave' })}
      >
        <Icon name="back" />
      </button>
      <h2>
        <bdi>{tame(visitorName(row))}</bdi>
      </h2>
      {row !== null && <StateChip row={row} self={state.self} />}
      <span class="push" />
      <button
        type="button"
        class="only-icon for-medium"
        aria-label="About the visitor"
        aria-expanded={cardOpen}
        onClick={onCard}
      >
        <Icon name="person" />
      </button>
      {row !== null && <Deeds row={row} onAct={onAct} />}
    </div>
  );
}

function StateChip({ row, self }: { readonly row: Row; readonly self: string }) {
  const { names } = useWork();
  const name = stateName(row.state);
  const agent = agentOf(row.state);
  if (name === 'assigned' && agent === self) return null;
  const whose = agent === null ? '' : agent === self ? ' · you' : ` · ${names.agent(agent)}`;
  return <span class="chip">{STATE_WORDS[name] + whose}</span>;
}

function Deeds({ row, onAct }: { readonly row: Row; readonly onAct: (action: Action) => void }) {
  const { state } = useWork();
  const [transferring, setTransferring] = useState(false);
  const can = abilitiesFor(row, state.self);
  const spans: readonly [key: string, label: string, for_ms: (now: number) => number | null][] = [
    ['visitor', 'Until the visitor writes', () => null],
    ['1h', 'For 1 hour', () => HOUR_MS],
    ['3h', 'For 3 hours', () => 3 * HOUR_MS],
    ['tomorrow', 'Until tomorrow, 9:00', untilTomorrow],
    ['3d', 'For 3 days', () => 72 * HOUR_MS],
  ];
  return (
    <div class="deeds">
      {can.take !== null && (
        <button type="button" class="primary" data-hook="take" onClick={() => onAct(takeOf(row))}>
          <Icon name="take" /> {can.take}
        </button>
      )}
      {can.transfer && (
        <button
          type="button"
          data-hook="transfer"
          title="Transfer (F)"
          aria-label="Transfer"
          disabled={state.roster === null}
          onClick={() => setTransferring(true)}
        >
          <Icon name="transfer" /> <span>Transfer</span>
        </button>
      )}
      {can.park && (
        <Menu
          hook="park"
          label="Park this chat"
          title="Park (S)"
          face={
            <>
              <Icon name="park" /> <span>Park</span>
            </>
          }
          items={spans.map(([key, label, span]) => ({
            key,
            label,
            onPick: () => {
              const for_ms = span(Date.now());
              onAct({ park: for_ms === null ? {} : { for_ms } });
            },
          }))}
        />
      )}
      {can.close && (
        <Menu
          hook="close"
          label="Close this chat with a reason"
          title="Close (E)"
          face={
            <>
              <Icon name="done" /> <span>Close</span>
            </>
          }
          items={AGENT_REASONS.map(reason => ({
            key: reason,
            label: REASON_WORDS[reason],
            onPick: () => onAct({ close: { reason } }),
          }))}
        />
      )}
      {can.reopen && (
        <button type="button" data-hook="take" aria-label="Reopen" onClick={() => onAct({ reopen: {} })}>
          <Icon name="reopen" /> <span>Reopen</span>
        </button>
      )}
      {transferring && state.roster !== null && (
        <TransferDialog
          roster={state.roster}
          self={state.self}
          onClose={() => setTransferring(false)}
          onTransfer={(to, comment) => {
            setTransferring(false);
            onAct({ transfer: comment === '' ? { to } : { to, comment } });
          }}
        />
      )}
    </div>
  );
}
