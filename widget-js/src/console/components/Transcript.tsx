// A transcript as a log: it keeps to its end while the reader is there, and holds still while they read above.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Item } from '../../client/outbox.ts';
import { itemsOf } from '../../client/outbox.ts';
import type { Row } from '../../protocol/frames.ts';
import { tame } from '../clip.ts';
import { keepsWords } from '../failures.ts';
import { agentOf } from '../lists.ts';
import { date } from '../time.ts';
import { type Entry, timelineOf } from '../timeline.ts';
import { visitorName } from '../words.ts';
import { useWork } from '../work.ts';
import { MessageView } from './MessageView.tsx';
import { PendingView } from './PendingView.tsx';

/** Pixels from the end within which the reader counts as being there. */
const NEAR_END_PX = 60;

interface Props {
  readonly conversation: string;
  readonly row: Row | null;
}

export function Transcript({ conversation, row }: Props) {
  const { state, client, dispatch, names } = useWork();
  const held = client.transcripts.get(conversation);
  const records = held?.records ?? [];
  const name = tame(visitorName(row));
  const own = row !== null && agentOf(row.state) === state.self;
  const unread_after = useMarkAtOpening(row, own, records.length > 0);
  const entries = useMemo(
    () => timelineOf(records, names, name, unread_after),
    [records, names, name, unread_after],
  );
  const pending = useMemo(() => itemsOf(client.outbox, conversation), [client.outbox, conversation]);
  const last = records.at(-1)?.number ?? 0;
  const jump = state.jump?.conversation === conversation ? state.jump : null;
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);

  useLayoutEffect(() => {
    if (atEnd && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [entries, pending.length, atEnd]);

  // Whatever changes its height, box or words, must not lose the end out of sight.
  const stays = useRef(atEnd);
  stays.current = atEnd;
  const seen = useRef('');
  useEffect(() => {
    const { current } = box;
    if (current === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      if (stays.current) current.scrollTop = current.scrollHeight;
      seen.current = heights(current);
    });
    observer.observe(current);
    if (inner.current !== null) observer.observe(inner.current);
    return () => observer.disconnect();
  }, []);

  const jumped = useRef(0);
  useEffect(() => {
    if (jump === null || jumped.current === jump.turn || last < jump.number) return;
    jumped.current = jump.turn;
    setAtEnd(false);
    box.current?.querySelector(`[data-number="${jump.number}"]`)?.scrollIntoView({ block: 'center' });
  }, [jump, last]);

  useSeen(atEnd, last, number => dispatch({ kind: 'seen', conversation, number }));

  const onScroll = () => {
    const { current } = box;
    // While its heights change, as under a keyboard that slides in, it is not the reader who scrolls.
    if (current === null || heights(current) !== seen.current) return;
    setAtEnd(current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_END_PX);
  };
  const busy = held === undefined || (held.records.length === 0 && !held.complete);
  const told = own ? lastOwn(entries, state.self) : null;
  const sent = told === null ? null : { number: told, seen: (held?.read.visitor ?? 0) >= told };
  const drawn = useMemo(
    () =>
      entries.map(entry => (
        <EntryView
          key={entry.key}
          entry={entry}
          visitor={name}
          found={jump?.number ?? null}
          sent={
            sent !== null && entry.kind === 'message' && entry.message.number === sent.number
              ? sent.seen
              : null
          }
        />
      )),
    [entries, name, jump?.number, sent?.number, sent?.seen],
  );
  return (
    <>
      <div
        class="transcript"
        role="log"
        aria-label={`Messages with ${name}`}
        aria-busy={busy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard.
        tabIndex={0}
        ref={box}
        onScroll={onScroll}
      >
        <div class="entries" ref={inner}>
          {busy && <p class="fact">Loading…</p>}
          {drawn}
          {pending.filter(isShown).map(item => (
            <PendingView key={`${item.id.outbox} ${item.id.ordinal}`} item={item} />
          ))}
        </div>
      </div>
      {!atEnd && (
        <div class="to-end">
          <button type="button" onClick={() => setAtEnd(true)}>
            To the latest ↓
          </button>
        </div>
      )}
    </>
  );
}

/** Of a box that scrolls, and of what is in it. */
function heights({ clientHeight, scrollHeight }: Element): string {
  return `${clientHeight} of ${scrollHeight}`;
}

/** Edits and deletes on their way change a message that is shown already. */
function isShown({ action }: Item): boolean {
  return keepsWords(action);
}

/** Where the unread began when the chat was opened: it must not move while the agent reads. */
function useMarkAtOpening(row: Row | null, own: boolean, ready: boolean): number | null {
  const mark = useRef<number | null>(null);
  if (mark.current === null && row !== null && ready && own && row.read < row.head) mark.current = row.read;
  return mark.current;
}

/** Tells that the end was seen: while the window has the focus, and the reader is there. */
function useSeen(atEnd: boolean, last: number, onSeen: (number: number) => void): void {
  const told = useRef(onSeen);
  told.current = onSeen;
  useEffect(() => {
    if (!atEnd || last === 0) return;
    const look = () => {
      if (document.visibilityState === 'visible' && document.hasFocus()) told.current(last);
    };
    look();
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [atEnd, last]);
}

/** The number of one's own last reply, to say whether it was seen. */
function lastOwn(entries: readonly Entry[], self: string): number | null {
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== 'message' || entry.message.stream === 'note') continue;
    const { by, number } = entry.message;
    if (typeof by === 'object' && by.agent.id === self) return number;
  }
  return null;
}

interface EntryProps {
  readonly entry: Entry;
  readonly visitor: string;
  readonly found: number | null;
  /** Of one's own last reply: whether the visitor has seen it. */
  readonly sent: boolean | null;
}

function EntryView({ entry, visitor, found, sent }: EntryProps) {
  switch (entry.kind) {
    case 'day':
      return <p class="day">{date(entry.at)}</p>;
    case 'unread':
      return <p class="new-line">New</p>;
    case 'fact':
      return (
        <div class="fact" data-number={entry.number}>
          <bdi>{entry.text}</bdi>
          {entry.comment !== null && <blockquote dir="auto">{tame(entry.comment)}</blockquote>}
        </div>
      );
    case 'message':
      return (
        <MessageView
          message={entry.message}
          named={entry.named}
          visitor={visitor}
          found={entry.message.number === found}
          sent={sent}
        />
      );
  }
}
