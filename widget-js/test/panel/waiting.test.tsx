// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import type { View } from '../../src/panel/components/view.ts';
import { WaitCard } from '../../src/panel/components/WaitCard.tsx';
import { newPanel, type PanelInput } from '../../src/panel/panel.ts';
import { wordsFor } from '../../src/panel/words.ts';

const nothing = () => undefined;
const root = document.body.appendChild(document.createElement('div'));
afterEach(() => render(null, root));

/** The card of whoever is next in line; what they did. */
function wait(isOnline: boolean, email = ''): PanelInput[] {
  const done: PanelInput[] = [];
  const view: View = {
    panel: newPanel({
      conversation: 'c',
      availability: { online: isOnline, waiting: 1 },
      place: { conversation: 'c', place: 1 },
      email,
    }),
    client: newClient('shop', 'session'),
    sight: { transcript: null, items: [], standing: { kind: 'waiting' }, unread: 0 },
    words: wordsFor('en'),
    isDurable: true,
    isEmbedded: true,
    bytes_max: 8_192,
    act: input => void done.push(input),
    start: nothing,
    typing: nothing,
    read: nothing,
    retry: nothing,
    reload: nothing,
    close: nothing,
  };
  act(() => render(<WaitCard view={view} onLeave={nothing} />, root));
  return done;
}

const title = () => root.querySelector('h2')?.textContent;
const submit = () =>
  act(() => void root.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true })));

it('whoever_waits_learns_that_everybody_has_gone_and_that_somebody_is_back', () => {
  wait(true);
  expect(title()).toBe('You are next');
  wait(false);
  expect(title()).toBe('Nobody is online right now');
  wait(true);
  expect(title()).toBe('You are next');
});

it('while_nobody_is_there_an_address_can_be_left_in_the_chat', () => {
  const done = wait(false, 'ada@example.org');
  submit();
  expect(done).toEqual([{ kind: 'say', message: 'You can reach me at ada@example.org' }]);
  expect(root.querySelector('form')).toBeNull();
  expect(root.textContent).toContain('We have your email address.');
});

it('what_is_no_address_is_not_left', () => {
  const done = wait(false, 'ada');
  submit();
  expect(done).toEqual([]);
  expect(root.querySelector('[role=alert]')?.textContent).toContain('email address');
});
