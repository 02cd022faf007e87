// A website of somebody else: another origin, and as strict a policy as the chat can live with.

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the page on embedding tells a strict site to allow: the snippet's first line, by its hash. */
const STUB_HASH = /'sha256-[^']+'/.exec(
  readFileSync(new URL('../../../docs/embedding.md', import.meta.url), 'utf8'),
)?.[0];

export class HostPage {
  private html = '';
  private policy = '';

  private constructor(private readonly server: Server) {}

  get origin(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  static async open(): Promise<HostPage> {
    const server = createServer();
    const page = new HostPage(server);
    server.on('request', (_, response) => {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        ...(page.policy && { 'content-security-policy': page.policy }),
      });
      response.end(page.html);
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    return page;
  }

  /** Shows a page whose policy allows the snippet's first line, the gateway's script and frame, and nothing else. */
  show(gatewayOrigin: string, tags: string, title = 'Northwind Tea'): void {
    this.policy = `default-src 'none'; script-src ${gatewayOrigin} ${STUB_HASH}; frame-src ${gatewayOrigin}`;
    this.html = `<!doctype html><html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${tags}</head>
      <body><main><h1>Northwind Tea</h1><p>Leaves from small gardens.</p></main></body></html>`;
  }

  /** Shows a page as it is, without a policy. */
  showBare(html: string): void {
    this.policy = '';
    this.html = html;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }
}
