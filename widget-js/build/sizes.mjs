// The size gate: what a visitor's page pays, gzipped. Over budget exits with 1.

import { readFile } from 'node:fs/promises';

const BUDGETS = [
  { name: 'loader', max: 4_096, counts: path => path === 'loader.js' },
  { name: 'panel', max: 30_720, counts: path => /^panel\/.*\.(js|css)$/.test(path) },
];

const { files } = JSON.parse(await readFile(new URL('../dist/manifest.json', import.meta.url), 'utf8'));
let isOver = false;
for (const { name, max, counts } of BUDGETS) {
  const bytes = files.filter(({ path }) => counts(path)).reduce((sum, { gzip }) => sum + gzip, 0);
  isOver ||= bytes === 0 || bytes > max;
  process.stdout.write(`${name}: ${bytes} of ${max} bytes gzip${bytes > max ? ', over budget' : ''}\n`);
}
process.exit(isOver ? 1 : 0);
