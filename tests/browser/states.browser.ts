// Every state as people see it: axe finds nothing grave in light, dark and on a phone. With PICTURES=1, pictures of all.

import { describe, expect } from 'vitest';
import { look } from './harness/look.ts';
import { typeUntil, type Visitor } from './harness/visitor.ts';
import { it } from './harness/world.ts';

const lookAt = async (name: string, visitor: Visitor): Promise<void> => {
  expect(await look(`panel-${name}`, visitor.page, visitor.frame())).toEqual([]);
};

describe('the panel', () => {
  it('can be used by everybody: start, waiting, chat, ended', async ({ world }) => {
    const ada = await world.agentOnline('Ada', { capacity: 1 });
    const first = await world.visitor();
    await first.open();
    await first.panel.getByText('Online now').waitFor();
    await lookAt('start', first);
    await first.panel.getByLabel('Your name').fill('Linus');
    await first.field.fill('Is the green tea in?');
    await first.field.press('Enter');
    await first.isServedBy('Ada');

    const grace = await world.visitor();
    await grace.start('Where is my parcel? It should have been here on Monday.', 'Grace Hopper');
    await grace.panel.getByText('You are next').waitFor();
    await lookAt('waiting', grace);

    await ada.openChat('Linus');
    await ada.close();
    await grace.isServedBy('Ada');
    await ada.openChat('Grace Hopper');
    await ada.say('Good morning! Let me look.');
    await ada.say('It waits at the post office, see https://post.example.org/parcels/4711');
    await grace.say('Thank you, I will fetch it there.');
    await grace.say('Can somebody else do so?');
    await ada.reads('Can somebody else do so?');
    await typeUntil(ada.composer, grace.panel.getByText('Ada is typing'));
    await lookAt('chat', grace);

    await grace.panel.getByRole('button', { name: 'End chat' }).click();
    await grace.panel.getByRole('dialog').waitFor();
    await lookAt('leaving', grace);
    await grace.panel.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
    await grace.panel.getByText('How did we do?').waitFor();
    await lookAt('ended', grace);
    await grace.panel.getByLabel('4/5 Good').check();
    await lookAt('rating', grace);
    await grace.panel.getByRole('button', { name: 'Send rating' }).click();
    await grace.panel.getByText('Thank you for your rating').waitFor();
    await lookAt('rated', grace);
  });

  it('can be used by everybody: nobody online, the connection lost', async ({ world }) => {
    const grace = await world.visitor();
    await grace.open();
    await grace.panel.getByRole('heading', { name: 'Leave us a message' }).waitFor();
    await grace.field.fill('Do you ship to Norway?');
    await grace.panel.getByRole('button', { name: 'Send message' }).click();
    await grace.panel.getByText('Please give an email address').waitFor();
    await lookAt('offline-form', grace);
    await grace.panel.getByLabel('Email').fill('grace@example.org');
    await grace.panel.getByRole('button', { name: 'Send message' }).click();
    await grace.panel.getByText('We may also write to').waitFor();
    await lookAt('offline-kept', grace);

    await world.gateway.kill();
    await grace.write('Are you there?');
    await grace.panel.getByText('Connection lost').waitFor();
    await lookAt('disconnected', grace);
  });
});

