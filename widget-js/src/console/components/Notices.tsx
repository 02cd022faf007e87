// Short notices of what was refused; they stay until they are dismissed, so nobody has to read against a clock.

import { useWork } from '../work.ts';
import { Icon } from './icons.tsx';

export function Notices() {
  const { state, dispatch } = useWork();
  return (
    <div class="toasts" role="status">
      {state.notices.map(notice => (
        <div class="toast" key={notice.id}>
          <span>{notice.text}</span>
          <button
            type="button"
            class="only-icon"
            aria-label="Dismiss"
            onClick={() => dispatch({ kind: 'dismiss', notice: notice.id })}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
