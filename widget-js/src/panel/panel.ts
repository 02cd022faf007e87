// The panel as a pure machine: what the visitor does and what the client tells, into what the client is told.

import type { ClientInput, ClientState, News } from '../client/client.ts';
import { type Item, itemsOf } from '../client/outbox.ts';
import type { Transcript } from '../client/transcript.ts';
import type { Availability, ConversationId, Open, Place } from '../protocol/frames.ts';
import { type Standing, standingOf } from './standing.ts';
import { bodyOf } from './timeline.ts';

export interface PanelState {
  conversation: ConversationId | null;
  availability: Availability | null;
  place: Place | null;
  /** Whether the visitor can see the panel. */
  isShown: boolean;
  /** The conversation that was kept is no longer there. */
  isGone: boolean;
  draft: string;
  name: string;
  email: string;
}

export type PanelInput =
  | { kind: 'news'; news: News }
  | { kind: 'shown'; isShown: boolean }
  /** What storage kept, or another tab has written. */
  | { kind: 'found'; conversation: ConversationId; input: Extract<ClientInput, { kind: 'follow' }> }
  | { kind: 'draft'; text: string }
  | { kind: 'start'; conversation: ConversationId; message: string; language: string; isOffline: boolean }
  | { kind: 'person'; name: string; email: string }
  | { kind: 'say'; message: string }
  | { kind: 'end' }
  | { kind: 'rate'; score: number; comment: string }
  | { kind: 'resend'; item: Item }
  | { kind: 'discard'; item: Item }
  /** A new chat, with what could not be said in the old one. */
  | { kind: 'over'; draft: string };

export type PanelEffect =
  | { kind: 'client'; input: ClientInput }
  | { kind: 'write'; key: 'conversation' | 'draft' | 'person'; value: string | null };

type Step = [PanelState, PanelEffect[]];

export function newPanel(part: Partial<PanelState> = {}): PanelState {
  return {
    conversation: null,
    availability: null,
    place: null,
    isShown: false,
    isGone: false,
    draft: '',
    name: '',
    email: '',
    ...part,
  };
}

export function stepPanel(state: PanelState, input: PanelInput): Step {
  const { conversation } = state;
  switch (input.kind) {
    case 'news':
      return hear(state, input.news);
    case 'shown':
      return [{ ...state, isShown: input.isShown }, []];
    case 'found':
      return [{ ...state, conversation: input.conversation, isGone: false }, [client(input.input)]];
    case 'draft':
      return [{ ...state, draft: input.text }, [write('draft', input.text || null)]];
    case 'person': {
      const { name, email } = input;
      return [{ ...state, name, email }, [write('person', JSON.stringify({ name, email }))]];
    }
    case 'start':
      return [
        { ...state, conversation: input.conversation, draft: '', place: null, isGone: false },
        [
          client({
            kind: 'command',
            conversation: input.conversation,
            action: { open: opening(state, input) },
          }),
          write('draft', null),
        ],
      ];
    case 'over':
      return [
        { ...state, conversation: null, place: null, isGone: false, draft: input.draft },
        [
          write('conversation', null),
          write('draft', input.draft || null),
          ...(conversation === null ? [] : [client({ kind: 'unfollow', conversation })]),
        ],
      ];
  }
  if (conversation === null) return [state, []];
  const command = (action: Extract<ClientInput, { kind: 'command' }>['action']): PanelEffect =>
    client({ kind: 'command', conversation, action });
  switch (input.kind) {
    case 'say':
      return [{ ...state, draft: '' }, [command({ say: { body: input.message } }), write('draft', null)]];
    case 'end':
      return [state, [command({ close: { reason: 'visitor_left' } })]];
    case 'rate': {
      const comment = input.comment.trim();
      return [state, [command({ rate: { score: input.score, ...(comment && { comment }) } })]];
    }
    case 'resend':
    case 'discard':
      return [state, [client({ kind: input.kind, id: input.item.id, conversation })]];
  }
}

function hear(state: PanelState, news: News): Step {
  switch (news.kind) {
    case 'ready':
      return [state, [client({ kind: 'ask', frame: { availability: {} } })]];
    case 'frame':
      if ('availability' in news.frame) return [{ ...state, availability: news.frame.availability }, []];
      if ('place' in news.frame && news.frame.place.conversation === state.conversation) {
        return [{ ...state, place: news.frame.place }, []];
      }
      return [state, []];
    case 'settled':
      if (!('open' in news.item.action) || news.item.conversation !== state.conversation) return [state, []];
      return [state, [write('conversation', state.conversation ?? null)]];
    case 'moved':
      if (news.from !== state.conversation) return [state, []];
      return [{ ...state, conversation: news.to }, [write('conversation', news.to)]];
    case 'gone': {
      if (news.conversation !== state.conversation) return [state, []];
      const unsaid = news.dropped.map(bodyOf).filter(body => body !== null);
      const draft = [...unsaid, state.draft].filter(Boolean).join('\n');
      return [
        { ...state, conversation: null, place: null, isGone: true, draft },
        [write('conversation', null), write('draft', draft || null)],
      ];
    }
    case 'wiped':
      return [newPanel({ isShown: state.isShown, isGone: true }), []];
    case 'failed':
    case 'added':
    case 'forgotten':
    case 'complete':
      return [state, []];
  }
}

function opening(state: PanelState, input: Extract<PanelInput, { kind: 'start' }>): Open {
  const name = state.name.trim();
  const email = state.email.trim();
  return {
    body: input.message,
    language: input.language,
    ...(name && { name }),
    ...(email && { email }),
    ...(input.isOffline && { offline: true }),
  };
}

function client(input: ClientInput): PanelEffect {
  return { kind: 'client', input };
}

function write(key: 'conversation' | 'draft' | 'person', value: string | null): PanelEffect {
  return { kind: 'write', key, value };
}

/** The gateway tells at every change, so it holds for whoever waits as well. */
export function isNobodyThere({ availability }: PanelState): boolean {
  return availability?.online === false;
}

/** The panel and its client as the screens see them. */
export interface Sight {
  transcript: Transcript | null;
  items: readonly Item[];
  standing: Standing;
  unread: number;
}

export function sightOf(state: PanelState, clientState: ClientState): Sight {
  const { conversation } = state;
  if (conversation === null) return { transcript: null, items: [], standing: { kind: 'none' }, unread: 0 };
  const transcript = clientState.transcripts.get(conversation) ?? null;
  const records = transcript?.records ?? [];
  const mark = transcript?.read.visitor ?? 0;
  return {
    transcript,
    items: itemsOf(clientState.outbox, conversation),
    standing: standingOf(records),
    unread: records.filter(({ number, what }) => number > mark && isTheirs(what)).length,
  };
}

function isTheirs(what: Transcript['records'][number]['what']): boolean {
  return 'said' in what && what.said.by !== 'visitor';
}
