// Signing in: with email and password, or with a one-time code.

import { useState } from 'preact/hooks';
import type { Me, Rest } from '../rest.ts';
import { useAction } from './action.ts';
import { Fault, Field } from './field.tsx';

interface Props {
  readonly rest: Rest;
  /** Why the page is shown again, if it is. */
  readonly notice: string | null;
  readonly onMe: (me: Me) => void;
}

export function SignIn({ rest, notice, onMe }: Props) {
  const [way, setWay] = useState<'password' | 'code'>('password');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const action = useAction();

  const submit = (event: Event) => {
    event.preventDefault();
    const proof = way === 'password' ? { email: email.trim(), password } : { code: code.trim() };
    void action.run(async () => onMe(await rest.signIn(proof)));
  };

  return (
    <main class="door">
      <form class="card" onSubmit={submit}>
        <h1>
          <span class="brand">halloo</span> console
        </h1>
        {notice !== null && (
          <p class="notice" role="status">
            {notice}
          </p>
        )}
        {way === 'password' ? (
          <>
            <Field
              label="Email"
              type="email"
              autocomplete="username"
              required
              value={email}
              onText={setEmail}
            />
            <Field
              label="Password"
              type="password"
              autocomplete="current-password"
              required
              value={password}
              onText={setPassword}
            />
          </>
        ) : (
          <Field
            label="One-time code"
            autocomplete="one-time-code"
            required
            spellcheck={false}
            value={code}
            onText={setCode}
            hint="It stands in the link you were given, and works once."
          />
        )}
        <Fault error={action.error} />
        <button type="submit" class="primary wide" disabled={action.busy}>
          {action.busy ? 'Signing in…' : 'Sign in'}
        </button>
        <button
          type="button"
          class="plain wide"
          onClick={() => setWay(way === 'password' ? 'code' : 'password')}
        >
          {way === 'password' ? 'Use a one-time code' : 'Use email and password'}
        </button>
      </form>
    </main>
  );
}
