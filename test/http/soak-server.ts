/**
 * A server for soak.test.ts, with a handler for each kind of request, in a process of its own. It prints its
 * port, and for each line that it is told what it holds, without what is garbage.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import {
  accessLog,
  fetchHandler,
  fileServer,
  Metrics,
  nodeFiles,
  ServeMux,
  Server,
  stripPrefix,
} from '../../src/http.ts';
import { listen } from '../../src/index.ts';
import { print, told } from '../net/programs/output.ts';
import { fileBytes, HEAD_TIMEOUT, PIECE, PIECES } from './soak-kinds.ts';

let unhandled = 0;
process.on('unhandledRejection', () => void unhandled++);
process.on('uncaughtException', () => void unhandled++);

const folder = mkdtempSync(join(tmpdir(), 'netfd-soak-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'file'), fileBytes);

const mux = new ServeMux();
mux.handle('/files/', stripPrefix('/files', fileServer(await nodeFiles(folder))));
mux.handleFunc('/hello', (w) => void w.write('hello'));
mux.handleFunc('POST /echo', async (w, r) => {
  const body = await r.body.bytes();
  w.header().set('Content-Length', body.length);
  await w.write(body);
});
mux.handleFunc('POST /ignored', (w) => void w.write('ignored'));
mux.handleFunc('/stream', async (w) => {
  for (let i = 0; i < PIECES; i++) await w.write(PIECE);
});
mux.handleFunc('/waits', async (w, r) => {
  await w.write('begun');
  await w.flush();
  await new Promise((resolve) => r.signal.addEventListener('abort', resolve, { once: true }));
});
mux.handleFunc('/upgrade', async (w) => {
  const { conn } = w.hijack();
  await conn.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
  );
  const buf = new Uint8Array(1024);
  for (let n = await conn.read(buf); n !== null; n = await conn.read(buf)) {
    await conn.write(buf.subarray(0, n));
  }
  conn.close();
});
mux.handle(
  '/fetch/{name}',
  fetchHandler({
    fetch: async (request) => Response.json({ url: request.url, body: await request.text() }),
  }),
);

/** Lines of the access log by their status. */
const logged: Record<string, number> = {};
const write = ({ length }: string, status = ''): void => {
  logged[status] = (logged[status] ?? 0) + (length > 0 ? 1 : 0);
};
const metrics = new Metrics();
const handler = accessLog(metrics.handler(mux), {
  format: ({ end }) => String(end.status),
  unhandled: ({ request }) => String(request.status),
  write: (line) => write(line, line),
});

const log: string[] = [];
const errorLog = (line: string): void => void (log.length < 10 && log.push(line));
const server = new Server(handler, { errorLog, readHeaderTimeout: HEAD_TIMEOUT });
const listener = await listen('tcp', '127.0.0.1:0');
void server.serve(listener);
print(listener.addr.port);

const lines = told();
for (;;) {
  const { done } = await lines.next();
  if (done === true) break;
  // Twice: the memory of buffers is given back after a collection, by another thread.
  for (let i = 0; i < 2; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const connections = server.connections.size;
  print({ memory: heap + external, timers, connections, unhandled, log, logged });
}
server.close();
