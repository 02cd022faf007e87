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

/**
 * Looks at a frame of a page in both schemes and on a phone, and tells what is wrong, with the element:
 * what axe finds grave, and what stands outside of a narrow screen.
 */
export async function look(name: string, page: Page, frame: Frame = page.mainFrame()): Promise<string[]> {
  const found: string[] = [];
  const note = async (how: string): Promise<void> => {
    found.push(...(await graveIn(frame)).map(what => `${how} ${what}`));
    await picture(`${name}-${how}`, page);
  };
  await frame.evaluate(axe.source);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await note(scheme);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const wide = page.viewportSize();
  await page.setViewportSize(NARROW);
  await note('narrow');
  found.push(...(await outside(frame)).map(what => `narrow outside: ${what}`));
  if (wide !== null) await page.setViewportSize(wide);
  return found;
}

/** Fields and buttons that stand outside of a narrow screen; only a row of links may scroll sideways. */
function outside(frame: Frame): Promise<string[]> {
  return frame.evaluate(() =>
    [...document.querySelectorAll('button, input, select, textarea')]
      .filter(each => each.checkVisibility() && each.closest('nav') === null)
      .filter(each => each.getBoundingClientRect().right > innerWidth)
      .map(each => each.outerHTML.slice(0, 200)),
  );
}

async function graveIn(frame: Frame): Promise<string[]> {
  return (await violations(frame))
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

async function violations(frame: Frame): Promise<Violation[]> {
  const { violations } = await frame.evaluate(() =>
    (window as unknown as { axe: Axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations;
}

async function picture(name: string, page: Page): Promise<void> {
  if (!process.env.PICTURES) return;
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}
