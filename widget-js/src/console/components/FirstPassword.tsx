// Who came by a link has no way in but that one, which is spent: a password is offered, now or later.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Me } from '../rest.ts';
import { PASSWORD_LENGTH_MIN } from '../words.ts';
import { useWork } from '../work.ts';
import { useAction } from './action.ts';
import { Dialog } from './Dialog.tsx';
import { useDismissed } from './dismissed.ts';
import { Fault, Field } from './field.tsx';

interface Props {
  readonly onMe: (me: Me) => void;
}

export function FirstPassword({ onMe }: Props) {
  const { me } = useWork();
  const [isAway, putAway] = useDismissed(`password/${me.account.id}`);
  const [isOpen, setOpen] = useState(false);
  if (isAway) return null;
  return (
    <>
      <div class="banner">
        <span>You signed in with a link that works only once.</span>
        <button type="button" onClick={() => setOpen(true)}>
          Choose a password
        </button>
        <button type="button" class="plain" onClick={putAway}>
          Later
        </button>
      </div>
      {isOpen && <PasswordDialog onMe={onMe} onClose={() => setOpen(false)} />}
    </>
  );
}

function PasswordDialog({ onMe, onClose }: Props & { readonly onClose: () => void }) {
  const { rest, me, dispatch, onSignedOut } = useWork();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [differ, setDiffer] = useState(false);
  const action = useAction(onSignedOut);
  const form = useRef<HTMLFormElement>(null);
  // The dialog is open by now, with the focus on its first button: the one that shuts it.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('[type="password"]')?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    setDiffer(password !== again);
    if (password !== again) return;
    void action.run(async () => {
      await rest.patchMe({ password });
      onMe(await rest.me());
      dispatch({ kind: 'say', text: 'Your password is set.' });
    });
  };
  return (
    <Dialog title="Choose a password" onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <p>
          From now on you can sign in with it as <bdi>{me.account.email}</bdi>.
        </p>
        {/* Password managers keep the one with the other. */}
        <input type="email" autocomplete="username" value={me.account.email} readOnly hidden />
        <Field
          label="Password"
          type="password"
          autocomplete="new-password"
          required
          minLength={PASSWORD_LENGTH_MIN}
          value={password}
          onText={setPassword}
          hint={`At least ${PASSWORD_LENGTH_MIN} characters. A sentence is easier to keep than a riddle.`}
        />
        <Field
          label="Password again"
          type="password"
          autocomplete="new-password"
          required
          value={again}
          onText={setAgain}
        />
        <Fault error={differ ? 'The two passwords differ.' : action.error} />
        <div class="actions">
          <button type="submit" class="primary" disabled={action.busy}>
            {action.busy ? 'Saving…' : 'Save'}
          </button>
          <button type="button" onClick={onClose}>
            Later
          </button>
        </div>
      </form>
    </Dialog>
  );
}
