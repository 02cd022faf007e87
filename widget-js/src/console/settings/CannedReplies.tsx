// A site's canned replies: a shortcut and the words it stands for.

import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Area, Fault, Field } from '../components/field.tsx';
import type { Canned, NewCanned } from '../rest.ts';
import { EditableList, FormActions, type FormProps } from './EditableList.tsx';
import type { SectionProps } from './Settings.tsx';

export function CannedReplies({ rest, site, onSignedOut }: SectionProps) {
  return (
    <>
      <p class="hint">
        Type <kbd>/</kbd> and the shortcut in a chat to put the reply there.
      </p>
      <EditableList<Canned, NewCanned>
        load={() => rest.canned(site.key)}
        create={reply => rest.newCanned(site.key, reply)}
        change={(id, reply) => rest.patchCanned(site.key, id, reply)}
        remove={id => rest.deleteCanned(site.key, id)}
        nameOf={reply => `/${reply.shortcut}`}
        row={about}
        form={form => <ReplyForm {...form} />}
        add="Add a reply"
        onSignedOut={onSignedOut}
      />
    </>
  );
}

function about(reply: Canned) {
  return (
    <>
      <strong>
        /<bdi>{reply.shortcut}</bdi>
      </strong>
      <p class="quiet words" dir="auto">
        {reply.body}
      </p>
    </>
  );
}

function ReplyForm({ thing: reply, save, onCancel }: FormProps<Canned, NewCanned>) {
  const [shortcut, setShortcut] = useState(reply?.shortcut ?? '');
  const [body, setBody] = useState(reply?.body ?? '');
  const action = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    void action.run(() => save({ shortcut: shortcut.trim().replace(/^\//, ''), body }));
  };
  return (
    <form class="inset" onSubmit={submit}>
      <Field
        label="Shortcut"
        required
        maxLength={40}
        pattern="/?[^\s\/]+"
        title="One word, without spaces"
        spellcheck={false}
        value={shortcut}
        onText={setShortcut}
      />
      <Area label="Reply" required rows={4} dir="auto" value={body} onText={setBody} />
      <Fault error={action.error} />
      <FormActions busy={action.busy} onCancel={onCancel} />
    </form>
  );
}
