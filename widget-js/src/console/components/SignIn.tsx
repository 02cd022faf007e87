// Signing in: with email and password, or with a one-time code.

import { useState } from 'preact/hooks';
import { type Me, type Rest, RestError } from '../rest.ts';
import { useAction } from './action.ts';
import { Fault, Field } from './field.tsx';

type Way = 'password' | 'code';

/** The gateway says the same of both ways; here it is known what was typed. */
const NOT_RIGHT: Readonly<{ [way in Way]: string }> = {
  password: 'The email or the password is not right.',
  code: 'The code is not right, or it was used already.',
};

interface Props {
  readonly rest: Rest;
  /** Why the page is shown again, if it is. */
  readonly notice: string | null;
  readonly onMe: (me: Me) => void;
}

export function SignIn({ rest, notice, onMe }: Props) {
  const [way, setWay] = useState<Way>('password');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  // The notice is of what was before the first try, a fault of the way that was tried last.
  const [tried, setTried] = useState<Way | null>(null);
  const action = useAction();

  const submit = (event: Event) => {
    event.preventDefault();
    const proof = way === 'password' ? { email: email.trim(), password } : { code: code.trim() };
    setTried(way);
    void action.run(async () => {
      try {
        onMe(await rest.signIn(proof));
      } catch (caught) {
        if (!(caught instanceof RestError) || caught.status !== 401) throw caught;
        throw new RestError(caught.status, caught.code, NOT_RIGHT[way]);
      }
    });
  };

  return (
    <main class="door">
      <form class="card" onSubmit={submit}>
        <h1>
          <span class="brand">halloo</span> console
        </h1>
        {notice !== null && tried === null && (
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
        <Fault error={tried === way ? action.error : null} />
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
