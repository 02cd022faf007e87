// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it, vi } from 'vitest';
import { createRest, type Me } from '../../src/console/rest.ts';
import { MyAccount } from '../../src/console/settings/MyAccount.tsx';

const root = document.body.appendChild(document.createElement('div'));
afterEach(() => render(null, root));

function meWith(has_password: boolean): Me {
  const account = { id: 'account', email: 'sam@example.org', name: 'Sam', operator: false, has_password };
  return { account, sites: [], insecure_cookie: false };
}

/** The form over a gateway that takes every change; what it was sent. */
function form(me: Me): unknown[] {
  const sent: unknown[] = [];
  const rest = createRest(async (_, init) => {
    if (init?.body) sent.push(JSON.parse(String(init.body)));
    return new Response(JSON.stringify(meWith(true)));
  });
  act(() => render(<MyAccount rest={rest} me={me} onMe={() => undefined} />, root));
  return sent;
}

function field(label: string): HTMLInputElement | null {
  const named = [...root.querySelectorAll('label')].find(each => each.textContent === label);
  return named === undefined ? null : root.querySelector(`[id="${named.htmlFor}"]`);
}

function write(label: string, text: string): void {
  const input = field(label) as HTMLInputElement;
  input.value = text;
  act(() => void input.dispatchEvent(new Event('input', { bubbles: true })));
}

async function save(): Promise<void> {
  act(() => void root.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true })));
  await vi.waitFor(() => expect(root.querySelector('[role=status]')?.textContent).toBe('Saved.'));
}

it('whoever_has_a_password_proves_it_with_the_new_one', async () => {
  const sent = form(meWith(true));
  write('Current password', 'correct horse');
  write('New password', 'another horse');
  write('New password again', 'another horse');
  expect(field('Current password')?.required).toBe(true);
  await save();
  expect(sent).toEqual([{ name: 'Sam', password: 'another horse', current_password: 'correct horse' }]);
  expect(field('Current password')?.value).toBe('');
});

it('a_name_alone_needs_no_password', async () => {
  const sent = form(meWith(true));
  write('Name', 'Samira');
  expect(field('Current password')?.required).toBe(false);
  await save();
  expect(sent).toEqual([{ name: 'Samira' }]);
});

it('the_first_password_asks_for_no_current_one', async () => {
  const sent = form(meWith(false));
  expect(field('Current password')).toBeNull();
  write('New password', 'my first one');
  write('New password again', 'my first one');
  await save();
  expect(sent).toEqual([{ name: 'Sam', password: 'my first one' }]);
});

it('a_ticket_is_asked_for_with_the_session_that_the_new_password_brings', async () => {
  const asked: string[] = [];
  let change: (answer: Response) => void = () => undefined;
  const rest = createRest(async (address, init) => {
    asked.push(`${init?.method} ${address}`);
    if (init?.method === 'PATCH') return new Promise<Response>(resolve => (change = resolve));
    return new Response(JSON.stringify({ ticket: 'ticket' }));
  });
  const changed = rest.patchMe({ password: 'my first one' });
  const ticket = rest.ticket('shop');
  await vi.waitFor(() => expect(asked).toEqual(['PATCH /api/v1/me']));
  change(new Response(JSON.stringify(meWith(true))));
  await changed;
  expect(await ticket).toBe('ticket');
  expect(asked).toEqual(['PATCH /api/v1/me', 'POST /api/v1/ticket']);
});

it('a_refused_change_holds_nobody_up', async () => {
  const rest = createRest(async (_, init) =>
    init?.method === 'PATCH'
      ? new Response('{"code":"wrong_password","message":"no"}', { status: 403 })
      : new Response('{"ticket":"ticket"}'),
  );
  const changed = rest.patchMe({ password: 'my first one' });
  const ticket = rest.ticket('shop');
  await expect(changed).rejects.toMatchObject({ code: 'wrong_password' });
  expect(await ticket).toBe('ticket');
});
