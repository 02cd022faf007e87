// A website that another process serves from a folder of files.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVE = fileURLToPath(new URL('serve.mjs', import.meta.url));

export class Website {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {}

  static async serve(folder: string): Promise<Website> {
    const child = spawn(process.execPath, [SERVE, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<string>((done, fail) => {
      child.stdout.once('data', said => done(String(said).trim()));
      child.once('exit', code => fail(new Error(`the website ended with ${code}`)));
    });
    return new Website(child, `http://localhost:${port}`);
  }

  async stop(): Promise<void> {
    const gone = new Promise(done => this.child.once('exit', done));
    this.child.kill();
    await gone;
  }
}
