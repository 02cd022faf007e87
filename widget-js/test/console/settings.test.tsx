// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it, vi } from 'vitest';
import { createRest, type Site } from '../../src/console/rest.ts';
import { SiteSettings } from '../../src/console/settings/SiteSettings.tsx';
import { SELF } from './rows.ts';

const SHOP: Site = {
  key: 'shop',
  name: 'Shop',
  origins: ['https://www.example.org'],
  enabled: true,
  greeting: null,
  grace_s: 60,
  absent_s: 600,
  reopen_days: 7,
  open_max: 1,
  relax_s: null,
  preferred_s: 15,
  snippet: '<script></script>',
};

const root = document.body.appendChild(document.createElement('div'));
afterEach(() => render(null, root));

/** The form over a gateway that keeps what it is sent. */
async function form() {
  const sent: Partial<Site>[] = [];
  const answer = async (_: unknown, init?: RequestInit) => {
    if (init?.body) sent.push(JSON.parse(String(init.body)));
    return new Response(JSON.stringify(Object.assign({}, SHOP, ...sent)));
  };
  const me = {
    account: { id: 'account', email: 'sam@example.org', name: 'Sam', operator: false, has_password: true },
    sites: [],
    insecure_cookie: false,
  };
  const site = { key: 'shop', name: 'Shop', role: 'admin' as const, agent: SELF };
  const props = { rest: createRest(answer), me, site, onSignedOut: () => undefined, onMe: () => undefined };
  act(() => render(<SiteSettings {...props} />, root));
  await vi.waitFor(() => expect(root.querySelector('form')).not.toBeNull());
  return sent;
}

function field(label: string): HTMLInputElement {
  const named = [...root.querySelectorAll('label')].find(each => each.textContent === label);
  return root.querySelector(`[id="${named?.htmlFor}"]`) as HTMLInputElement;
}

function write(label: string, text: string) {
  const input = field(label);
  input.value = text;
  act(() => void input.dispatchEvent(new Event('input', { bubbles: true })));
}

async function save(sent: Partial<Site>[]): Promise<Partial<Site> | undefined> {
  const before = sent.length;
  act(() => void root.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true })));
  await vi.waitFor(() => expect(sent.length).toBe(before + 1));
  await vi.waitFor(() => expect(root.querySelector('form [role=status]')?.textContent).toBe('Saved.'));
  return sent.at(-1);
}

it('a_site_is_saved_as_it_was_loaded_where_nothing_was_changed', async () => {
  const sent = await form();
  const { key: _, snippet: __, ...changeable } = SHOP;
  expect(await save(sent)).toEqual({ ...changeable, greeting: '' });
});

it('rules_of_the_line_are_numbers_and_an_empty_wait_never_relaxes', async () => {
  const sent = await form();
  write('Open chats', '3');
  write('Relax after (s)', '90');
  write('Preferred agent (s)', '0');
  expect(await save(sent)).toMatchObject({ open_max: 3, relax_s: 90, preferred_s: 0 });
  write('Relax after (s)', '');
  expect(await save(sent)).toMatchObject({ relax_s: null });
});
