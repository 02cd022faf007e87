// One conversation in a list: who, what was said last, since when, and whose it is.

import type { Row } from '../../protocol/frames.ts';
import { tame } from '../clip.ts';
import { draftOf, isPending } from '../drafts.ts';
import { agentOf, type ListName, stateName } from '../lists.ts';
import { storeTime } from '../state.ts';
import { age, span } from '../time.ts';
import { initials, REASON_WORDS, STATE_WORDS, visitorName } from '../words.ts';
import { useWork } from '../work.ts';
import { Icon } from './icons.tsx';
import { useNow } from './now.ts';

/** A wait longer than this is shown as late: most visitors leave before. */
const LATE_MS = 120_000;

interface Props {
  readonly row: Row;
  readonly list: ListName;
  readonly unread: number;
  readonly selected: boolean;
  readonly focusable: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
}

export function EntryRow({ row, list, unread, selected, focusable, onFocus, onOpen }: Props) {
  const { state } = useWork();
  const name = tame(visitorName(row));
  const draft = isPending(draftOf(state.drafts, row.conversation));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it opens by Enter and Space.
    <div
      role="option"
      class={unread > 0 ? 'entry-row unread' : 'entry-row'}
      aria-selected={selected}
      tabIndex={focusable ? 0 : -1}
      onFocus={onFocus}
      onClick={onOpen}
    >
      <span class="face" aria-hidden="true">
        {initials(name)}
        <span class={`dot ${row.visitor.present ? 'online' : 'offline'}`} />
      </span>
      <div class="lines">
        <p class="name">
          <bdi>{name}</bdi>
          {row.visitor.present && <span class="unseen">, present now</span>}
        </p>
        <p class="preview" dir="auto">
          {row.preview === undefined ? '…' : tame(row.preview)}
        </p>
      </div>
      <div class="side">
        <Since row={row} />
        {unread > 0 && (
          <span class="count new">
            {unread}
            <span class="unseen"> unread</span>
          </span>
        )}
        {draft && (
          <span title="Unsent draft">
            <Icon name="pencil" />
            <span class="unseen">unsent draft</span>
          </span>
        )}
      </div>
      <p class="below">
        <Marks row={row} list={list} />
      </p>
    </div>
  );
}

function Since({ row }: { readonly row: Row }) {
  const { state } = useWork();
  const waits = stateName(row.state) === 'waiting';
  const now = storeTime(state, useNow(waits ? 1_000 : 30_000));
  if (!waits) return <time dateTime={new Date(row.last_at).toISOString()}>{age(now - row.last_at)}</time>;
  const wait = now - row.opened_at;
  return <span class={wait > LATE_MS ? 'tick late' : 'tick'}>{span(wait)}</span>;
}

function Marks({ row, list }: { readonly row: Row; readonly list: ListName }) {
  const { state, names } = useWork();
  const name = stateName(row.state);
  const agent = agentOf(row.state);
  const own = agent === state.self;
  const team = row.team === undefined ? null : names.team(row.team);
  const hot = name === 'offered' && own;
  return (
    <>
      {hot && <span class="chip hot">Offered to you</span>}
      {!hot && name !== 'assigned' && !(list === 'line' && name === 'waiting') && (
        <span class="chip">
          {typeof row.state === 'object' && 'closed' in row.state
            ? REASON_WORDS[row.state.closed.reason]
            : STATE_WORDS[name]}
        </span>
      )}
      {agent !== null && !own && <span class="chip">{names.agent(agent)}</span>}
      {agent !== null && own && list === 'all' && !hot && <span class="chip">You</span>}
      {team !== null && list === 'line' && <span class="chip">{team}</span>}
      {row.score !== undefined && <span class="chip">{'★'.repeat(row.score)}</span>}
    </>
  );
}
