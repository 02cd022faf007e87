// The gateway is away when a visitor wants to chat: the loader says so, and lets them in when it is back.

import { describe, expect } from 'vitest';
import { it } from './harness/world.ts';

describe('a gateway that is gone before the first click', () => {
  it('is told to the visitor, who gets in once it is back', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.launcher.waitFor();
    await world.gateway.kill();
    await grace.launcher.click();
    await grace.page.locator('halloo-chat iframe').waitFor();
    expect(await grace.isPanelSeen()).toBe(false);
    await grace.notice.getByText('The chat cannot be reached.').waitFor();

    await world.gateway.serve();
    await ada.isConnected();
    await grace.launcher.click();
    await grace.start('Are you back?', 'Grace');
    await grace.notice.getByText('The chat cannot be reached.').waitFor({ state: 'detached' });
    await grace.isServedBy('Ada');
    expect(await grace.isPanelSeen()).toBe(true);
    await ada.openChat('Grace');
    await ada.say('We are.');
    await grace.reads('We are.');
  });
});
