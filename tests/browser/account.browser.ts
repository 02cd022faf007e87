// One's own account: a password chosen, used and changed, without being sent away.

import { describe, expect } from 'vitest';
import { Agent } from './harness/agent.ts';
import { it } from './harness/world.ts';

describe('an account', () => {
  it('that came by a link is offered a password, now or later, and comes back with it', async ({ world }) => {
    const { page } = await world.agent('Ada');
    const offer = page.getByRole('button', { name: 'Choose a password' });
    await page.getByRole('button', { name: 'Later' }).click();
    await offer.waitFor({ state: 'detached' });
    await page.reload();
    const ada = await Agent.at(page, 'Ada');
    expect(await offer.count()).toBe(0);

    const again = await ada.openLaptop();
    await again.page.getByRole('button', { name: 'Choose a password' }).click();
    const dialog = again.page.getByRole('dialog', { name: 'Choose a password' });
    await dialog.getByText('agent0@example.org').waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill('my first password');
    await dialog.getByLabel('Password again').fill('my first password');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await again.page.getByText('Your password is set.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await again.isConnected();
    expect(await again.page.getByText('works only once').count()).toBe(0);

    const elsewhere = await world.console(`${world.gateway.origin}/console`);
    await elsewhere.getByLabel('Email').fill('agent0@example.org');
    await elsewhere.getByLabel('Password').fill('my first password');
    await elsewhere.getByRole('button', { name: 'Sign in' }).click();
    await Agent.at(elsewhere, 'Ada');
    expect(await elsewhere.getByText('works only once').count()).toBe(0);
  });

  it('gets its first password and another one, and works on', async ({ world }) => {
    const ada = await world.agent('Ada');
    const { page } = ada;
    const choose = async (password: string, current?: string) => {
      if (current !== undefined) await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password', { exact: true }).fill(password);
      await page.getByLabel('New password again').fill(password);
      await page.getByRole('button', { name: 'Save' }).click();
    };
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await page.getByLabel('Current password').count()).toBe(0);
    await choose('my first password');
    await page.getByText('Saved.').waitFor();
    await ada.isConnected();

    await choose('my second password', 'not that one');
    await page.getByText('The current password is not right.').waitFor();
    await choose('my second password', 'my first password');
    await page.getByText('Saved.').waitFor();
    await ada.isConnected();
    await ada.setStatus('online');
    const grace = await world.visitor();
    await grace.start('Are you still there?', 'Grace');
    await grace.isServedBy('Ada');
  });
});
