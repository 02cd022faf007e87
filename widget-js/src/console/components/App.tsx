// The console as a whole: who is there, and so which page. Sign in, set up, settings without a site, or the desk.

import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Arrival } from '../arrival.ts';
import { sentence } from '../refusals.ts';
import { type Me, type Rest, RestError } from '../rest.ts';
import { type Section, Settings } from '../settings/Settings.tsx';
import { Console } from './Console.tsx';
import { Setup } from './Setup.tsx';
import { SignIn } from './SignIn.tsx';

type Phase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'signed_out'; readonly notice: string | null }
  | { readonly kind: 'setup'; readonly code: string }
  | { readonly kind: 'in'; readonly me: Me };

interface Props {
  readonly rest: Rest;
  readonly arrival: Arrival;
}

const LAST_SITE = 'halloo.console/site';

function lastSite(): string | null {
  try {
    return localStorage.getItem(LAST_SITE);
  } catch {
    return null;
  }
}

function keepSite(key: string): void {
  try {
    localStorage.setItem(LAST_SITE, key);
  } catch {
    // Without storage the next load begins at the first site.
  }
}

export function App({ rest, arrival }: Props) {
  const [phase, setPhase] = useState<Phase>(
    arrival.kind === 'setup' ? { kind: 'setup', code: arrival.code } : { kind: 'loading' },
  );
  const [chosen, setChosen] = useState(lastSite);
  const [turn, setTurn] = useState(0);
  const onMe = useCallback((me: Me) => setPhase({ kind: 'in', me }), []);
  const onSignedOut = useCallback(
    () =>
      setPhase(now =>
        now.kind === 'in' ? { kind: 'signed_out', notice: 'You are signed out. Sign in to go on.' } : now,
      ),
    [],
  );
  const onSite = useCallback((key: string) => {
    keepSite(key);
    setChosen(key);
  }, []);

  // A turn is one try.
  useEffect(() => {
    if (arrival.kind === 'setup') return;
    const bring = arrival.kind === 'code' && turn === 0 ? rest.signIn({ code: arrival.code }) : rest.me();
    bring.then(onMe, async caught => {
      if (arrival.kind === 'code' && turn === 0 && caught instanceof RestError && caught.status !== 0) {
        // A spent code does no harm to whoever is signed in already.
        const me = await rest.me().catch(() => null);
        if (me !== null) return onMe(me);
        return setPhase({
          kind: 'signed_out',
          notice: 'That link was used already, or is too old. Sign in otherwise.',
        });
      }
      if (caught instanceof RestError && caught.status === 401)
        return setPhase({ kind: 'signed_out', notice: null });
      setPhase({ kind: 'unreachable', why: sentence(caught) });
    });
  }, [turn]);

  switch (phase.kind) {
    case 'loading':
      return <p class="empty">Loading…</p>;
    case 'unreachable':
      return (
        <main class="door">
          <div class="card" role="alert">
            <h1>No connection</h1>
            <p>{phase.why}</p>
            <button type="button" class="primary wide" onClick={() => setTurn(turn + 1)}>
              Try again
            </button>
          </div>
        </main>
      );
    case 'signed_out':
      return <SignIn rest={rest} notice={phase.notice} onMe={onMe} />;
    case 'setup':
      return <Setup rest={rest} code={phase.code} onMe={onMe} />;
    case 'in':
      return (
        <In
          {...{ rest, chosen, onMe, onSite, onSignedOut }}
          me={phase.me}
          toSettings={arrival.kind === 'code' && arrival.toSettings}
        />
      );
  }
}

interface InProps {
  readonly me: Me;
  readonly rest: Rest;
  readonly chosen: string | null;
  /** The address asked for the settings: they are what is shown first. */
  readonly toSettings: boolean;
  readonly onMe: (me: Me) => void;
  readonly onSite: (key: string) => void;
  readonly onSignedOut: () => void;
}

function In({ me, rest, chosen, toSettings, onMe, onSite, onSignedOut }: InProps) {
  const [section, setSection] = useState<Section>('new_site');
  // Who begins without a site stays here when there is one, to read its snippet, until they open it.
  const [begins, setBegins] = useState(me.sites.length === 0);
  const [isFirst, setIsFirst] = useState(true);
  const first = me.sites.find(each => each.key === chosen) ?? me.sites[0] ?? null;
  const site = begins ? null : first;
  const open = (key: string) => {
    setBegins(false);
    setIsFirst(false);
    onSite(key);
  };
  const given = { rest, me, onMe, onSite: open, onSignedOut };
  if (site !== null) {
    const key = `${me.account.id}/${site.key}`;
    return <Console key={key} site={site} toSettings={toSettings && isFirst} {...given} />;
  }
  if (me.account.operator) {
    return (
      <div class="console alone">
        <Settings
          {...given}
          site={null}
          section={section}
          onSection={setSection}
          onBack={first === null ? null : () => open(first.key)}
        />
      </div>
    );
  }
  return (
    <main class="door">
      <div class="card">
        <h1>No site yet</h1>
        <p>
          You are signed in as <bdi>{me.account.email}</bdi>, but not an agent of any site. Ask an admin to
          add you.
        </p>
        <button type="button" class="wide" onClick={() => void rest.signOut().finally(onSignedOut)}>
          Sign out
        </button>
      </div>
    </main>
  );
}
