// A visitor with a browser: a page of the website, the panel on it, and what people do there.

import type { BrowserContext, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export class Visitor {
  readonly panel: FrameLocator;
  private constructor(readonly page: Page) {
    this.panel = page.frameLocator('halloo-chat iframe');
  }

  static async arrive(context: BrowserContext, url: string): Promise<Visitor> {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const visitor = new Visitor(page);
    await page.goto(url);
    return visitor;
  }

  /** Another tab of the same browser. */
  openTab(): Promise<Visitor> {
    return Visitor.arrive(this.page.context(), this.page.url());
  }

  get launcher(): Locator {
    return this.page.locator('halloo-chat button');
  }

  /** Where the loader speaks while there is no panel. */
  get notice(): Locator {
    return this.page.locator('halloo-chat [role="status"]');
  }

  /** Whether the frame stands there and shows what is in it. */
  isPanelSeen(): Promise<boolean> {
    return this.page
      .locator('halloo-chat iframe')
      .evaluate(frame => frame.checkVisibility({ opacityProperty: true }));
  }

  get field(): Locator {
    return this.panel.getByLabel('Message', { exact: true });
  }

  async open(): Promise<void> {
    await this.launcher.click();
    await this.panel.locator('.app').waitFor();
  }

  /** Opens the panel and writes the first words. */
  async start(text: string, name?: string): Promise<void> {
    await this.open();
    const button = this.panel.getByRole('button', { name: 'Start chat' });
    await button.waitFor();
    if (name !== undefined) await this.panel.getByLabel('Your name').fill(name);
    await this.field.fill(text);
    await button.click();
  }

  async write(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** Writes, and waits until it is told that it is stored. */
  async say(text: string): Promise<void> {
    await this.write(text);
    await this.isStored(text);
  }

  async isStored(text: string): Promise<void> {
    await this.message(text)
      .getByText(/^(Sent|Seen)$/)
      .waitFor();
  }

  message(text: string): Locator {
    return this.panel.locator('.message', {
      has: this.panel.locator('.bubble').getByText(text, { exact: true }),
    });
  }

  async reads(text: string): Promise<void> {
    await this.message(text).waitFor();
  }

  /** Who serves, as the head of the panel names them. */
  async isServedBy(name: string): Promise<void> {
    await this.panel.getByRole('heading', { name, exact: true }).waitFor();
  }

  bubbles(): Promise<string[]> {
    return this.panel.locator('.bubble').allTextContents();
  }

  /** Waits until exactly these messages stand there, in this order. */
  async hasStory(...story: string[]): Promise<void> {
    await expect.poll(() => this.bubbles()).toEqual(story);
  }

  frame(): Frame {
    const frame = this.page.frames().find(each => /\/(v1\/panel|talk)\//.test(each.url()));
    if (frame === undefined) throw new Error('no panel');
    return frame;
  }
}

/** Types on until the other side is told: a page says so every two seconds at most. */
export async function typeUntil(field: Locator, shown: Locator): Promise<void> {
  await expect
    .poll(async () => {
      await field.press('h');
      return shown.isVisible();
    })
    .toBe(true);
}
