// The whole panel: header, banner, and the one screen that the conversation's standing asks for.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Banner } from './Banner.tsx';
import { Confirm } from './Confirm.tsx';
import { Conversation } from './Conversation.tsx';
import { Header } from './Header.tsx';
import { Start } from './Start.tsx';
import { useSettled } from './settled.ts';
import type { View } from './view.ts';

export function App({ view }: { view: View }) {
  const { panel, sight, words } = view;
  const [isLeaving, setLeaving] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const hasChat = panel.conversation !== null;
  const isSettled = useSettled(view);

  // Opening the panel, and coming from the form into the chat, puts the caret where one writes.
  useEffect(() => {
    if (panel.isShown) root.current?.querySelector<HTMLElement>('[data-focus]')?.focus();
  }, [panel.isShown, hasChat, isSettled]);

  useEffect(() => {
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !isLeaving) view.close();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [isLeaving, view.close]);

  return (
    <div ref={root} class="app" dir={words.dir} lang={words.lang}>
      <Header view={view} isSettled={isSettled} onLeave={() => setLeaving(true)} />
      <Banner view={view} />
      {hasChat ? (
        <Conversation view={view} onLeave={() => setLeaving(true)} />
      ) : isSettled ? (
        <Start view={view} />
      ) : (
        <Awaited />
      )}
      {isLeaving && (
        <Confirm
          title={sight.standing.kind === 'waiting' ? words.leaveTitle : words.endTitle}
          text={sight.standing.kind === 'waiting' ? words.leaveText : words.endText}
          yes={sight.standing.kind === 'waiting' ? words.leaveLine : words.endChat}
          no={words.stay}
          onAnswer={isYes => {
            setLeaving(false);
            if (isYes) view.act({ kind: 'end' });
          }}
        />
      )}
    </div>
  );
}

/** Stands in for the start page while the site's own words are on their way. */
function Awaited() {
  return (
    <main class="start" aria-busy="true">
      <div class="awaited" aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
    </main>
  );
}
