// The HTML to paste into a website, with a button that copies it.

import { useState } from 'preact/hooks';
import { Icon } from '../components/icons.tsx';

export function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState('failed');
    }
  };
  const says = { idle: '', copied: 'Copied.', failed: 'Could not copy: select the text and copy it.' }[state];
  return (
    <div class="snippet">
      <textarea
        readOnly
        rows={Math.min(6, text.split('\n').length + 1)}
        aria-label={label}
        spellcheck={false}
        value={text}
      />
      <button type="button" onClick={() => void copy()}>
        <Icon name="copy" /> Copy
      </button>
      <span role="status">{says}</span>
    </div>
  );
}
