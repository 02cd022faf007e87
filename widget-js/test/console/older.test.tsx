// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it, vi } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import { ListPane } from '../../src/console/components/ListPane.tsx';
import { createRest } from '../../src/console/rest.ts';
import { newConsole } from '../../src/console/state.ts';
import { type Work, WorkProvider } from '../../src/console/work.ts';
import type { Row } from '../../src/protocol/frames.ts';
import { row, SELF } from './rows.ts';

interface Page {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

let root: HTMLElement | null = null;
afterEach(() => {
  if (root !== null) render(null, root);
  root?.remove();
});

const closed = (id: string, last_at: number) =>
  row(id, { state: { closed: { reason: 'solved' } }, visitor: { id, name: id, present: false }, last_at });

/** The closed list with these live rows, over a store of pages. */
function closedList(live: readonly Row[], pages: Readonly<Record<string, Page>>, open: readonly Row[] = []) {
  const asked: string[] = [];
  const rest = createRest(async address => {
    const before = new URL(String(address), 'http://gateway').searchParams.get('before') ?? '';
    asked.push(before);
    return Response.json(pages[before]);
  });
  const state = newConsole(SELF);
  const list = (rows: readonly Row[]) => ({
    revision: 1,
    rows: new Map(rows.map(each => [each.conversation, each])),
  });
  const account = {
    id: 'account',
    email: 'sam@example.org',
    name: 'Sam',
    operator: false,
    has_password: true,
  };
  const site = { key: 'shop', name: 'Shop', role: 'agent' as const, agent: SELF };
  const work: Work = {
    state: { ...state, list: 'closed', lists: { ...state.lists, closed: list(live), all: list(open) } },
    client: newClient('shop', 'session'),
    dispatch: () => undefined,
    rest,
    me: { account, sites: [site], insecure_cookie: false },
    site,
    names: { agent: id => id, team: id => id },
    shared: { canned: [], teams: [], reread: () => undefined },
    onSignedOut: () => undefined,
  };
  const into = document.body.appendChild(document.createElement('div'));
  root = into;
  const tree = (
    <WorkProvider value={work}>
      <ListPane />
    </WorkProvider>
  );
  act(() => render(tree, into));
  const button = () => into.querySelector<HTMLButtonElement>('.older button');
  return {
    asked,
    button,
    names: () => [...into.querySelectorAll('[role="option"] bdi')].map(each => each.textContent),
    said: () => into.querySelector('.older')?.textContent,
    press: async () => {
      act(() => {
        button()?.focus();
        button()?.click();
      });
      await vi.waitFor(() => expect(button()?.textContent).not.toBe('Loading…'));
    },
  };
}

it('an_empty_closed_list_offers_what_the_store_holds', async () => {
  const list = closedList([], { '': { rows: [closed('Ada', 5)], next: null } });
  expect(list.button()?.textContent).toBe('Load older');
  await list.press();
  expect(list.names()).toEqual(['Ada']);
});

it('an_empty_store_says_so_after_the_last_page', async () => {
  const list = closedList([], { '': { rows: [], next: null } });
  await list.press();
  expect(list.button()).toBeNull();
  expect(list.said()).toBe('Nothing was closed yet.');
});

it('one_press_reads_on_past_pages_of_which_all_is_shown', async () => {
  const live = [closed('Ada', 9), closed('Bo', 8)];
  const list = closedList(live, {
    '': { rows: live.slice(0, 1), next: 'p1' },
    p1: { rows: live.slice(1), next: 'p2' },
    p2: { rows: [closed('Cleo', 7)], next: 'p3' },
    p3: { rows: [], next: null },
  });
  await list.press();
  expect(list.asked).toEqual(['', 'p1', 'p2']);
  expect(list.names()).toEqual(['Ada', 'Bo', 'Cleo']);
});

it('behind_the_last_page_the_list_says_so_and_keeps_the_focus', async () => {
  const list = closedList([closed('Ada', 9)], { '': { rows: [closed('Ada', 9)], next: null } });
  await list.press();
  expect(list.said()).toBe('There are no older ones.');
  expect(document.activeElement?.textContent).toBe('There are no older ones.');
});

it('an_older_conversation_that_was_reopened_is_no_longer_among_the_closed', async () => {
  const reopened = row('Ada', { state: { assigned: { agent: SELF } } });
  const list = closedList([], { '': { rows: [closed('Ada', 9), closed('Bo', 8)], next: null } }, [reopened]);
  await list.press();
  expect(list.names()).toEqual(['Bo']);
});
