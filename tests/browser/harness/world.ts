// One test's world: a gateway of its own, a website, and people with browsers. Nothing of it outlives the test.

import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { test as base, expect } from 'vitest';
import { Agent } from './agent.ts';
import { Chromium } from './browser.ts';
import { keepEvidence } from './evidence.ts';
import { Gateway, type Site } from './gateway.ts';
import { HostPage } from './host.ts';
import { Visitor } from './visitor.ts';
import { Faults } from './watch.ts';

export interface Hire {
  readonly capacity?: number;
  readonly role?: 'agent' | 'lead' | 'admin';
}

export class World {
  readonly faults = new Faults();
  readonly contexts: BrowserContext[] = [];

  private constructor(
    private readonly chromium: Chromium,
    readonly gateway: Gateway,
    readonly host: HostPage,
    readonly site: Site,
  ) {}

  static async begin(chromium: Chromium): Promise<World> {
    const gateway = await Gateway.start();
    const host = await HostPage.open();
    const site = await gateway.addSite('demo', 'Northwind', [host.origin]);
    host.show(gateway.origin, site.snippet);
    return new World(chromium, gateway, host, site);
  }

  /** A browser of somebody's own. */
  async browser(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.chromium.context(options);
    this.contexts.push(context);
    this.faults.watch(context);
    return context;
  }

  async visitor(options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.browser({ viewport: { width: 900, height: 760 }, ...options });
    return Visitor.arrive(context, this.host.origin);
  }

  /** Adds an agent to the site and signs them in, not online yet. */
  async agent(name: string, { capacity = 4, role = 'agent' }: Hire = {}): Promise<Agent> {
    const email = `agent${this.contexts.length}@example.org`;
    const { link } = await this.gateway.run<{ link: string }>(
      ...['agent', 'add', this.site.key, email, '--name', name],
      ...['--capacity', String(capacity), '--role', role],
    );
    return Agent.signIn(await this.desktop(), link, name);
  }

  /** A console before anybody has signed in. */
  async console(address: string): Promise<Page> {
    const context = await this.desktop();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(address);
    return page;
  }

  private desktop(): Promise<BrowserContext> {
    return this.browser({ viewport: { width: 1360, height: 820 } });
  }

  async agentOnline(name: string, hire?: Hire): Promise<Agent> {
    const agent = await this.agent(name, hire);
    await agent.setStatus('online');
    return agent;
  }

  async end(): Promise<void> {
    for (const context of this.contexts) await context.close();
    await this.host.close();
    await this.gateway.stop();
  }
}

/** A test with a world; it fails too when a page broke a policy or the gateway complained. */
export const it = base.extend<{ chromium: Chromium; world: World }>({
  chromium: [
    // biome-ignore lint/correctness/noEmptyPattern: the names in the pattern are what a fixture asks for.
    async ({}, use) => {
      const chromium = await Chromium.launch();
      await use(chromium);
      await chromium.close();
    },
    { scope: 'worker' },
  ],
  world: async ({ chromium, task }, use) => {
    const world = await World.begin(chromium);
    await use(world);
    if (task.result?.state === 'fail') await keepEvidence(task.name, world.contexts, world.gateway.log);
    const complaints = [...world.faults.take(), ...world.gateway.complaints()];
    await world.end();
    expect(complaints).toEqual([]);
  },
});
