// That the page came without encryption. Who has read it may put it away, until the browser's tab is closed.

import { useDismissed } from './dismissed.ts';
import { Icon } from './icons.tsx';

/** What is said to one of these never leaves the machine. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export function Unencrypted() {
  const [isAway, putAway] = useDismissed('unencrypted');
  if (isAway || LOOPBACK.includes(location.hostname)) return null;
  return (
    <div class="banner faint">
      <span>
        This page is not encrypted
        <span class="wide-only">, and your sign-in can be read on the way</span>: ask for https.
      </span>
      <button
        type="button"
        class="plain only-icon"
        aria-label="Put this warning away"
        title="Put away"
        onClick={putAway}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
