// The golden files as this side reads them: the generated types take each of them, and so does the client.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Down } from '../../src/protocol/frames.ts';
import { Dialogue } from '../client/dialogue.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, '../../../protocol/golden/v1');
const golden = new Map(
  readdirSync(folder).map(file => [
    basename(file, '.json'),
    JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown,
  ]),
);

const named = (...beginnings: string[]): [string, unknown][] =>
  [...golden].filter(([name]) => beginnings.some(each => name.startsWith(`${each}-`)));

type Shown = readonly [name: string, type: 'Up' | 'Down', frame: unknown];

/** What the compiler says of frames as the generated types see them; nothing when it takes all. */
function complaints(frames: readonly Shown[]): string[] {
  const scratch = mkdtempSync(join(here, '.golden-'));
  try {
    const lines = frames.map(
      ([name, type, frame], index) =>
        `export const f${index}: ${type} = ${JSON.stringify(frame)}; // ${name}`,
    );
    const source = ["import type { Down, Up } from '../../../src/protocol/frames.ts';", ...lines].join('\n');
    writeFileSync(join(scratch, 'frames.ts'), source);
    const config = { extends: '../../../tsconfig.json', include: ['frames.ts'] };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(here, '../../node_modules/.bin/tsc');
    execFileSync(tsc, ['--project', scratch, '--pretty', 'false'], { stdio: 'pipe' });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: Buffer };
    if (stdout === undefined) throw error;
    const faults = [...stdout.toString().matchAll(/frames\.ts\((\d+),/g)];
    return [...new Set(faults.map(([, line]) => frames[Number(line) - 2]?.[0] ?? stdout.toString()))];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

it('the_generated_types_take_every_golden_frame_and_no_other', () => {
  const up = named('up', 'action').map(([name, frame]): Shown => [name, 'Up', frame]);
  const down = named('down', 'record', 'refusal').map(([name, frame]): Shown => [name, 'Down', frame]);
  expect(up.length).toBeGreaterThanOrEqual(20);
  expect(down.length).toBeGreaterThanOrEqual(40);
  expect(complaints([...up, ...down])).toEqual([]);
  const wrong: Shown[] = [
    ['a number as text', 'Down', { heads: { heads: [{ conversation: 'c', number: '1', tail: 2 }] } }],
    ['a code nobody knows', 'Down', { no: { code: 'odd', retryable: false, message: '' } }],
    ['a field missing', 'Up', { command: { id: { outbox: 'x' }, action: { say: { body: '' } } } }],
  ];
  expect(complaints(wrong)).toEqual(wrong.map(([name]) => name));
}, 60_000);

it('the_client_takes_every_golden_frame_and_passes_over_what_is_newer', () => {
  const sent = named('newer').map(([name, file]) => [name, (file as { sent: unknown }).sent] as const);
  const isDown = (name: string) => !/^newer-(up|action)/.test(name);
  const frames = [...named('down', 'record', 'refusal'), ...sent.filter(([name]) => isDown(name))];
  for (const [name, frame] of frames) {
    const client = new Dialogue().connect();
    client.hear(frame as Down);
    expect(client.phase, name).toBe('ready');
  }
});

it('each_golden_close_makes_the_client_do_what_the_contract_says', () => {
  const done = named('close').map(([name, file]) => {
    const { code, reason } = file as { code: number; reason: string };
    const client = new Dialogue().connect();
    client.tell({ kind: 'closed', code, reason });
    return [name.slice('close-'.length), client.phase];
  });
  expect(Object.fromEntries(done)).toMatchInlineSnapshot(`
    {
      "1000": "stopped: ended",
      "1001": "stopped: ended",
      "1002": "stopped: fault",
      "1003": "stopped: fault",
      "1007": "stopped: fault",
      "1009": "waiting",
      "1011": "waiting",
      "1012": "waiting",
      "1013": "waiting",
      "4400": "stopped: fault",
      "4401": "waiting",
      "4403": "stopped: forbidden",
      "4404": "stopped: unknown_site",
      "4408": "waiting",
      "4409": "stopped: superseded",
      "4410": "stopped: erased",
      "4413": "waiting",
      "4426": "stopped: too_old",
      "4429": "waiting",
      "4503": "waiting",
    }
  `);
});
