// One conversation in a list: who, what was said last, since when, and whose it is.
// Hundreds of them stand in a list, so it is given all it shows and looks at nothing else.

import type { Row } from '../../protocol/frames.ts';
import { tame } from '../clip.ts';
import { agentOf, type ListName, stateName } from '../lists.ts';
import { age, span } from '../time.ts';
import { initials, type Names, REASON_WORDS, STATE_WORDS, visitorName } from '../words.ts';
import { Icon } from './icons.tsx';
import { memo } from './memo.ts';
import { useNow } from './now.ts';

/** A wait longer than this is shown as late: most visitors leave before. */
const LATE_MS = 120_000;

interface Props {
  readonly row: Row;
  readonly list: ListName;
  readonly unread: number;
  readonly selected: boolean;
  readonly focusable: boolean;
  /** Whether words for it are written and not sent. */
  readonly draft: boolean;
  readonly self: string;
  readonly names: Names;
  /** By how much this machine's clock is ahead of the store's. */
  readonly ahead_ms: number;
  readonly onFocus: (row: Row) => void;
  readonly onOpen: (row: Row) => void;
}

export const EntryRow = memo((props: Props) => {
  const { row, unread, selected, focusable, draft, ahead_ms, onFocus, onOpen } = props;
  const name = tame(visitorName(row));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it opens by Enter and Space.
    <div
      role="option"
      class={unread > 0 ? 'entry-row unread' : 'entry-row'}
      aria-selected={selected}
      tabIndex={focusable ? 0 : -1}
      onFocus={() => onFocus(row)}
      onClick={() => onOpen(row)}
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
        <Since row={row} ahead_ms={ahead_ms} />
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
        <Marks {...props} />
      </p>
    </div>
  );
});

function Since({ row, ahead_ms }: Pick<Props, 'row' | 'ahead_ms'>) {
  const waits = stateName(row.state) === 'waiting';
  const now = useNow(waits ? 1_000 : 30_000) - ahead_ms;
  if (!waits) return <time dateTime={new Date(row.last_at).toISOString()}>{age(now - row.last_at)}</time>;
  const wait = now - row.opened_at;
  return <span class={wait > LATE_MS ? 'tick late' : 'tick'}>{span(wait)}</span>;
}

function Marks({ row, list, self, names }: Pick<Props, 'row' | 'list' | 'self' | 'names'>) {
  const name = stateName(row.state);
  const agent = agentOf(row.state);
  const own = agent === self;
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
