// An offer: how long it stands, and its two answers.

import type { Action, Row } from '../../protocol/frames.ts';
import { storeTime } from '../state.ts';
import { useWork } from '../work.ts';
import { useNow } from './now.ts';

/** The span of a team that names none. */
const OFFER_S = 20;

export function Offer({ row, onAct }: { readonly row: Row; readonly onAct: (action: Action) => void }) {
  const { state, shared } = useWork();
  const total_s = shared.teams.find(team => team.id === row.team)?.offer_s ?? OFFER_S;
  const now = storeTime(state, useNow(250));
  const left_s = Math.max(0, Math.min(total_s, total_s - (now - row.since) / 1000));
  return (
    <div class="offer">
      <span role="status">This chat is offered to you.</span>
      <strong aria-hidden="true">{Math.ceil(left_s)} s</strong>
      <progress max={total_s} value={left_s} aria-label="Time left to answer" />
      <button type="button" class="primary" data-hook="take" onClick={() => onAct({ accept: {} })}>
        Accept
      </button>
      <button type="button" onClick={() => onAct({ decline: {} })}>
        Decline
      </button>
    </div>
  );
}
