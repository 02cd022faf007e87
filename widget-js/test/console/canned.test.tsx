// @vitest-environment happy-dom

import { render } from 'preact';
import { useState } from 'preact/hooks';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import { abilitiesFor } from '../../src/console/abilities.ts';
import { Composer } from '../../src/console/components/Composer.tsx';
import { useShared } from '../../src/console/components/shared.ts';
import { type Canned, createRest } from '../../src/console/rest.ts';
import { type ConsoleInput, type ConsoleState, newConsole, stepConsole } from '../../src/console/state.ts';
import { WorkProvider } from '../../src/console/work.ts';
import { row, SELF } from './rows.ts';

const SITE = { key: 'shop', name: 'Shop', role: 'agent' as const, agent: SELF };
const HOURS: Canned = { id: '1', shortcut: 'hours', body: 'Monday to Friday.' };
const SHOWN = row('a', { state: { assigned: { agent: SELF } } });
const root = document.body.appendChild(document.createElement('div'));
let stored: Canned[] | null = [];
let reads = 0;
let sent: string[] = [];

/** A gateway that has these replies, or is down. */
const rest = createRest(async address => {
  if (stored === null) throw new TypeError('down');
  const isCanned = String(address).endsWith('/canned');
  if (isCanned) reads += 1;
  return new Response(JSON.stringify(isCanned ? stored : []));
});

beforeEach(() => {
  stored = [];
  reads = 0;
  sent = [];
});
afterEach(() => render(null, root));

function Desk({ isConnected }: { readonly isConnected: boolean }) {
  const shared = useShared(rest, SITE, true, isConnected);
  const client = newClient('shop', 'session');
  const [state, setState] = useState<ConsoleState>(() => ({
    ...newConsole(SELF),
    known: new Map([['a', SHOWN]]),
  }));
  const dispatch = (input: ConsoleInput) =>
    setState(now => {
      const [next, effects] = stepConsole(now, input, client, 0);
      for (const effect of effects)
        if (effect.kind === 'client' && effect.input.kind === 'command' && 'say' in effect.input.action)
          sent.push(effect.input.action.say.body);
      return next;
    });
  const account = { id: 'x', email: 'sam@example.org', name: 'Sam', operator: false, has_password: true };
  const me = { account, sites: [SITE], insecure_cookie: false };
  const names = { agent: (id: string) => id, team: (id: string) => id };
  const work = { state, client, dispatch, rest, me, site: SITE, names, shared, onSignedOut: () => undefined };
  return (
    <WorkProvider value={work}>
      <Composer conversation="a" can={abilitiesFor(SHOWN, SELF)} />
    </WorkProvider>
  );
}

const show = (isConnected = true) => act(() => render(<Desk isConnected={isConnected} />, root));
const area = () => root.querySelector('textarea') as HTMLTextAreaElement;
const offered = () => [...root.querySelectorAll('[role=option] strong')].map(each => each.textContent);
const said = () => root.querySelector('[role=status]')?.textContent;

async function settled(count: number): Promise<void> {
  await vi.waitFor(() => expect(reads).toBe(count));
  await act(async () => void (await new Promise(resolve => setTimeout(resolve))));
}

function type(text: string): void {
  act(() => {
    area().value = text;
    area().setSelectionRange(text.length, text.length);
    area().dispatchEvent(new Event('input', { bubbles: true }));
  });
}

function enter(): void {
  act(() => void area().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })));
}

it('a_reply_that_a_colleague_added_is_found_by_the_slash_that_misses_it', async () => {
  show();
  await settled(1);
  stored = [HOURS];
  type('/hou');
  await settled(2);
  expect(offered()).toEqual(['/hours']);
});

it('replies_are_read_again_when_the_connection_is_back', async () => {
  show();
  await settled(1);
  show(false);
  stored = [HOURS];
  show(true);
  await settled(2);
  type('/');
  expect(offered()).toEqual(['/hours']);
});

it('replies_are_read_again_when_the_window_is_looked_at_also_after_a_failure', async () => {
  stored = null;
  show();
  await act(async () => void (await new Promise(resolve => setTimeout(resolve))));
  stored = [HOURS];
  act(() => void window.dispatchEvent(new Event('focus')));
  await settled(1);
  type('/');
  expect(offered()).toEqual(['/hours']);
});

it('a_shortcut_that_nothing_has_is_not_sent_before_the_second_enter', async () => {
  show();
  await settled(1);
  type('/huors');
  enter();
  expect(sent).toEqual([]);
  expect(said()).toBe('There is no canned reply /huors. Enter again sends it as it is.');
  enter();
  expect(sent).toEqual(['/huors']);
});

it('a_sentence_with_a_slash_is_sent_at_once', async () => {
  show();
  await settled(1);
  type('Is it on or /off');
  enter();
  expect(sent).toEqual(['Is it on or /off']);
});