describe('the console', () => {
  it('can be used by everybody: signing in, lists, a chat and its dialogs', async ({ world }) => {
    const door = await world.console(`${world.gateway.origin}/console`);
    await door.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await look('console-sign-in', door)).toEqual([]);

    const ada = await world.agentOnline('Ada', { capacity: 2 });
    const bo = await world.agent('Bo');
    await bo.setStatus('away');
    await ada.page.locator('.no-chat', { hasText: 'No chats of yours' }).waitFor();
    expect(await look('console-empty', ada.page)).toEqual([]);
    await ada.page.getByRole('button', { name: 'Choose a password' }).click();
    await ada.page.getByRole('dialog').getByLabel('Password again').waitFor();
    expect(await look('console-password', ada.page)).toEqual([]);
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Later' }).click();
    await ada.page.getByRole('button', { name: 'Later' }).click();

    const linus = await world.visitor();
    await linus.start('Is the green tea in?', 'Linus');
    await linus.isServedBy('Ada');
    const grace = await world.visitor();
    await grace.start('Where is my parcel? It should have been here on Monday.', 'Grace Hopper');
    await grace.isServedBy('Ada');
    const karim = await world.visitor();
    await karim.start('هل لديكم شاي أخضر؟', 'محمد كريم');
    await karim.panel.getByText('You are next').waitFor();

    await ada.openChat('Grace Hopper');
    await ada.say('Good morning! It waits at https://post.example.org/parcels/4711');
    await ada.note('Was promised Monday by Bo');
    await grace.reads('Good morning! It waits at https://post.example.org/parcels/4711');
    await grace.say('Thank you, I will fetch it there.');
    await linus.say('Still there?');
    await ada.row('Linus').locator('.count').waitFor();
    await typeUntil(grace.field, ada.page.getByText('Grace Hopper is typing'));
    expect(await look('console-chat', ada.page)).toEqual([]);
    await ada.page.getByRole('button', { name: 'Transfer' }).click();
    await ada.page.getByRole('radio', { name: /^Bo/ }).waitFor();
    expect(await look('console-transfer', ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');
    await ada.page.getByLabel('Note', { exact: true }).check();
    expect(await look('console-note', ada.page)).toEqual([]);
    await ada.page.getByLabel('Reply', { exact: true }).check();

    await ada.showList('Line');
    await ada.row('محمد كريم').waitFor();
    expect(await look('console-line', ada.page)).toEqual([]);
    await ada.openChat('محمد كريم');
    await ada.page.getByRole('button', { name: 'Take' }).waitFor();
    expect(await look('console-waiting', ada.page)).toEqual([]);
    await ada.showList('Mine');
    await ada.openChat('Grace Hopper');
    await ada.close('Not solved');
    await ada.showList('Closed');
    await ada.row('Grace Hopper').waitFor();
    expect(await look('console-closed', ada.page)).toEqual([]);
    await ada.page.getByRole('button', { name: 'Load older' }).click();
    await ada.page.getByText('There are no older ones.').waitFor();
    expect(await ada.row('Grace Hopper').count()).toBe(1);
    await ada.page.keyboard.press('Control+k');
    await ada.page.getByRole('combobox', { name: 'Words to look for' }).fill('nowhere');
    await ada.page.getByText('Nothing was found.').waitFor();
    expect(await look('console-search', ada.page)).toEqual([]);
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await ada.page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    expect(await look('console-shortcuts', ada.page)).toEqual([]);
    await ada.page.keyboard.press('Escape');

    await world.gateway.kill();
    await ada.page.getByText('The connection is lost').waitFor();
    expect(await look('console-disconnected', ada.page)).toEqual([]);
  });

  it('can be used by everybody: settings', async ({ world }) => {
    const setup = await world.console(world.gateway.setupLink());
    await setup.getByRole('button', { name: 'Create the operator' }).waitFor();
    expect(await look('console-setup', setup)).toEqual([]);

    const { page } = await world.agent('Ada', { role: 'admin' });
    await page.getByRole('button', { name: 'Settings' }).click();
    const sections = [
      ['account', 'Your account', 'Name'],
      ['canned', 'Canned replies', null],
      ['site', 'Site and snippet', 'Snippet to paste'],
      ['teams', 'Teams', null],
      ['agents', 'Agents', null],
    ] as const;
    for (const [name, title, field] of sections) {
      await page.getByRole('navigation').getByRole('button', { name: title, exact: true }).click();
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
      if (field !== null) await page.getByLabel(field, { exact: true }).first().waitFor();
      await page.getByText('Loading…').waitFor({ state: 'detached' });
      expect(await look(`console-settings-${name}`, page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Edit Ada' }).click();
    expect(await look('console-settings-agent', page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Add an agent' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Noor');
    await page.getByLabel('Email', { exact: true }).fill('noor@example.org');
    await page.getByRole('button', { name: 'Add and make a link' }).click();
    await page.getByLabel('One-time link').waitFor();
    expect(await look('console-settings-invited', page)).toEqual([]);
  });
});
