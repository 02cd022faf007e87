// An address that a stranger gave: a link only where its scheme is safe; else its text.

import { isLink } from '../../protocol/decode.ts';
import { tame } from '../clip.ts';

export function Address({ text, address }: { readonly text: string; readonly address: string }) {
  if (!isLink(address)) return <bdi>{tame(text)}</bdi>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      <bdi>{tame(text)}</bdi>
    </a>
  );
}
