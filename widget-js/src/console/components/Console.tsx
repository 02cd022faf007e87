// An agent's desk at one site: the bar, the banners, and the three panes or the settings.

import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { actionFor, type KeyAction } from '../keys.ts';
import type { Me, MySite, Rest } from '../rest.ts';
import { namesOf } from '../roster.ts';
import { type Section, Settings, sectionsFor } from '../settings/Settings.tsx';
import { Store } from '../store.ts';
import { callsOf } from '../unread.ts';
import { type Work, WorkProvider } from '../work.ts';
import { About } from './About.tsx';
import { Banners } from './Banners.tsx';
import { ChatPane } from './ChatPane.tsx';
import { HelpDialog } from './HelpDialog.tsx';
import { ListPane } from './ListPane.tsx';
import { Notices } from './Notices.tsx';
import { SearchDialog } from './SearchDialog.tsx';
import { useShared } from './shared.ts';
import { TopBar } from './TopBar.tsx';

interface Props {
  readonly rest: Rest;
  readonly me: Me;
  readonly site: MySite;
  /** Begins in the settings. */
  readonly toSettings: boolean;
  readonly onMe: (me: Me) => void;
  readonly onSite: (key: string) => void;
  readonly onSignedOut: () => void;
}

export function Console({ rest, me, site, toSettings, onMe, onSite, onSignedOut }: Props) {
  const store = useStore({ rest, me, site, onSignedOut });
  const [section, setSection] = useState<Section | null>(() => beginsAt(me, site, toSettings));
  const [dialog, setDialog] = useState<'search' | 'help' | null>(null);
  const [card, setCard] = useState(false);
  const { state } = store;
  const client = store.live;
  const isConnected = client.connection.phase.kind === 'ready';
  const shared = useShared(rest, site, section === null, isConnected);
  const names = useMemo(() => namesOf(state.roster), [state.roster]);
  const dispatch = store.dispatch;
  const work: Work = { state, client, dispatch, rest, me, site, names, shared, onSignedOut };

  useTitle(site.name, callsOf(state, client));
  useBack(state.tabs.active, () => dispatch({ kind: 'leave' }));
  useKeys(action => {
    if (action === 'search') return setDialog('search');
    if (action === 'help') return setDialog('help');
    if (section === null) press(action, store);
  }, dialog !== null);

  const signOut = async () => {
    const pending = store.pendingDrafts();
    if (
      pending > 0 &&
      !window.confirm(`${pending} unsent draft${pending > 1 ? 's' : ''} will be lost. Sign out?`)
    )
      return;
    try {
      await rest.signOut();
    } catch {
      // Signed out here in any case; the cookie ends by itself.
    }
    store.forget();
    onSignedOut();
  };

  return (
    <WorkProvider value={work}>
      <div class="console">
        <TopBar
          bell={store.bell}
          inSettings={section !== null}
          onSite={onSite}
          onSearch={() => setDialog('search')}
          onHelp={() => setDialog('help')}
          onSettings={() => setSection(section === null ? 'account' : null)}
          onSignOut={() => void signOut()}
        />
        <Banners
          isDurable={store.client.isDurable}
          onRetry={() => store.client.dispatch({ kind: 'retry' })}
          onMe={onMe}
        />
        {section !== null ? (
          <Settings
            {...{ rest, me, site, section, onMe, onSignedOut, onSite }}
            onSection={setSection}
            onBack={() => setSection(null)}
          />
        ) : (
          <main
            class="panes"
            data-pane={state.tabs.active === null ? 'list' : 'chat'}
            data-card={card ? 'open' : 'shut'}
          >
            <ListPane />
            <ChatPane cardOpen={card} onCard={() => setCard(!card)} />
            {state.tabs.active !== null && (
              <About conversation={state.tabs.active} onShut={() => setCard(false)} />
            )}
          </main>
        )}
      </div>
      <Notices />
      {dialog === 'search' && (
        <SearchDialog onClose={() => setDialog(null)} onOpened={() => setSection(null)} />
      )}
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(null)} />}
    </WorkProvider>
  );
}

/** The site's own settings, where they may be changed; else one's account. */
function beginsAt(me: Me, site: MySite, toSettings: boolean): Section | null {
  if (!toSettings) return null;
  return sectionsFor(me, site).includes('site') ? 'site' : 'account';
}

/** One store for the life of the component; a change of its state draws anew, once a frame at most. */
function useStore(options: ConstructorParameters<typeof Store>[0]): Store {
  const held = useRef<Store | null>(null);
  held.current ??= new Store(options);
  const store = held.current;
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  useEffect(() => {
    const unsubscribe = store.subscribe(() => redraw(undefined));
    redraw(undefined);
    return () => {
      unsubscribe();
      store.stop();
    };
  }, [store]);
  return store;
}

function useTitle(site: string, calls: number): void {
  useEffect(() => {
    document.title = calls > 0 ? `(${calls}) ${site} · halloo` : `${site} · halloo`;
  }, [site, calls]);
}

/** On a phone the back gesture leaves the chat for the list, not the console. */
function useBack(active: string | null, leave: () => void): void {
  const isOpen = active !== null;
  useEffect(() => {
    if (!isOpen || !window.matchMedia('(width < 46rem)').matches) return;
    history.pushState({ chat: true }, '');
    const onPop = () => leave();
    window.addEventListener('popstate', onPop);
    return () => {
      window.removeEventListener('popstate', onPop);
      if ((history.state as { chat?: boolean } | null)?.chat === true) history.back();
    };
  }, [isOpen]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea, select, input:not([type="checkbox"], [type="radio"]), [contenteditable]');
}

function useKeys(onAction: (action: KeyAction) => void, hasDialog: boolean): void {
  const handler = useRef(onAction);
  handler.current = onAction;
  useEffect(() => {
    if (hasDialog) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open]') !== null) return;
      const action = actionFor(event, isTyping(event.target));
      if (action === null) return;
      event.preventDefault();
      handler.current(action);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [hasDialog]);
}

/** Shortcuts press the buttons that stand on the page, so they can do nothing that a click could not. */
function press(action: KeyAction, store: Store): void {
  const { active } = store.state.tabs;
  const hook = (name: string) => document.querySelector<HTMLElement>(`[data-hook="${name}"]`);
  switch (action) {
    case 'next_tab':
      return store.dispatch({ kind: 'cycle', by: 1 });
    case 'previous_tab':
      return store.dispatch({ kind: 'cycle', by: -1 });
    case 'close_tab':
      if (active !== null) store.dispatch({ kind: 'close_tab', conversation: active });
      return;
    case 'focus_list':
      return document.querySelector<HTMLElement>('.lists [role="option"][tabindex="0"]')?.focus();
    case 'focus_composer':
      return hook('composer')?.focus();
    case 'toggle_note':
      return document.querySelector<HTMLElement>('.composer .modes input:not(:checked)')?.click();
    case 'take':
      return hook('take')?.click();
    case 'transfer':
      return hook('transfer')?.click();
    case 'close':
      return hook('close')?.click();
    case 'park':
      return hook('park')?.click();
    case 'search':
    case 'help':
      return;
  }
}
