// Handing a chat on: to a colleague or to a team's line, with a word that only colleagues see.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { byteLength } from '../../protocol/decode.ts';
import type { Roster, Target } from '../../protocol/frames.ts';
import { COMMENT_BYTES_MAX } from '../../protocol/limits.ts';
import { isThere, rosterOrder } from '../roster.ts';
import { STATUS_WORDS } from '../words.ts';
import { Dialog } from './Dialog.tsx';
import { Area, Fault } from './field.tsx';

interface Props {
  readonly roster: Roster;
  readonly self: string;
  readonly onTransfer: (to: Target, comment: string) => void;
  readonly onClose: () => void;
}

export function TransferDialog({ roster, self, onTransfer, onClose }: Props) {
  const [to, setTo] = useState<Target | null>(null);
  const [comment, setComment] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  // The dialog is open by now, with the focus on its first button: the one that shuts it.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('input:enabled')?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (to === null) return setFault('Choose a colleague or a team.');
    if (byteLength(comment) > COMMENT_BYTES_MAX) return setFault('The word to the next one is too long.');
    onTransfer(to, comment.trim());
  };
  const colleagues = rosterOrder(roster).filter(agent => agent.id !== self);
  return (
    <Dialog title="Transfer this chat" onClose={onClose}>
      <form class="scroll" ref={form} onSubmit={submit}>
        <fieldset>
          <legend>To a colleague</legend>
          <div class="choices">
            {colleagues.length === 0 && <p class="empty">Nobody else works here yet.</p>}
            {colleagues.map(agent => (
              <label key={agent.id}>
                <input
                  type="radio"
                  name="target"
                  disabled={!isThere(agent)}
                  checked={to !== null && 'agent' in to && to.agent === agent.id}
                  onChange={() => setTo({ agent: agent.id })}
                />
                <span class={`dot ${agent.connected ? agent.status : 'offline'}`} />
                <bdi>{agent.name}</bdi>
                <span class="end">
                  {agent.connected ? STATUS_WORDS[agent.status] : 'Not connected'}
                  {!agent.accepting && agent.status === 'online' && ', not accepting'} · {agent.load} of{' '}
                  {agent.capacity}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>To a team’s line</legend>
          <div class="choices">
            {roster.teams.map(team => (
              <label key={team.id}>
                <input
                  type="radio"
                  name="target"
                  checked={to !== null && 'team' in to && to.team === team.id}
                  onChange={() => setTo({ team: team.id })}
                />
                <bdi>{team.name}</bdi>
              </label>
            ))}
          </div>
        </fieldset>
        <Area
          label="A word to the next one (optional)"
          rows={2}
          dir="auto"
          value={comment}
          onText={setComment}
          hint="Only colleagues see it."
        />
        <Fault error={fault} />
        <div class="actions">
          <button type="submit" class="primary">
            Transfer
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
