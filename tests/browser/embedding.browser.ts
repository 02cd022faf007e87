// From the snippet to a chat: on a page that was never made for it, and from a site made in the console.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { Agent } from './harness/agent.ts';
import { Visitor } from './harness/visitor.ts';
import { Website } from './harness/website.ts';
import { it } from './harness/world.ts';

/** Of the package postgresql-doc-15: real pages, of another time and another hand. */
const MANUAL = '/usr/share/doc/postgresql-doc-15/html';

describe('the snippet', () => {
  it('brings a chat to the manual of PostgreSQL, and keeps it from page to page', async ({ world }) => {
    expect(existsSync(`${MANUAL}/index.html`), 'install postgresql-doc-15').toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'halloo-manual-'));
    copyFileSync(`${MANUAL}/stylesheet.css`, join(folder, 'stylesheet.css'));
    for (const name of ['index.html', 'preface.html']) {
      const html = readFileSync(join(MANUAL, name), 'utf8');
      writeFileSync(join(folder, name), html.replace('</body>', `${world.site.snippet}</body>`));
    }
    const website = await Website.serve(folder);
    try {
      await world.gateway.run('site', 'set', world.site.key, '--origin', website.origin);
      const ada = await world.agentOnline('Ada');
      const context = await world.browser({ viewport: { width: 1000, height: 760 } });
      const grace = await Visitor.arrive(context, `${website.origin}/index.html`);
      await grace.start('Which chapter is about indexes?', 'Grace');
      await grace.isServedBy('Ada');
      await ada.openChat('Grace');
      await ada.say('The eleventh.');
      await grace.reads('The eleventh.');

      await grace.page.getByRole('link', { name: 'Next' }).first().click();
      await grace.page.waitForURL('**/preface.html');
      await grace.open();
      await grace.hasStory('Which chapter is about indexes?', 'The eleventh.');
      await grace.say('Thank you!');
      await ada.reads('Thank you!');
    } finally {
      await website.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it('of a site made in the console starts a chat on a page', async ({ world }) => {
    const page = await world.console(world.gateway.setupLink());
    await page.getByLabel('Your name').fill('Olive');
    await page.getByLabel('Email').fill('olive@example.org');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Create the operator' }).click();
    await page.getByRole('button', { name: 'New site' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Tea blog');
    await page.getByLabel('Key', { exact: true }).fill('blog');
    await page.getByLabel('Origins').fill(`${world.host.origin}/some/page`);
    await page.getByRole('button', { name: 'Create the site' }).click();
    const snippet = await page.getByLabel('Snippet to paste').inputValue();
    expect(snippet).toContain('data-site="blog"');
    await page.getByRole('button', { name: 'Open the console of Tea blog' }).click();

    world.host.show(world.gateway.origin, snippet, 'The blog');
    const olive = await Agent.at(page, 'Olive');
    await olive.setStatus('online');
    const grace = await world.visitor();
    await grace.start('Is this the blog?', 'Grace');
    await grace.isServedBy('Olive');
    await olive.openChat('Grace');
    await olive.say('It is.');
    await grace.reads('It is.');
  });
});
