// How a state looks: what axe finds in it, light and dark, and its pictures where they are asked for.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Frame, Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../../../target/pictures/', import.meta.url));
const NARROW = { width: 360, height: 740 };

interface Axe {
  run(context: Document, options: object): Promise<{ violations: Violation[] }>;
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Looks at a frame of a page in both schemes, and tells what axe finds grave, with the element. */
export async function look(name: string, page: Page, frame: Frame = page.mainFrame()): Promise<string[]> {
  const found: string[] = [];
  await frame.evaluate(axe.source);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const { id, impact, nodes } of await violations(frame)) {
      if (impact === 'serious' || impact === 'critical') found.push(`${scheme} ${id}: ${nodes[0]?.html}`);
    }
    await picture(`${name}-${scheme}`, page);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (process.env.PICTURES) await narrow(name, page);
  return found;
}

async function violations(frame: Frame): Promise<Violation[]> {
  const { violations } = await frame.evaluate(() =>
    (window as unknown as { axe: Axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations;
}

async function narrow(name: string, page: Page): Promise<void> {
  const wide = page.viewportSize();
  await page.setViewportSize(NARROW);
  await picture(`${name}-narrow`, page);
  if (wide !== null) await page.setViewportSize(wide);
}

async function picture(name: string, page: Page): Promise<void> {
  if (!process.env.PICTURES) return;
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}
