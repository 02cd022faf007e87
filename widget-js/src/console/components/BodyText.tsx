// A body as text: its nodes become elements, an address becomes a link only where its scheme is safe.

import { useState } from 'preact/hooks';
import { isLink } from '../../protocol/decode.ts';
import type { Body, Node } from '../../protocol/frames.ts';
import { clipMarks } from '../clip.ts';

/** Letters shown at first; a pasted log must not push the chat out of sight. */
const LETTERS_MAX = 3_000;

export function BodyText({ body }: { readonly body: Body }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? body : beginning(body, LETTERS_MAX);
  return (
    <>
      {shown.map((node, index) => (
        <Piece key={index} node={node} />
      ))}
      {shown !== body && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          Show all
        </button>
      )}
    </>
  );
}

function Piece({ node }: { readonly node: Node }) {
  if ('break' in node) return <br />;
  if ('link' in node && isLink(node.link)) {
    return (
      <a href={node.link} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
        {clipMarks(node.link)}
      </a>
    );
  }
  return <>{clipMarks('link' in node ? node.link : node.text)}</>;
}

/** The first nodes of a body, up to so many letters; the body itself where it is shorter. */
function beginning(body: Body, letters: number): Body {
  let left = letters;
  const nodes: Node[] = [];
  for (const node of body) {
    if (left <= 0) return nodes;
    const text = 'text' in node ? node.text : 'link' in node ? node.link : '\n';
    if ('text' in node && text.length > left) return [...nodes, { text: `${text.slice(0, left)}…` }];
    nodes.push(node);
    left -= text.length;
  }
  return body;
}
