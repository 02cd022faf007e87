// Creating a site, for operators: its key, name and origins; then the snippet to paste.

import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Area, Fault, Field } from '../components/field.tsx';
import type { Me, Rest, Site } from '../rest.ts';
import { readOrigins } from './origins.ts';
import { Copied } from './Snippet.tsx';

interface Props {
  readonly rest: Rest;
  readonly me: Me;
  readonly onMe: (me: Me) => void;
  readonly onSite: (key: string) => void;
}

export function NewSite({ rest, onMe, onSite }: Props) {
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [origins, setOrigins] = useState('');
  const [greeting, setGreeting] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [created, setCreated] = useState<Site | null>(null);
  const action = useAction();

  const submit = (event: Event) => {
    event.preventDefault();
    const read = readOrigins(origins);
    if ('fault' in read) return setFault(read.fault);
    setFault(null);
    void action.run(async () => {
      const about = { key: key.trim(), name: name.trim(), origins: read.origins };
      setCreated(
        await rest.newSite(greeting.trim() === '' ? about : { ...about, greeting: greeting.trim() }),
      );
      onMe(await rest.me());
    });
  };

  if (created !== null) {
    return (
      <section>
        <p role="status">
          <strong>{created.name}</strong> is ready. Paste this into your pages, before{' '}
          <code>&lt;/body&gt;</code>:
        </p>
        <Copied text={created.snippet} label="Snippet to paste" />
        <button type="button" class="primary" onClick={() => onSite(created.key)}>
          Open the console of {created.name}
        </button>
      </section>
    );
  }
  return (
    <form onSubmit={submit}>
      <Field
        label="Name"
        required
        maxLength={256}
        value={name}
        onText={setName}
        hint="Visitors see it above the chat."
      />
      <Field
        label="Key"
        required
        pattern="[a-z0-9][a-z0-9\-]{0,62}"
        title="Small letters, digits and hyphens"
        spellcheck={false}
        value={key}
        onText={setKey}
        hint="Stands in the snippet; it is public and stays. Small letters, digits and hyphens."
      />
      <Area
        label="Origins"
        rows={3}
        required
        spellcheck={false}
        value={origins}
        onText={setOrigins}
        hint="The websites that may embed the chat, one a line, like https://www.example.org. A page opened as a file has none: serve it over HTTP."
      />
      <Area label="Greeting (optional)" rows={2} value={greeting} onText={setGreeting} />
      <Fault error={fault ?? action.error} />
      <button type="submit" class="primary" disabled={action.busy}>
        Create the site
      </button>
    </form>
  );
}
