// Form fields with their label, hint and error tied together for screen readers.

import type { ComponentChildren, InputHTMLAttributes, TextareaHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  readonly type?: 'text' | 'email' | 'password' | 'number';
  readonly autocomplete?: 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'name';
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly spellcheck?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly title?: string;
  readonly value: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly onText: (text: string) => void;
}

export function Field({ label, hint, onText, ...input }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...(input as InputHTMLAttributes)}
        id={id}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={event => onText(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface AreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly onText: (text: string) => void;
}

export function Area({ label, hint, onText, ...area }: AreaProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        {...area}
        id={id}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={event => onText(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function Fault({ error }: { readonly error: string | null }) {
  return (
    <p class="fault" role="alert">
      {error}
    </p>
  );
}
