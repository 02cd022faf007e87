// What the host page hears while the panel runs: the news as events, then how things stand. Never what was written.

import type { ClientState, News } from '../client/client.ts';
import type { EventName, ToLoader } from '../loader/port.ts';
import type { Record } from '../protocol/frames.ts';
import type { PanelState, Sight } from './panel.ts';
import { eventsBetween, type Report } from './report.ts';

/** Tells the loader. */
export class Telling {
  private report: Report | null = null;
  private remembered = '';
  /** A conversation whose opening message stands, under a number that is not known yet. */
  private opening: string | null = null;

  constructor(
    private readonly tell: (message: ToLoader) => void,
    /** The report of a panel that nothing has happened to. */
    private readonly first: Report,
  ) {}

  hear(news: News, panel: PanelState, client: ClientState): void {
    switch (news.kind) {
      case 'wiped':
        return this.tell({ kind: 'token', token: null });
      case 'failed':
        return this.event('message:failed', { code: news.item.failed });
      case 'settled':
        if ('say' in news.item.action) this.sent(news.outcome.made?.number ?? null);
        if ('open' in news.item.action && news.item.action.open.body !== undefined) {
          this.opening = news.item.conversation ?? null;
          this.opened(client.transcripts.get(this.opening ?? '')?.records ?? []);
        }
        return;
      case 'added':
        if (news.conversation === this.opening) this.opened(news.records);
        if (news.conversation === panel.conversation) this.received(news.records, news.conversation, client);
        return;
      case 'ready':
      case 'frame':
      case 'moved':
      case 'gone':
      case 'forgotten':
      case 'complete':
        return;
    }
  }

  publish(next: Report, sight: Sight): void {
    const events = eventsBetween(this.report ?? this.first, next);
    if (events.length > 0 || this.report === null) this.tell({ kind: 'state', state: next.state });
    for (const { name, detail } of events) this.event(name, detail);
    this.remember(next, sight.transcript?.complete ?? true);
    this.report = next;
  }

  /** The answer to an `open` names no number; the record that it made does. */
  private opened(records: readonly Record[]): void {
    const said = records.find(({ what }) => 'said' in what && what.said.by === 'visitor');
    if (said === undefined) return;
    this.opening = null;
    this.sent(said.number);
  }

  private received(records: readonly Record[], conversation: string, client: ClientState): void {
    const mark = client.transcripts.get(conversation)?.read.visitor ?? 0;
    for (const { number, what } of records) {
      if (number <= mark || !('said' in what) || what.said.by === 'visitor') continue;
      this.event('message:received', { number });
    }
  }

  /** What the host page's storage keeps of the conversation, once the gateway has it. */
  private remember({ conversation, isOpen, isClosed }: Report, isKnown: boolean): void {
    const isThere = isOpen || isClosed;
    const key = `${conversation} ${isOpen}`;
    if (!isKnown || key === this.remembered || (conversation !== null && !isThere)) return;
    this.remembered = key;
    this.tell({ kind: 'conversation', conversation, open: isOpen });
  }

  private sent(number: number | null): void {
    this.event('message:sent', { number });
  }

  private event(name: EventName, detail: unknown): void {
    this.tell({ kind: 'event', name, detail });
  }
}
