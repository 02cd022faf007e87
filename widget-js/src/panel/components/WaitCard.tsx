// The place in line and the wait, as far as they can be told honestly; and what to do while nobody is there.

import { useId, useState } from 'preact/hooks';
import { EMAIL_BYTES_MAX } from '../../protocol/limits.ts';
import { Icon } from '../../ui/Icon.tsx';
import { isEmail } from '../draft.ts';
import { isNobodyThere } from '../panel.ts';
import type { View } from './view.ts';

export function WaitCard({ view, onLeave }: { view: View; onLeave(): void }) {
  const { panel, words } = view;
  const { place } = panel;
  if (isNobodyThere(panel)) return <Alone view={view} onLeave={onLeave} />;
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

/** Everybody has gone while the visitor waits. */
function Alone({ view, onLeave }: { view: View; onLeave(): void }) {
  const { panel, words } = view;
  const id = useId();
  const [isWrong, setWrong] = useState(false);
  const [isLeft, setLeft] = useState(false);

  function leave(): void {
    const email = panel.email.trim();
    setWrong(!isEmail(email));
    if (!isEmail(email)) return document.getElementById(id)?.focus();
    view.act({ kind: 'say', message: words.myEmail(email) });
    setLeft(true);
  }

  return (
    <section class="card">
      <Icon name="clock" class="card-icon" />
      <div role="status">
        <h2>{words.nobody}</h2>
        <p>{words.nobodyText}</p>
        {isLeft && <p>{words.emailLeft}</p>}
      </div>
      {!isLeft && (
        <form
          class="form"
          noValidate
          onSubmit={event => {
            event.preventDefault();
            leave();
          }}
        >
          <label class="field" for={id}>
            <span>{words.email}</span>
            <input
              id={id}
              type="email"
              autocomplete="email"
              maxLength={EMAIL_BYTES_MAX}
              aria-invalid={isWrong}
              aria-describedby={`${id}-fault`}
              value={panel.email}
              onInput={event =>
                view.act({ kind: 'person', name: panel.name, email: event.currentTarget.value })
              }
            />
            <span class="fault" id={`${id}-fault`} role="alert">
              {isWrong ? words.emailWrong : ''}
            </span>
          </label>
          <button type="submit" class="button" data-kind="plain">
            {words.leaveEmail}
          </button>
        </form>
      )}
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
