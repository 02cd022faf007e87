// Search over all messages of the site; a result opens its conversation where it was said.

import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { tame } from '../clip.ts';
import { sentence } from '../refusals.ts';
import { type Hit, RestError } from '../rest.ts';
import { rowFor } from '../state.ts';
import { full } from '../time.ts';
import { visitorName } from '../words.ts';
import { useWork } from '../work.ts';
import { Dialog } from './Dialog.tsx';

/** Pause after the last letter before it is searched. */
const SETTLE_MS = 250;
/** Fewer letters find everything and nothing. */
const LETTERS_MIN = 2;

interface Found {
  readonly hits: readonly Hit[];
  readonly next: string | null;
}

interface Props {
  readonly onClose: () => void;
  /** A result was opened: the chats must be in sight. */
  readonly onOpened: () => void;
}

export function SearchDialog({ onClose, onOpened }: Props) {
  const { rest, site, state, dispatch, onSignedOut } = useWork();
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [picked, setPicked] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  const id = useId();
  const q = words.trim();

  const ask = async (before: string | null) => {
    const turn = ++asked.current;
    try {
      const page = await rest.search(site.key, q, before ?? undefined);
      if (turn !== asked.current) return;
      setError(null);
      setFound(held => ({
        hits: before === null ? page.hits : [...(held?.hits ?? []), ...page.hits],
        next: page.next ?? null,
      }));
      if (before === null) setPicked(0);
    } catch (caught) {
      if (turn !== asked.current) return;
      if (caught instanceof RestError && caught.status === 401) onSignedOut();
      setError(sentence(caught));
    }
  };
  useEffect(() => {
    asked.current += 1;
    if (q.length < LETTERS_MIN) return setFound(null);
    const timer = setTimeout(() => void ask(null), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [q]);
  // Before the next key comes, which is already for this field.
  useLayoutEffect(() => field.current?.focus(), []);

  const hits = found?.hits ?? [];
  const open = (hit: Hit | undefined) => {
    if (hit === undefined) return;
    onOpened();
    dispatch({ kind: 'open', conversation: hit.conversation, number: hit.number });
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && hits.length > 0) {
      event.preventDefault();
      const to = (picked + by + hits.length) % hits.length;
      setPicked(to);
      document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      open(hits[picked]);
    } else if (event.key === 'Escape' && !event.isComposing) {
      // A search field would only empty itself.
      event.preventDefault();
      onClose();
    }
  };
  return (
    <Dialog title="Search all messages" class="searching" onClose={onClose}>
      <input
        ref={field}
        type="search"
        list={undefined}
        // biome-ignore lint/a11y/noRedundantRoles: it has no datalist, so the role is not implied.
        role="combobox"
        aria-label="Words to look for"
        aria-expanded={hits.length > 0}
        aria-controls={`${id}-hits`}
        aria-activedescendant={hits.length > 0 ? `${id}-${picked}` : undefined}
        maxLength={128}
        placeholder="Words to look for"
        value={words}
        onInput={event => setWords(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <p class="hint" role="status">
        {error ?? said(q, found)}
      </p>
      <div class="hits" role="listbox" id={`${id}-hits`} aria-label="Results">
        {hits.map((hit, index) => {
          const row = rowFor(state, hit.conversation);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field keeps the focus and its keys pick.
            <div
              role="option"
              key={hit.cursor}
              id={`${id}-${index}`}
              class={index === picked ? 'picked' : ''}
              aria-selected={index === picked}
              onClick={() => open(hit)}
            >
              <p class="hit-head">
                <bdi>{row === null ? 'Conversation' : tame(visitorName(row))}</bdi>
                <time dateTime={new Date(hit.at).toISOString()}>{full(hit.at)}</time>
              </p>
              <p dir="auto">{tame(hit.snippet)}</p>
            </div>
          );
        })}
      </div>
      {found?.next != null && (
        <button type="button" onClick={() => void ask(found.next)}>
          More results
        </button>
      )}
    </Dialog>
  );
}

function said(q: string, found: Found | null): string {
  if (q.length < LETTERS_MIN) return 'Type at least two letters. Arrows choose, Enter opens.';
  if (found === null) return 'Searching…';
  if (found.hits.length === 0) return 'Nothing was found.';
  return `${found.hits.length}${found.next === null ? '' : ' or more'} found.`;
}
