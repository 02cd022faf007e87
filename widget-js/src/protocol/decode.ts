// From text to frames. What is not known is passed over; what is no frame is `null`.

import type { Down, Node } from './frames.ts';

export type KeysOf<T> = T extends unknown ? keyof T : never;
export type DownKind = KeysOf<Down>;

const KINDS: ReadonlySet<string> = new Set<DownKind>([
  'ready',
  'ping',
  'ok',
  'no',
  'event',
  'heads',
  'records',
  'typing',
  'read',
  'place',
  'availability',
  'rows',
  'change',
  'roster',
  'agent',
]);

/** Reads a frame of the gateway. The gateway is trusted to send what its types say; a stranger's kind is not. */
export function decodeDown(text: string): Down | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const [kind, more] = Object.keys(value);
  return kind !== undefined && more === undefined && KINDS.has(kind) ? (value as Down) : null;
}

/** The one key of an externally tagged value. */
export function kindOf<T extends object>(tagged: T): KeysOf<T> {
  return Object.keys(tagged)[0] as KeysOf<T>;
}

const LINK = /^(?:https?:\/\/|mailto:|tel:)[^\s]/i;
// Control characters and those that reorder what stands around them: such an address could show another one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Whether an address may be followed: the gateway checks it too, and neither relies on the other. */
export function isLink(address: string): boolean {
  return LINK.test(address) && !HIDDEN.test(address);
}

/** Cuts a body into nodes exactly as the gateway does, for one's own message before its record comes back. */
export function nodesOf(text: string): Node[] {
  const nodes: Node[] = [];
  text.split('\n').forEach((line, index) => {
    if (index > 0) nodes.push({ break: {} });
    let plain = '';
    for (const word of line.replace(/\r$/, '').match(/\S*\s|\S+/g) ?? []) {
      const [, before = '', rest = ''] = /^([([<"']*)(.*)$/s.exec(word) ?? [];
      const address = rest.replace(/[\s.,;:!?)\]>"']+$/, '');
      if (isLink(address)) {
        if (plain + before) nodes.push({ text: plain + before });
        nodes.push({ link: address });
        plain = rest.slice(address.length);
      } else {
        plain += word;
      }
    }
    if (plain) nodes.push({ text: plain });
  });
  return nodes;
}

/** The text of a body. */
export function textOf(body: readonly Node[]): string {
  return body.map(node => ('text' in node ? node.text : 'link' in node ? node.link : '\n')).join('');
}

/** Length in UTF-8 bytes, which is what the wire limits. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
