// A body's nodes as elements. No HTML is ever parsed; addresses are checked once more before they are links.

import { isLink } from '../protocol/decode.ts';
import type { Body } from '../protocol/frames.ts';

export function BodyNodes({ body }: { body: Body }) {
  return <>{body.map((node, index) => piece(node, index))}</>;
}

function piece(node: Body[number], index: number) {
  if ('text' in node) return node.text;
  if ('break' in node) return <br key={index} />;
  if (!('link' in node)) return null;
  if (!isLink(node.link)) return node.link;
  return (
    <a key={index} href={node.link} target="_blank" rel="noopener noreferrer nofollow">
      <bdi>{node.link}</bdi>
    </a>
  );
}
