// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it, vi } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import { FirstPassword } from '../../src/console/components/FirstPassword.tsx';
import { createRest, type Me } from '../../src/console/rest.ts';
import { type ConsoleInput, newConsole } from '../../src/console/state.ts';
import { WorkProvider } from '../../src/console/work.ts';
import { SELF } from './rows.ts';

const root = document.body.appendChild(document.createElement('div'));
afterEach(() => {
  render(null, root);
  sessionStorage.clear();
});

function meWith(has_password: boolean, id = 'account'): Me {
  const account = { id, email: 'sam@example.org', name: 'Sam', operator: false, has_password };
  return { account, sites: [], insecure_cookie: false };
}

/** The offer as an account sees it that came by a link; what was sent, told, and learnt of the account. */
function offer(id?: string) {
  const sent: unknown[] = [];
  const told: ConsoleInput[] = [];
  const learnt: Me[] = [];
  const rest = createRest(async (_, init) => {
    if (init?.body) sent.push(JSON.parse(String(init.body)));
    return new Response(JSON.stringify(meWith(true, id)));
  });
  const work = {
    state: newConsole(SELF),
    client: newClient('shop', 'session'),
    dispatch: (input: ConsoleInput) => void told.push(input),
    rest,
    me: meWith(false, id),
    site: { key: 'shop', name: 'Shop', role: 'agent' as const, agent: SELF },
    names: { agent: (name: string) => name, team: (name: string) => name },
    shared: { canned: [], teams: [], reread: () => undefined },
    onSignedOut: () => undefined,
  };
  const tree = (
    <WorkProvider value={work}>
      <FirstPassword onMe={me => learnt.push(me)} />
    </WorkProvider>
  );
  act(() => render(null, root));
  act(() => render(tree, root));
  return { sent, told, learnt };
}

function press(name: string, within: ParentNode = root): void {
  const button = [...within.querySelectorAll('button')].find(each => each.textContent === name);
  act(() => button?.click());
}

function write(...texts: string[]): void {
  const fields = root.querySelectorAll<HTMLInputElement>('dialog [type=password]');
  for (const [index, text] of texts.entries()) {
    const field = fields[index] as HTMLInputElement;
    field.value = text;
    act(() => void field.dispatchEvent(new Event('input', { bubbles: true })));
  }
  act(() => void root.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true })));
}

it('a_password_is_chosen_where_it_is_offered', async () => {
  const { sent, told, learnt } = offer();
  press('Choose a password');
  expect(root.querySelector('dialog')?.textContent).toContain('sam@example.org');
  write('my first password', 'my other password');
  expect(root.querySelector('[role=alert]')?.textContent).toBe('The two passwords differ.');
  write('my first password', 'my first password');
  await vi.waitFor(() => expect(told).toEqual([{ kind: 'say', text: 'Your password is set.' }]));
  expect(sent).toEqual([{ password: 'my first password' }]);
  expect(learnt.map(me => me.account.has_password)).toEqual([true]);
});

it('later_puts_the_offer_away_for_this_account_and_no_other', () => {
  offer();
  press('Choose a password');
  const dialog = root.querySelector('dialog');
  if (dialog !== null) press('Later', dialog);
  expect(root.querySelector('dialog')).toBeNull();
  expect(root.textContent).toContain('works only once');
  press('Later');
  expect(root.textContent).toBe('');
  offer();
  expect(root.textContent).toBe('');
  offer('another');
  expect(root.textContent).toContain('works only once');
});
