// Drafts: what an agent has begun to write, one for replies and one for notes of every conversation.
// The two never mix, so words written as a note cannot leave as a reply.

export type Mode = 'reply' | 'note';

export interface Draft {
  readonly mode: Mode;
  readonly reply: string;
  readonly note: string;
}

export type Drafts = ReadonlyMap<string, Draft>;

export const NO_DRAFT: Draft = { mode: 'reply', reply: '', note: '' };

/** Drafts kept at once; the oldest beyond that are of conversations nobody has touched for long. */
export const DRAFTS_MAX = 200;

export function draftOf(drafts: Drafts, conversation: string): Draft {
  return drafts.get(conversation) ?? NO_DRAFT;
}

export function textOf(draft: Draft): string {
  return draft[draft.mode];
}

/** Whether anything is written and not sent. */
export function isPending(draft: Draft): boolean {
  return draft.reply.trim() !== '' || draft.note.trim() !== '';
}

/** Sets one conversation's draft; one that says nothing and is in the usual mode is forgotten. */
export function withDraft(drafts: Drafts, conversation: string, draft: Draft): Drafts {
  const next = new Map(drafts);
  next.delete(conversation);
  if (draft.reply !== '' || draft.note !== '' || draft.mode !== 'reply') next.set(conversation, draft);
  for (const oldest of next.keys()) {
    if (next.size <= DRAFTS_MAX) break;
    next.delete(oldest);
  }
  return next;
}

export function withText(drafts: Drafts, conversation: string, text: string): Drafts {
  const draft = draftOf(drafts, conversation);
  return withDraft(drafts, conversation, { ...draft, [draft.mode]: text });
}

export function withMode(drafts: Drafts, conversation: string, mode: Mode): Drafts {
  return withDraft(drafts, conversation, { ...draftOf(drafts, conversation), mode });
}

export function encodeDraft(draft: Draft): string {
  return JSON.stringify(draft);
}

/** Reads a stored draft; what is not one is nothing. */
export function decodeDraft(text: string): Draft | null {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Draft, unknown>> | null;
    if (typeof value?.reply !== 'string' || typeof value.note !== 'string') return null;
    return { mode: value.mode === 'note' ? 'note' : 'reply', reply: value.reply, note: value.note };
  } catch {
    return null;
  }
}
