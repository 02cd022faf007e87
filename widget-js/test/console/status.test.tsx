// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newClient } from '../../src/client/client.ts';
import { adopt, enqueue, newQueue } from '../../src/client/outbox.ts';
import { createBell } from '../../src/console/bell.ts';
import { TopBar } from '../../src/console/components/TopBar.tsx';
import { createRest } from '../../src/console/rest.ts';
import { newConsole } from '../../src/console/state.ts';
import { WorkProvider } from '../../src/console/work.ts';
import { AGENT, SELF } from './rows.ts';

const nothing = () => undefined;
const root = document.body.appendChild(document.createElement('div'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  render(null, root);
  vi.useRealTimers();
});

/** The bar of an agent who is offline, and has asked to be online or not. */
function show(asked: boolean): void {
  const client = newClient('shop', 'session');
  const [empty] = adopt(client.outbox, newQueue('queue'));
  const moment = { now: 0, wall: 0, chance: 0, id: () => 'id' };
  const [outbox] = asked ? enqueue(empty, undefined, { status: { status: 'online' } }, moment) : [empty];
  const site = { key: 'shop', name: 'Shop', role: 'agent' as const, agent: SELF };
  const account = { id: 'x', email: 'sam@example.org', name: 'Sam', operator: false, has_password: true };
  const work = {
    state: { ...newConsole(SELF), agent: { ...AGENT, status: 'offline' as const } },
    client: { ...client, outbox },
    dispatch: nothing,
    rest: createRest(() => Promise.reject(new TypeError('down'))),
    me: { account, sites: [site], insecure_cookie: false },
    site,
    names: { agent: (id: string) => id, team: (id: string) => id },
    shared: { canned: [], teams: [], reread: nothing },
    onSignedOut: nothing,
  };
  const bell = createBell({ read: () => null, write: nothing } as never, nothing);
  const given = { bell, inSettings: false, onSite: nothing, onSearch: nothing, onHelp: nothing };
  act(() =>
    render(
      <WorkProvider value={work}>
        <TopBar {...given} onSettings={nothing} onSignOut={nothing} />
      </WorkProvider>,
      root,
    ),
  );
}

const said = () => [...root.querySelectorAll('[role=status]')].map(each => each.textContent).join(' ');

it('a_status_that_nobody_answers_is_said_to_be_not_yet', () => {
  show(true);
  act(() => void vi.advanceTimersByTime(1_499));
  expect(said()).not.toContain('Not online yet');
  act(() => void vi.advanceTimersByTime(1));
  expect(said()).toContain('Not online yet: no answer');
  show(false);
  expect(said()).not.toContain('Not online yet');
});
