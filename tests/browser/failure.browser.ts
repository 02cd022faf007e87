// What is lost on the way, and comes back by itself.

import { describe } from 'vitest';
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
});
