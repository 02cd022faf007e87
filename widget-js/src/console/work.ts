// What every part of the console is given: its state, the client's, and how to change either.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ClientState } from '../client/client.ts';
import type { Shared } from './components/shared.ts';
import type { Me, MySite, Rest } from './rest.ts';
import type { ConsoleInput, ConsoleState } from './state.ts';
import type { Names } from './words.ts';

export interface Work {
  readonly state: ConsoleState;
  readonly client: ClientState;
  readonly dispatch: (input: ConsoleInput) => void;
  readonly rest: Rest;
  readonly me: Me;
  readonly site: MySite;
  readonly names: Names;
  readonly shared: Shared;
  readonly onSignedOut: () => void;
}

const WorkContext = createContext<Work | null>(null);
export const WorkProvider = WorkContext.Provider;

export function useWork(): Work {
  const work = useContext(WorkContext);
  if (work === null) throw new Error('used outside of the console');
  return work;
}
