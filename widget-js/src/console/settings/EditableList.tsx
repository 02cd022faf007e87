// A list of a site's own things: each is edited in its place, and one more can be added.

import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../components/action.ts';
import { Fault } from '../components/field.tsx';
import { useLoaded } from './loaded.ts';
import { focusOpener, usePlace } from './place.ts';
import { Waiting } from './Waiting.tsx';

export interface EditableListProps<Thing, New> {
  readonly load: () => Promise<readonly Thing[]>;
  readonly create: (wanted: New) => Promise<Thing>;
  readonly change: (id: string, wanted: New) => Promise<Thing>;
  readonly remove: (id: string) => Promise<void>;
  /** What it is called where only text can stand. */
  readonly nameOf: (thing: Thing) => string;
  readonly row: (thing: Thing) => ComponentChildren;
  readonly form: (form: FormProps<Thing, New>) => ComponentChildren;
  readonly add: string;
  readonly onSignedOut: () => void;
}

export interface FormProps<Thing, New> {
  /** The thing to change; none for a new one. */
  readonly thing: Thing | null;
  readonly save: (wanted: New) => Promise<void>;
  readonly onCancel: () => void;
}

/** The form that is open: a thing's by its id, or the one for a new thing. */
type Open = { readonly id: string | null } | null;

export function EditableList<Thing extends { readonly id: string }, New>(
  props: EditableListProps<Thing, New>,
) {
  const { load, create, change, remove, nameOf, row, form, add, onSignedOut } = props;
  const loaded = useLoaded(load, onSignedOut);
  const [open, setOpen] = useState<Open>(null);
  const action = useAction(onSignedOut);
  const list = usePlace(open === null ? null : (open.id ?? ''));
  if (loaded.value === null) return <Waiting error={loaded.error} onRetry={loaded.reload} />;
  const things = loaded.value;
  const close = () => setOpen(null);

  const saveNew = async (wanted: New) => {
    loaded.set([...things, await create(wanted)]);
    close();
  };
  const saveChanged = async (id: string, wanted: New) => {
    const stored = await change(id, wanted);
    loaded.set(things.map(other => (other.id === id ? stored : other)));
    close();
  };
  const removeAsked = (thing: Thing) => {
    if (!window.confirm(`Delete ${nameOf(thing)}?`)) return;
    void action.run(async () => {
      await remove(thing.id);
      loaded.set(things.filter(other => other.id !== thing.id));
      focusOpener(list.current, '');
    });
  };
  return (
    <>
      <Fault error={action.error} />
      <ul class="rows" ref={list}>
        {things.map(thing => (
          <li key={thing.id}>
            {open?.id === thing.id ? (
              form({ thing, save: wanted => saveChanged(thing.id, wanted), onCancel: close })
            ) : (
              <div class="row">
                <div>{row(thing)}</div>
                <button type="button" data-opens={thing.id} onClick={() => setOpen({ id: thing.id })}>
                  Edit<span class="unseen"> {nameOf(thing)}</span>
                </button>
                <button type="button" class="danger" onClick={() => removeAsked(thing)}>
                  Delete<span class="unseen"> {nameOf(thing)}</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {open !== null && open.id === null ? (
        <Fragment key="new">{form({ thing: null, save: saveNew, onCancel: close })}</Fragment>
      ) : (
        <button type="button" class="primary" data-opens="" onClick={() => setOpen({ id: null })}>
          {add}
        </button>
      )}
    </>
  );
}

interface FormActionsProps {
  readonly busy: boolean;
  readonly onCancel: () => void;
}

/** The two buttons below such a form. */
export function FormActions({ busy, onCancel }: FormActionsProps) {
  return (
    <div class="actions">
      <button type="submit" class="primary" disabled={busy}>
        Save
      </button>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
