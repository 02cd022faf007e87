// What a failed test leaves behind: how each page looked, what the sockets said, and the gateway's log.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../../../target/browser/', import.meta.url));

const spoken = new WeakMap<Page, string[]>();

/** Notes both directions of every socket of a page, with the time. */
export function listen(page: Page): void {
  const lines: string[] = [];
  spoken.set(page, lines);
  const note = (what: string): unknown => lines.push(`${new Date().toISOString()} ${what}`);
  page.on('websocket', socket => {
    note(`open ${socket.url()}`);
    socket.on('framesent', ({ payload }) => note(`→ ${payload}`));
    socket.on('framereceived', ({ payload }) => note(`← ${payload}`));
    socket.on('close', () => note('close'));
  });
}

/** All that the gateway told a page by its sockets. */
export function toldTo(page: Page): string {
  return (spoken.get(page) ?? []).filter(line => line.includes(' ← ')).join('\n');
}

export async function keepEvidence(
  test: string,
  contexts: readonly BrowserContext[],
  log: string,
): Promise<void> {
  const folder = join(FOLDER, test.replace(/\W+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'gateway.log'), log);
  for (const [index, page] of contexts.flatMap(each => each.pages()).entries()) {
    writeFileSync(join(folder, `${index}.frames`), (spoken.get(page) ?? []).join('\n'));
    // A page that does not answer any more has no picture.
    await page.screenshot({ path: join(folder, `${index}.png`), timeout: 5_000 }).catch(() => undefined);
  }
}
