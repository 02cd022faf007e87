// Serves the files of a folder at a free port, which it prints.

import { readFile } from 'node:fs';
import { createServer } from 'node:http';
import { basename, extname, join } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css' };
const [, , folder] = process.argv;

const server = createServer((request, response) => {
  const name = basename(new URL(request.url, 'http://localhost').pathname) || 'index.html';
  readFile(join(folder, name), (error, body) => {
    if (error) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
