// One line of the log: a message with its state, or what happened around it.

import { BodyNodes } from '../../ui/BodyNodes.tsx';
import { bodyOf, type Entry } from '../timeline.ts';
import type { View } from './view.ts';

type Message = Extract<Entry, { kind: 'message' }>;

export function LogEntry({ entry, view }: { entry: Entry; view: View }) {
  const { words } = view;
  if (entry.kind === 'system') {
    return (
      <li class="system">
        <bdi>{words.system(entry.line)}</bdi> <Time at={entry.at} lang={words.lang} />
      </li>
    );
  }
  const { isMine, name, body, startsGroup, endsGroup, state } = entry;
  const isFailed = typeof state === 'object' && state !== null;
  return (
    <li
      class="message"
      data-side={isMine ? 'mine' : 'theirs'}
      data-starts={startsGroup}
      data-ends={endsGroup}
    >
      {startsGroup && !isMine && (
        <p class="author">
          <bdi>{name ?? words.chat}</bdi>
        </p>
      )}
      {isMine && <span class="hidden">{words.you}: </span>}
      <div class="bubble" dir="auto" data-state={isFailed ? 'failed' : (state ?? 'sent')}>
        {body === null ? <em>{words.withdrawn}</em> : <BodyNodes body={body} />}
      </div>
      {isFailed ? (
        <Failed entry={entry} view={view} />
      ) : (
        (endsGroup || state === 'sending') && <Meta entry={entry} view={view} />
      )}
    </li>
  );
}

function Meta({ entry, view }: { entry: Message; view: View }) {
  const { words } = view;
  const { state, at, edited } = entry;
  const said =
    state === 'sending'
      ? words.sending
      : state === 'seen'
        ? words.seen
        : state === 'sent'
          ? words.sent
          : null;
  return (
    <p class="meta" data-state={state}>
      {state !== 'sending' && <Time at={at} lang={words.lang} />}
      {edited && <span>{words.edited}</span>}
      {said !== null && <span class="state">{said}</span>}
    </p>
  );
}

function Failed({ entry, view }: { entry: Message; view: View }) {
  const { words } = view;
  if (typeof entry.state !== 'object' || entry.state === null) return null;
  const item = entry.state.failed;
  const code = item.failed ?? '';
  const isOver = code === 'closed' || code === 'not_found';
  const isHopeless = code === 'too_big' || code === 'bad_text' || code === 'forbidden';
  return (
    <div class="failed">
      <p>
        <strong>{words.failed}.</strong> {words.failedBecause[code] ?? ''}
      </p>
      {!isHopeless && (
        <button
          type="button"
          class="text-button"
          onClick={() =>
            view.act(isOver ? { kind: 'over', draft: bodyOf(item) ?? '' } : { kind: 'resend', item })
          }
        >
          {isOver ? words.newChatWith : words.resend}
        </button>
      )}
      <button type="button" class="text-button" onClick={() => view.act({ kind: 'discard', item })}>
        {words.discard}
      </button>
    </div>
  );
}

function Time({ at, lang }: { at: number; lang: string }) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  const day = isToday ? {} : ({ dateStyle: 'medium' } as const);
  const own = navigator.language.startsWith(lang) ? navigator.language : lang;
  return (
    <time dateTime={date.toISOString()}>
      {new Intl.DateTimeFormat(own, { ...day, timeStyle: 'short' }).format(date)}
    </time>
  );
}
