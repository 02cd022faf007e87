// A conversation: its log, what it waits for or how it ended, and the composer.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useFocusKept } from '../../ui/focus.ts';
import { Icon } from '../../ui/Icon.tsx';
import { isolated } from '../../ui/isolated.ts';
import { timelineOf } from '../timeline.ts';
import { Announcer } from './Announcer.tsx';
import { Composer } from './Composer.tsx';
import { Ended } from './Ended.tsx';
import { LogEntry } from './LogEntry.tsx';
import type { View } from './view.ts';
import { OfflineKept, WaitCard } from './WaitCard.tsx';

/** So near the end of the log, new messages scroll into sight. */
const NEAR_END_PX = 80;

export function Conversation({ view, onLeave }: { view: View; onLeave(): void }) {
  const { panel, sight, words } = view;
  const { standing, transcript } = sight;
  const records = transcript?.records ?? [];
  const entries = timelineOf(records, sight.items, transcript?.read.agent ?? 0);
  // Who was typing when the chat ended has stopped.
  const typing =
    standing.kind === 'closed'
      ? undefined
      : transcript?.typing.find(({ who }) => typeof who === 'object')?.who;
  const log = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const [hasNew, setHasNew] = useState(false);
  const last = records.at(-1)?.number ?? 0;

  function toEnd(): void {
    if (log.current !== null) log.current.scrollTop = log.current.scrollHeight;
    isAtEnd.current = true;
    setHasNew(false);
  }

  useLayoutEffect(() => {
    const mine = entries.at(-1);
    const wrote = mine?.kind === 'message' && mine.isMine && mine.state === 'sending';
    if (isAtEnd.current || wrote) toEnd();
    else setHasNew(true);
  }, [entries.length, standing.kind, typing !== undefined]);

  useLayoutEffect(() => {
    if (panel.isShown && isAtEnd.current && last > 0) view.read(last);
  }, [last, panel.isShown, hasNew]);

  // A failed message that is sent again goes with its buttons, and so does a rating.
  const onFocusIn = useFocusKept(() => log.current);

  return (
    <main class="conversation" onFocusIn={onFocusIn}>
      <section
        ref={log}
        class="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={words.chat}
        onScroll={({ currentTarget: box }) => {
          isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
          if (isAtEnd.current && hasNew) setHasNew(false);
        }}
      >
        <ol class="entries">
          {entries.map(entry => (
            <LogEntry key={entry.key} entry={entry} view={view} />
          ))}
        </ol>
        {typeof typing === 'object' && (
          <p class="typing">
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <span>{words.typing(isolated(typing.agent.name))}</span>
          </p>
        )}
        {standing.kind === 'waiting' && <WaitCard view={view} onLeave={onLeave} />}
        {standing.kind === 'offline' && <OfflineKept view={view} />}
        {standing.kind === 'closed' && <Ended view={view} />}
      </section>
      {hasNew && (
        <button type="button" class="jump" onClick={toEnd}>
          <Icon name="down" /> {words.jump}
        </button>
      )}
      <Announcer entries={entries} words={words} />
      <Composer view={view} />
    </main>
  );
}
