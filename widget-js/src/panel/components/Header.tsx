// Who the visitor talks to, how that stands, and the way out.

import { Icon } from '../../ui/Icon.tsx';
import { isNobodyThere } from '../panel.ts';
import { lastAgent } from '../standing.ts';
import type { View } from './view.ts';

interface Props {
  view: View;
  /** Whether the site's name has come, or is not waited for. */
  isSettled: boolean;
  onLeave(): void;
}

export function Header({ view, isSettled, onLeave }: Props) {
  const { client, sight, words } = view;
  const { standing } = sight;
  const site = client.ready?.site ?? words.chat;
  const agent =
    standing.kind === 'chat' || standing.kind === 'closed'
      ? lastAgent(sight.transcript?.records ?? [])
      : null;
  const name = agent ?? site;
  return (
    <header class="header" data-awaited={isSettled ? undefined : true}>
      <span class="avatar" aria-hidden="true">
        {initials(name)}
      </span>
      <div class="header-text">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <p class="status" data-tone={toneOf(view)}>
          {statusOf(view)}
        </p>
      </div>
      {standing.kind === 'chat' && (
        <button type="button" class="quiet-button" onClick={onLeave}>
          {words.endChat}
        </button>
      )}
      {view.isEmbedded && (
        <button
          type="button"
          class="icon-button"
          aria-label={words.close}
          title={words.close}
          onClick={view.close}
        >
          <Icon name="minimise" />
        </button>
      )}
    </header>
  );
}

function statusOf({ panel, sight, words }: View): string {
  switch (sight.standing.kind) {
    case 'chat':
      return words.talkingTo;
    case 'waiting':
      return isNobodyThere(panel) ? words.offline : words.findingAgent;
    case 'closed':
      return words.ended;
    case 'offline':
      return words.offlineKept;
    case 'none':
      if (panel.conversation !== null) return words.findingAgent;
      if (panel.availability === null) return ' ';
      return panel.availability.online ? words.online : words.offline;
  }
}

function toneOf({ panel, sight }: View): 'online' | 'off' | 'none' {
  const { kind } = sight.standing;
  if (kind === 'chat') return 'online';
  if (kind === 'waiting' && isNobodyThere(panel)) return 'off';
  if (kind !== 'none' || panel.conversation !== null || panel.availability === null) return 'none';
  return panel.availability.online ? 'online' : 'off';
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters
    .map(word => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
