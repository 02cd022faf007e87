import { describe, expect, it } from 'vitest';
import { Dialogue, record, said } from './dialogue.ts';

/** A visitor whose conversation is open, with nothing waiting. */
function open(): Dialogue {
  const client = new Dialogue().connect().command({ open: {} }).ok('a2', 1);
  client.hear({ heads: { heads: [{ conversation: 'c', position: { number: 0, tail: 0 } }] } });
  client.said();
  return client;
}

describe('one message', () => {
  it('hello, ready, open, ok: followed from then on', () => {
    const client = new Dialogue().connect();
    client.command({ open: { body: 'hi' } });
    expect(client.said()).toEqual(['connect 1', '→ hello 1', '→ c a2/1 open hi']);
    client.ok('a2', 1);
    expect(client.said()).toEqual(['→ follow c@0']);
    client.hear({ heads: { heads: [{ conversation: 'c', position: { number: 3, tail: 30 } }] } });
    expect(client.said()).toEqual(['→ fetch c after 0']);
    client.records([
      record(1, { opened: { offline: false } }),
      record(2, { waiting: { cause: 'opened' } }),
      said(3, 'hi'),
    ]);
    expect(client.said()).toEqual(['read 1 2 3']);
    expect(client.transcript).toEqual(['1 (opened)', '2 (waiting)', '3 hi']);
  });

  it('is stored before it is sent', () => {
    const client = new Dialogue().say('hi');
    expect([...client.stored.values()][0]?.items).toMatchObject([
      { id: { ordinal: 1 }, action: { say: { body: 'hi' } } },
    ]);
    expect(client.said()).toEqual([]);
  });

  it('ok of a say stands in place of the event', () => {
    const client = open().say('hi').ok('a2', 2, 1);
    expect(client.transcript).toEqual(['1 hi']);
    client.event(1, 'hi', 'visitor');
    expect(client.transcript).toEqual(['1 hi']);
    client.event(2, 'welcome');
    expect(client.transcript).toEqual(['1 hi', '2 welcome']);
  });

  it('ok that leaves a hole fetches', () => {
    const client = open().say('hi');
    client.said();
    expect(client.ok('a2', 2, 4).said()).toEqual(['→ fetch c after 0']);
  });
});

describe('at most one unanswered', () => {
  it('says wait for the ok of the one before', () => {
    const client = open().say('one').say('two').say('three');
    expect(client.said()).toEqual(['→ c a2/2 say one']);
    expect(client.ok('a2', 2, 1).said()).toEqual(['news 1', '→ c a2/3 say two']);
    expect(client.ok('a2', 3, 2).said()).toEqual(['news 2', '→ c a2/4 say three']);
  });

  it('a final no frees the lane too', () => {
    const client = open().say('one').say('two');
    client.said();
    expect(client.no('a2', 2, 'closed').said()).toEqual(['failed closed say one', '→ c a2/3 say two']);
  });

  it('lanes do not wait for each other', () => {
    const client = open().say('one').say('other', 'd');
    expect(client.said()).toEqual(['→ c a2/2 say one', '→ d a3/1 say other']);
  });

  it('commands without a conversation have a lane of their own', () => {
    const client = open();
    client.tell({ kind: 'command', action: { status: { status: 'away' } } });
    client.tell({ kind: 'command', action: { accepting: { accepting: true } } });
    expect(client.said()).toEqual(['→ - a3/1 status']);
    client.hear({ ok: { command: { outbox: 'a3', ordinal: 1 }, at: 5 } });
    expect(client.said()).toEqual(['→ - a3/2 accepting']);
  });
});

