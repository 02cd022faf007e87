// A body of a message: tamed, and at first no longer than fits a screen.

import { useMemo, useState } from 'preact/hooks';
import type { Body, Node } from '../../protocol/frames.ts';
import { BodyNodes } from '../../ui/BodyNodes.tsx';
import { tame } from '../clip.ts';

/** Letters shown at first; a pasted log must not push the chat out of sight. */
const LETTERS_MAX = 3_000;

export function BodyText({ body }: { readonly body: Body }) {
  const [whole, setWhole] = useState(false);
  const shown = useMemo(() => (whole ? body : beginning(body, LETTERS_MAX)), [body, whole]);
  const drawn = useMemo(() => shown.map(tamed), [shown]);
  return (
    <>
      <BodyNodes body={drawn} />
      {shown !== body && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          Show all
        </button>
      )}
    </>
  );
}

/** A link keeps its address as it is or is none: what it shows and where it leads must be the same. */
function tamed(node: Node): Node {
  if ('text' in node) return { text: tame(node.text) };
  return 'link' in node && tame(node.link) !== node.link ? { text: tame(node.link) } : node;
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
