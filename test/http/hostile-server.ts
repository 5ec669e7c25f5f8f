/**
 * A server to be attacked: run by hostile.test.ts as `hostile-server.js OPTIONS`, which are those of a Server as
 * JSON. It prints its port, and for each line that it is told what it has in memory, without what is garbage.
 */
import { getHeapStatistics } from 'node:v8';
import { handleFunc, Server } from '../../src/http.ts';
import { listen } from '../../src/index.ts';
import { print, told } from '../net/programs/output.ts';

const BLOCK = new Uint8Array(64 * 1024);

handleFunc('/hello', (w) => void w.write('hello'));

/** A long reply, written as fast as it is read. */
handleFunc('/long', async (w) => {
  for (let i = 0; i < 10_000; i++) await w.write(BLOCK);
});

/** Does not read the body. */
handleFunc('/ignore', (w) => void w.write('ignored'));

/** Reads the body and keeps nothing of it. */
handleFunc('/count', async (w, r) => {
  let count = 0;
  const buf = new Uint8Array(64 * 1024);
  for (let n = await r.body.read(buf); n !== null; n = await r.body.read(buf)) count += n;
  await w.write(String(count));
});

/** The first lines of it. */
const log: string[] = [];
const errorLog = (line: string): void => {
  if (log.length < 10) log.push(line);
};
const server = new Server(undefined, { errorLog, ...JSON.parse(process.argv[2] ?? '{}') });
const listener = await listen('tcp', '127.0.0.1:0');
void server.serve(listener);
print(listener.addr.port);

const lines = told();
for (;;) {
  const { done } = await lines.next();
  if (done === true) break;
  // Twice: the memory of buffers is given back after a collection, by another thread, and the next one
  // waits for that.
  for (let i = 0; i < 2; i++) (globalThis as { gc?: () => void }).gc?.();
  // Not process.memoryUsage, which needs a descriptor.
  const { used_heap_size: heapUsed, external_memory: external } = getHeapStatistics();
  print({ heapUsed, external, connections: server.connections.size, log });
}
server.close();
