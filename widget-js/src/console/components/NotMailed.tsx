// What whoever answers somebody who has left must know: nothing mails the reply.

import type { Row } from '../../protocol/frames.ts';
import { stateName } from '../lists.ts';
import { Address } from './Address.tsx';

export function NotMailed({ row }: { readonly row: Row | null }) {
  const email = row?.visitor.email;
  if (row === null || email === undefined) return null;
  if (row.visitor.present && stateName(row.state) !== 'offline') return null;
  return (
    <>
      Replies are shown in the chat and not mailed to <Address text={email} address={`mailto:${email}`} />.
    </>
  );
}
