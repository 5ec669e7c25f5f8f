/**
 * Opens and closes connections to itself, `churn.js COUNT` of them after a warm-up, and prints what is
 * left of them: run by volume.test.ts with --expose-gc.
 */
import { setImmediate as immediate } from 'node:timers/promises';
import { dial, listen, type TCPListener } from '../../../src/index.ts';
import { openDescriptors } from '../machine.ts';
import { readFull } from '../traffic.ts';
import { print } from './output.ts';

const count = Number(process.argv[2]);
const WARM_UP = 1000;
const AT_ONCE = 8;

/** The client's addresses: a port that was used waits for a while before it is used again. */
const HOSTS = 16;

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

async function serve(listener: TCPListener): Promise<void> {
  for await (const conn of listener) {
    void (async () => {
      await conn.write(await readFull(conn, 1));
      conn.close();
    })();
  }
}

let dialled = 0;

async function connections(port: number, until: number): Promise<void> {
  while (dialled < until) {
    const number = dialled++;
    const conn = await dial('tcp4', `127.0.0.${1 + (number % HOSTS)}:${port}`);
    await conn.write(Uint8Array.of(number & 255));
    const [byte] = await readFull(conn, 1);
    if (byte !== (number & 255)) throw new Error(`connection ${number} got ${byte}`);
    if ((await conn.read(new Uint8Array(1))) !== null) throw new Error('it is not at its end');
    conn.close();
  }
}

interface Left {
  readonly descriptors: number;
  readonly heap: number;
  readonly buffers: number;
}

async function left(): Promise<Left> {
  for (let i = 0; i < 10; i++) {
    collect!();
    await immediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { descriptors: openDescriptors(), heap: heapUsed, buffers: arrayBuffers };
}

async function run(port: number, number: number): Promise<Left> {
  const until = dialled + number;
  await Promise.all(Array.from({ length: AT_ONCE }, () => connections(port, until)));
  return left();
}

const listener = await listen('tcp4', ':0');
const serving = serve(listener);
const before = await run(listener.addr.port, WARM_UP);
const after = await run(listener.addr.port, count);
print({
  dialled: dialled - WARM_UP,
  descriptors: after.descriptors - before.descriptors,
  heap: after.heap - before.heap,
  buffers: after.buffers - before.buffers,
});
listener.close();
await serving;
