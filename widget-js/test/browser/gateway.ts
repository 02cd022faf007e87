// A pretended gateway: serves dist/ with the panel's real policy, and keeps conversations in memory.
// It follows the contract as far as the tests look; the real one is tested with the real binary.

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { nodesOf } from '../../src/protocol/decode.ts';
import type {
  Author,
  Command,
  Down,
  Party,
  Record,
  RecordKind,
  Refusal,
  Up,
} from '../../src/protocol/frames.ts';

const DIST = join(import.meta.dirname, '../../dist');
export const PANEL_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";
const TYPES: { [ending: string]: string } = { js: 'text/javascript', css: 'text/css', html: 'text/html' };

export class FakeGateway {
  availability = { online: true, waiting: 0 };
  greeting: string | null = null;
  /** Who may frame the panel, as the policy says it; `null`: there is no such site. */
  ancestors: string | null = '*';
  /** Refuses the next command so, instead of carrying it out. */
  refusals: Partial<Refusal>[] = [];
  /** Answers no command at all: the network after the send. */
  isDeaf = false;
  /** Carries commands out, but their answers are lost. */
  losesAnswers = false;
  readonly conversations = new Map<string, Record[]>();
  readonly heard: Up[] = [];
  readonly requests: string[] = [];
  readonly sockets = new Set<WebSocket>();
  private readonly rows = new Map<string, { ordinal: number; made: number | null }>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      this.requests.push(path);
      if (path === '/favicon.ico') return void response.writeHead(204).end();
      const file = /^\/(v1\/panel|talk)\/[^/]+$/.test(path)
        ? 'panel/index.html'
        : path.replace(/^\/v1\//, '');
      const full = join(DIST, file);
      const isPanel = file === 'panel/index.html';
      const isUnknown = isPanel && this.ancestors === null;
      if (isUnknown || !full.startsWith(DIST) || !existsSync(full)) return void response.writeHead(404).end();
      response.writeHead(200, {
        'content-type': `${TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream'}; charset=utf-8`,
        ...(isPanel && { 'content-security-policy': `${PANEL_CSP}; frame-ancestors ${this.ancestors}` }),
      });
      response.end(readFileSync(full));
    });
    const sockets = new WebSocketServer({ server: this.server, handleProtocols: () => 'halloo.v1' });
    sockets.on('connection', socket => this.accept(socket));
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>(done => this.server.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  get only(): string {
    return [...this.conversations.keys()].at(-1) ?? '';
  }

  /** Adds a record and tells everyone, save the socket whose `ok` stands in its place. */
  add(conversation: string, what: RecordKind, command?: Command['id'], except?: WebSocket): Record {
    const records = this.conversations.get(conversation) ?? [];
    this.conversations.set(conversation, records);
    const tail = Math.floor(Math.random() * 2 ** 32);
    const record = {
      number: records.length + 1,
      tail,
      id: randomUUID(),
      at: Date.now(),
      ...(command && { command }),
      what,
    };
    const before = records.at(-1)?.tail ?? 0;
    records.push(record);
    this.tell({ event: { conversation, before, record } }, except);
    return record;
  }

  say(text: string, name = 'Ada Lovelace', conversation = this.only): void {
    this.add(conversation, { said: { by: agent(name), body: nodesOf(text) } });
  }

  assign(name = 'Ada Lovelace', conversation = this.only): void {
    this.add(conversation, { assigned: { agent: name, name, cause: 'routed' } });
  }

  typing(name = 'Ada Lovelace', conversation = this.only): void {
    this.tell({ typing: { conversation, stream: 'public', who: agent(name) as Party } });
  }

  tell(frame: Down, except?: WebSocket): void {
    for (const socket of this.sockets) if (socket !== except) socket.send(JSON.stringify(frame));
  }

  close(code: number, reason = ''): void {
    for (const socket of this.sockets) socket.close(code, reason);
  }

  private accept(socket: WebSocket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', data => {
      const frame = JSON.parse(String(data)) as Up;
      this.heard.push(frame);
      const answer = this.answer(frame, socket);
      if (answer !== null) socket.send(JSON.stringify(answer));
    });
  }

  private answer(frame: Up, socket: WebSocket): Down | null {
    if ('hello' in frame) {
      const { token = `token-${randomUUID()}`, follows = [] } = frame.hello;
      const limits = { body_bytes_max: 8192, frame_bytes_max: 65536, silence_ms_max: 40_000 };
      const heads = follows
        .filter(from => this.conversations.has(from.conversation))
        .map(from => this.head(from.conversation));
      const greeting = this.greeting === null ? {} : { greeting: this.greeting };
      return {
        ready: {
          protocol: 1,
          site: 'Northwind Tea',
          limits,
          visitor: { id: token, token },
          heads,
          ...greeting,
        },
      };
    }
    if ('availability' in frame) return { availability: this.availability };
    if ('follow' in frame)
      return { heads: { heads: frame.follow.follows.map(from => this.head(from.conversation)) } };
    if ('fetch' in frame) {
      const { conversation, after = { number: 0, tail: 0 } } = frame.fetch;
      const records = this.conversations.get(conversation) ?? [];
      const resync = (records[after.number - 1]?.tail ?? 0) !== after.tail;
      return {
        records: {
          head: this.head(conversation),
          resync,
          records: resync ? [] : records.slice(after.number, after.number + 100),
        },
      };
    }
    return 'command' in frame ? this.command(frame.command, socket) : null;
  }

  private command({ id, conversation = '', action }: Command, socket: WebSocket): Down | null {
    if (this.isDeaf) return null;
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      return { no: { code: 'busy', retryable: false, message: '', command: id, conversation, ...refusal } };
    }
    const key = `${conversation} ${id.outbox}`;
    const row = this.rows.get(key) ?? { ordinal: 0, made: null };
    const isNew = id.ordinal === row.ordinal + 1;
    if (!isNew && id.ordinal !== row.ordinal) {
      return { no: { code: 'out_of_order', retryable: false, message: '', command: id, conversation } };
    }
    if (isNew)
      this.rows.set(key, { ordinal: id.ordinal, made: this.carryOut({ id, conversation, action }, socket) });
    const number = this.rows.get(key)?.made ?? null;
    const records = this.conversations.get(conversation) ?? [];
    const record = number === null ? undefined : records[number - 1];
    if (this.losesAnswers) return null;
    const made = record && {
      message: record.id,
      number: record.number,
      tail: record.tail,
      before: records[record.number - 2]?.tail ?? 0,
    };
    return { ok: { command: id, conversation, at: Date.now(), ...(made && { made }) } };
  }

  private carryOut({ id, conversation = '', action }: Command, socket: WebSocket): number | null {
    if ('open' in action) {
      const { offline = false, body } = action.open;
      const { number } = this.add(conversation, { opened: { offline } }, id);
      if (!offline) this.add(conversation, { waiting: { cause: 'opened' } });
      if (body !== undefined) this.add(conversation, { said: { by: 'visitor', body: nodesOf(body) } }, id);
      return number;
    }
    if ('say' in action) {
      if (
        this.conversations.get(conversation)?.findLast(({ what }) => 'closed' in what || 'reopened' in what)
          ?.what
      ) {
        const last = this.conversations
          .get(conversation)
          ?.findLast(({ what }) => 'closed' in what || 'reopened' in what);
        if (last && 'closed' in last.what) this.add(conversation, { reopened: { by: 'visitor' } });
      }
      return this.add(
        conversation,
        { said: { by: 'visitor', body: nodesOf(action.say.body) } },
        id,
        this.losesAnswers ? undefined : socket,
      ).number;
    }
    if ('close' in action)
      return this.add(conversation, { closed: { by: 'visitor', reason: 'visitor_left' } }, id).number;
    if ('rate' in action) return this.add(conversation, { rated: action.rate }, id).number;
    return null;
  }

  private head(conversation: string) {
    const last = this.conversations.get(conversation)?.at(-1);
    return { conversation, position: { number: last?.number ?? 0, tail: last?.tail ?? 0 } };
  }
}

function agent(name: string): Author {
  return { agent: { id: name, name } };
}

/** A host page of another origin, with a policy as strict as a careful site's. */
export async function hostPage(
  html: string,
  csp: string,
): Promise<{ origin: string; stop(): Promise<void> }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': csp });
    response.end(html);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    stop: async () => {
      server.closeAllConnections();
      await new Promise(done => server.close(done));
    },
  };
}
