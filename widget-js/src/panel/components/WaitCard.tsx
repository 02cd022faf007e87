// The place in line and the wait, as far as they can be told honestly.

import { Icon } from '../../ui/Icon.tsx';
import type { View } from './view.ts';

export function WaitCard({ view, onLeave }: { view: View; onLeave(): void }) {
  const { panel, words } = view;
  const { place } = panel;
  return (
    <section class="card" aria-live="polite">
      <Icon name="clock" class="card-icon" />
      <h2>
        {place === null ? words.findingAgent : place.place === 1 ? words.next : words.place(place.place)}
      </h2>
      {place !== null && (
        <p class="wait">{place.wait ? words.wait(place.wait.low_s, place.wait.high_s) : words.waitUnknown}</p>
      )}
      <p>{words.waitText}</p>
      <button type="button" class="text-button" onClick={onLeave}>
        {words.leaveLine}
      </button>
    </section>
  );
}

export function OfflineKept({ view }: { view: View }) {
  const { panel, words } = view;
  return (
    <section class="card">
      <Icon name="mail" class="card-icon" />
      <h2>{words.offlineKept}</h2>
      <p>{words.offlineKeptText(panel.email.trim())}</p>
      <button type="button" class="text-button" onClick={() => view.act({ kind: 'over', draft: '' })}>
        {words.newChat}
      </button>
    </section>
  );
}
