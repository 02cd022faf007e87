// A conversation between a real panel and a real console.

import { describe, expect } from 'vitest';
import { it } from './harness/world.ts';

describe('a conversation', () => {
  it('carries a message each way, and says who serves, who types and what was seen', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.start('Is the green tea in?', 'Grace');
    await grace.isServedBy('Ada');
    await ada.openChat('Grace');
    await ada.reads('Is the green tea in?');
    await grace.message('Is the green tea in?').getByText('Seen').waitFor();

    await ada.composer.pressSequentially('It is');
    await grace.panel.getByText('Ada is typing').waitFor();
    await ada.say('It is in since Monday.');
    await grace.reads('It is in since Monday.');
    await ada.message('It is in since Monday.').getByText('Seen').waitFor();

    await grace.field.pressSequentially('Than');
    await ada.page.getByText('Grace is typing').waitFor();
    await grace.say('Thank you!');
    await ada.hasStory('Is the green tea in?', 'It is in since Monday.', 'Thank you!');
    await grace.hasStory('Is the green tea in?', 'It is in since Monday.', 'Thank you!');
  });

  it('is the same in two tabs of one visitor', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const here = await world.visitor();
    await here.start('Hello?', 'Grace');
    await here.isServedBy('Ada');
    const there = await here.openTab();
    await there.open();
    await there.reads('Hello?');

    await Promise.all([here.write('From here'), there.write('From there')]);
    await ada.openChat('Grace');
    await ada.reads('From here');
    await ada.reads('From there');
    await ada.say('I see both');
    await here.reads('I see both');
    await there.reads('I see both');
    const story = await ada.bubbles();
    expect([...story].sort()).toEqual(['From here', 'From there', 'Hello?', 'I see both']);
    await here.hasStory(...story);
    await there.hasStory(...story);
  });
});
