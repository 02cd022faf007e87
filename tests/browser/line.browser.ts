// The waiting line as visitors see it, and whom it is given to.

import { describe, expect } from 'vitest';
import { it } from './harness/world.ts';

describe('the line', () => {
  it('tells three visitors their places, and each is served in turn', async ({ world }) => {
    const ada = await world.agentOnline('Ada', { capacity: 1 });
    const busy = await world.visitor();
    await busy.start('I came first', 'Busy');
    await busy.isServedBy('Ada');
    const [one, two, three] = [await world.visitor(), await world.visitor(), await world.visitor()];
    await one.start('One here', 'One');
    await one.panel.getByText('You are next').waitFor();
    await two.start('Two here', 'Two');
    await two.panel.getByText('You are number 2 in line').waitFor();
    await three.start('Three here', 'Three');
    await three.panel.getByText('You are number 3 in line').waitFor();

    await ada.openChat('Busy');
    await ada.close();
    await one.isServedBy('Ada');
    await two.panel.getByText('You are next').waitFor();
    await three.panel.getByText('You are number 2 in line').waitFor();

    await ada.openChat('One');
    await ada.close();
    await two.isServedBy('Ada');
    await three.panel.getByText('You are next').waitFor();

    await ada.openChat('Two');
    await ada.close();
    await three.isServedBy('Ada');
    await ada.openChat('Three');
    await ada.say('Now you');
    await three.reads('Now you');
  });

  it('leaves a chat with an agent whose laptop was closed and opened again in time', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const bo = await world.agentOnline('Bo', { capacity: 0 });
    const grace = await world.visitor();
    await grace.start('Do not go away', 'Grace');
    await grace.isServedBy('Ada');
    await ada.openChat('Grace');
    await ada.shutLaptop();
    await bo.page.getByRole('button', { name: 'One chat more at once' }).click();
    await bo.page.getByText('0 of 1').waitFor();
    await grace.say('Still there?');

    const back = await ada.openLaptop();
    await back.openChat('Grace');
    await back.hasStory('Do not go away', 'Still there?');
    await back.say('I am back');
    await grace.reads('I am back');
    await grace.isServedBy('Ada');
    expect(await grace.panel.getByText(/back in line|takes over/).count()).toBe(0);
    expect(await bo.row('Grace').count()).toBe(0);
  });

  it('takes a chat back when its agent stays away too long, and gives it to a colleague', async ({
    world,
  }) => {
    await world.gateway.run('site', 'set', world.site.key, '--grace-s', '1');
    const ada = await world.agentOnline('Ada');
    const bo = await world.agent('Bo');
    await bo.setStatus('away');
    const grace = await world.visitor();
    await grace.start('Do not go away', 'Grace');
    await grace.isServedBy('Ada');
    await ada.shutLaptop();
    await grace.panel.getByText('You are back in line, at your old place').first().waitFor();
    await grace.panel.getByText('Nobody is online right now').waitFor();

    await bo.setStatus('online');
    await grace.isServedBy('Bo');
    await bo.openChat('Grace');
    await bo.page.getByText('the agent’s connection was lost').waitFor();
    await bo.say('Here is somebody else');
    await grace.hasStory('Do not go away', 'Here is somebody else');
    const back = await ada.openLaptop();
    await back.page.locator('.no-chat', { hasText: 'No chats of yours' }).waitFor();
  });
});
