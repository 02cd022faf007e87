// What the address brought: a one-time code to sign in or to set up, and where to go then. It is dropped from the
// address at once, so that it stays in no history and is copied with no link.

export type Arrival =
  | { readonly kind: 'plain' }
  | { readonly kind: 'code'; readonly code: string; readonly toSettings: boolean }
  | { readonly kind: 'setup'; readonly code: string };

export function readArrival(hash: string): Arrival {
  const found = /^#(code|setup)=([^&]+)(&go=settings)?$/.exec(hash);
  if (found?.[2] === undefined) return { kind: 'plain' };
  const code = decode(found[2]);
  return found[1] === 'setup'
    ? { kind: 'setup', code }
    : { kind: 'code', code, toSettings: found[3] !== undefined };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Place = Pick<Location, 'hash' | 'pathname' | 'search'>;

export function takeArrival(place: Place, history: Pick<History, 'replaceState'>): Arrival {
  const arrival = readArrival(place.hash);
  if (arrival.kind !== 'plain') history.replaceState(null, '', place.pathname + place.search);
  return arrival;
}
