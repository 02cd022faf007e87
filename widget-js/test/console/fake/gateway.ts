// A gateway for the console's tests: the built files under the real policy, the REST API and one socket path.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Down, Up } from '../../../src/protocol/frames.ts';
import { type ListView, uuid, type World } from './world.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'";
const TYPES: { [ending: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const PAGE_RECORDS = 100;

export interface FakeGateway {
  readonly url: string;
  signedIn: boolean;
  /** Frames the console sent, in order. */
  readonly heard: Up[];
  /** Closes every socket with this code. */
  drop(code: number): void;
  close(): Promise<void>;
}

export async function startGateway(world: World, dist: string): Promise<FakeGateway> {
  const sockets = new Set<WebSocket>();
  const heard: Up[] = [];
  const fake = { signedIn: false };
  const server: Server = createServer((request, response) => {
    void answer(world, fake, dist, request, response).catch(error => {
      response.writeHead(500).end(String(error));
    });
  });
  const hub = new WebSocketServer({ server, path: '/v1/socket' });
  hub.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(world, socket, heard);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    heard,
    drop: (code: number) => {
      for (const socket of sockets) socket.close(code);
    },
    close: () =>
      new Promise<void>(resolve => {
        for (const socket of sockets) socket.terminate();
        hub.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** One signed-in socket: follows, fetches, watches, commands. */
function serve(world: World, socket: WebSocket, heard: Up[]): void {
  const watched = new Set<string>();
  const followed = new Set<string>();
  const outboxes = new Set<string>();
  const send = (frame: Down) => socket.send(JSON.stringify(frame));
  const head = (conversation: string) => {
    const last = world.chats.get(conversation)?.records.at(-1);
    return { conversation, position: { number: last?.number ?? 0, tail: last?.tail ?? 0 } };
  };
  const listener = (frame: Down, author: string | null) => {
    if ('change' in frame && !watched.has(frame.change.view)) return;
    if ('event' in frame && !followed.has(frame.event.conversation)) return;
    // For say and note the ok stands in place of the event.
    if ('event' in frame && author !== null && outboxes.has(author)) {
      const { what } = frame.event.record;
      if ('said' in what || 'noted' in what) return;
    }
    send(frame);
  };
  world.listeners.add(listener);
  socket.on('close', () => world.listeners.delete(listener));
  socket.on('message', data => {
    const frame = JSON.parse(String(data)) as Up;
    heard.push(frame);
    if ('hello' in frame) {
      for (const { conversation } of frame.hello.follows ?? []) followed.add(conversation);
      const heads = [...followed].filter(id => world.chats.has(id)).map(head);
      const limits = { body_bytes_max: 16_384, frame_bytes_max: 65_536, silence_ms_max: 40_000 };
      send({ ready: { protocol: 1, site: 'Shop', limits, agent: world.agent, heads } });
    } else if ('follow' in frame) {
      for (const { conversation } of frame.follow.follows) {
        followed.add(conversation);
        if (world.chats.has(conversation)) send({ heads: { heads: [head(conversation)] } });
      }
    } else if ('unfollow' in frame) {
      followed.delete(frame.unfollow.conversation);
    } else if ('fetch' in frame) {
      const { conversation, after = { number: 0, tail: 0 } } = frame.fetch;
      const records =
        world.chats.get(conversation)?.records.filter(record => record.number > after.number) ?? [];
      send({ records: { head: head(conversation), resync: false, records: records.slice(0, PAGE_RECORDS) } });
    } else if ('watch' in frame) {
      const { view } = frame.watch;
      watched.add(view);
      if (view === 'roster') send({ roster: { agents: world.roster, teams: world.teams } });
      else send({ rows: { view, revision: world.revisions[view], rows: world.rows(view) } });
    } else if ('read' in frame) {
      const chat = world.chats.get(frame.read.conversation);
      if (chat !== undefined && frame.read.number > chat.row.read) {
        const was = chat.row;
        chat.row = { ...was, read: frame.read.number };
        world.moved(chat, was);
      }
    } else if ('command' in frame) {
      outboxes.add(frame.command.id.outbox);
      send(world.command(frame.command));
    }
  });
}

async function answer(
  world: World,
  fake: { signedIn: boolean },
  dist: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://gateway');
  if (!url.pathname.startsWith('/api/')) return file(dist, url.pathname, response);
  const text = await bodyOf(request);
  const [status, body] = rest(world, fake, request.method ?? 'GET', url, text === '' ? {} : JSON.parse(text));
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

type Answer = [status: number, body?: unknown];
const fault = (status: number, code: string): Answer => [status, { code, message: code }];

function rest(
  world: World,
  fake: { signedIn: boolean },
  method: string,
  url: URL,
  // biome-ignore lint/suspicious/noExplicitAny: a test's request body.
  body: any,
): Answer {
  const [kind, site, what, id, more] = url.pathname.split('/').slice(3);
  const verb = `${method} ${kind}`;
  if (verb === 'POST sign-in') {
    if (body.password !== 'correct horse' && body.code !== 'once') return fault(401, 'sign_in_failed');
    fake.signedIn = true;
    return [200, world.me];
  }
  if (verb === 'POST setup') {
    fake.signedIn = true;
    return [200, world.me];
  }
  if (!fake.signedIn) return fault(401, 'sign_in_first');
  if (verb === 'POST sign-out') {
    fake.signedIn = false;
    return [204];
  }
  if (verb === 'GET me' || verb === 'PATCH me') return [200, world.me];
  if (verb === 'POST ticket') return [200, { ticket: 'ticket' }];
  if (kind !== 'sites') return fault(404, 'not_found');
  if (site === undefined) {
    if (method === 'GET') return [200, world.sites];
    const created = { ...(world.sites[0] as object), ...body, snippet: snippetOf(body.key) };
    world.sites.push(created);
    return [200, created];
  }
  const held = world.sites.find(each => each.key === site);
  if (held === undefined) return fault(404, 'not_found');
  if (what === undefined) return [200, method === 'PATCH' ? Object.assign(held, body) : held];
  if (what === 'conversations' && id !== undefined) {
    const chat = world.chats.get(id);
    if (chat === undefined) return fault(404, 'not_found');
    return more === 'records' ? [200, { records: chat.records }] : [200, chat.row];
  }
  if (what === 'conversations')
    return [200, { rows: url.searchParams.has('before') ? [] : world.rows('closed') }];
  if (what === 'visitors') {
    const rows = (['all', 'closed'] satisfies ListView[]).flatMap(view => world.rows(view));
    return [200, { rows: rows.filter(row => row.visitor.id === id) }];
  }
  if (what === 'search') return [200, { hits: world.search(url.searchParams.get('q') ?? '') }];
  return collection(world, method, what, id, body);
}

// biome-ignore lint/suspicious/noExplicitAny: a test's request body.
function collection(world: World, method: string, what: string, id: string | undefined, body: any): Answer {
  const lists: { [name: string]: { id: string }[] } = {
    teams: world.teams,
    agents: world.agents,
    canned: world.canned,
  };
  const list = lists[what];
  if (list === undefined) return fault(404, 'not_found');
  if (method === 'GET') return [200, list];
  if (method === 'POST') {
    const created = {
      id: uuid(5_000 + list.length),
      enabled: true,
      skills: [],
      languages: [],
      teams: [],
      ...body,
    };
    list.push(created);
    return [
      200,
      what === 'agents' ? { ...created, link: 'https://chat.example.org/console#code=once' } : created,
    ];
  }
  const index = list.findIndex(each => each.id === id);
  if (index < 0) return fault(404, 'not_found');
  if (method === 'DELETE') {
    list.splice(index, 1);
    return [204];
  }
  return [200, Object.assign(list[index] as object, body)];
}

export function snippetOf(key: string): string {
  return `<script async src="https://chat.example.org/v1/loader.js" data-site="${key}"></script>`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

async function file(dist: string, path: string, response: ServerResponse): Promise<void> {
  const name = path === '/console' ? 'index.html' : normalize(path.replace(/^\/console\//, ''));
  try {
    const bytes = await readFile(join(dist, name));
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
    });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
