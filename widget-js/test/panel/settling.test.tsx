// @vitest-environment happy-dom

import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ClientState, newClient } from '../../src/client/client.ts';
import type { Phase } from '../../src/client/connection.ts';
import { App } from '../../src/panel/components/App.tsx';
import type { View } from '../../src/panel/components/view.ts';
import { newPanel, type PanelState } from '../../src/panel/panel.ts';
import { wordsFor } from '../../src/panel/words.ts';

const LIMITS = { body_bytes_max: 8_192, frame_bytes_max: 65_536, silence_ms_max: 40_000 };
const READY = { protocol: 1, site: 'Northwind', limits: LIMITS, greeting: 'Good day!' };
const AVAILABILITY = { online: true, waiting: 0 };
const nothing = () => undefined;
let root: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  root = document.body.appendChild(document.createElement('div'));
});

afterEach(() => {
  render(null, root);
  root.remove();
  vi.useRealTimers();
});

function show(phase: Phase, client: Partial<ClientState> = {}, panel: Partial<PanelState> = {}): void {
  const state = newClient('shop', 'session');
  const view: View = {
    panel: newPanel({ isShown: true, ...panel }),
    client: { ...state, connection: { ...state.connection, phase }, ...client },
    sight: { transcript: null, items: [], standing: { kind: 'none' }, unread: 0 },
    words: wordsFor('en'),
    isDurable: true,
    isEmbedded: true,
    bytes_max: LIMITS.body_bytes_max,
    act: nothing,
    start: nothing,
    typing: nothing,
    read: nothing,
    retry: nothing,
    reload: nothing,
    close: nothing,
  };
  act(() => render(<App view={view} />, root));
}

const GREETING: Phase = { kind: 'greeting', until: 10_000 };
const READY_PHASE: Phase = { kind: 'ready', since: 0, heard: 0 };
const titles = () => [...root.querySelectorAll('h2')].map(each => each.textContent);

it('the_start_page_waits_for_the_words_of_the_site', () => {
  show(GREETING);
  expect(titles()).toEqual([]);
  expect(root.querySelector('form')).toBeNull();
  show(READY_PHASE, { ready: READY });
  expect(titles()).toEqual([]);
  show(READY_PHASE, { ready: READY }, { availability: AVAILABILITY });
  expect(titles()).toEqual(['Good day!']);
});

it('the_caret_stands_in_the_form_as_soon_as_it_is_there', () => {
  show(GREETING);
  show(READY_PHASE, { ready: READY }, { availability: AVAILABILITY });
  expect(document.activeElement?.getAttribute('name')).toBe('message');
});

it('a_site_that_says_nothing_is_not_waited_for_long', () => {
  show(GREETING);
  act(() => void vi.advanceTimersByTime(1_499));
  expect(titles()).toEqual([]);
  act(() => void vi.advanceTimersByTime(1));
  expect(titles()).toEqual(['How can we help?']);
});

it('without_a_connection_the_panel_says_its_own_words_at_once', () => {
  show({ kind: 'waiting', until: 5_000 });
  expect(titles()).toEqual(['How can we help?']);
  show({ kind: 'opening', until: 5_000 });
  expect(titles()).toEqual(['How can we help?']);
});

it('what_is_said_of_the_connection_comes_into_a_place_that_was_there', () => {
  show(READY_PHASE, { ready: READY }, { availability: AVAILABILITY });
  const place = root.querySelector('.app > [role=status]');
  expect(place?.textContent).toBe('');
  show({ kind: 'waiting', until: 5_000 }, { ready: READY }, { availability: AVAILABILITY });
  act(() => void vi.advanceTimersByTime(1_500));
  expect(place?.textContent).toContain('Connection lost');
});
