// After the end: a rating, if the visitor likes, and the way to a new chat.

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { byteLength } from '../../protocol/decode.ts';
import { COMMENT_BYTES_MAX } from '../../protocol/limits.ts';
import { Icon } from '../../ui/Icon.tsx';
import { cleaned } from '../draft.ts';
import type { View } from './view.ts';

export function Ended({ view }: { view: View }) {
  const { sight, words } = view;
  const { standing, items } = sight;
  const sent = items.find(({ action, failed }) => 'rate' in action && failed === undefined)?.action;
  const pending = sent !== undefined && 'rate' in sent ? sent.rate.score : null;
  const score = standing.kind === 'closed' ? (standing.score ?? pending) : null;
  const isRateable = sight.transcript?.records.some(({ what }) => 'assigned' in what);
  return (
    <section class="card">
      {score !== null ? <Thanks score={score} view={view} /> : isRateable && <Rating view={view} />}
      <button
        type="button"
        class="button"
        data-kind="plain"
        onClick={() => view.act({ kind: 'over', draft: view.panel.draft })}
      >
        {words.newChat}
      </button>
    </section>
  );
}

function Thanks({ score, view }: { score: number; view: View }) {
  const { words } = view;
  return (
    <div role="status">
      <p class="stars" role="img" aria-label={`${score}/5 ${words.scores[score - 1] ?? ''}`}>
        {words.scores.map((word, index) => (
          <Icon key={word} name="star" class={index < score ? 'star-on' : 'star-off'} />
        ))}
      </p>
      <p>{words.rateThanks}</p>
    </div>
  );
}

function Rating({ view }: { view: View }) {
  const { words } = view;
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState('');
  const id = useId();
  const isTooLong = byteLength(comment) > COMMENT_BYTES_MAX;
  const send = useRef<HTMLButtonElement>(null);
  const isChosen = score > 0;

  // Choosing makes the form longer than what can be seen.
  useEffect(() => {
    if (isChosen) send.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);

  return (
    <form
      class="rating"
      onSubmit={event => {
        event.preventDefault();
        if (score > 0 && !isTooLong)
          view.act({ kind: 'rate', score, comment: cleaned(comment).replace(/[\n\t]+/g, ' ') });
      }}
    >
      <fieldset>
        <legend>{words.rateTitle}</legend>
        <div class="stars">
          {words.scores.map((word, index) => (
            <label key={word} class={index < score ? 'star-on' : 'star-off'} title={word}>
              <input
                type="radio"
                name={`${id}-score`}
                value={index + 1}
                checked={score === index + 1}
                aria-label={`${index + 1}/5 ${word}`}
                onChange={() => setScore(index + 1)}
              />
              <Icon name="star" />
            </label>
          ))}
        </div>
      </fieldset>
      {isChosen && (
        <>
          <p class="score" aria-hidden="true">
            {words.scores[score - 1]}
          </p>
          <label class="field" for={`${id}-comment`}>
            <span>
              {words.rateComment} <small>({words.optional})</small>
            </span>
            <textarea
              id={`${id}-comment`}
              rows={2}
              dir="auto"
              aria-invalid={isTooLong}
              value={comment}
              onInput={event => setComment(event.currentTarget.value)}
            />
            {isTooLong && (
              <span class="fault" role="alert">
                {words.tooLong}
              </span>
            )}
          </label>
          <button ref={send} type="submit" class="button" disabled={isTooLong}>
            {words.rateSend}
          </button>
        </>
      )}
    </form>
  );
}
