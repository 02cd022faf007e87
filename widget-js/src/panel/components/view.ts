// What every screen of the panel is given.

import type { ClientState } from '../../client/client.ts';
import type { PanelInput, PanelState, Sight } from '../panel.ts';
import type { Words } from '../words.ts';

/** A first connection that is quicker than this needs no words. */
export const PATIENCE_MS = 1_500;

export interface View {
  panel: PanelState;
  client: ClientState;
  sight: Sight;
  words: Words;
  isDurable: boolean;
  /** Whether the panel stands in a host page, and can be closed. */
  isEmbedded: boolean;
  /** Longest body in UTF-8 bytes. */
  bytes_max: number;
  act(input: PanelInput): void;
  /** Starts a conversation with a fresh id. */
  start(message: string, isOffline: boolean): void;
  typing(): void;
  read(number: number): void;
  retry(): void;
  reload(): void;
  close(): void;
}
