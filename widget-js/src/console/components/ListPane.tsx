// The lists: mine, the line, all and closed, with what is unread, and how long the oldest has waited.

import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import type { Row } from '../../protocol/frames.ts';
import { draftOf, isPending } from '../drafts.ts';
import { LIST_NAMES, type ListName, oldestWait, sorted } from '../lists.ts';
import { storeTime } from '../state.ts';
import { span } from '../time.ts';
import { unreadOf } from '../unread.ts';
import { emptyWords } from '../words.ts';
import { useWork } from '../work.ts';
import { EntryRow } from './EntryRow.tsx';
import { useNow } from './now.ts';
import { OlderButton, useOlder } from './Older.tsx';

const TITLES: Readonly<{ [name in ListName]: string }> = {
  mine: 'Mine',
  line: 'Line',
  all: 'All',
  closed: 'Closed',
};

export function ListPane() {
  const { state, dispatch } = useWork();
  const shown = state.list;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const turned = getComputedStyle(event.currentTarget as Element).direction === 'rtl' ? -by : by;
    const next = LIST_NAMES.at((LIST_NAMES.indexOf(shown) + turned) % LIST_NAMES.length) ?? 'mine';
    dispatch({ kind: 'list', list: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section class="lists" aria-label="Conversations">
      <div class="tabs" role="tablist" aria-label="Lists" onKeyDown={onKeyDown}>
        {LIST_NAMES.map(name => (
          <button
            type="button"
            role="tab"
            key={name}
            id={`tab-${name}`}
            aria-selected={name === shown}
            aria-controls="list-panel"
            tabIndex={name === shown ? 0 : -1}
            onClick={() => dispatch({ kind: 'list', list: name })}
          >
            {TITLES[name]} <Count name={name} />
          </button>
        ))}
      </div>
      <div class="scroll" role="tabpanel" id="list-panel" aria-labelledby={`tab-${shown}`} key={shown}>
        {shown === 'line' && <OldestWait />}
        <Rows name={shown} />
      </div>
    </section>
  );
}

function Count({ name }: { readonly name: ListName }) {
  const { state, client } = useWork();
  const { rows } = state.lists[name];
  if (name === 'closed' || rows.size === 0) return null;
  const unread = name === 'mine' && [...rows.values()].some(row => unreadOf(state, client, row) > 0);
  return (
    <span class={unread ? 'count new' : 'count'}>
      {rows.size}
      {unread && <span class="unseen">, some unread</span>}
    </span>
  );
}

function OldestWait() {
  const { state } = useWork();
  const since = oldestWait(state.lists.line);
  const now = useNow();
  if (since === null) return null;
  return (
    <p class="line-head">
      Oldest has waited <strong class="tick">{span(storeTime(state, now) - since)}</strong>
    </p>
  );
}

function Rows({ name }: { readonly name: ListName }) {
  const { state, client, dispatch, names } = useWork();
  const list = state.lists[name];
  // A row that was read page by page stays as it was; once reopened, it is no longer closed.
  const open = state.lists.all.rows;
  const older = useOlder(name);
  const rows = useMemo(() => {
    const isElsewhere = ({ conversation }: Row) => list.rows.has(conversation) || open.has(conversation);
    return [...sorted(name, list), ...older.rows.filter(row => !isElsewhere(row))];
  }, [name, list, open, older.rows]);
  const isShown = ({ conversation }: Row) =>
    open.has(conversation) || rows.some(row => row.conversation === conversation);
  const box = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState<string | null>(null);
  const focusable = rows.some(row => row.conversation === stop) ? stop : (rows[0]?.conversation ?? null);

  const onFocus = useCallback((row: Row) => setStop(row.conversation), []);
  const onOpen = useCallback(
    (row: Row) => {
      // A row that was read page by page stands in no list.
      dispatch({ kind: 'rows', rows: [row] });
      dispatch({ kind: 'open', conversation: row.conversation });
    },
    [dispatch],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const options = [...(box.current?.querySelectorAll<HTMLElement>('[role="option"]') ?? [])];
    const at = options.indexOf(document.activeElement as HTMLElement);
    const page = 8;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: options.length - 1,
      PageDown: at + page,
      PageUp: at - page,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      options[Math.max(0, Math.min(options.length - 1, to))]?.focus();
    } else if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
      event.preventDefault();
      options[at]?.click();
    }
  };
  const isEmpty = rows.length === 0;
  const mayHaveOlder = name === 'closed' && (list.revision !== null || !isEmpty);
  return (
    <>
      {isEmpty && !mayHaveOlder && <p class="empty">{emptyWords(name, list, state.agent)}</p>}
      <div role="listbox" aria-label={TITLES[name]} hidden={isEmpty} ref={box} onKeyDown={onKeyDown}>
        {rows.map(row => (
          <EntryRow
            key={row.conversation}
            row={row}
            list={name}
            unread={unreadOf(state, client, row)}
            selected={state.tabs.active === row.conversation}
            focusable={focusable === row.conversation}
            draft={isPending(draftOf(state.drafts, row.conversation))}
            self={state.self}
            names={names}
            ahead_ms={state.ahead_ms ?? 0}
            onFocus={onFocus}
            onOpen={onOpen}
          />
        ))}
      </div>
      {mayHaveOlder && <OlderButton older={older} isShown={isShown} isEmpty={isEmpty} />}
    </>
  );
}
