/**
 * What a worker of worker.test.ts does: opens and registers descriptors through a System of its own,
 * says "ready", and then is terminated, exits, throws or ends, as `workerData.scene` has it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { linux } from '../../src/kernel/linux.ts';
import { type Explainer, FD } from '../../src/poll/fd.ts';
import { EPOLL_CTL_ADD, EPOLLIN, EPOLLOUT } from '../../src/syscall/epoll.ts';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from '../../src/syscall/socket.ts';
import { Stack } from '../../src/net/stack.ts';
import { addon } from './addon.ts';

const { kernel } = linux;
/** A parking ends when its handle is collected as garbage, as it would be in a local variable. */
let parked: object | null = null;
/** Nothing of it is garbage. */
const kept: unknown[] = [];

const explainer: Explainer = { explain: (_op, cause) => cause };

/** Two connected sockets, as the poll layer has them. */
function connectedPair(): FD[] {
  const sv = new Int32Array(2);
  const result = kernel.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv);
  if (result < 0) throw new Error(`socketpair: ${result}`);
  return Array.from(sv, (sysfd) => {
    const options = { zeroReadIsEnd: true, shortReadDrains: false };
    const fd = new FD(linux, sysfd, explainer, options);
    fd.init();
    return fd;
  });
}

/** Ten pairs of sockets, with a read that waits on each. */
function waitOnMany(): FD[] {
  const fds = Array.from({ length: 10 }, connectedPair).flat();
  for (const fd of fds) void fd.read(new Uint8Array(16)).catch(() => {});
  return fds;
}

/** Sends a byte to and fro without end. */
async function playBall(): Promise<void> {
  const [left, right] = connectedPair();
  const buf = new Uint8Array(1);
  await left!.write(buf, 0);
  for (;;) {
    await right!.read(buf);
    await right!.write(buf, 0);
    await left!.read(buf);
    await left!.write(buf, 0);
  }
}

/**
 * Twenty connections that were accepted: half of them never waited for anything, the others have and are
 * registered.
 */
async function acceptMany(): Promise<void> {
  const stack = new Stack(linux);
  const listener = await stack.listen('tcp', '127.0.0.1:0');
  for (let i = 0; i < 20; i++) {
    const client = await new Stack({ ...linux }).dial('tcp', String(listener.addr));
    const conn = await listener.accept();
    if (i % 2 === 0) void conn.read(new Uint8Array(1)).catch(() => {});
    kept.push(client, conn);
  }
}

/** Parks by the thread that other runtimes need, on sockets that are always writable. */
function parkByThread(): void {
  const epfd = kernel.epoll_create1(0);
  const sv = new Int32Array(2);
  kernel.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv);
  for (const sysfd of sv) {
    const event = new Uint32Array([EPOLLIN | EPOLLOUT, sysfd, 0]);
    kernel.epoll_ctl(epfd, EPOLL_CTL_ADD, sysfd, event);
  }
  parked = addon.park(epfd, () => true, true);
  addon.parkRef(parked);
}

const scenes: Readonly<Record<string, () => void | Promise<void>>> = {
  wait: () => void waitOnMany(),
  'play ball': () => void playBall(),
  'wait by thread': parkByThread,
  accept: acceptMany,
  exit() {
    waitOnMany();
    setImmediate(() => process.exit(3));
  },
  throw() {
    waitOnMany();
    setImmediate(() => {
      throw new Error('from the worker');
    });
  },
  'close all and end'() {
    for (const fd of waitOnMany()) fd.close();
  },
};

await scenes[workerData.scene as string]?.();
parentPort?.postMessage(parked === null ? 'ready' : 'ready and parked');
