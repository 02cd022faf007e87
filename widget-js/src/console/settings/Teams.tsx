// A site's teams: whether they offer or assign at once, and how long a first reply may take.

import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Fault, Field } from '../components/field.tsx';
import type { NewTeam, Team } from '../rest.ts';
import { useLoaded } from './loaded.ts';
import type { SectionProps } from './Settings.tsx';
import { Waiting } from './Waiting.tsx';
import { joined, words } from './wordlist.ts';

export function Teams({ rest, site, onSignedOut }: SectionProps) {
  const loaded = useLoaded(() => rest.teams(site.key), onSignedOut);
  const [open, setOpen] = useState<string | null>(null);
  const action = useAction(onSignedOut);
  if (loaded.value === null) return <Waiting error={loaded.error} onRetry={loaded.reload} />;
  const teams = loaded.value;

  const save = async (id: string, team: NewTeam) => {
    const stored = await rest.patchTeam(site.key, id, team);
    loaded.set(teams.map(other => (other.id === id ? stored : other)));
    setOpen(null);
  };
  const add = async (team: NewTeam) => {
    loaded.set([...teams, await rest.newTeam(site.key, team)]);
    setOpen(null);
  };
  const remove = (team: Team) => {
    if (!window.confirm(`Delete the team “${team.name}”?`)) return;
    void action.run(async () => {
      await rest.deleteTeam(site.key, team.id);
      loaded.set(teams.filter(other => other.id !== team.id));
    });
  };

  return (
    <>
      <Fault error={action.error} />
      <ul class="rows">
        {teams.map(team => (
          <li key={team.id}>
            {open === team.id ? (
              <TeamForm team={team} save={changed => save(team.id, changed)} onCancel={() => setOpen(null)} />
            ) : (
              <div class="row">
                <div>
                  <strong>
                    <bdi>{team.name}</bdi>
                  </strong>
                  <p class="quiet">{about(team)}</p>
                </div>
                <button type="button" onClick={() => setOpen(team.id)}>
                  Edit<span class="unseen"> {team.name}</span>
                </button>
                <button type="button" class="danger" onClick={() => remove(team)}>
                  Delete<span class="unseen"> {team.name}</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {open === '' ? (
        <TeamForm team={null} save={add} onCancel={() => setOpen(null)} />
      ) : (
        <button type="button" class="primary" onClick={() => setOpen('')}>
          Add a team
        </button>
      )}
    </>
  );
}

function about(team: Team): string {
  const way = team.offer_s ? `Offers each chat for ${team.offer_s} s` : 'Assigns at once';
  const reply = team.first_reply_s ? ` · first reply within ${team.first_reply_s} s` : '';
  const skills = team.skills && team.skills.length > 0 ? ` · needs ${joined(team.skills)}` : '';
  return way + reply + skills;
}

interface FormProps {
  readonly team: Team | null;
  readonly save: (team: NewTeam) => Promise<void>;
  readonly onCancel: () => void;
}

function TeamForm({ team, save, onCancel }: FormProps) {
  const [name, setName] = useState(team?.name ?? '');
  const [offer, setOffer] = useState(team?.offer_s ? String(team.offer_s) : '');
  const [reply, setReply] = useState(team?.first_reply_s ? String(team.first_reply_s) : '');
  const [skills, setSkills] = useState(joined(team?.skills ?? []));
  const action = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    const seconds = (text: string) => (text.trim() === '' ? null : Number(text));
    const changed = {
      name: name.trim(),
      offer_s: seconds(offer),
      first_reply_s: seconds(reply),
      skills: words(skills),
    };
    void action.run(() => save(changed));
  };
  return (
    <form class="inset" onSubmit={submit}>
      <Field label="Name" required maxLength={256} value={name} onText={setName} />
      <div class="three">
        <Field
          label="Offer (s)"
          type="number"
          min={5}
          value={offer}
          onText={setOffer}
          hint="Empty: chats are assigned at once."
        />
        <Field
          label="First reply (s)"
          type="number"
          min={5}
          value={reply}
          onText={setReply}
          hint="Unanswered for this long, a chat goes back to the line."
        />
        <Field
          label="Skills"
          value={skills}
          onText={setSkills}
          hint="Agents need all of them; comma between."
        />
      </div>
      <Fault error={action.error} />
      <div class="actions">
        <button type="submit" class="primary" disabled={action.busy}>
          Save
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
