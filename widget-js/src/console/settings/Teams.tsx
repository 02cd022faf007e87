// A site's teams: whether they offer or assign at once, and how long a first reply may take.

import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Fault, Field } from '../components/field.tsx';
import type { NewTeam, Team } from '../rest.ts';
import { EditableList, FormActions, type FormProps } from './EditableList.tsx';
import type { SectionProps } from './Settings.tsx';
import { joined, words } from './wordlist.ts';

export function Teams({ rest, site, onSignedOut }: SectionProps) {
  return (
    <EditableList<Team, NewTeam>
      load={() => rest.teams(site.key)}
      create={team => rest.newTeam(site.key, team)}
      change={(id, team) => rest.patchTeam(site.key, id, team)}
      remove={id => rest.deleteTeam(site.key, id)}
      nameOf={team => team.name}
      row={team => (
        <>
          <strong>
            <bdi>{team.name}</bdi>
          </strong>
          <p class="quiet">{about(team)}</p>
        </>
      )}
      form={form => <TeamForm {...form} />}
      add="Add a team"
      onSignedOut={onSignedOut}
    />
  );
}

function about(team: Team): string {
  const way = team.offer_s ? `Offers each chat for ${team.offer_s} s` : 'Assigns at once';
  const reply = team.first_reply_s ? ` · first reply within ${team.first_reply_s} s` : '';
  const skills = team.skills && team.skills.length > 0 ? ` · needs ${joined(team.skills)}` : '';
  return way + reply + skills;
}

function TeamForm({ thing: team, save, onCancel }: FormProps<Team, NewTeam>) {
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
      <FormActions busy={action.busy} onCancel={onCancel} />
    </form>
  );
}
