// A busy afternoon: the world that the pictures and the browser tests look at.

import { nodesOf } from '../../../src/protocol/decode.ts';
import type { AgentRow, Row } from '../../../src/protocol/frames.ts';
import { snippetOf } from './gateway.ts';
import { type Chat, uuid, World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const SELF = uuid(1);
const MIRA = uuid(2);
const JONAS = uuid(3);
const SALES = uuid(11);
const HELP = uuid(12);

/** What strangers write to break a console. */
export const HOSTILE =
  '<img src=x onerror=alert(1)> \u202egro.live javascript:alert(1) Z\u0351\u0352\u0353\u0354\u0355\u0356\u0357\u0358\u0359algo';

export interface Scene {
  readonly world: World;
  readonly chats: { readonly [name in 'ada' | 'omar' | 'liu' | 'waiting' | 'offered' | 'earlier']: Chat };
}

export function busyAfternoon(now: () => number = Date.now): Scene {
  const start = now();
  const account = {
    id: uuid(100),
    email: 'sam@example.org',
    name: 'Sam Rivera',
    operator: true,
    has_password: true,
  };
  const sites = [
    { key: 'shop', name: 'Harbour Shop', role: 'admin' as const, agent: SELF },
    { key: 'docs', name: 'Docs', role: 'agent' as const, agent: SELF },
  ];
  const own = {
    id: SELF,
    name: 'Sam',
    status: 'online' as const,
    accepting: true,
    capacity: 4,
    load: 3,
    lapsed: false,
  };
  const world = new World({ account, sites, insecure_cookie: false }, own, now);
  world.sites = sites.map(({ key, name }) => ({
    key,
    name,
    origins: ['https://www.example.org'],
    enabled: true,
    greeting: 'Hello! How can we help?',
    grace_s: 60,
    absent_s: 600,
    reopen_days: 7,
    open_max: 1,
    relax_s: null,
    preferred_s: 15,
    snippet: snippetOf(key),
  }));
  world.teams = [
    { id: SALES, name: 'Sales', offer_s: 30, first_reply_s: 120, skills: [] },
    { id: HELP, name: 'Help desk', offer_s: null, first_reply_s: 180, skills: ['returns'] },
  ];
  world.canned = [
    { id: uuid(21), shortcut: 'hello', body: 'Hello and welcome! How can I help you today?' },
    { id: uuid(22), shortcut: 'hours', body: 'We are here Monday to Friday, 9:00 to 18:00.' },
    {
      id: uuid(23),
      shortcut: 'returns',
      body: 'You can send it back within 30 days: https://example.org/returns',
    },
  ];
  world.roster = [agent(SELF, 'Sam', 3), agent(MIRA, 'Mira', 1), agent(JONAS, 'Jonas', 4, 'away')];
  world.agents = world.roster.map(row => ({
    id: row.id,
    email: row.id === SELF ? account.email : `${row.name.toLowerCase()}@example.org`,
    name: row.name,
    role: row.id === SELF ? 'admin' : 'agent',
    enabled: true,
    teams: row.teams,
    skills: [],
    languages: ['en'],
    capacity: row.capacity,
  }));
  return { world, chats: people(world, start) };
}

function agent(id: string, name: string, load: number, status: AgentRow['status'] = 'online'): AgentRow {
  return {
    id,
    name,
    status,
    accepting: status === 'online',
    connected: true,
    capacity: 4,
    load,
    teams: [SALES, HELP],
  };
}

function visitor(n: number, card: Partial<Row['visitor']>): Row['visitor'] {
  return { id: uuid(200 + n), present: true, language: 'en', browser: 'Firefox 144 on Linux', ...card };
}

function people(world: World, start: number): Scene['chats'] {
  const ada = visitor(1, {
    name: 'Ada Lovelace',
    email: 'ada@example.org',
    url: 'https://www.example.org/checkout/delivery?step=2',
    title: 'Delivery – Harbour Shop',
  });
  const earlier = world.add({ visitor: ada, opened_at: start - 50 * HOUR, team: HELP });
  story(world, earlier, start - 50 * HOUR, [
    ['visitor', 'Hi, do you ship to Norway?'],
    ['Sam', 'Yes, within five working days.'],
    ['visitor', 'Lovely, thanks!'],
  ]);
  world.record(earlier, { closed: { by: world.author, reason: 'solved' } }, start - 49 * HOUR);
  world.record(earlier, { rated: { score: 5, comment: 'Quick and kind.' } }, start - 49 * HOUR);
  earlier.row = { ...earlier.row, state: { closed: { reason: 'solved' } }, score: 5 };

  const first = world.add({
    visitor: ada,
    state: { assigned: { agent: SELF } },
    opened_at: start - 9 * MINUTE,
    team: HELP,
  });
  world.record(first, { opened: { team: HELP, offline: false } }, start - 9 * MINUTE);
  world.record(first, { waiting: { team: HELP, cause: 'opened' } }, start - 9 * MINUTE);
  world.record(first, { assigned: { agent: SELF, name: 'Sam', cause: 'routed' } }, start - 8 * MINUTE);
  story(world, first, start - 8 * MINUTE, [
    [
      'visitor',
      'Hello! My parcel was due on Tuesday and the tracking page has said “in transit” since then.',
    ],
    ['visitor', 'Order 48213, tracking: https://track.example.net/p/48213'],
    ['Sam', 'I am sorry about that, Ada. Let me ask the carrier, one moment.'],
    ['note', 'Carrier says it is held in Bergen: an address label came off. They can relabel today.'],
    ['visitor', 'Thank you, take your time.\nI am at home until six.'],
  ]);
  first.row = { ...first.row, read: first.row.head - 1 };

  const omar = world.add({
    visitor: visitor(2, { name: 'عمر الفارسي', language: 'ar', email: 'omar@example.org', present: false }),
    state: { assigned: { agent: SELF } },
    opened_at: start - 31 * MINUTE,
    team: SALES,
  });
  story(world, omar, start - 30 * MINUTE, [
    ['visitor', 'مرحبا، هل يمكنني تغيير عنوان التوصيل؟'],
    ['Sam', 'Of course. What is the new address?'],
  ]);
  omar.row = { ...omar.row, read: omar.row.head };

  const liu = world.add({
    visitor: visitor(3, { name: 'Liu Wei' }),
    state: { parked: { agent: SELF } },
    opened_at: start - 3 * HOUR,
  });
  story(world, liu, start - 3 * HOUR, [['visitor', 'I will send the photo tomorrow.']]);
  world.record(liu, { parked: { by: world.author, for_ms: 20 * HOUR } }, start - 2 * HOUR);
  liu.row = { ...liu.row, read: liu.row.head };

  const offered = world.add({
    visitor: visitor(4, { name: 'Grace H.' }),
    state: { offered: { agent: SELF } },
    opened_at: start - MINUTE,
    team: SALES,
  });
  story(world, offered, start - MINUTE, [['visitor', 'Do you have the blue one in size 42?']]);
  offered.row = { ...offered.row, since: start - 4_000 };

  const waiting = world.add({ visitor: visitor(5, {}), opened_at: start - 2.6 * MINUTE, team: HELP });
  story(world, waiting, start - 2.6 * MINUTE, [['visitor', HOSTILE]]);
  const next = world.add({ visitor: visitor(6, { name: 'Noor' }), opened_at: start - 40_000, team: HELP });
  story(world, next, start - 40_000, [['visitor', 'Hi']]);
  const left = world.add({
    visitor: visitor(7, { name: 'Pavel', email: 'pavel@example.org', present: false }),
    state: 'offline',
    opened_at: start - 11 * HOUR,
  });
  world.record(left, { opened: { offline: true } }, start - 11 * HOUR);
  story(world, left, start - 11 * HOUR, [['visitor', 'Please call me about the invoice.']]);
  const others = world.add({
    visitor: visitor(8, { name: 'Tove' }),
    state: { assigned: { agent: MIRA } },
    opened_at: start - 15 * MINUTE,
    team: SALES,
  });
  story(world, others, start - 12 * MINUTE, [
    ['visitor', 'Is there a student discount?'],
    ['Mira', 'There is: 10 %.'],
  ]);
  return { ada: first, omar, liu, waiting, offered, earlier };
}

function story(
  world: World,
  chat: Chat,
  from: number,
  lines: readonly (readonly [who: string, text: string])[],
): void {
  lines.forEach(([who, text], index) => {
    const at = from + (index + 1) * 20_000;
    const body = nodesOf(text);
    const id = who === 'Mira' ? MIRA : SELF;
    if (who === 'note') world.record(chat, { noted: { by: world.author, body } }, at);
    else if (who === 'visitor') world.record(chat, { said: { by: 'visitor', body } }, at);
    else world.record(chat, { said: { by: { agent: { id, name: who } }, body } }, at);
  });
}
