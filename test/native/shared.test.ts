/**
 * Memory that another thread writes to while a call is made: what was checked is what the kernel gets. A
 * thread changes a length, or the end of a path, all the time, between a value that fits and one that
 * does not; the kernel must neither write nor read outside of the buffer.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { AT_FDCWD, O_CLOEXEC } from '../../src/syscall/fcntl.ts';
import {
  AF_UNIX,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_PEERCRED,
} from '../../src/syscall/socket.ts';
import { callOf } from './addon.ts';

const CALLS = 50_000;
const GUARD = 0xa5;

/** Where the word is that changes, among the words. */
const AT = 64;
const BYTES_AT = AT * 4;

/** Until word 0 is 2: changes the word between words 1 and 2. */
const FLIP = `
  const words = require('node:worker_threads').workerData;
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  while (Atomics.load(words, 0) === 1) {
    for (let i = 0; i < 1000; i++) words[${AT}] = words[1 + (i & 1)];
  }
`;

/** Uses memory in which a thread sets the word {@link AT} to `fits` and to `tooMuch` in turn. */
async function withFlipping(
  fits: number,
  tooMuch: number,
  use: (memory: SharedArrayBuffer) => void,
): Promise<void> {
  const words = new Int32Array(new SharedArrayBuffer(4096));
  words.set([0, fits, tooMuch]);
  words[AT] = fits;
  const worker = new Worker(FLIP, { eval: true, workerData: words });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  Atomics.wait(words, 0, 0, 30_000);
  try {
    use(words.buffer as SharedArrayBuffer);
  } finally {
    Atomics.store(words, 0, 2);
    await ended;
  }
}

/** Makes many calls, each of which gives 0 or is refused. */
function makeCalls(call: () => number): void {
  for (let i = 0; i < CALLS; i++) {
    try {
      assert.equal(call(), 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** Makes the call with a buffer of 4 bytes and a length that is 4 and `tooMuch`. */
async function testLength(
  tooMuch: number,
  call: (bytes: Uint8Array, length: Uint32Array) => number,
): Promise<void> {
  await withFlipping(4, tooMuch, (memory) => {
    const bytes = new Uint8Array(memory, 1024, 4);
    const length = new Uint32Array(memory, BYTES_AT, 1);
    const behind = new Uint8Array(memory, 1028, 1024).fill(GUARD);
    makeCalls(() => call(bytes, length));
    assert.ok(
      behind.every((byte) => byte === GUARD),
      'the kernel wrote behind the buffer',
    );
  });
}

suite('a length that changes', () => {
  const socket = (): number => callOf('socket')(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  test('of an option', async () => {
    const fd = socket();
    await testLength(12, (bytes, length) =>
      callOf('getsockopt')(fd, SOL_SOCKET, SO_PEERCRED, bytes, length),
    );
    callOf('close')(fd);
  });

  test('of an address', async () => {
    const fd = socket();
    const name = `netfd-shared-${process.pid}-`.padEnd(100, 'x');
    const addr = Uint8Array.from([AF_UNIX, 0, 0, ...Buffer.from(name)]);
    assert.equal(callOf('bind')(fd, addr, addr.length), 0);
    await testLength(110, (bytes, length) => callOf('getsockname')(fd, bytes, length));
    callOf('close')(fd);
  });
});

test('the end of a path that goes away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-'));
  try {
    // FOLDER, which can be opened, or without its end FOLDER////file, which is no folder.
    writeFileSync(`${folder}/file`, '');
    const O_DIRECTORY = process.arch === 'arm64' ? 0o40000 : 0o200000;
    await withFlipping(0, Buffer.from('////').readInt32LE(), (memory) => {
      const text = Buffer.from(folder);
      const start = BYTES_AT - text.length;
      new Uint8Array(memory).set(text, start);
      new Uint8Array(memory).set(Buffer.from('file\0'), BYTES_AT + 4);
      const path = new Uint8Array(memory, start, text.length + 4);
      const open = (): number => {
        const fd = callOf('openat')(AT_FDCWD, path, O_DIRECTORY | O_CLOEXEC, 0);
        return fd < 0 ? fd : callOf('close')(fd);
      };
      makeCalls(open);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
