// A question in a native dialog: Escape is no, the focus returns by itself.

import { useEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  text: string;
  yes: string;
  no: string;
  onAnswer(isYes: boolean): void;
}

export function Confirm({ title, text, yes, no, onAnswer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onClose={() => onAnswer(dialog.current?.returnValue === 'yes')}
    >
      <form method="dialog">
        <h2 id="confirm-title">{title}</h2>
        <p id="confirm-text">{text}</p>
        <div class="dialog-buttons">
          <button type="submit" class="button" data-kind="plain" value="no">
            {no}
          </button>
          <button type="submit" class="button" data-kind="danger" value="yes">
            {yes}
          </button>
        </div>
      </form>
    </dialog>
  );
}
