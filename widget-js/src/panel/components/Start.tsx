// Before a conversation: a greeting and one form, or a message to leave while nobody is there.

import { useId, useState } from 'preact/hooks';
import { byteLength } from '../../protocol/decode.ts';
import { EMAIL_BYTES_MAX, NAME_BYTES_MAX } from '../../protocol/limits.ts';
import { cleaned, isEmail } from '../draft.ts';
import { isNobodyThere } from '../panel.ts';
import { Counter } from './Counter.tsx';
import type { View } from './view.ts';

/** A greeting of more characters is set as text: as a title it would push the form out of sight. */
const TITLE_LENGTH_MAX = 80;

export function Start({ view }: { view: View }) {
  const { panel, words } = view;
  const [fault, setFault] = useState<'message' | 'email' | null>(null);
  const ids = useId();
  const isOffline = isNobodyThere(panel);
  const waiting = panel.availability?.waiting ?? 0;
  const isTooLong = byteLength(panel.draft) > view.bytes_max;

  function submit(): void {
    const message = cleaned(panel.draft);
    const isMailWrong = isOffline && !isEmail(panel.email);
    const found = isMailWrong ? 'email' : message === '' || isTooLong ? 'message' : null;
    setFault(found);
    if (found !== null) return document.getElementById(`${ids}-${found}`)?.focus();
    view.start(message, isOffline);
  }

  return (
    <main class="start">
      <Titles view={view} isOffline={isOffline} />
      <p class="lead">
        {isOffline ? words.awayText : words.helloText}
        {!isOffline && waiting > 0 && ` ${words.queueAhead(waiting)}`}
      </p>
      <form
        class="form"
        noValidate
        onSubmit={event => {
          event.preventDefault();
          submit();
        }}
      >
        <label class="field" for={`${ids}-name`}>
          <span>
            {words.name} <small>({words.optional})</small>
          </span>
          <input
            id={`${ids}-name`}
            name="name"
            autocomplete="name"
            maxLength={NAME_BYTES_MAX / 4}
            value={panel.name}
            onInput={event =>
              view.act({ kind: 'person', name: event.currentTarget.value, email: panel.email })
            }
          />
        </label>
        {isOffline && (
          <label class="field" for={`${ids}-email`}>
            <span>{words.email}</span>
            <input
              id={`${ids}-email`}
              name="email"
              type="email"
              autocomplete="email"
              required
              maxLength={EMAIL_BYTES_MAX}
              aria-invalid={fault === 'email'}
              aria-describedby={`${ids}-email-fault`}
              value={panel.email}
              onInput={event =>
                view.act({ kind: 'person', name: panel.name, email: event.currentTarget.value })
              }
            />
            <span class="fault" id={`${ids}-email-fault`} role="alert">
              {fault === 'email' ? words.emailWrong : ''}
            </span>
          </label>
        )}
        <label class="field" for={`${ids}-message`}>
          <span>{words.message}</span>
          <textarea
            id={`${ids}-message`}
            name="message"
            rows={4}
            dir="auto"
            required
            data-focus
            placeholder={words.messageHint}
            aria-invalid={fault === 'message' || isTooLong}
            aria-describedby={`${ids}-message-fault`}
            value={panel.draft}
            onInput={event => view.act({ kind: 'draft', text: event.currentTarget.value })}
            onKeyDown={event => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              submit();
            }}
          />
          <Counter text={panel.draft} max={view.bytes_max} words={words} />
          <span class="fault" id={`${ids}-message-fault`} role="alert">
            {isTooLong ? words.tooLong : fault === 'message' ? words.messageMissing : ''}
          </span>
        </label>
        <button type="submit" class="button">
          {isOffline ? words.leave : words.start}
        </button>
        {!view.isDurable && <p class="note">{words.noStorage}</p>}
      </form>
    </main>
  );
}

/** The site's own greeting in place of ours; while nobody is there it stands above what then has to be said. */
function Titles({ view, isOffline }: { view: View; isOffline: boolean }) {
  const { client, words } = view;
  const greeting = client.ready?.greeting;
  if (greeting === undefined) return <h2>{isOffline ? words.awayTitle : words.hello}</h2>;
  return (
    <>
      <h2 class={greeting.length > TITLE_LENGTH_MAX ? 'greeting long' : 'greeting'} dir="auto">
        {greeting}
      </h2>
      {isOffline && <h3>{words.awayTitle}</h3>}
    </>
  );
}
