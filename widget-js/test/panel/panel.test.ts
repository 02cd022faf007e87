import { describe, expect, it } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import type { Item } from '../../src/client/outbox.ts';
import { newTranscript } from '../../src/client/transcript.ts';
import { cleaned } from '../../src/panel/draft.ts';
import { newPanel, type PanelInput, type PanelState, sightOf, stepPanel } from '../../src/panel/panel.ts';
import { eventsBetween, reportOf } from '../../src/panel/report.ts';
import { standingOf } from '../../src/panel/standing.ts';
import { timelineOf } from '../../src/panel/timeline.ts';
import { wordsFor } from '../../src/panel/words.ts';
import { byteLength, isLink, nodesOf } from '../../src/protocol/decode.ts';
import type { Record } from '../../src/protocol/frames.ts';
import { record, said } from '../client/dialogue.ts';

const ada = { agent: { id: 'ada', name: 'Ada' } };
const opened = record(1, { opened: { offline: false } });
const waiting = record(2, { waiting: { cause: 'opened' } });
const assigned = (number: number, name = 'Ada') =>
  record(number, { assigned: { agent: name, name, cause: 'routed' } });
const closed = (number: number) => record(number, { closed: { by: ada, reason: 'solved' } });

const item = (ordinal: number, body: string, failed?: Item['failed']): Item => ({
  id: { outbox: 'o', ordinal },
  conversation: 'c',
  action: { say: { body } },
  at: 6,
  ...(failed && { failed }),
});

describe('standing', () => {
  it.each<[string, Record[]]>([
    ['none', []],
    ['waiting', [opened, waiting, said(3, 'hi')]],
    ['offline', [record(1, { opened: { offline: true } })]],
    ['chat', [opened, waiting, assigned(3)]],
    ['waiting', [opened, waiting, assigned(3), record(4, { waiting: { cause: 'agent_lost' } })]],
    ['closed', [opened, waiting, assigned(3), closed(4)]],
    ['waiting', [opened, assigned(2), closed(3), record(4, { reopened: { by: 'visitor' } })]],
    ['chat', [opened, assigned(2), closed(3), record(4, { reopened: { by: ada } }), assigned(5)]],
  ])('%s', (kind, records) => {
    expect(standingOf(records).kind).toBe(kind);
  });

  it('a rating belongs to the close before it', () => {
    expect(standingOf([opened, closed(2), record(3, { rated: { score: 4 } })])).toMatchObject({ score: 4 });
    expect(
      standingOf([
        opened,
        closed(2),
        record(3, { rated: { score: 4 } }),
        record(4, { reopened: { by: ada } }),
        closed(5),
      ]),
    ).toMatchObject({ score: null });
  });
});

