// A site's settings: name, origins, greeting, the spans of its rules, and the snippet.

import { useEffect, useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Area, Fault, Field } from '../components/field.tsx';
import type { Site } from '../rest.ts';
import { useLoaded } from './loaded.ts';
import { readOrigins } from './origins.ts';
import type { SectionProps } from './Settings.tsx';
import { Copied } from './Snippet.tsx';
import { Waiting } from './Waiting.tsx';

export function SiteSettings({ rest, site, onSignedOut }: SectionProps) {
  const loaded = useLoaded(() => rest.site(site.key), onSignedOut);
  if (loaded.value === null) return <Waiting error={loaded.error} onRetry={loaded.reload} />;
  const save = async (change: Partial<Site>) => loaded.set(await rest.patchSite(site.key, change));
  return <Form site={loaded.value} save={save} onSignedOut={onSignedOut} />;
}

interface FormProps {
  readonly site: Site;
  readonly save: (change: Partial<Site>) => Promise<void>;
  readonly onSignedOut: () => void;
}

function Form({ site, save, onSignedOut }: FormProps) {
  const [name, setName] = useState(site.name);
  const [origins, setOrigins] = useState(site.origins.join('\n'));
  const [greeting, setGreeting] = useState(site.greeting ?? '');
  const [grace, setGrace] = useState(String(site.grace_s));
  const [absent, setAbsent] = useState(String(site.absent_s));
  const [reopen, setReopen] = useState(String(site.reopen_days));
  const [open, setOpen] = useState(String(site.open_max));
  const [relax, setRelax] = useState(String(site.relax_s ?? ''));
  const [preferred, setPreferred] = useState(String(site.preferred_s));
  const [enabled, setEnabled] = useState(site.enabled);
  const [fault, setFault] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const action = useAction(onSignedOut);
  useEffect(() => setOrigins(site.origins.join('\n')), [site.origins]);

  const submit = (event: Event) => {
    event.preventDefault();
    const read = readOrigins(origins);
    if ('fault' in read) return setFault(read.fault);
    setFault(null);
    setSaved(false);
    const change = {
      name: name.trim(),
      origins: read.origins,
      greeting: greeting.trim(),
      enabled,
      grace_s: Number(grace),
      absent_s: Number(absent),
      reopen_days: Number(reopen),
      open_max: Number(open),
      relax_s: relax.trim() === '' ? null : Number(relax),
      preferred_s: Number(preferred),
    };
    void action.run(() => save(change)).then(went => setSaved(went));
  };
  return (
    <>
      <section>
        <h2>Snippet</h2>
        <p class="hint">
          Paste it into your pages, before <code>&lt;/body&gt;</code>.
        </p>
        <Copied text={site.snippet} label="Snippet to paste" />
      </section>
      <form onSubmit={submit}>
        <h2>Settings</h2>
        <Field label="Name" required maxLength={256} value={name} onText={setName} hint="Visitors see it." />
        <Area
          label="Origins"
          rows={Math.max(2, site.origins.length + 1)}
          spellcheck={false}
          value={origins}
          onText={setOrigins}
          hint="The websites that may embed the chat, one a line. A page opened as a file has none: serve it over HTTP."
        />
        <Area
          label="Greeting"
          rows={2}
          dir="auto"
          value={greeting}
          onText={setGreeting}
          hint="The first words a visitor reads. Empty: halloo’s own."
        />
        <div class="three">
          <Field
            label="Agent grace (s)"
            type="number"
            min={0}
            required
            value={grace}
            onText={setGrace}
            hint="An agent whose connection is lost keeps their chats this long."
          />
          <Field
            label="Absent visitor (s)"
            type="number"
            min={0}
            required
            value={absent}
            onText={setAbsent}
            hint="A visitor who leaves the page keeps their place this long."
          />
          <Field
            label="Reopen within (days)"
            type="number"
            min={0}
            required
            value={reopen}
            onText={setReopen}
            hint="A visitor who writes to a closed chat reopens it."
          />
          <Field
            label="Open chats"
            type="number"
            min={1}
            max={20}
            required
            value={open}
            onText={setOpen}
            hint="A visitor may have this many open at once."
          />
          <Field
            label="Relax after (s)"
            type="number"
            min={0}
            value={relax}
            onText={setRelax}
            hint="After this wait, skills and languages no longer count. Empty: they always do."
          />
          <Field
            label="Preferred agent (s)"
            type="number"
            min={0}
            required
            value={preferred}
            onText={setPreferred}
            hint="A visitor waits this long for the agent they asked for or spoke with last."
          />
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={enabled}
            onChange={event => setEnabled(event.currentTarget.checked)}
          />
          The site is on: visitors can chat
        </label>
        <Fault error={fault ?? action.error} />
        <div class="actions">
          <button type="submit" class="primary" disabled={action.busy}>
            Save
          </button>
          <span role="status">{saved ? 'Saved.' : ''}</span>
        </div>
      </form>
    </>
  );
}
