/**
 * netfd/syscall blocks as C does: a worker makes a call, is seen to wait in the kernel, and is woken by
 * the other end. That it waits is what /proc tells: the call that a thread is in, with its arguments.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  accept,
  AF_INET,
  AF_UNIX,
  bind,
  connect,
  ioctl,
  listen,
  O_CLOEXEC,
  pipe2,
  read,
  recv,
  send,
  SHUT_RD,
  shutdown,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  write,
  SIOCOUTQ,
} from '../../src/syscall.ts';
import type { Before, Scene } from './programs/blocking.ts';
import { closing, inet, listening, unix, unixPair } from './sockets.ts';

const program = new URL('./programs/blocking.js', import.meta.url);

/** Until a thread is in a call whose argument `index` (from 0) is this. */
async function waits(task: string, index: number, argument: number): Promise<void> {
  const wanted = `0x${argument.toString(16)}`;
  const inCall = (): string[] => readFileSync(`/proc/${task}/syscall`, 'latin1').split(' ');
  while (inCall()[1 + index] !== wanted) await delay(1);
}

interface Blocked {
  /** What the call gives. */
  readonly result: Promise<unknown>;
  /** Whether it has. */
  readonly ended: () => boolean;
}

/** A worker that is blocked: the argument `index` of its call is `argument`, the descriptor. */
async function blocked(
  t: TestContext,
  scene: Scene,
  index: number = 0,
  argument: number = scene.fd,
): Promise<Blocked> {
  const worker = new Worker(program, { workerData: scene });
  const [{ task }] = (await once(worker, 'message')) as [Before];
  let ended = false;
  const result = once(worker, 'message').then(([value]: unknown[]) => {
    ended = true;
    return value;
  });
  t.after(() => worker.terminate());
  await waits(task, index, argument);
  return { result, ended: () => ended };
}

function pipeEnds(t: TestContext): [number, number] {
  const [reader, writer] = closing(t, ...pipe2(O_CLOEXEC));
  return [writer, reader];
}

const LIMIT = { timeout: 60_000 };

suite('a call blocks until the other end wakes it', LIMIT, () => {
  test('accept', async (t) => {
    const [listener, port] = listening(t);
    const { result } = await blocked(t, { name: 'accept', fd: listener });
    const [client] = closing(t, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC));
    connect(client, inet(port));
    const fd = (await result) as number;
    closing(t, fd);
    assert.equal(send(client, 'x'), 1);
    assert.equal(recv(fd, new Uint8Array(1)), 1);
  });

  test('connect, to a unix socket whose queue is full', async (t) => {
    const name = unix(`\0netfd-full-${process.pid}`);
    const type = SOCK_STREAM | SOCK_CLOEXEC;
    const [listener, one, two] = closing(
      t,
      ...([socket(AF_UNIX, type), socket(AF_UNIX, type), socket(AF_UNIX, type)] as const),
    );
    bind(listener, name);
    listen(listener, 0);
    connect(one, name);
    const { result } = await blocked(t, { name: 'connect', fd: two, addr: name });
    closing(t, accept(listener).fd);
    assert.equal(await result, undefined);
    closing(t, accept(listener).fd);
  });

  test('recv, read and recvmsg', async (t) => {
    for (const name of ['recv', 'read', 'recvmsg'] as const) {
      const [a, b] = unixPair(t);
      const { result } = await blocked(t, { name, fd: b });
      send(a, 'abc');
      assert.equal(await result, 3);
    }
  });

  test('recv with MSG_WAITALL, until all of it is there', async (t) => {
    const [a, b] = unixPair(t);
    const { result, ended } = await blocked(t, { name: 'waitall', fd: b });
    send(a, 'abcdef');
    // The bytes are taken, and it waits for the rest.
    while (ioctl(a, SIOCOUTQ) > 0) await delay(1);
    assert.equal(ended(), false);
    send(a, 'ghij');
    assert.equal(await result, 10);
  });

  test('recvmmsg, until there are as many as were asked for', async (t) => {
    const [a, b] = unixPair(t, SOCK_DGRAM);
    const { result } = await blocked(t, { name: 'recvmmsg', fd: b });
    send(a, 'one');
    send(a, 'four');
    assert.deepEqual(await result, [3, 4]);
  });

  test('send and write, until all is taken', async (t) => {
    for (const name of ['send', 'write'] as const) {
      const [a, b] = name === 'send' ? unixPair(t) : pipeEnds(t);
      const { result } = await blocked(t, { name, fd: a });
      const buf = new Uint8Array(1 << 20);
      let size = 0;
      while (size < 8 << 20) size += read(b, buf);
      assert.equal(await result, 8 << 20);
    }
  });

  test('select, poll and epoll_wait', async (t) => {
    const [a, b] = unixPair(t);
    const all = [
      await blocked(t, { name: 'select', fd: b }, 0, b + 1),
      await blocked(t, { name: 'poll', fd: b }, 1, 37),
      await blocked(t, { name: 'epoll_wait', fd: b }, 2, 37),
    ];
    assert.deepEqual(
      all.map(({ ended }) => ended()),
      [false, false, false],
    );
    write(a, 'x');
    assert.deepEqual(await Promise.all(all.map(({ result }) => result)), [1, 37, [b]]);
  });

  test('shutdown wakes who reads', async (t) => {
    const [, b] = unixPair(t);
    const { result } = await blocked(t, { name: 'recv', fd: b });
    shutdown(b, SHUT_RD);
    assert.equal(await result, 0);
  });
});

test('a signal that is handled ends a call: EINTR', LIMIT, async (t) => {
  const path = fileURLToPath(new URL('./programs/interrupted.js', import.meta.url));
  const child = spawn(process.execPath, [path, '53'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const output = child.stdout.setEncoding('utf8');
  const closed = once(child, 'close');
  assert.deepEqual(await once(output, 'data'), ['ready\n']);
  await waits(String(child.pid), 2, 53);
  let said = '';
  output.on('data', (chunk: string) => (said += chunk));
  child.kill('SIGUSR2');
  await closed;
  assert.equal(said, 'epoll_wait EINTR true\n');
});