describe('timeline', () => {
  const lines = (records: Record[], items: Item[] = [], seen = 0) =>
    timelineOf(records, items, seen).map(entry =>
      entry.kind === 'system'
        ? `(${wordsFor('en').system(entry.line)})`
        : `${entry.name ?? 'me'} ${typeof entry.state === 'string' ? entry.state : entry.state ? 'failed' : ''}`.trim(),
    );

  it('tells the chat in order, then what is on its way', () => {
    expect(
      lines(
        [opened, waiting, said(3, 'hi'), assigned(4), said(5, 'hello', ada), said(6, 'ok')],
        [item(2, 'more'), item(3, 'bad', 'bad_text')],
        3,
      ),
    ).toEqual(['me seen', '(Ada joined the chat)', 'Ada', 'me sent', 'me sending', 'me failed']);
  });

  it('an agent to whom their own chat comes back does not take over', () => {
    const lost = record(4, { waiting: { cause: 'agent_lost' } });
    const [, , again] = timelineOf([assigned(3), lost, assigned(5)], [], 0);
    expect(again).toMatchObject({ line: { kind: 'joined', name: 'Ada', isTransfer: false } });
    const [, , other] = timelineOf([assigned(3), lost, assigned(5, 'Bea')], [], 0);
    expect(other).toMatchObject({ line: { kind: 'joined', name: 'Bea', isTransfer: true } });
  });

  it('a second agent takes over', () => {
    expect(
      lines([
        opened,
        assigned(2),
        record(3, { waiting: { cause: 'transferred' } }),
        assigned(4, 'Bea'),
        closed(5),
      ]),
    ).toEqual([
      '(Ada joined the chat)',
      '(You are being handed to a colleague)',
      '(Bea takes over from here)',
      '(Ada ended the chat)',
    ]);
  });

  it('messages of one side stand together until time or the other side parts them', () => {
    const entries = timelineOf(
      [said(1, 'a'), said(2, 'b'), said(3, 'c', ada), { ...said(4, 'd', ada), at: 400_000 }],
      [],
      0,
    );
    expect(entries.map(entry => entry.kind === 'message' && [entry.startsGroup, entry.endsGroup])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });
});

describe('the panel machine', () => {
  const run = (state: PanelState, input: PanelInput) => stepPanel(state, input);

  it('start opens with name, message and language, and forgets the draft', () => {
    const [state, effects] = run(newPanel({ name: ' Ada ', draft: 'hi' }), {
      kind: 'start',
      conversation: 'c',
      message: 'hi',
      language: 'en',
      isOffline: false,
    });
    expect(state).toMatchObject({ conversation: 'c', draft: '' });
    expect(effects).toEqual([
      {
        kind: 'client',
        input: {
          kind: 'command',
          conversation: 'c',
          action: { open: { body: 'hi', language: 'en', name: 'Ada' } },
        },
      },
      { kind: 'write', key: 'draft', value: null },
    ]);
  });

  it('an offline message carries the address', () => {
    const [, effects] = run(newPanel({ email: 'a@b.c' }), {
      kind: 'start',
      conversation: 'c',
      message: 'hi',
      language: 'en',
      isOffline: true,
    });
    expect(effects[0]).toMatchObject({ input: { action: { open: { offline: true, email: 'a@b.c' } } } });
  });

  it('availability is asked for on every ready', () => {
    const ready = {
      protocol: 1,
      site: 'x',
      limits: { body_bytes_max: 1, frame_bytes_max: 1, silence_ms_max: 1 },
    };
    const [, effects] = run(newPanel(), { kind: 'news', news: { kind: 'ready', ready } });
    expect(effects).toEqual([{ kind: 'client', input: { kind: 'ask', frame: { availability: {} } } }]);
  });

  it('follows the conversation that was open already', () => {
    const [state, effects] = run(newPanel({ conversation: 'c' }), {
      kind: 'news',
      news: { kind: 'moved', from: 'c', to: 'd' },
    });
    expect(state.conversation).toBe('d');
    expect(effects).toEqual([{ kind: 'write', key: 'conversation', value: 'd' }]);
  });

  it('a conversation that is gone says so, and the next one can begin', () => {
    const [state] = run(newPanel({ conversation: 'c' }), {
      kind: 'news',
      news: { kind: 'gone', conversation: 'c', dropped: [item(1, 'unsaid')] },
    });
    expect(state).toMatchObject({ conversation: null, isGone: true, draft: 'unsaid' });
  });

  it('what could not be said goes over into a new chat', () => {
    const [state, effects] = run(newPanel({ conversation: 'c' }), { kind: 'over', draft: 'still here' });
    expect(state).toMatchObject({ conversation: null, draft: 'still here' });
    expect(effects).toContainEqual({ kind: 'client', input: { kind: 'unfollow', conversation: 'c' } });
  });

  it('nothing is said without a conversation', () => {
    expect(run(newPanel(), { kind: 'say', message: 'hi' })[1]).toEqual([]);
  });
});

describe('what the host page is told', () => {
  function report(records: Record[], part: Partial<PanelState> = {}) {
    const client = newClient('demo', 's');
    const transcript = { ...newTranscript('c'), records };
    const state = { ...client, transcripts: new Map([['c', transcript]]) };
    const panel = newPanel({ conversation: 'c', ...part });
    return reportOf(panel, state, sightOf(panel, state));
  }
  const between = (before: Record[], after: Record[]) =>
    eventsBetween(report(before), report(after)).map(({ name }) => name);

  it('start, join, unread, leave, end, rating', () => {
    const story = [
      opened,
      waiting,
      assigned(3),
      said(4, 'hello', ada),
      record(5, { waiting: { cause: 'agent_lost' } }),
      closed(6),
      record(7, { rated: { score: 5 } }),
    ];
    const told = story.map((_, index) => between(story.slice(0, index), story.slice(0, index + 1)));
    expect(told).toEqual([
      ['conversation:start'],
      [],
      ['agent:join'],
      ['unread'],
      ['agent:leave'],
      ['conversation:end'],
      ['rating'],
    ]);
  });

  it('the place, as numbers', () => {
    const place = { conversation: 'c', place: 2, wait: { low_s: 60, high_s: 120 } };
    const [told] = eventsBetween(report([opened]), report([opened], { place }));
    expect(told).toEqual({ name: 'queue', detail: { position: 2, low_s: 60, high_s: 120 } });
  });

  it('never what was written', () => {
    const after = report([opened, said(2, 'my secret', ada)]);
    expect(JSON.stringify([after, eventsBetween(report([opened]), after)])).not.toContain('secret');
  });
});

describe('drafts', () => {
  it.each(['', '  \n\t ', '\u200b\u200d', '\ufeff', '\u0000'])('%j is empty', draft => {
    expect(cleaned(draft)).toBe('');
  });

  it('what the wire refuses is taken out, the rest stays', () => {
    expect(cleaned(' a\u0000b\r\nc\td\u0007 👩‍🚀 ')).toBe('ab\nc\td 👩‍🚀');
    expect(byteLength(cleaned('\ud800x'))).toBe(4);
  });
});

describe('bodies', () => {
  it('are cut as the gateway cuts them', () => {
    expect(nodesOf('see (https://example.org/a), or\nmailto:a@example.org.')).toEqual([
      { text: 'see (' },
      { link: 'https://example.org/a' },
      { text: '), or' },
      { break: {} },
      { link: 'mailto:a@example.org' },
      { text: '.' },
    ]);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'https://',
    '//x.org',
    'JAVASCRIPT:x',
    'https://x.org/\u202egro.live',
    ' https://x.org',
    'https://x\n.org',
  ])('%j is no link', address => {
    expect(isLink(address)).toBe(false);
  });

  it('nothing of a text is lost', () => {
    const body = 'a  b https://x.org/ä?q=1!  <img src=x> ((tel:+1) ';
    expect(
      nodesOf(body)
        .map(node => ('text' in node ? node.text : 'link' in node ? node.link : '\n'))
        .join(''),
    ).toBe(body);
  });
});

describe('waits in words', () => {
  const { wait } = wordsFor('en');
  it.each([
    [5, 40, 'less than a minute'],
    [20, 170, 'up to 3 minutes'],
    [60, 61, '1 to 2 minutes'],
    [120, 120, 'about 2 minutes'],
    [60, 60, 'about a minute'],
    [130, 500, '2 to 9 minutes'],
  ])('%i to %i s: %s', (low, high, text) => {
    expect(wait(low, high)).toBe(`Expected wait: ${text}`);
  });

  it('every language has every word', () => {
    expect(Object.keys(wordsFor('de')).sort()).toEqual(Object.keys(wordsFor('en')).sort());
    expect(wordsFor('de-AT').lang).toBe('de');
    expect(wordsFor('xx').lang).toBe('en');
  });
});

it('an agent’s name that is written from right to left does not turn the line around it', () => {
  const omar = '\u0639\u0645\u0631';
  const by = { agent: { id: 'omar', name: omar } };
  expect(wordsFor('en').system({ kind: 'closed', by, reason: 'solved' })).toBe(
    `\u2068${omar}\u2069 ended the chat`,
  );
  expect(
    wordsFor('en').system({ kind: 'closed', by: { agent: { id: 'ada', name: 'Ada' } }, reason: 'solved' }),
  ).toBe('Ada ended the chat');
});
