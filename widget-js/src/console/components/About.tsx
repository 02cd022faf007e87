// The visitor: who they say they are, where they are, their place in the line, and what was said before.

import type { ComponentChildren } from 'preact';
import type { Row } from '../../protocol/frames.ts';
import { clipLength, tame } from '../clip.ts';
import { placeOf, stateName } from '../lists.ts';
import { useLoaded } from '../settings/loaded.ts';
import { Waiting } from '../settings/Waiting.tsx';
import { rowFor, storeTime } from '../state.ts';
import { full, span } from '../time.ts';
import { initials, languageName, REASON_WORDS, STATE_WORDS, shortUrl, visitorName } from '../words.ts';
import { useWork } from '../work.ts';
import { Address } from './Address.tsx';
import { Icon } from './icons.tsx';
import { useNow } from './now.ts';

interface Props {
  readonly conversation: string;
  readonly onShut: () => void;
}

export function About({ conversation, onShut }: Props) {
  const { state } = useWork();
  const row = rowFor(state, conversation);
  return (
    <section class="about" aria-label="About the visitor">
      <button type="button" class="plain for-medium" onClick={onShut}>
        <Icon name="back" /> Back to the chat
      </button>
      {row === null ? (
        <p class="empty">Loading…</p>
      ) : (
        <>
          <Card row={row} />
          <Now row={row} />
          <Earlier key={row.visitor.id} row={row} onShown={onShut} />
        </>
      )}
    </section>
  );
}

function Card({ row }: { readonly row: Row }) {
  const { visitor } = row;
  const name = tame(visitorName(row));
  return (
    <section>
      <div class="head">
        <span class="face" aria-hidden="true">
          {initials(name)}
          <span class={`dot ${visitor.present ? 'online' : 'offline'}`} />
        </span>
        <div>
          <h2>
            <bdi>{name}</bdi>
          </h2>
          <p class="quiet">{visitor.present ? 'Present now' : 'Not here now'}</p>
        </div>
      </div>
      <dl>
        {visitor.email !== undefined && (
          <Fact term="Email · the visitor’s own word">
            <Address text={visitor.email} address={`mailto:${visitor.email}`} />
          </Fact>
        )}
        {visitor.title !== undefined && (
          <Fact term="Page">
            <bdi>{clipLength(tame(visitor.title), 120)}</bdi>
          </Fact>
        )}
        {visitor.url !== undefined && (
          <Fact term={visitor.title === undefined ? 'Page' : 'Address'}>
            <Address text={clipLength(shortUrl(visitor.url), 80)} address={visitor.url} />
          </Fact>
        )}
        {visitor.browser !== undefined && (
          <Fact term="Browser">
            <bdi>{clipLength(tame(visitor.browser), 80)}</bdi>
          </Fact>
        )}
        {visitor.language !== undefined && (
          <Fact term="Language">
            <bdi>{languageName(visitor.language)}</bdi>
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Now({ row }: { readonly row: Row }) {
  const { state, names } = useWork();
  const waits = stateName(row.state) === 'waiting';
  const now = storeTime(state, useNow(waits ? 1_000 : 30_000));
  const place = placeOf(state.lists.line, row.conversation);
  return (
    <section>
      <h3>This conversation</h3>
      <dl>
        {place !== null && (
          <Fact term="Place in the line">
            {place} of {[...state.lists.line.rows.values()].filter(each => each.state === 'waiting').length},
            waiting <span class="tick">{span(now - row.opened_at)}</span>
          </Fact>
        )}
        <Fact term="Opened">{full(row.opened_at)}</Fact>
        {row.team !== undefined && (
          <Fact term="Team">
            <bdi>{names.team(row.team)}</bdi>
          </Fact>
        )}
        {row.score !== undefined && <Fact term="Rating">{row.score} of 5</Fact>}
      </dl>
    </section>
  );
}

function Earlier({ row, onShown }: { readonly row: Row; readonly onShown: () => void }) {
  const { rest, site, state, dispatch, onSignedOut } = useWork();
  const { id } = row.visitor;
  const loaded = useLoaded(() => rest.visitorConversations(site.key, id), onSignedOut);
  const rows = loaded.value?.rows ?? null;
  const earlier = (rows ?? [])
    .filter(each => each.conversation !== row.conversation)
    .sort((a, b) => b.opened_at - a.opened_at);
  return (
    <section>
      <h3>Earlier conversations</h3>
      {rows === null && <Waiting error={loaded.error} onRetry={loaded.reload} />}
      {rows !== null && earlier.length === 0 && <p class="quiet">This is the first.</p>}
      {earlier.map(each => {
        const shown = state.tabs.beside === each.conversation;
        return (
          <button
            type="button"
            class="past"
            key={each.conversation}
            aria-pressed={shown}
            title="Read it beside the chat"
            onClick={() => {
              dispatch({ kind: 'rows', rows: [each] });
              dispatch({ kind: 'beside', conversation: shown ? null : each.conversation });
              onShown();
            }}
          >
            <span>{full(each.opened_at)}</span>
            <span class="quiet">
              {typeof each.state === 'object' && 'closed' in each.state
                ? REASON_WORDS[each.state.closed.reason]
                : STATE_WORDS[stateName(each.state)]}
              {each.preview !== undefined && (
                <>
                  {' · '}
                  <bdi>{tame(each.preview)}</bdi>
                </>
              )}
            </span>
          </button>
        );
      })}
    </section>
  );
}
