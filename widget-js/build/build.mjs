// Builds dist/: the loader as one script, panel and console as documents with hashed assets, and a manifest.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** Where the gateway serves each document's assets. */
const BASES = { panel: '/v1/panel/', console: '/console/' };

const shared = {
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};

/** Names on the command line build only those. */
const wanted = process.argv.slice(2);
const isWanted = name => wanted.length === 0 || wanted.includes(name);

if (wanted.length === 0) await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
if (isWanted('loader')) await buildLoader();
for (const name of Object.keys(BASES)) {
  if (!isWanted(name)) continue;
  if (existsSync(join(root, 'src', name, `${name}.html`))) await buildDocument(name);
  else process.stderr.write(`no src/${name}/${name}.html: built without it\n`);
}
await writeFile(join(dist, 'manifest.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);

async function buildLoader() {
  await build({
    ...shared,
    root,
    build: {
      target: 'es2020',
      outDir: dist,
      emptyOutDir: false,
      reportCompressedSize: false,
      lib: {
        entry: join(root, 'src/loader/loader.ts'),
        formats: ['iife'],
        name: 'halloo_loader',
        fileName: () => 'loader.js',
      },
    },
  });
}

async function buildDocument(name) {
  await build({
    ...shared,
    root: join(root, 'src', name),
    base: BASES[name],
    build: {
      target: 'es2022',
      outDir: join(dist, name),
      emptyOutDir: true,
      reportCompressedSize: false,
      // A data: address would need more than the policy's 'self'.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: join(root, 'src', name, `${name}.html`) },
    },
  });
  await rename(join(dist, name, `${name}.html`), join(dist, name, 'index.html'));
}

/** Every file with what a server wants to know of it. Hashed files never change and may be kept for good. */
async function manifest() {
  const files = [];
  for (const path of await walk(dist)) {
    const bytes = await readFile(path);
    files.push({
      path: relative(dist, path),
      bytes: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      sha384: createHash('sha384').update(bytes).digest('base64'),
      immutable: /\/assets\/.+-[\w-]{8,}\.\w+$/.test(path),
    });
  }
  return { bases: BASES, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function walk(folder) {
  const paths = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) paths.push(...(await walk(path)));
    else paths.push(path);
  }
  return paths;
}
