// An agent at the console: signed in by a one-time link, and what agents do there.

import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export class Agent {
  private constructor(
    readonly page: Page,
    readonly name: string,
  ) {}

  static async signIn(context: BrowserContext, link: string, name: string): Promise<Agent> {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const agent = new Agent(page, name);
    await page.goto(link);
    await agent.isConnected();
    return agent;
  }

  /** Somebody who signed in otherwise. */
  static async at(page: Page, name: string): Promise<Agent> {
    const agent = new Agent(page, name);
    await agent.isConnected();
    return agent;
  }

  async isConnected(): Promise<void> {
    await this.page.locator('.link-state[title="Connected"]').waitFor({ state: 'attached' });
    await this.page.getByLabel('Your status').waitFor();
  }

  async setStatus(status: 'online' | 'away' | 'offline'): Promise<void> {
    await this.page.getByLabel('Your status').selectOption(status);
    await this.page.locator(`.top label .dot.${status}`).waitFor();
  }

  /** The console is shut, as with the lid of a laptop; what keeps the agent signed in stays. */
  async shutLaptop(): Promise<void> {
    await this.page.close();
  }

  /** The same person at the same browser: no need to sign in. */
  async openLaptop(): Promise<Agent> {
    return Agent.signIn(this.page.context(), new URL('/console', this.page.url()).href, this.name);
  }

  /** A row of the list in front. */
  row(name: string | RegExp): Locator {
    return this.page.locator('.lists [role="option"]', { hasText: name });
  }

  async showList(name: 'Mine' | 'Line' | 'All' | 'Closed'): Promise<void> {
    await this.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  }

  async openChat(name: string | RegExp): Promise<void> {
    await this.row(name).first().click();
    await this.page.locator('.chat-head h2', { hasText: name }).waitFor();
  }

  get composer(): Locator {
    return this.page.locator('[data-hook="composer"]');
  }

  message(text: string): Locator {
    return this.page.locator('.chat:not([aria-label="Earlier conversation"]) .message', {
      has: this.page.locator('.bubble').getByText(text, { exact: true }),
    });
  }

  async reads(text: string): Promise<void> {
    await this.message(text).waitFor();
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Writes, and waits until it is told that it is stored. */
  async say(text: string): Promise<void> {
    await this.write(text);
    await this.message(text).waitFor();
    await this.page.locator('.message.on-its-way').waitFor({ state: 'detached' });
  }

  async note(text: string): Promise<void> {
    await this.page.getByLabel('Note', { exact: true }).check();
    await this.say(text);
    await this.page.getByLabel('Reply', { exact: true }).check();
  }

  /** Makes the chat in front one's own. */
  async take(how: 'Take' | 'Take over' = 'Take'): Promise<void> {
    await this.page.getByRole('button', { name: how, exact: true }).click();
    await this.page.getByText(`Assigned to ${this.name}, who took it`).waitFor();
  }

  async transfer(to: string, word: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Transfer' }).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.locator('label:not(:has(:disabled))', { hasText: to }).click();
    await dialog.getByLabel(/A word/).fill(word);
    await dialog.getByRole('button', { name: 'Transfer' }).click();
    await this.page.getByText(`${this.name} transferred this to ${to}`).waitFor();
  }

  async close(reason = 'Solved'): Promise<void> {
    await this.page.getByRole('button', { name: 'Close this chat' }).click();
    await this.page.getByRole('menuitem', { name: reason, exact: true }).click();
    await this.page.getByText(`Closed by ${this.name} · ${reason}`).waitFor();
  }

  /** Bubbles of replies, not of notes. */
  bubbles(): Promise<string[]> {
    return this.page.locator('.message:not(.note) .bubble').allTextContents();
  }

  /** Waits until exactly these messages stand there, in this order. */
  async hasStory(...story: string[]): Promise<void> {
    await expect.poll(() => this.bubbles()).toEqual(story);
  }
}
