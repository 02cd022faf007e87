// Who types: the visitor, or a colleague who is about to answer or to note something too.

import type { Row } from '../../protocol/frames.ts';
import { isolated } from '../../ui/isolated.ts';
import { tame } from '../clip.ts';
import { visitorName } from '../words.ts';
import { useWork } from '../work.ts';

export function TypingLine({
  conversation,
  row,
}: {
  readonly conversation: string;
  readonly row: Row | null;
}) {
  const { state, client } = useWork();
  const typing = client.transcripts.get(conversation)?.typing ?? [];
  const says = typing
    .filter(({ who }) => who === 'visitor' || who.agent.id !== state.self)
    .map(({ who, stream }) => {
      const name = who === 'visitor' ? visitorName(row) : who.agent.name;
      return `${isolated(tame(name))} ${stream === 'note' ? 'writes a note' : 'is typing'}…`;
    });
  return (
    <p class="typing" aria-live="polite">
      {says.map(text => (
        <bdi key={text}>{text} </bdi>
      ))}
    </p>
  );
}
