import { describe, expect, it } from 'vitest';
import { Dialogue } from './dialogue.ts';

describe('greeting', () => {
  it('hello goes first and carries token, generation and positions', () => {
    const client = new Dialogue();
    client.tell({ kind: 'follow', conversation: 'c' }).tell({ kind: 'start' });
    client.tell({ kind: 'opened', credential: { token: 't1' } });
    expect(client.said()).toEqual(['connect 1', '→ hello 1 token t1 c@0']);
    expect(client.phase).toBe('greeting');
  });

  it('the token of ready is kept', () => {
    const client = new Dialogue().tell({ kind: 'start' }).tell({ kind: 'opened', credential: {} });
    const limits = { body_bytes_max: 1, frame_bytes_max: 1, silence_ms_max: 40_000 };
    client.hear({ ready: { protocol: 1, site: 'Demo', limits, visitor: { id: 'v', token: 't2' } } });
    expect(client.said()).toContain('token t2');
    expect(client.phase).toBe('ready');
  });

  it('nothing but hello is said before ready', () => {
    const client = new Dialogue().tell({ kind: 'start' }).tell({ kind: 'opened', credential: {} });
    client.say('hi').tell({ kind: 'typing', conversation: 'c', stream: 'public' });
    expect(client.said()).toEqual(['connect 1', '→ hello 1']);
  });

  it('a socket that never opens is given up after 10 s', () => {
    const client = new Dialogue().tell({ kind: 'start' }).wait(10_000);
    expect(client.said()).toEqual(['connect 1', 'disconnect']);
    expect(client.phase).toBe('waiting');
  });

  it('a hello without ready is given up after 10 s', () => {
    const client = new Dialogue()
      .tell({ kind: 'start' })
      .tell({ kind: 'opened', credential: {} })
      .wait(10_000);
    expect(client.said().at(-1)).toBe('disconnect');
  });
});

describe('heartbeat', () => {
  it('ping is answered on receipt', () => {
    const client = new Dialogue().connect();
    client.said();
    expect(client.hear({ ping: {} }).said()).toEqual(['→ pong']);
  });

  it('40 s of silence close and resume', () => {
    const client = new Dialogue().connect();
    client.said();
    client.wait(39_999);
    expect(client.said()).toEqual([]);
    client.wait(1);
    expect(client.said()).toEqual(['disconnect']);
    client.wait(500);
    expect(client.said()).toEqual(['connect 2']);
  });

  it('any frame counts as heard', () => {
    const client = new Dialogue()
      .connect()
      .wait(30_000)
      .hear({ availability: { online: true, waiting: 0 } })
      .wait(30_000);
    expect(client.phase).toBe('ready');
  });
});

