// The real gateway as a process of its own: free ports, a fresh data folder, and its command line.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BINARY =
  process.env.HALLOO_BIN ?? fileURLToPath(new URL('../../../target/debug/halloo', import.meta.url));

/** All visitors of a test come from one address, and some reload often. */
const PLENTY = '100000';
const START_MS_MAX = 20_000;

export interface Site {
  readonly key: string;
  readonly snippet: string;
}

export class Gateway {
  private child: ChildProcess | null = null;
  private isFrozen = false;
  /** Everything the process has said, over all its lives. */
  log = '';

  private constructor(
    private readonly data: string,
    readonly port: number,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Where browsers reach it: another site than `localhost`, where the host pages are. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(): Promise<Gateway> {
    if (!existsSync(BINARY)) throw new Error(`no gateway at ${BINARY}: build it, or name it in HALLOO_BIN`);
    const data = mkdtempSync(join(tmpdir(), 'halloo-gateway-'));
    const [port, admin] = await freePorts();
    const gateway = new Gateway(data, port, {
      ...ownEnvironment(),
      HALLOO_DATA: join(data, 'data'),
      HALLOO_LISTEN: `127.0.0.1:${port}`,
      HALLOO_ADMIN_LISTEN: `127.0.0.1:${admin}`,
      HALLOO_PUBLIC_URL: `http://127.0.0.1:${port}`,
      HALLOO_DRAIN__GRACE_MS: '0',
      HALLOO_LIMITS__ADDRESS_HANDSHAKES_PER_SECOND: PLENTY,
      HALLOO_LIMITS__ADDRESS_HANDSHAKES_BURST: PLENTY,
      HALLOO_LIMITS__ADDRESS_SOCKETS_MAX: PLENTY,
      HALLOO_LIMITS__ADDRESS_CONNECTIONS_MAX: PLENTY,
    });
    await gateway.serve();
    return gateway;
  }

  /** Starts the process on its ports and its data; ready when it says so. */
  async serve(): Promise<void> {
    const child = spawn(BINARY, ['serve'], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const from = this.log.length;
    await new Promise<void>((done, fail) => {
      const late = setTimeout(
        () => fail(new Error(`the gateway does not start:\n${this.log}`)),
        START_MS_MAX,
      );
      const hear = (text: Buffer): void => {
        this.log += text;
        if (!this.log.slice(from).includes('serving')) return;
        clearTimeout(late);
        done();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('exit', code => {
        clearTimeout(late);
        fail(new Error(`the gateway ended with ${code}:\n${this.log}`));
      });
    });
  }

  /** Carries out a command line and reads its answer. */
  async run<Answer>(...words: string[]): Promise<Answer> {
    const { stdout } = await promisify(execFile)(BINARY, [...words, '--json'], { env: this.env });
    return JSON.parse(stdout) as Answer;
  }

  addSite(key: string, name: string, origins: readonly string[]): Promise<Site> {
    return this.run('site', 'add', key, '--name', name, ...origins.flatMap(each => ['--origin', each]));
  }

  /** The one-time link that makes the first operator; it stands in the log until there is one. */
  setupLink(): string {
    const [link] = this.log.match(/http\S+#setup=\S+/) ?? [];
    if (link === undefined) throw new Error(`no setup link:\n${this.log}`);
    return link;
  }

  /** Stands still, with all sockets open. */
  freeze(): void {
    this.isFrozen = true;
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.isFrozen = false;
    this.child?.kill('SIGCONT');
  }

  /** As a crash or a power cut: no word to anybody. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    if (this.isFrozen) this.thaw();
    await this.end('SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Lines of the log that would be worth waking somebody for. */
  complaints(): string[] {
    return this.log.split('\n').filter(line => / ERROR |panicked/.test(line));
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise(done => child.once('exit', done));
    child.kill(signal);
    await gone;
  }
}

/** The environment without settings of somebody else's gateway, which would be in force or refused. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HALLOO_')));
}

/** Two ports that nobody listens on. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(
      server =>
        new Promise<number>(done => {
          server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map(server => new Promise(done => server.close(done))));
  return ports as [number, number];
}
