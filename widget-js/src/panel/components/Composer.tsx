// Where the visitor writes: Enter sends, Shift+Enter breaks the line, nothing too long leaves.

import { useId } from 'preact/hooks';
import { byteLength } from '../../protocol/decode.ts';
import { Icon } from '../../ui/Icon.tsx';
import { cleaned } from '../draft.ts';
import { Counter } from './Counter.tsx';
import type { View } from './view.ts';

export function Composer({ view }: { view: View }) {
  const { panel, sight, words } = view;
  const id = useId();
  const isTooLong = byteLength(panel.draft) > view.bytes_max;
  const hint = sight.standing.kind === 'closed' ? words.writeAgain : words.writeHere;

  function send(): void {
    const message = cleaned(panel.draft);
    if (message === '' || isTooLong) return;
    view.act({ kind: 'say', message });
    // The button is of no use without words, and cannot keep the focus.
    document.getElementById(id)?.focus();
  }

  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <label class="hidden" for={id}>
        {words.message}
      </label>
      <textarea
        id={id}
        rows={1}
        dir="auto"
        data-focus
        placeholder={hint}
        aria-invalid={isTooLong}
        aria-describedby={isTooLong ? `${id}-fault` : undefined}
        value={panel.draft}
        onInput={event => {
          view.act({ kind: 'draft', text: event.currentTarget.value });
          if (event.currentTarget.value !== '') view.typing();
        }}
        onKeyDown={event => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button
        type="submit"
        class="send"
        aria-label={words.send}
        title={words.send}
        disabled={cleaned(panel.draft) === '' || isTooLong}
      >
        <Icon name="send" />
      </button>
      <Counter text={panel.draft} max={view.bytes_max} words={words} />
      {isTooLong && (
        <span class="fault" id={`${id}-fault`} role="alert">
          {words.tooLong}
        </span>
      )}
      {!view.isDurable && <p class="note">{words.noStorage}</p>}
    </form>
  );
}