describe('back-off', () => {
  it('is full jitter up to 30 s', () => {
    const client = new Dialogue().tell({ kind: 'start' });
    const delays = [1, 2, 4, 8, 16, 30, 30].map(seconds => {
      client.said();
      client.close(1006);
      client.wait(seconds * 500 - 1);
      expect(client.said()).toEqual([]);
      client.wait(1);
      return client.said().length;
    });
    expect(delays).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('with no luck at all it comes back at once, and never below', () => {
    const client = new Dialogue().tell({ kind: 'start' });
    client.chance = 0;
    client.close(1006).wait(0);
    expect(client.said()).toEqual(['connect 1', 'connect 2']);
  });

  it('n returns to 0 after 60 s of stability, not before', () => {
    const client = new Dialogue().tell({ kind: 'start' });
    for (let n = 0; n < 5; n++) client.redial();
    client.connect();
    expect(client.state.connection.tries).toBe(5);
    for (const ms of [30_000, 29_999]) client.wait(ms).hear({ ping: {} });
    expect(client.state.connection.tries).toBe(5);
    client.wait(1);
    expect(client.state.connection.tries).toBe(0);
  });

  it('online or visible tries at once when the last try is over 5 s old', () => {
    const client = new Dialogue().tell({ kind: 'start' });
    for (let n = 0; n < 5; n++) client.redial();
    client.close(1006);
    client.said();
    client.tell({ kind: 'online' });
    expect(client.said()).toEqual([]);
    client.wait(5_001).tell({ kind: 'online' });
    expect(client.said()).toEqual(['connect 7']);
  });

  it('the generation counts up before each attempt', () => {
    const client = new Dialogue().tell({ kind: 'start' });
    for (let n = 0; n < 3; n++) client.redial();
    expect(client.said()).toEqual(['connect 1', 'connect 2', 'connect 3', 'connect 4']);
  });
});

describe('close codes', () => {
  const resumes = [1005, 1006, 1009, 1011, 1012, 1013, 4408, 4413, 4503, 4999];
  it.each(resumes)('%i resumes with back-off', code => {
    const client = new Dialogue().connect().close(code);
    expect(client.phase).toBe('waiting');
    client.said();
    expect(client.wait(500).said()).toEqual(['connect 2']);
  });

  it.each([1012, 1013, 4503])('%i overrides the back-off with retry_after_ms', code => {
    const client = new Dialogue().connect().close(code, '{"retry_after_ms":12000}');
    client.said();
    expect(client.wait(11_999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['connect 2']);
  });

  it.each(['{', '{"retry_after_ms":"x"}', '{"retry_after_ms":-1}', 'restart', '{"retry_after_ms":1e999}'])(
    'a reason that says nothing useful, %s, leaves the back-off',
    reason => {
      const client = new Dialogue().connect().close(1012, reason);
      client.said();
      expect(client.wait(500).said()).toEqual(['connect 2']);
    },
  );

  it.each([
    [1000, 'ended'],
    [1001, 'ended'],
    [1002, 'fault'],
    [1003, 'fault'],
    [1007, 'fault'],
    [4400, 'fault'],
    [4403, 'forbidden'],
    [4404, 'unknown_site'],
    [4409, 'superseded'],
  ])('%i stops: %s', (code, why) => {
    const client = new Dialogue().connect().close(code);
    client.said();
    expect(client.phase).toBe(`stopped: ${why}`);
    expect(client.wait(600_000).tell({ kind: 'online' }).said()).toEqual([]);
    expect(client.tell({ kind: 'retry' }).said()).toEqual(['connect 2']);
  });

  it('4401 renews once, then stops', () => {
    const client = new Dialogue().connect();
    client.said();
    expect(client.close(4401).wait(0).said()).toEqual(['connect 2 renewed']);
    expect(client.tell({ kind: 'opened', credential: {} }).close(4401).phase).toBe('stopped: sign_in');
  });

  it('4401 may renew again after a ready', () => {
    const client = new Dialogue().connect().close(4401).wait(0).connect();
    client.said();
    expect(client.close(4401).wait(0).said()).toEqual(['connect 3 renewed']);
  });

  it('4410 wipes what is kept, then stops', () => {
    const client = new Dialogue().connect().say('hi').close(4410);
    expect(client.said()).toEqual(expect.arrayContaining(['wipe', 'wiped']));
    expect(client.phase).toBe('stopped: erased');
    expect(client.state.transcripts.size).toBe(0);
    expect(client.state.outbox.queues).toEqual([]);
  });

  it('4426 reloads once', () => {
    expect(new Dialogue().connect().close(4426).said()).toContain('reload');
    const reloaded = new Dialogue('b', true)
      .tell({ kind: 'start' })
      .tell({ kind: 'opened', credential: {} })
      .close(4426);
    expect(reloaded.said()).not.toContain('reload');
    expect(reloaded.phase).toBe('stopped: too_old');
  });

  it('4429 waits at least 30 s', () => {
    const client = new Dialogue().connect().close(4429, '{"retry_after_ms":1000}');
    client.said();
    expect(client.wait(29_999).said()).toEqual([]);
    expect(client.wait(1).said()).toEqual(['connect 2']);
  });
});

describe('back-forward cache', () => {
  it('pause closes the socket, start resumes from where it stood', () => {
    const client = new Dialogue()
      .tell({ kind: 'follow', conversation: 'c' })
      .connect([['c', 0, 0]])
      .event(1, 'hello');
    client.said();
    client.tell({ kind: 'pause' });
    expect(client.said()).toEqual(['disconnect']);
    expect(client.wait(600_000).said()).toEqual([]);
    client.tell({ kind: 'start' }).tell({ kind: 'opened', credential: {} });
    expect(client.said()).toEqual(['connect 2', '→ hello 2 c@1']);
  });
});
