// The bar: site, search, the connection, one's own status, accepting and capacity, settings and account.
// Where it is narrow, a tray holds what is not needed at every moment; so it is one row everywhere.

import { useId, useState } from 'preact/hooks';
import type { ClientState } from '../../client/client.ts';
import { itemsOf } from '../../client/outbox.ts';
import type { Status } from '../../protocol/frames.ts';
import { useLate } from '../../ui/late.ts';
import type { Bell } from '../bell.ts';
import { STATUS_WORDS } from '../words.ts';
import { useWork } from '../work.ts';
import { Icon } from './icons.tsx';
import { Menu, type MenuItem } from './Menu.tsx';

interface Props {
  readonly bell: Bell;
  readonly inSettings: boolean;
  readonly onSite: (key: string) => void;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
  readonly onSettings: () => void;
  readonly onSignOut: () => void;
}

export function TopBar({ bell, inSettings, onSite, onSearch, onHelp, onSettings, onSignOut }: Props) {
  const { me, site } = useWork();
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  const tray = useId();
  return (
    <header class="top">
      <span class="brand wide-only">halloo</span>
      {me.sites.length > 1 ? (
        <select
          class="site"
          aria-label="Site"
          value={site.key}
          onChange={event => onSite(event.currentTarget.value)}
        >
          {me.sites.map(each => (
            <option key={each.key} value={each.key}>
              {each.name}
            </option>
          ))}
        </select>
      ) : (
        <strong class="site">
          <bdi>{site.name}</bdi>
        </strong>
      )}
      <h1 class="unseen">Console of {site.name}</h1>
      <button type="button" class="searcher" title="Search all messages" onClick={onSearch}>
        <Icon name="search" />
        <span class="label">Search</span>
        <span class="unseen"> all messages</span>
        <kbd>{mac ? '⌘' : 'Ctrl'} K</kbd>
      </button>
      <span class="push" />
      <LinkState />
      <OwnStatus />
      <button
        type="button"
        class="plain only-icon for-narrow"
        aria-label="More"
        title="More"
        popovertarget={tray}
      >
        <Icon name="more" />
      </button>
      <div id={tray} class="tray" popover="auto">
        <OwnWork />
        <button
          type="button"
          class="plain only-icon"
          title={inSettings ? 'Back to the chats' : 'Settings'}
          popovertarget={tray}
          popovertargetaction="hide"
          onClick={onSettings}
        >
          <Icon name={inSettings ? 'chats' : 'settings'} />
          <span class="label">{inSettings ? 'Back to the chats' : 'Settings'}</span>
        </button>
      </div>
      <button
        type="button"
        class="plain only-icon wide-only"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={onHelp}
      >
        <Icon name="help" />
      </button>
      <Account bell={bell} onHelp={onHelp} onSignOut={onSignOut} />
    </header>
  );
}

function Account({ bell, onHelp, onSignOut }: Pick<Props, 'bell' | 'onHelp' | 'onSignOut'>) {
  const { me } = useWork();
  const [, redraw] = useState(0);
  const again = () => redraw(turn => turn + 1);
  const items: MenuItem[] = [
    {
      key: 'sounds',
      label: (
        <>
          <Icon name={bell.sounds ? 'sound' : 'mute'} />{' '}
          {bell.sounds ? 'Turn the sound off' : 'Turn the sound on'}
        </>
      ),
      onPick: () => {
        bell.setSounds(!bell.sounds);
        again();
      },
    },
    {
      key: 'notifies',
      label: bell.notifies
        ? 'Turn notifications off'
        : bell.isBlocked
          ? 'Notifications are blocked by the browser'
          : 'Turn notifications on',
      onPick: () => void bell.setNotifies(!bell.notifies).then(again),
    },
    { key: 'help', label: 'Keyboard shortcuts', onPick: onHelp },
    { key: 'out', label: 'Sign out', onPick: onSignOut },
  ];
  return (
    <Menu
      face={<Icon name="person" />}
      label={`Account of ${me.account.name}`}
      title={me.account.name}
      class="plain only-icon"
      items={items}
    />
  );
}

function LinkState() {
  const { client } = useWork();
  const { phase } = client.connection;
  const says =
    phase.kind === 'ready' ? 'Connected' : phase.kind === 'stopped' ? 'Not connected' : 'Connecting…';
  return (
    <span class={phase.kind === 'ready' ? 'link-state' : 'link-state late'} role="status" title={says}>
      <Icon name={phase.kind === 'ready' ? 'linked' : 'unlinked'} />
      <span class={phase.kind === 'ready' ? 'unseen' : ''}>{says}</span>
    </span>
  );
}

/** A status that the gateway answers later than this is told to be on its way. */
const STATUS_MS_MAX = 1_500;

/** The status that was chosen last and that the gateway has not answered. */
function chosenStatus({ outbox }: ClientState): Status | null {
  const chosen = itemsOf(outbox, undefined).findLast(
    ({ action, failed }) => 'status' in action && failed === undefined,
  )?.action;
  return chosen !== undefined && 'status' in chosen ? chosen.status.status : null;
}

function OwnStatus() {
  const { state, client, dispatch } = useWork();
  const { agent } = state;
  const chosen = chosenStatus(client);
  const isLate = useLate(chosen !== null, STATUS_MS_MAX);
  if (agent === null) return null;
  return (
    <>
      <label>
        <span class={`dot ${agent.status}`} />
        <span class="unseen">Your status</span>
        <select
          value={agent.status}
          onChange={event =>
            dispatch({ kind: 'own', action: { status: { status: event.currentTarget.value as Status } } })
          }
        >
          {(Object.keys(STATUS_WORDS) as Status[]).map(status => (
            <option key={status} value={status}>
              {STATUS_WORDS[status]}
            </option>
          ))}
        </select>
      </label>
      <span class="late" role="status">
        {isLate && chosen !== null ? `Not ${STATUS_WORDS[chosen].toLowerCase()} yet: no answer` : ''}
      </span>
    </>
  );
}

function OwnWork() {
  const { state, dispatch } = useWork();
  const label = useId();
  const { agent } = state;
  if (agent === null) return null;
  const capacity = (to: number) => dispatch({ kind: 'own', action: { capacity: { capacity: to } } });
  return (
    <>
      <label class="switch" title="Whether new chats may come to you">
        <input
          type="checkbox"
          checked={agent.accepting}
          onChange={event =>
            dispatch({ kind: 'own', action: { accepting: { accepting: event.currentTarget.checked } } })
          }
        />
        <span>Accepting</span>
      </label>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in a bar. */}
      <div class="capacity" role="group" aria-labelledby={label}>
        <span class="label" id={label}>
          Chats at once
        </span>
        <button
          type="button"
          aria-label="One chat fewer at once"
          disabled={agent.capacity <= 0}
          onClick={() => capacity(agent.capacity - 1)}
        >
          −
        </button>
        <output title="Your chats, and how many you take at once">
          {agent.load} of {agent.capacity}
        </output>
        <button
          type="button"
          aria-label="One chat more at once"
          disabled={agent.capacity >= 100}
          onClick={() => capacity(agent.capacity + 1)}
        >
          +
        </button>
      </div>
    </>
  );
}
