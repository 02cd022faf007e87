// The waiting line as visitors see it, and whom it is given to.

import { describe } from 'vitest';
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
});
