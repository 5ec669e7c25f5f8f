/**
 * Passes descriptors to itself over a unix socket, `descriptors.js COUNT` of them after a warm-up, and
 * prints what is left of them: run by volume.test.ts with --expose-gc. A tenth comes one by one, the
 * others in messages of up to 253; now and then more come than were asked for, which must not stay either.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { DescriptorsLostError, dial, listen, OpError, type UnixConn } from '../../../src/index.ts';
import { openDescriptors } from '../machine.ts';
import { print } from './output.ts';

const count = Number(process.argv[2]);
const WARM_UP = 20_000;

/** The most in one message, and after how many messages one is refused. */
const MOST = 253;
const REFUSED = 10;

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const file = openSync('/dev/null', 'r');
const { ino } = fstatSync(file);

async function take(receiver: UnixConn, size: number): Promise<void> {
  const received = await receiver.receiveDescriptors(MOST);
  if (received?.fds.length !== size) throw new Error(`${received?.fds.length} of ${size} came`);
  if (fstatSync(received.fds[size - 1]!).ino !== ino) throw new Error('another file came');
  received.close();
}

async function refuse(receiver: UnixConn, size: number): Promise<void> {
  try {
    await receiver.receiveDescriptors(size - 1);
  } catch (error) {
    if (error instanceof OpError && error.cause instanceof DescriptorsLostError) return;
    throw error;
  }
  throw new Error('more came than were asked for');
}

interface Left {
  readonly seconds: number;
  readonly descriptors: number;
  readonly heap: number;
  readonly buffers: number;
  readonly memory: number;
}

async function run(sender: UnixConn, receiver: UnixConn, number: number): Promise<Left> {
  const begin = performance.now();
  for (let passed = 0, turn = 1; passed < number; turn++) {
    const many = passed > number / 10 ? 1 + ((turn * 97) % MOST) : 1;
    const size = Math.min(many, number - passed);
    const fds = Array.from({ length: size }, () => file);
    const receiving = turn % REFUSED === 0 ? refuse(receiver, size) : take(receiver, size);
    await Promise.all([sender.sendDescriptors(fds), receiving]);
    passed += size;
  }
  const seconds = (performance.now() - begin) / 1000;
  for (let i = 0; i < 10; i++) {
    collect!();
    await immediate();
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const left = { heap: heapUsed, buffers: arrayBuffers, memory: rss };
  return { seconds, descriptors: openDescriptors(), ...left };
}

const listener = await listen('unix', `@netfd-descriptors-${process.pid}`);
const [sender, receiver] = await Promise.all([dial('unix', listener.addr.name), listener.accept()]);
const before = await run(sender, receiver, WARM_UP);
const after = await run(sender, receiver, count);
print({
  seconds: after.seconds,
  descriptors: after.descriptors - before.descriptors,
  heap: after.heap - before.heap,
  buffers: after.buffers - before.buffers,
  memory: after.memory - before.memory,
});
for (const conn of [sender, receiver, listener]) conn.close();
closeSync(file);
