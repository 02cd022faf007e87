// A conversation between a real panel and a real console.

import { describe, expect } from 'vitest';
import { toldTo } from './harness/evidence.ts';
import { typeUntil } from './harness/visitor.ts';
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

    await typeUntil(ada.composer, grace.panel.getByText('Ada is typing'));
    await ada.say('It is in since Monday.');
    await grace.reads('It is in since Monday.');
    await ada.message('It is in since Monday.').getByText('Seen').waitFor();

    await typeUntil(grace.field, ada.page.getByText('Grace is typing'));
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

  it('keeps its words and notes when it is transferred, and the notes from the visitor', async ({
    world,
  }) => {
    const [ada, bo] = [await world.agentOnline('Ada'), await world.agent('Bo')];
    const grace = await world.visitor();
    await bo.setStatus('away');
    await grace.start('I was promised a refund', 'Grace');
    await grace.isServedBy('Ada');
    await ada.openChat('Grace');
    await ada.note('Second promise this week, says the ledger');
    await ada.say('A colleague knows more.');
    await ada.page.getByRole('button', { name: 'Transfer' }).click();
    expect(await ada.page.getByRole('radio', { name: /^Bo/ }).isDisabled()).toBe(true);
    await ada.page.keyboard.press('Escape');
    await bo.setStatus('online');
    await ada.transfer('Bo', 'Refund granted, needs only your word');
    await grace.isServedBy('Bo');
    await bo.openChat('Grace');
    await bo.hasStory('I was promised a refund', 'A colleague knows more.');
    await bo.page.locator('.message.note', { hasText: 'Second promise this week' }).waitFor();
    await bo.page.getByText('Refund granted, needs only your word').waitFor();
    await bo.note('Paid out of the small box');
    await bo.say('It is on its way.');
    await grace.hasStory('I was promised a refund', 'A colleague knows more.', 'It is on its way.');

    await grace.page.reload();
    await grace.open();
    await grace.hasStory('I was promised a refund', 'A colleague knows more.', 'It is on its way.');
    const seen = [
      toldTo(grace.page),
      await grace.page.content(),
      await grace.frame().content(),
      await grace.frame().evaluate(() => JSON.stringify(localStorage)),
    ].join();
    expect(seen).toContain('It is on its way.');
    expect(seen).not.toMatch(/Second promise|small box|Refund granted/);
  });

  it('stays marked for who got it by transfer until they open it, over a reload too', async ({ world }) => {
    const [ada, bo] = [await world.agent('Ada'), await world.agentOnline('Bo')];
    await ada.setStatus('away');
    const [linus, grace] = [await world.visitor(), await world.visitor()];
    await linus.start('Is the shop open on Sundays?', 'Linus');
    await bo.openChat('Linus');
    await bo.setStatus('away');
    await ada.setStatus('online');
    await grace.start('I was promised a refund', 'Grace');
    await ada.openChat('Grace');
    await bo.setStatus('online');
    await ada.transfer('Bo', 'Needs only your word');
    const marked = bo.page.locator('.entry-row.unread', { hasText: 'Grace' });
    await marked.waitFor();
    await bo.page.reload();
    await bo.reads('Is the shop open on Sundays?');
    await marked.waitFor();
    await bo.openChat('Grace');
    await marked.waitFor({ state: 'detached' });
    await bo.page.reload();
    await bo.isConnected();
    await bo.row('Grace').waitFor();
    await marked.waitFor({ state: 'detached' });
  });

  it('begins as a message when nobody is there, and an agent takes it later', async ({ world }) => {
    const grace = await world.visitor();
    await grace.open();
    await grace.panel.getByRole('heading', { name: 'Leave us a message' }).waitFor();
    await grace.panel.getByLabel('Your name').fill('Grace');
    await grace.field.fill('Do you ship to Norway?');
    await grace.panel.getByRole('button', { name: 'Send message' }).click();
    await grace.panel.getByText('Please give an email address').waitFor();
    await grace.panel.getByLabel('Email').fill('grace@example.org');
    await grace.panel.getByRole('button', { name: 'Send message' }).click();
    await grace.panel.getByText('We may also write to grace@example.org').waitFor();

    const ada = await world.agentOnline('Ada');
    await ada.showList('Line');
    await ada.openChat('Grace');
    await ada.page.getByText('Grace left a message').waitFor();
    await ada.take();
    await ada.say('We do, twice a week.');
    await grace.isServedBy('Ada');
    await grace.hasStory('Do you ship to Norway?', 'We do, twice a week.');
  });

  it('ends with a reason and a rating, and opens again when the visitor writes', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.start('Is it open on Sunday?', 'Grace');
    await grace.isServedBy('Ada');
    await ada.openChat('Grace');
    await ada.say('From ten to four.');
    await ada.close('Solved');
    await grace.panel.getByText('Ada ended the chat').first().waitFor();
    await grace.panel.getByLabel('5/5 Great').check();
    await grace.panel.getByRole('button', { name: 'Send rating' }).click();
    await grace.panel.getByText('Thank you for your rating').waitFor();
    await ada.page.getByText('Grace rated this 5 of 5').waitFor();

    await grace.say('And on Monday?');
    await grace.panel.getByText('The chat is open again').first().waitFor();
    await grace.isServedBy('Ada');
    await ada.page.getByText('Reopened by Grace').waitFor();
    await ada.say('All day.');
    const story = ['Is it open on Sunday?', 'From ten to four.', 'And on Monday?', 'All day.'];
    await grace.hasStory(...story);
    await ada.hasStory(...story);
  });

  it('is found by a word that was said in it, and opens there', async ({ world }) => {
    const ada = await world.agentOnline('Ada');
    const grace = await world.visitor();
    await grace.start('Do you have darjeeling?', 'Grace');
    await grace.isServedBy('Ada');
    await ada.openChat('Grace');
    await ada.say('Second flush only.');
    await ada.close();
    const linus = await world.visitor();
    await linus.start('Nothing of the kind here', 'Linus');
    await linus.isServedBy('Ada');
    await ada.openChat('Linus');

    await ada.page.keyboard.press('Control+k');
    const field = ada.page.getByRole('combobox', { name: 'Words to look for' });
    const hit = ada.page.getByRole('option', { name: /darjeeling/ });
    // The index follows the records within two seconds; each look asks anew.
    await expect
      .poll(async () => {
        await field.fill('');
        await field.fill('darjeeling');
        await ada.page.getByText(/found\.$/).waitFor();
        return hit.count();
      })
      .toBe(1);
    await hit.click();
    await ada.page.locator('.message.found', { hasText: 'Do you have darjeeling?' }).waitFor();
    await ada.hasStory('Do you have darjeeling?', 'Second flush only.');
  });
});
