// One message or note. A note never looks like a message: another colour, a dashed edge, and the word itself.

import type { Message } from '../../client/transcript.ts';
import { clock, full } from '../time.ts';
import { authorName } from '../words.ts';
import { BodyText } from './BodyText.tsx';

interface Props {
  readonly message: Message;
  readonly named: boolean;
  readonly visitor: string;
  readonly found: boolean;
  /** Of one's own last reply: whether the visitor has seen it. */
  readonly sent: boolean | null;
}

export function MessageView({ message, named, visitor, found, sent }: Props) {
  const { by, body, stream } = message;
  const kinds = [
    'message',
    by === 'visitor' ? 'theirs' : 'ours',
    stream === 'note' ? 'note' : '',
    found ? 'found' : '',
    body === null ? 'gone' : '',
  ];
  return (
    <article class={kinds.join(' ')} data-number={message.number}>
      <p class={named ? 'who' : 'unseen'}>
        {stream === 'note' && <strong class="note-mark">Note · only colleagues see it · </strong>}
        <bdi>{authorName(by, visitor)}</bdi>{' '}
        <time dateTime={new Date(message.at).toISOString()} title={full(message.at)}>
          {clock(message.at)}
        </time>
      </p>
      <div class="bubble" dir="auto">
        {body === null ? 'Withdrawn' : <BodyText body={body} />}
      </div>
      {message.edited && body !== null && <p class="state">edited</p>}
      {sent !== null && <p class="state">{sent ? 'Seen' : 'Sent'}</p>}
    </article>
  );
}
