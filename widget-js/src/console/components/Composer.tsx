// The composer: a reply or a note, never unclear which; canned replies by `/`; drafts that outlive everything.

import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { byteLength } from '../../protocol/decode.ts';
import type { Abilities } from '../abilities.ts';
import { bareWord, insert, type Slash, slashAt, suggest } from '../canned.ts';
import { draftOf, type Mode, textOf } from '../drafts.ts';
import { rowFor } from '../state.ts';
import { useWork } from '../work.ts';
import { Icon } from './icons.tsx';
import { NotMailed } from './NotMailed.tsx';

/** The wire's limit where the gateway names none. */
const AGENT_BODY_BYTES_MAX = 16 * 1024;

interface Props {
  readonly conversation: string;
  readonly can: Abilities;
}

export function Composer({ conversation, can }: Props) {
  const { state, client, dispatch, shared } = useWork();
  const draft = draftOf(state.drafts, conversation);
  const text = textOf(draft);
  const isNote = draft.mode === 'note';
  const field = useRef<HTMLTextAreaElement>(null);
  const [slash, setSlash] = useState<Slash | null>(null);
  const [picked, setPicked] = useState(0);
  /** A shortcut that no reply has, and that was not sent for that. */
  const [unknown, setUnknown] = useState<string | null>(null);
  const id = useId();
  const found = slash === null ? [] : suggest(shared.canned, slash.word);
  const isMissing = slash !== null && found.length === 0;
  const over = byteLength(text) - (client.ready?.limits.body_bytes_max ?? AGENT_BODY_BYTES_MAX);
  const blocked = isNote ? null : can.blocked;
  const sendable = text.trim() !== '' && over <= 0 && blocked === null;

  useLayoutEffect(() => {
    if (window.matchMedia('(width >= 46rem)').matches && document.querySelector('dialog[open]') === null) {
      field.current?.focus({ preventScroll: true });
    }
  }, []);

  // A colleague may have added it a moment ago.
  useEffect(() => {
    if (isMissing) shared.reread();
  }, [isMissing]);

  const look = (area: HTMLTextAreaElement) => {
    const next = area.selectionStart === area.selectionEnd ? slashAt(area.value, area.selectionStart) : null;
    setSlash(next);
    setPicked(0);
  };
  const write = (area: HTMLTextAreaElement) => {
    dispatch({ kind: 'write', conversation, text: area.value });
    look(area);
  };
  const send = () => {
    if (!sendable) return;
    const word = isNote ? null : bareWord(text);
    if (word !== null && word !== unknown && suggest(shared.canned, word).length === 0)
      return setUnknown(word);
    setUnknown(null);
    dispatch({ kind: 'send', conversation });
    setSlash(null);
    field.current?.focus();
  };
  const pick = (index: number) => {
    const reply = found[index];
    if (reply === undefined || slash === null || field.current === null) return;
    const after = insert(text, slash, reply.body);
    dispatch({ kind: 'write', conversation, text: after.text });
    setSlash(null);
    const area = field.current;
    requestAnimationFrame(() => {
      area.focus();
      area.setSelectionRange(after.cursor, after.cursor);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (found.length > 0) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by !== undefined) {
        event.preventDefault();
        return setPicked((picked + by + found.length) % found.length);
      }
      if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') {
        event.preventDefault();
        return pick(picked);
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        return setSlash(null);
      }
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      send();
    }
  };
  const setMode = (mode: Mode) => {
    dispatch({ kind: 'mode', conversation, mode });
    setSlash(null);
  };
  const isUnknown = unknown !== null && bareWord(text) === unknown;
  const unsent = isUnknown ? `There is no canned reply /${unknown}. Enter again sends it as it is.` : '';
  const label = isNote ? 'Note, only colleagues see it' : 'Reply to the visitor';
  return (
    <form
      class={isNote ? 'composer note' : 'composer'}
      aria-label="Write"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      {found.length > 0 && (
        <div class="suggestions" role="listbox" id={`${id}-list`} aria-label="Canned replies">
          {found.map((reply, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field keeps the focus and its keys pick.
            <div
              role="option"
              key={reply.id}
              id={`${id}-${index}`}
              class={index === picked ? 'picked' : ''}
              aria-selected={index === picked}
              onMouseDown={event => event.preventDefault()}
              onClick={() => pick(index)}
            >
              <strong>/{reply.shortcut}</strong>
              <span class="quiet">
                <bdi>{reply.body}</bdi>
              </span>
            </div>
          ))}
        </div>
      )}
      <div class="bar">
        <Modes mode={draft.mode} onMode={setMode} />
        <span class="hint" role="status">
          {isNote ? 'Only colleagues see notes.' : (blocked ?? unsent)}
        </span>
      </div>
      <label class="unseen" for={id}>
        {label}
      </label>
      <textarea
        id={id}
        ref={field}
        data-hook="composer"
        dir="auto"
        rows={2}
        placeholder={
          isNote
            ? 'Write a note for colleagues…'
            : blocked === null
              ? 'Write a reply… (/ for canned replies)'
              : ''
        }
        value={text}
        aria-autocomplete="list"
        aria-controls={found.length > 0 ? `${id}-list` : undefined}
        aria-activedescendant={found.length > 0 ? `${id}-${picked}` : undefined}
        onInput={event => write(event.currentTarget)}
        onClick={event => look(event.currentTarget)}
        onKeyDown={onKeyDown}
        onBlur={() => setSlash(null)}
      />
      <div class="bar">
        <span class={over > 0 ? 'hint late' : 'hint'} role={over > 0 ? 'alert' : undefined}>
          {over > 0
            ? `Too long by ${over} bytes.`
            : !isNote && <NotMailed row={rowFor(state, conversation)} />}
        </span>
        <button type="submit" class="primary" disabled={!sendable}>
          <Icon name={isNote ? 'note' : 'send'} /> {isNote ? 'Add note' : 'Send reply'}
        </button>
      </div>
    </form>
  );
}

function Modes({ mode, onMode }: { readonly mode: Mode; readonly onMode: (mode: Mode) => void }) {
  const name = useId();
  return (
    <div class="modes" role="radiogroup" aria-label="What you write">
      <label>
        <input type="radio" name={name} checked={mode === 'reply'} onChange={() => onMode('reply')} />
        Reply
      </label>
      <label class="for-note">
        <input type="radio" name={name} checked={mode === 'note'} onChange={() => onMode('note')} />
        Note
      </label>
    </div>
  );
}
