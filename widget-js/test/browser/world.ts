// A browser, a pretended gateway and a host page, for one test.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type FrameLocator, type Page } from 'playwright-core';
import { FakeGateway, hostPage } from './gateway.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface World {
  gateway: FakeGateway;
  gatewayUrl: string;
  hostUrl: string;
  context: BrowserContext;
  page: Page;
  panel: FrameLocator;
  /** Console errors and policy violations of every page. */
  faults: string[];
  newTab(): Promise<Page>;
  end(): Promise<void>;
}

export interface WorldOptions {
  body?: (gatewayUrl: string) => string;
  width?: number;
  height?: number;
  dark?: boolean;
  locale?: string;
  /** Whether the browser denies storage to frames of another site, as Debian's does by default. */
  blocksStorage?: boolean;
}

export async function world(options: WorldOptions = {}): Promise<World> {
  const gateway = new FakeGateway();
  const gatewayUrl = await gateway.listen();
  const tag = `<script async src="${gatewayUrl}/v1/loader.js" data-site="demo"></script>`;
  const html = `<!doctype html><html lang="en"><head><title>Shop</title>${options.body?.(gatewayUrl) ?? tag}</head>
    <body><h1>Northwind Tea</h1><p>Leaves from small gardens.</p></body></html>`;
  const host = await hostPage(
    html,
    `default-src 'none'; script-src ${gatewayUrl} 'nonce-n'; frame-src ${gatewayUrl}`,
  );
  const profile = mkdtempSync(join(tmpdir(), 'halloo-browser-'));
  mkdirSync(join(profile, 'Default'));
  const cookies = {
    block_third_party_cookies: options.blocksStorage ?? false,
    cookie_controls_mode: options.blocksStorage ? 1 : 0,
  };
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: cookies }));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: FLAGS,
    viewport: { width: options.width ?? 900, height: options.height ?? 760 },
    colorScheme: options.dark ? 'dark' : 'light',
    locale: options.locale ?? 'en-GB',
  });
  const faults: string[] = [];
  const watch = (page: Page): void => {
    page.on('console', message => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', error => faults.push(String(error)));
  };
  context.on('page', watch);
  const page = context.pages()[0] ?? (await context.newPage());
  watch(page);
  await page.goto(host.origin);
  return {
    gateway,
    gatewayUrl,
    hostUrl: host.origin,
    context,
    page,
    panel: page.frameLocator('halloo-chat iframe'),
    faults,
    newTab: async () => {
      const tab = await context.newPage();
      await tab.goto(host.origin);
      return tab;
    },
    end: async () => {
      await context.close();
      await gateway.stop();
      await host.stop();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
