// Builds the console into a folder of its own and opens it in Debian's Chromium.

import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';

const CHROMIUM = '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const hasChromium = existsSync(CHROMIUM);

export interface Built {
  readonly dist: string;
  remove(): Promise<void>;
}

export async function buildConsole(): Promise<Built> {
  const dist = await mkdtemp(join(tmpdir(), 'halloo-console-'));
  const root = fileURLToPath(new URL('../../../src/console', import.meta.url));
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    mode: 'production',
    root,
    base: '/console/',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      target: 'es2022',
      outDir: dist,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: join(root, 'console.html') },
    },
  });
  await rename(join(dist, 'console.html'), join(dist, 'index.html'));
  return { dist, remove: () => rm(dist, { recursive: true, force: true }) };
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: QUIET });
}
