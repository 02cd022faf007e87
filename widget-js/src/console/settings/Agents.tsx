// A site's agents: adding one hands out a one-time link; role, teams, skills, languages and capacity.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Fault, Field } from '../components/field.tsx';
import type { Agent, NewAgent, Role, Team } from '../rest.ts';
import { useLoaded } from './loaded.ts';
import { usePlace } from './place.ts';
import type { SectionProps } from './Settings.tsx';
import { Copied } from './Snippet.tsx';
import { Waiting } from './Waiting.tsx';
import { joined, words } from './wordlist.ts';

const ROLE_WORDS: Readonly<{ [role in Role]: string }> = {
  agent: 'Agent: answers chats',
  lead: 'Lead: runs a team',
  admin: 'Admin: runs the site',
};

export function Agents({ rest, site, me, onSignedOut }: SectionProps) {
  const load = () => Promise.all([rest.agents(site.key), rest.teams(site.key)]);
  const loaded = useLoaded(load, onSignedOut);
  const [open, setOpen] = useState<string | null>(null);
  const [invited, setInvited] = useState<{ name: string; link: string } | null>(null);
  const list = usePlace(open);
  const invitation = useRef<HTMLElement>(null);
  // The link is shown this once, above all that is in sight.
  useLayoutEffect(() => invitation.current?.querySelector('textarea')?.focus(), [invited]);
  if (loaded.value === null) return <Waiting error={loaded.error} onRetry={loaded.reload} />;
  const [agents, teams] = loaded.value;

  const save = async (id: string, { email: _, ...change }: NewAgent & { enabled: boolean }) => {
    const stored = await rest.patchAgent(site.key, id, change);
    loaded.set([agents.map(other => (other.id === id ? stored : other)), teams]);
    setOpen(null);
  };
  const add = async ({ enabled: _, ...agent }: NewAgent & { enabled: boolean }) => {
    const { link, ...stored } = await rest.newAgent(site.key, agent);
    loaded.set([[...agents, stored], teams]);
    setInvited({ name: stored.name, link });
    setOpen(null);
  };
  const teamNames = (agent: Agent) =>
    teams.filter(team => agent.teams.includes(team.id)).map(team => team.name);

  return (
    <>
      {invited !== null && (
        <section class="inset" role="status" ref={invitation}>
          <p>
            Hand this link to <bdi>{invited.name}</bdi>. It works once and signs them in:
          </p>
          <Copied text={invited.link} label="One-time link" />
        </section>
      )}
      <ul class="rows" ref={list}>
        {agents.map(agent => (
          <li key={agent.id}>
            {open === agent.id ? (
              <AgentForm
                agent={agent}
                teams={teams}
                self={agent.id === site.agent}
                save={changed => save(agent.id, changed)}
                onCancel={() => setOpen(null)}
              />
            ) : (
              <div class="row">
                <div>
                  <p class="titled">
                    <strong>
                      <bdi>{agent.name}</bdi>
                    </strong>
                    <span class="chip">{agent.role}</span>
                    {!agent.enabled && <span class="chip">disabled</span>}
                    {agent.email === me.account.email && <span class="chip">you</span>}
                  </p>
                  <p class="quiet">
                    <bdi>{agent.email}</bdi> · up to {agent.capacity} chats
                    {teamNames(agent).length > 0 && ` · ${joined(teamNames(agent))}`}
                  </p>
                </div>
                <button type="button" data-opens={agent.id} onClick={() => setOpen(agent.id)}>
                  Edit<span class="unseen"> {agent.name}</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {open === '' ? (
        <AgentForm agent={null} teams={teams} self={false} save={add} onCancel={() => setOpen(null)} />
      ) : (
        <button type="button" class="primary" data-opens="" onClick={() => setOpen('')}>
          Add an agent
        </button>
      )}
    </>
  );
}

interface FormProps {
  readonly agent: Agent | null;
  readonly teams: readonly Team[];
  readonly self: boolean;
  readonly save: (agent: NewAgent & { enabled: boolean }) => Promise<void>;
  readonly onCancel: () => void;
}

function AgentForm({ agent, teams, self, save, onCancel }: FormProps) {
  const [email, setEmail] = useState(agent?.email ?? '');
  const [name, setName] = useState(agent?.name ?? '');
  const [role, setRole] = useState<Role>(agent?.role ?? 'agent');
  const [mine, setMine] = useState<readonly string[]>(agent?.teams ?? teams.slice(0, 1).map(team => team.id));
  const [skills, setSkills] = useState(joined(agent?.skills ?? []));
  const [languages, setLanguages] = useState(joined(agent?.languages ?? []));
  const [capacity, setCapacity] = useState(String(agent?.capacity ?? 3));
  const [enabled, setEnabled] = useState(agent?.enabled ?? true);
  const action = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    const about = { email: email.trim(), name: name.trim(), role, teams: mine, enabled };
    const able = { skills: words(skills), languages: words(languages), capacity: Number(capacity) };
    void action.run(() => save({ ...about, ...able }));
  };
  const toggle = (id: string) =>
    setMine(mine.includes(id) ? mine.filter(other => other !== id) : [...mine, id]);
  return (
    <form class="inset" onSubmit={submit}>
      <div class="two">
        <Field label="Name" required maxLength={256} value={name} onText={setName} hint="Visitors see it." />
        <Field
          label="Email"
          type="email"
          required
          disabled={agent !== null}
          value={email}
          onText={setEmail}
        />
      </div>
      <fieldset>
        <legend>Role</legend>
        {(Object.keys(ROLE_WORDS) as Role[]).map(name => (
          <label class="check" key={name}>
            <input
              type="radio"
              name="role"
              checked={role === name}
              disabled={self}
              onChange={() => setRole(name)}
            />
            {ROLE_WORDS[name]}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Teams</legend>
        {teams.map(team => (
          <label class="check" key={team.id}>
            <input type="checkbox" checked={mine.includes(team.id)} onChange={() => toggle(team.id)} />
            <bdi>{team.name}</bdi>
          </label>
        ))}
      </fieldset>
      <div class="three">
        <Field
          label="Chats at once"
          type="number"
          min={0}
          max={100}
          required
          value={capacity}
          onText={setCapacity}
        />
        <Field label="Skills" value={skills} onText={setSkills} hint="Comma between." />
        <Field label="Languages" value={languages} onText={setLanguages} hint="Tags like en, pt-BR." />
      </div>
      {agent !== null && !self && (
        <label class="check">
          <input
            type="checkbox"
            checked={enabled}
            onChange={event => setEnabled(event.currentTarget.checked)}
          />
          May sign in and answer
        </label>
      )}
      <Fault error={action.error} />
      <div class="actions">
        <button type="submit" class="primary" disabled={action.busy}>
          {agent === null ? 'Add and make a link' : 'Save'}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
