// What the agent must know beside the chats: a lapse, a lost connection, an unsafe cookie, a full disk, no way back in.

import type { StopReason } from '../../client/connection.ts';
import type { Me } from '../rest.ts';
import { useWork } from '../work.ts';
import { FirstPassword } from './FirstPassword.tsx';
import { useNow } from './now.ts';
import { Unencrypted } from './Unencrypted.tsx';

const STOPPED: Readonly<{ [why in StopReason]: string }> = {
  ended: 'The connection was ended.',
  fault:
    'The connection broke a rule and was ended. Reload the page; if it happens again, tell your operator.',
  sign_in: 'You are signed out.',
  forbidden: 'You may no longer work at this site.',
  unknown_site: 'This site no longer exists.',
  superseded: 'This console was taken over by a copy of this page.',
  erased: 'What you had open was erased.',
  too_old: 'This page is too old for the gateway. Reload it.',
};

interface Props {
  readonly isDurable: boolean;
  readonly onRetry: () => void;
  readonly onMe: (me: Me) => void;
}

export function Banners({ isDurable, onRetry, onMe }: Props) {
  const { state, client, me, dispatch } = useWork();
  const { phase } = client.connection;
  return (
    <div>
      {state.agent?.lapsed === true && (
        <div class="banner" role="alert">
          <span>You stopped receiving chats because an offer lapsed.</span>
          <button
            type="button"
            onClick={() => dispatch({ kind: 'own', action: { accepting: { accepting: true } } })}
          >
            Resume
          </button>
        </div>
      )}
      {phase.kind === 'stopped' && (
        <div class="banner bad" role="alert">
          <span>{STOPPED[phase.why]}</span>
          <button type="button" onClick={onRetry}>
            Connect again
          </button>
        </div>
      )}
      {phase.kind === 'waiting' && client.connection.tries > 1 && <Away onRetry={onRetry} />}
      {me.insecure_cookie && <Unencrypted />}
      {!me.account.has_password && <FirstPassword onMe={onMe} />}
      {!isDurable && (
        <div class="banner faint">
          <span>
            The browser’s storage is blocked or full: drafts and unsent messages are lost when this page
            closes.
          </span>
        </div>
      )}
    </div>
  );
}

function Away({ onRetry }: { readonly onRetry: () => void }) {
  const { client } = useWork();
  useNow();
  const { phase } = client.connection;
  const left =
    phase.kind === 'waiting' ? Math.max(0, Math.ceil((phase.until - performance.now()) / 1000)) : 0;
  return (
    <div class="banner" role="status">
      <span>
        The connection is lost. What you write is kept and sent later.{' '}
        <span aria-hidden="true">{left === 0 ? 'Next try now.' : `Next try in ${left} s.`}</span>
      </span>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}
