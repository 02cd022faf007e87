// What a page must never do, noticed wherever it happens: break a policy, throw, or open a dialog.

import type { BrowserContext, Page } from 'playwright-core';
import { listen } from './evidence.ts';

const POLICY = /Content Security Policy|Trusted ?(Types?|HTML|Script)|violates the following/i;

export class Faults {
  private readonly found: string[] = [];

  /** Watches every page of a context, those to come too. */
  watch(context: BrowserContext): void {
    context.on('page', page => this.watchPage(page));
    for (const page of context.pages()) this.watchPage(page);
  }

  /** What was found since the last time. */
  take(): string[] {
    return this.found.splice(0);
  }

  peek(): readonly string[] {
    return this.found;
  }

  private watchPage(page: Page): void {
    listen(page);
    page.on('pageerror', error => this.found.push(`error: ${error.message}`));
    page.on('console', message => {
      if (POLICY.test(message.text())) this.found.push(message.text());
    });
    page.on('dialog', dialog => {
      this.found.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }
}
