// The shortcuts, in words.

import { keysOf, SHORTCUTS } from '../keys.ts';
import { Dialog } from './Dialog.tsx';

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {SHORTCUTS.map(shortcut => (
          <Keys key={shortcut.action} keys={keysOf(shortcut, mac)} says={shortcut.says} />
        ))}
        <Keys keys={['/']} says="In the composer: canned replies" />
        <Keys keys={['Enter']} says="In the composer: send; with Shift a new line" />
        <Keys keys={['↑ ↓']} says="In a list: go through it; Enter opens" />
      </dl>
      <p class="hint">Single letters work while nothing is being typed.</p>
    </Dialog>
  );
}

function Keys({ keys, says }: { readonly keys: readonly string[]; readonly says: string }) {
  return (
    <>
      <dt>
        {keys.map((key, index) => (
          <span key={key}>
            {index > 0 && ' + '}
            <kbd>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{says}</dd>
    </>
  );
}