describe('silence and refusals that settle nothing', () => {
  it('5 s without answer: the same command again', () => {
    const client = open().say('hi');
    client.said();
    expect(client.wait(4_999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['→ c a2/2 say hi']);
  });

  it('a new socket: the same command again, at once', () => {
    const client = open().say('hi').close(1006).wait(500);
    client.said();
    client.connect([['c', 0, 0]]);
    expect(client.said()).toEqual(['→ hello 2 c@0', '→ c a2/2 say hi']);
  });

  it('the late first answer and the second make one message', () => {
    const client = open().say('hi').wait(5_000).ok('a2', 2, 1).ok('a2', 2, 1);
    expect(client.transcript).toEqual(['1 hi']);
    expect(
      client
        .wait(60_000)
        .said()
        .filter(line => line.includes('say')),
    ).toHaveLength(2);
  });

  it('busy waits its retry_after_ms, then the same command', () => {
    const client = open().say('hi').say('more');
    client.said();
    client.no('a2', 2, 'busy', { retry_after_ms: 8_000 });
    expect(client.wait(7_999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['→ c a2/2 say hi']);
  });

  it('unavailable without a time backs off with jitter', () => {
    const client = open().say('hi');
    const waits = [1, 2, 4, 8].map(seconds => {
      client.said();
      client.no('a2', 2, 'unavailable').wait(seconds * 1_000 - 1);
      expect(client.said()).toEqual([]);
      return client.wait(1).said();
    });
    expect(waits.flat()).toHaveLength(4);
  });
});

describe('failed and sent again', () => {
  it('a failed message keeps its text and goes under a new ordinal', () => {
    const client = open().say('hi').no('a2', 2, 'closed');
    client.said();
    client.tell({ kind: 'resend', id: { outbox: 'a2', ordinal: 2 }, conversation: 'c' });
    expect(client.said()).toEqual(['→ c a2/3 say hi']);
  });

  it('a discarded one is forgotten', () => {
    const client = open().say('hi').no('a2', 2, 'closed');
    client.tell({ kind: 'discard', id: { outbox: 'a2', ordinal: 2 }, conversation: 'c' });
    expect([...client.stored.values()][0]?.items).toEqual([]);
  });

  it('a refusal that may have left the ordinal free goes on under a new outbox', () => {
    const client = open().say('bad').say('good');
    client.said();
    client.no('a2', 2, 'bad_text');
    expect(client.said()).toEqual(['failed bad_text say bad', '→ c a3/1 say good']);
  });

  it('1009 drops that send and resumes', () => {
    const client = open().say('too long a tale').say('short').close(1009);
    expect(client.said()).toContain('failed too_big say too long a tale');
    client.wait(500).connect([['c', 0, 0]]);
    expect(client.said().at(-1)).toBe('→ c a3/1 say short');
  });
});

describe('1009', () => {
  it('blames what was out, not what waits behind it', () => {
    const client = open().say('out').say('much longer, but never sent').close(1009);
    expect(client.said()).toContain('failed too_big say out');
  });
});

describe('a reload in the middle of a send', () => {
  it('adopts the outbox and sends the same command', () => {
    const before = open().say('hi').say('there');
    const after = before.reload();
    after.tell({ kind: 'follow', conversation: 'c' }).connect([['c', 1, 10]]);
    expect(after.said()).toEqual(['connect 1', '→ hello 1 c@0', '→ fetch c after 0', '→ c a2/2 say hi']);
    after.ok('a2', 2, 1);
    expect(after.said()).toContain('→ c a2/3 say there');
  });

  it('goes on counting where the old page stopped', () => {
    const after = open().say('one').ok('a2', 2, 1).reload().connect().say('two');
    expect(after.said()).toContain('→ c a2/3 say two');
  });

  it('an open that was never sent is sent by the next load, and not followed before', () => {
    const after = new Dialogue().command({ open: { body: 'hi' } }).reload();
    after.tell({ kind: 'follow', conversation: 'c' }).connect();
    expect(after.said()).toEqual(['connect 1', '→ hello 1', '→ c a2/1 open hi']);
    expect(after.state.transcripts.has('c')).toBe(true);
  });
});

describe('two tabs', () => {
  it('each has its own outbox, and both end with the same transcript', () => {
    const left = open();
    const right = new Dialogue('b').tell({ kind: 'follow', conversation: 'c' }).connect([['c', 0, 0]]);
    left.say('left').ok('a2', 2, 1).event(2, 'right', 'visitor');
    right.say('right').event(1, 'left', 'visitor').ok('b2', 1, 2);
    expect(left.transcript).toEqual(['1 left', '2 right']);
    expect(right.transcript).toEqual(left.transcript);
    expect([...left.stored.keys()]).not.toEqual([...right.stored.keys()]);
  });

  it('the tab that stays sends what the closed one left, and keeps its own outbox for the rest', () => {
    const closed = open().say('left behind');
    const stays = new Dialogue('b')
      .tell({ kind: 'follow', conversation: 'c' })
      .say('mine')
      .connect([['c', 0, 0]]);
    stays.said();
    for (const queue of closed.stored.values()) stays.tell({ kind: 'adopt', queue });
    expect(stays.said()).toEqual(['→ c a2/2 say left behind']);
    stays.ok('a2', 2, 1).say('more');
    expect([...stays.stored.keys()]).toEqual(['b1']);
    expect(stays.ok('b2', 1, 2).said().at(-1)).toBe('→ c b2/2 say more');
  });
});

describe('conflict and out of order', () => {
  it('reads again, finds its own command, and sends only what is missing, under a new outbox', () => {
    const client = open().say('one').say('two').say('three');
    client.said();
    client.no('a2', 2, 'out_of_order');
    expect(client.said()).toEqual(['forgotten', '→ fetch c after 0']);
    expect(client.wait(9_000).said()).toEqual([]);
    client.records([
      said(1, 'one', 'visitor', { outbox: 'a2', ordinal: 2 }),
      said(2, 'two', 'visitor', { outbox: 'a2', ordinal: 3 }),
    ]);
    expect(client.said()).toEqual(['read 1 2', '→ c a3/1 say three']);
    expect([...client.stored.values()][0]?.items).toHaveLength(1);
  });

  it('another content under the same id is not taken for one of its own', () => {
    const client = open().say('mine').no('a2', 2, 'conflict');
    client.said();
    client.records([said(1, 'from a copied tab', 'visitor', { outbox: 'a2', ordinal: 2 })]);
    expect(client.said()).toEqual(['read 1', '→ c a3/1 say mine']);
  });

  it('a socket lost meanwhile only delays it', () => {
    const client = open().say('one').no('a2', 2, 'conflict').close(1006).wait(500);
    client.said();
    client.connect([['c', 1, 10]]);
    expect(client.said()).toEqual(['→ hello 2 c@0', '→ fetch c after 0']);
    client.records([said(1, 'one', 'visitor', { outbox: 'a2', ordinal: 2 })]);
    expect(client.wait(20_000).said()).toEqual(['read 1']);
  });

  it('an agent without a lane goes on under a new outbox', () => {
    const client = new Dialogue().connect();
    client.tell({ kind: 'command', action: { status: { status: 'away' } } });
    client.said();
    client.hear({
      no: { code: 'conflict', retryable: false, message: '', command: { outbox: 'a2', ordinal: 1 } },
    });
    expect(client.said()).toEqual(['→ - a3/1 status']);
  });
});

describe('already open', () => {
  it('follows the open one and moves what waits there', () => {
    const client = new Dialogue()
      .connect()
      .command({ open: { body: 'hello' } })
      .say('anyone?');
    client.said();
    client.no('a2', 1, 'already_open', { conversation: 'other' });
    expect(client.said()).toEqual([
      '→ unfollow',
      '→ follow other@0',
      'moved c to other',
      '→ other a3/1 say hello',
    ]);
    client.ok('a3', 1, 5, 'other');
    expect(client.said()).toContain('→ other a3/2 say anyone?');
    expect(client.state.transcripts.has('c')).toBe(false);
  });

  it('takes the next ordinals of the lane it moves to', () => {
    const client = open().command({ open: { body: 'again' } }, 'd');
    client.said();
    client.hear({
      no: {
        code: 'already_open',
        retryable: false,
        message: '',
        command: { outbox: 'a3', ordinal: 1 },
        conversation: 'c',
      },
    });
    expect(client.said()).toContain('→ c a2/2 say again');
  });
});

describe('what is not known yet', () => {
  const elsewhere = { conversation: 'other' };
  /** What was to open a conversation has moved to the open one, and the ok of it came before the answer to follow. */
  function outrun(): Dialogue {
    const client = new Dialogue()
      .connect()
      .command({ open: { body: 'hello' } })
      .say('anyone?');
    client.no('a2', 1, 'already_open', elsewhere);
    client.said();
    client.ok('a3', 1, 5, 'other');
    expect(client.said()).toEqual(['→ fetch other after 0', '→ other a3/2 say anyone?']);
    return client;
  }

  it('is asked again later, and nothing that waits there is given up', () => {
    for (const code of ['busy', 'unavailable'] as const) {
      const client = outrun();
      client.hear({ no: { code, retryable: true, message: '', retry_after_ms: 500, ...elsewhere } });
      expect(client.said()).toEqual([]);
      expect(client.wait(500).said()).toEqual(['→ fetch other after 0']);
      expect([...client.stored.values()][0]?.items).toMatchObject([{ action: { say: { body: 'anyone?' } } }]);
    }
  });

  it('says of what is being opened that nobody types', () => {
    const client = new Dialogue().connect().command({ open: { body: 'hi' } });
    client.said();
    client.tell({ kind: 'typing', conversation: 'c', stream: 'public' });
    expect(client.said()).toEqual([]);
    client.ok('a2', 1);
    client.said();
    client.tell({ kind: 'typing', conversation: 'c', stream: 'public' });
    expect(client.said()).toEqual(['→ typing']);
  });

  it('follows again what a refusal without a name may have been about', () => {
    const client = open();
    client.hear({ no: { code: 'rate_limited', retryable: true, message: '', retry_after_ms: 1_000 } });
    expect(client.wait(999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['→ follow c@0']);
    expect(client.wait(5_000).said()).toEqual([]);
    client.hear({ no: { code: 'rate_limited', retryable: true, message: '', retry_after_ms: 1_000 } });
    client.close(1006).wait(1_000);
    client.connect([['c', 0, 0]]).said();
    expect(client.wait(5_000).said()).toEqual([]);
  });
});

describe('gone', () => {
  it('leaves no timer behind that never ends', () => {
    const client = open().say('hi').no('a2', 2, 'busy', { retry_after_ms: 8_000 });
    client.hear({ no: { code: 'not_found', retryable: false, message: '', conversation: 'c' } });
    client.wait(30_000);
    expect(client.said()).toContain('gone c');
  });

  it('a conversation that ready does not name is gone, with what waited in it', () => {
    const client = open().say('hi').close(1006).wait(500);
    client.said();
    client.connect([]);
    expect(client.said()).toEqual(['→ hello 2 c@0', 'gone c']);
    expect([...client.stored.values()][0]?.items).toEqual([]);
  });
});
