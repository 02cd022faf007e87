import { describe, expect, it } from 'vitest';
import { messagesOf } from '../../src/client/transcript.ts';
import { nodesOf } from '../../src/protocol/decode.ts';
import { Dialogue, record, said } from './dialogue.ts';

function following(...heads: [string, number, number][]): Dialogue {
  const client = new Dialogue()
    .tell({ kind: 'follow', conversation: 'c' })
    .connect(heads.length > 0 ? heads : [['c', 0, 0]]);
  client.said();
  return client;
}

describe('apply, drop, fetch', () => {
  it('the next number after my tail is applied', () => {
    expect(following().event(1, 'one').event(2, 'two').transcript).toEqual(['1 one', '2 two']);
  });

  it('a lower one, or the same with my tail, is dropped', () => {
    const client = following().event(1, 'one').event(2, 'two');
    client.said();
    expect(client.event(1, 'one').event(2, 'two').said()).toEqual([]);
    expect(client.transcript).toEqual(['1 one', '2 two']);
  });

  it('a gap fetches, and the page is applied', () => {
    const client = following().event(1, 'one');
    client.said();
    expect(client.event(3, 'three').said()).toEqual(['→ fetch c after 1']);
    client.records([said(2, 'two'), said(3, 'three')]);
    expect(client.transcript).toEqual(['1 one', '2 two', '3 three']);
  });

  it('the next number after another tail fetches, and resync reads from the beginning', () => {
    const client = following().event(1, 'one');
    client.said();
    expect(client.event(2, 'other', 'visitor', 999).said()).toEqual(['→ fetch c after 1']);
    client.records([], 2, true);
    expect(client.said()).toEqual(['forgotten', '→ fetch c after 0']);
    client.records([said(1, 'first'), said(2, 'other')]);
    expect(client.transcript).toEqual(['1 first', '2 other']);
  });

  it('the same number with another tail fetches', () => {
    const client = following().event(1, 'one');
    client.said();
    client.hear({ event: { conversation: 'c', before: 0, record: { ...said(1, 'another'), tail: 77 } } });
    expect(client.said()).toEqual(['→ fetch c after 1']);
  });

  it('one page is in flight, whatever comes meanwhile', () => {
    const client = following();
    client
      .event(5, 'five')
      .event(6, 'six')
      .hear({ heads: { heads: [{ conversation: 'c', position: { number: 7, tail: 70 } }] } });
    expect(client.said()).toEqual(['→ fetch c after 0']);
    client.records([said(1, 'a'), said(2, 'b')], 7);
    expect(client.said()).toEqual(['read 1 2', '→ fetch c after 2']);
    client.records([said(3, 'c'), said(4, 'd'), said(5, 'five'), said(6, 'six'), said(7, 'seven')]);
    expect(client.said()).toEqual(['read 3 4 5 6 7']);
  });

  it('what came by event while the page was under way is not doubled', () => {
    const client = following(['c', 2, 20]);
    client.said();
    client.event(1, 'one').records([said(1, 'one'), said(2, 'two')]);
    expect(client.transcript).toEqual(['1 one', '2 two']);
  });

  it('a page that lands behind what an event told is followed by another', () => {
    const client = following().event(9, 'nine');
    client.said();
    client.records([said(1, 'one')], 1);
    expect(client.said()).toEqual(['read 1', '→ fetch c after 1']);
  });

  it('a page that brings nothing is asked for again, but not in a loop', () => {
    const client = following(['c', 3, 30]);
    client.said();
    client.records([], 3);
    expect(client.wait(999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['→ fetch c after 0']);
  });

  it('a page that never comes is asked for again after 10 s', () => {
    const client = following().event(2, 'two');
    client.said();
    expect(client.wait(10_000).said()).toEqual(['→ fetch c after 0']);
  });

  it('a fetch that is refused for now waits its time', () => {
    const client = following().event(2, 'two');
    client.said();
    const later = { code: 'rate_limited', retryable: true, retry_after_ms: 4_000 } as const;
    client.hear({ no: { ...later, message: '', conversation: 'c' } });
    expect(client.wait(3_999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['→ fetch c after 0']);
  });

  it('heads after a resume fetch what was missed', () => {
    const client = following().event(1, 'one').close(1006).wait(500);
    client.said();
    client.connect([['c', 4, 40]]);
    expect(client.said()).toEqual(['→ hello 2 c@1', '→ fetch c after 1']);
  });

  it('a head below mine is another history', () => {
    const client = following().event(1, 'one').event(2, 'two');
    client.said();
    client.hear({ heads: { heads: [{ conversation: 'c', position: { number: 1, tail: 10 } }] } });
    expect(client.said()).toEqual(['→ fetch c after 2']);
    client.records([], 1, true).records([said(1, 'one')]);
    expect(client.transcript).toEqual(['1 one']);
  });
});

describe('messages', () => {
  it('edits and withdrawals are applied', () => {
    const messages = messagesOf([
      said(1, 'teh'),
      said(2, 'secret'),
      record(3, { edited: { message: 'm1', by: 'visitor', body: nodesOf('the') } }),
      record(4, { deleted: { message: 'm2', by: 'visitor' } }),
      record(5, { edited: { message: 'unknown', by: 'visitor', body: [] } }),
    ]);
    expect(messages.map(({ id, body, edited }) => [id, body, edited])).toEqual([
      ['m1', [{ text: 'the' }], true],
      ['m2', null, false],
    ]);
  });
});

describe('marks', () => {
  const ada = { agent: { id: 'ada', name: 'Ada' } };

  it('the highest read mark wins', () => {
    const client = following().event(1, 'one');
    const read = (number: number) => client.hear({ read: { conversation: 'c', who: ada, number } });
    read(3);
    read(1);
    expect(client.state.transcripts.get('c')?.read.agent).toBe(3);
  });

  it('my own mark goes up once, and waits for a socket', () => {
    const client = following().event(1, 'one');
    client.said();
    client
      .tell({ kind: 'read', conversation: 'c', number: 1 })
      .tell({ kind: 'read', conversation: 'c', number: 1 });
    expect(client.said()).toEqual(['→ read 1']);
    client.close(1006).tell({ kind: 'read', conversation: 'c', number: 2 }).wait(500);
    client.said();
    client.connect([['c', 1, 10]]);
    expect(client.said()).toContain('→ read 2');
  });

  it('nobody types on in a chat that has ended', () => {
    const client = following();
    client.hear({ typing: { conversation: 'c', stream: 'public', who: 'visitor' } });
    const record = { ...said(1, ''), what: { closed: { by: ada, reason: 'solved' } } } as const;
    client.hear({ event: { conversation: 'c', before: 0, record } });
    expect(client.state.transcripts.get('c')?.typing).toEqual([]);
  });

  it('typing is shown for 6 s, or until the message', () => {
    const client = following();
    const typing = () => client.state.transcripts.get('c')?.typing.length;
    client.hear({ typing: { conversation: 'c', stream: 'public', who: ada } });
    client.wait(5_999);
    expect(typing()).toBe(1);
    client.wait(1);
    expect(typing()).toBe(0);
    client.hear({ typing: { conversation: 'c', stream: 'public', who: ada } }).event(1, 'here');
    expect(typing()).toBe(0);
  });

  it('I say that I type at most every 2 s', () => {
    const client = following();
    const type = () => client.tell({ kind: 'typing', conversation: 'c', stream: 'public' });
    type();
    type();
    client.wait(1_999);
    type();
    expect(client.said()).toEqual(['→ typing']);
    client.wait(1);
    type();
    expect(client.said()).toEqual(['→ typing']);
  });
});
