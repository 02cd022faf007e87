// A site's canned replies: a shortcut and the words it stands for.

import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Area, Fault, Field } from '../components/field.tsx';
import type { Canned, NewCanned } from '../rest.ts';
import { useLoaded } from './loaded.ts';
import type { SectionProps } from './Settings.tsx';
import { Waiting } from './Waiting.tsx';

export function CannedReplies({ rest, site, onSignedOut }: SectionProps) {
  const loaded = useLoaded(() => rest.canned(site.key), onSignedOut);
  const [open, setOpen] = useState<string | null>(null);
  const action = useAction(onSignedOut);
  if (loaded.value === null) return <Waiting error={loaded.error} onRetry={loaded.reload} />;
  const replies = loaded.value;

  const save = async (id: string, reply: NewCanned) => {
    const stored = await rest.patchCanned(site.key, id, reply);
    loaded.set(replies.map(other => (other.id === id ? stored : other)));
    setOpen(null);
  };
  const add = async (reply: NewCanned) => {
    loaded.set([...replies, await rest.newCanned(site.key, reply)]);
    setOpen(null);
  };
  const remove = (reply: Canned) => {
    if (!window.confirm(`Delete /${reply.shortcut}?`)) return;
    void action.run(async () => {
      await rest.deleteCanned(site.key, reply.id);
      loaded.set(replies.filter(other => other.id !== reply.id));
    });
  };
  return (
    <>
      <p class="hint">
        Type <kbd>/</kbd> and the shortcut in a chat to put the reply there.
      </p>
      <Fault error={action.error} />
      <ul class="rows">
        {replies.map(reply => (
          <li key={reply.id}>
            {open === reply.id ? (
              <ReplyForm
                reply={reply}
                save={changed => save(reply.id, changed)}
                onCancel={() => setOpen(null)}
              />
            ) : (
              <div class="row">
                <div>
                  <strong>
                    /<bdi>{reply.shortcut}</bdi>
                  </strong>
                  <p class="quiet words" dir="auto">
                    {reply.body}
                  </p>
                </div>
                <button type="button" onClick={() => setOpen(reply.id)}>
                  Edit<span class="unseen"> /{reply.shortcut}</span>
                </button>
                <button type="button" class="danger" onClick={() => remove(reply)}>
                  Delete<span class="unseen"> /{reply.shortcut}</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {open === '' ? (
        <ReplyForm reply={null} save={add} onCancel={() => setOpen(null)} />
      ) : (
        <button type="button" class="primary" onClick={() => setOpen('')}>
          Add a reply
        </button>
      )}
    </>
  );
}

interface FormProps {
  readonly reply: Canned | null;
  readonly save: (reply: NewCanned) => Promise<void>;
  readonly onCancel: () => void;
}

function ReplyForm({ reply, save, onCancel }: FormProps) {
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
