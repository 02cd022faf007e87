// One's own account: a password chosen, used and changed, without being sent away.

import { describe, expect } from 'vitest';
import { it } from './harness/world.ts';

describe('an account', () => {
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
