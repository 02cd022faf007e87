// What is lost on the way, and comes back by itself.

import { describe, expect } from 'vitest';
import { it } from './harness/world.ts';

describe('a failure', () => {
  it('in the middle of a send, with a reload, leaves each message once and in order', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.start('Hello?', 'Grace');
    await grace.isServedBy('Ada');
    world.gateway.freeze();
    await grace.write('First');
    await grace.write('Second');
    await grace.message('Second').getByText('Sending…').waitFor();
    await grace.field.fill('A draft');
    await grace.page.reload({ waitUntil: 'commit' });
    world.gateway.thaw();
    await grace.open();
    await grace.isStored('Second');
    await grace.hasStory('Hello?', 'First', 'Second');
    await ada.openChat('Grace');
    await ada.hasStory('Hello?', 'First', 'Second');
  });

  it('of the whole gateway, killed and started again, loses and doubles nothing', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.start('Hello?', 'Grace');
    await grace.isServedBy('Ada');
    await ada.openChat('Grace');
    await ada.say('Good morning');
    await Promise.all([grace.write('Said as it died'), ada.write('Answered as it died')]);
    await world.gateway.kill();
    await grace.write('Said while it was dead');
    await ada.write('Answered while it was dead');
    await grace.message('Said while it was dead').getByText('Sending…').waitFor();

    await world.gateway.serve();
    await grace.isStored('Said while it was dead');
    await ada.page.locator('.message.on-its-way').first().waitFor({ state: 'detached' });
    await ada.reads('Said while it was dead');
    await grace.reads('Answered while it was dead');
    const story = await ada.bubbles();
    expect([...story].sort()).toEqual([
      'Answered as it died',
      'Answered while it was dead',
      'Good morning',
      'Hello?',
      'Said as it died',
      'Said while it was dead',
    ]);
    await grace.hasStory(...story);
    await grace.isServedBy('Ada');

    await grace.page.reload();
    await grace.open();
    await grace.hasStory(...story);
    await ada.say('As if nothing had been');
    await grace.reads('As if nothing had been');
  });
});
