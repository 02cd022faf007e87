// One Chromium; every person has a context, and so cookies and storage, of their own.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Chromium {
  private constructor(
    private readonly own: BrowserContext,
    private readonly browser: Browser,
    private readonly profile: string,
  ) {}

  /** Frames of other sites keep storage, partitioned, as in most browsers; Debian's denies it by default. */
  static async launch(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'halloo-chromium-'));
    mkdirSync(join(profile, 'Default'));
    const cookies = { block_third_party_cookies: false, cookie_controls_mode: 0 };
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: cookies }));
    const own = await chromium.launchPersistentContext(profile, {
      executablePath: '/usr/bin/chromium',
      args: FLAGS,
    });
    const browser = own.browser();
    if (browser === null) throw new Error('a browser without a handle');
    return new Chromium(own, browser, profile);
  }

  context(options: BrowserContextOptions): Promise<BrowserContext> {
    return this.browser.newContext({ locale: 'en-GB', ...options });
  }

  async close(): Promise<void> {
    await this.own.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}
