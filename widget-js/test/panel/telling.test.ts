import { expect, it } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import type { Item } from '../../src/client/outbox.ts';
import { newTranscript } from '../../src/client/transcript.ts';
import type { ToLoader } from '../../src/loader/port.ts';
import { newPanel, sightOf } from '../../src/panel/panel.ts';
import { reportOf } from '../../src/panel/report.ts';
import { Telling } from '../../src/panel/telling.ts';
import type { Outcome, Record } from '../../src/protocol/frames.ts';
import { record, said } from '../client/dialogue.ts';

const panel = newPanel({ conversation: 'c' });
const item = (action: Item['action']): Item => ({
  id: { outbox: 'o', ordinal: 1 },
  conversation: 'c',
  action,
  at: 0,
});
const OPENED = item({ open: { body: 'Hello?' } });
const OUTCOME: Outcome = { command: { outbox: 'o', ordinal: 1 }, conversation: 'c', at: 0 };

function telling() {
  const told: ToLoader[] = [];
  const nothing = newClient('shop', 's');
  const one = new Telling(message => told.push(message), reportOf(panel, nothing, sightOf(panel, nothing)));
  const holding = (records: Record[]) => ({
    ...nothing,
    transcripts: new Map([['c', { ...newTranscript('c'), records }]]),
  });
  return { one, told, nothing, holding };
}

const first = [record(1, { opened: { offline: false } }), said(2, 'Hello?')];
const sent = (number: number) => ({ kind: 'event', name: 'message:sent', detail: { number } });

it('the_first_message_is_told_with_its_number_once_it_is_known', () => {
  const { one, told, nothing } = telling();
  one.hear({ kind: 'settled', item: OPENED, outcome: OUTCOME }, panel, nothing);
  expect(told).toEqual([]);
  one.hear({ kind: 'added', conversation: 'c', records: first, live: false }, panel, nothing);
  one.hear({ kind: 'added', conversation: 'c', records: [said(3, 'More')], live: true }, panel, nothing);
  expect(told).toEqual([sent(2)]);
});

it('the_number_may_be_known_before_the_answer', () => {
  const { one, told, holding } = telling();
  one.hear({ kind: 'settled', item: OPENED, outcome: OUTCOME }, panel, holding(first));
  expect(told).toEqual([sent(2)]);
});

it('every_other_message_is_told_with_the_number_of_its_answer', () => {
  const { one, told, nothing } = telling();
  const made = { number: 7, tail: 1, before: 0, message: 'm' };
  const say = item({ say: { body: 'More' } });
  one.hear({ kind: 'settled', item: say, outcome: { ...OUTCOME, made } }, panel, nothing);
  expect(told).toEqual([sent(7)]);
});
