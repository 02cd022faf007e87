// One's own name and password.

import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Fault, Field } from '../components/field.tsx';
import type { Me, Rest } from '../rest.ts';
import { PASSWORD_LENGTH_MIN } from '../words.ts';

interface Props {
  readonly rest: Rest;
  readonly me: Me;
  readonly onMe: (me: Me) => void;
}

export function MyAccount({ rest, me, onMe }: Props) {
  const [name, setName] = useState(me.account.name);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const action = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    setSaved(false);
    if (password !== again) return setFault('The two passwords differ.');
    setFault(null);
    const proof = me.account.has_password ? { current_password: current } : {};
    const change = { name: name.trim(), ...(password !== '' && { password, ...proof }) };
    const work = async () => {
      await rest.patchMe(change);
      onMe(await rest.me());
      setCurrent('');
      setPassword('');
      setAgain('');
    };
    void action.run(work).then(went => setSaved(went));
  };
  return (
    <form onSubmit={submit}>
      <p class="quiet">
        Signed in as <bdi>{me.account.email}</bdi>
      </p>
      <Field
        label="Name"
        autocomplete="name"
        required
        value={name}
        onText={setName}
        hint="Visitors see it."
      />
      <div class="two">
        <Field
          label="New password"
          type="password"
          autocomplete="new-password"
          minLength={PASSWORD_LENGTH_MIN}
          value={password}
          onText={setPassword}
          hint={`At least ${PASSWORD_LENGTH_MIN} characters; empty: it stays.`}
        />
        <Field
          label="New password again"
          type="password"
          autocomplete="new-password"
          value={again}
          onText={setAgain}
        />
      </div>
      {me.account.has_password && (
        <Field
          label="Current password"
          type="password"
          autocomplete="current-password"
          required={password !== ''}
          value={current}
          onText={setCurrent}
          hint="Needed to choose a new one."
        />
      )}
      <Fault error={fault ?? action.error} />
      <div class="actions">
        <button type="submit" class="primary" disabled={action.busy}>
          Save
        </button>
        <span role="status">{saved ? 'Saved.' : ''}</span>
      </div>
    </form>
  );
}
