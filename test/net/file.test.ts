/**
 * A poll descriptor over what is no socket: a regular file, which epoll refuses and which is therefore
 * read in blocking mode; and a pipe of the kernel, which waits like a socket.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { linux } from '../../src/kernel/linux.ts';
import { ErrClosed } from '../../src/poll/errors.ts';
import { type Explainer, FD } from '../../src/poll/fd.ts';
import { EBADF, EPERM } from '../../src/syscall/errno.ts';
import { cString } from '../../src/syscall/c-string.ts';
import {
  AT_FDCWD,
  F_GETFD,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
} from '../../src/syscall/fcntl.ts';
import { SyscallError } from '../../src/syscall/syscall-error.ts';
import { unixPath } from './creators.ts';
import { failure, stillWaiting, thrown } from './settling.ts';
import { RandomBytes } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

const plain: Explainer = { explain: (_op, cause) => cause };

function open(path: string, flags: number): number {
  const fd = real.openat(AT_FDCWD, cString(path), flags | O_CLOEXEC, 0);
  assert.ok(fd >= 0);
  return fd;
}

async function readAll(fd: FD, size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const buf = new Uint8Array(size);
    const count = await fd.read(buf);
    if (count === null) return Buffer.concat(pieces);
    pieces.push(buf.subarray(0, count));
  }
}

suite('a regular file', () => {
  test('is read to its end and written, though epoll refuses it', async () => {
    const path = unixPath();
    const content = new RandomBytes(6).fill(new Uint8Array(100_001));
    writeFileSync(path, content);
    const results: number[] = [];
    const system = wrapped({
      epoll_ctl(...args) {
        results.push(real.epoll_ctl(...args));
        return results.at(-1)!;
      },
    });
    const options = { zeroReadIsEnd: true, shortReadDrains: true };
    const reader = new FD(system, open(path, O_RDONLY), plain, options);
    reader.init();
    assert.deepEqual(results, [-EPERM]);
    assert.ok((await readAll(reader, 1000)).equals(content), 'a short read drains nothing here');
    assert.equal(reader.tryRead(new Uint8Array(8)), null);
    reader.close();
    assert.equal(real.fcntl(reader.sysfd, F_GETFD, 0), -EBADF);
    assert.deepEqual(results, [-EPERM], 'what was not added is not taken out');
    assert.equal(
      thrown(() => reader.close()),
      ErrClosed,
    );

    const writer = new FD(system, open(path, O_WRONLY), plain, options);
    writer.init();
    assert.equal(await writer.write(Buffer.from('begin'), 0), 5);
    writer.close();
    const again = new FD(system, open(path, O_RDONLY), plain, options);
    again.init();
    assert.equal((await readAll(again, 5)).subarray(0, 8).toString('latin1').slice(0, 5), 'begin');
    again.close();
  });

  test('an error of the call is told as it is', async () => {
    const fd = new FD(linux, open('/', O_RDONLY), plain, {
      zeroReadIsEnd: true,
      shortReadDrains: false,
    });
    fd.init();
    const error = await failure(fd.read(new Uint8Array(8)));
    assert.ok(error instanceof SyscallError);
    assert.equal(error.message, 'read: is a directory');
    fd.close();
  });
});

test('a pipe waits, and its descriptor is closed when what uses it has ended', async () => {
  const ends = new Int32Array(2);
  assert.equal(real.pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const options = { zeroReadIsEnd: true, shortReadDrains: true };
  const [reader, writer] = [...ends].map((sysfd) => new FD(linux, sysfd, plain, options)) as [
    FD,
    FD,
  ];
  reader.init();
  writer.init();
  const reading = readAll(reader, 7);
  assert.ok(await stillWaiting(reading));
  const sent = new RandomBytes(7).fill(new Uint8Array(200_000));
  assert.equal(await writer.write(sent, 0), sent.length);
  writer.control('close', (sysfd) => {
    writer.close();
    assert.notEqual(real.fcntl(sysfd, F_GETFD, 0), -EBADF, 'still in use');
  });
  assert.equal(real.fcntl(writer.sysfd, F_GETFD, 0), -EBADF);
  assert.ok((await reading).equals(sent));
  reader.close();
});
