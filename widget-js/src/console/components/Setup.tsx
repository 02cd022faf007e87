// First run: the person who holds the setup link becomes the operator.

import { useState } from 'preact/hooks';
import type { Me, Rest } from '../rest.ts';
import { PASSWORD_LENGTH_MIN } from '../words.ts';
import { useAction } from './action.ts';
import { Fault, Field } from './field.tsx';

interface Props {
  readonly rest: Rest;
  readonly code: string;
  readonly onMe: (me: Me) => void;
}

export function Setup({ rest, code, onMe }: Props) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const action = useAction();

  const submit = (event: Event) => {
    event.preventDefault();
    void action.run(async () =>
      onMe(await rest.setup({ code, email: email.trim(), name: name.trim(), password })),
    );
  };

  return (
    <main class="door">
      <form class="card" onSubmit={submit}>
        <h1>Set up halloo</h1>
        <p>
          You will be the operator: you create sites and may do everything. You can add colleagues afterwards.
        </p>
        <Field
          label="Your name"
          autocomplete="name"
          required
          value={name}
          onText={setName}
          hint="Visitors see it."
        />
        <Field label="Email" type="email" autocomplete="username" required value={email} onText={setEmail} />
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
        <Fault error={action.error} />
        <button type="submit" class="primary wide" disabled={action.busy}>
          {action.busy ? 'Creating…' : 'Create the operator'}
        </button>
      </form>
    </main>
  );
}
