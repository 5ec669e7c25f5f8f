/** A file into a connection: conn.sendfile. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import {
  ErrClosed,
  ErrDeadlineExceeded,
  linux,
  OpError,
  Stack,
  type TCPConn,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EBADF, EINTR } from '../../src/syscall/errno.ts';
import { F_GETFD, O_CLOEXEC } from '../../src/syscall/fcntl.ts';
import { socketCreator, socketCreators } from './creators.ts';
import { noIPv6 } from './machine.ts';
import { failure, stillWaiting } from './settling.ts';
import { RandomBytes, readFull, readToEnd, withPair } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

const seed = Number(process.env['NETFD_SEED'] ?? randomInt(1, 2 ** 31));
const folder = mkdtempSync(join(tmpdir(), 'netfd-sendfile-'));
const path = join(folder, 'file');
// More than a socket has room for, and more than one call is asked for.
const bytes = Buffer.from(new RandomBytes(seed).fill(new Uint8Array((17 << 20) + 17)));
writeFileSync(path, bytes);
after(() => rmSync(folder, { recursive: true }));

for (const creator of socketCreators(new Stack(linux))) {
  const skip = creator.name === 'tcp6' && noIPv6;
  const withFile =
    (use: (conn: TCPConn, peer: TCPConn, file: { fd: number }) => Promise<void>) =>
    async (): Promise<void> => {
      await using file = await open(path);
      await withPair(creator, (one, other) => use(one as TCPConn, other as TCPConn, file));
    };

  suite(`sendfile: ${creator.name} (seed ${seed})`, { skip }, () => {
    test(
      'the whole file, and nothing comes in between',
      withFile(async (conn, peer, file) => {
        const reading = readToEnd(peer);
        const sending = [conn.sendfile(file), conn.write('after it')];
        assert.deepEqual(await Promise.all(sending), [bytes.length, 8]);
        assert.equal(await conn.sendfile(file), 0); // the file's own offset has moved
        conn.closeWrite();
        assert.ok((await reading).equals(Buffer.concat([bytes, Buffer.from('after it')])));
      }),
    );

    test(
      'a part, and the offset of the file stays',
      withFile(async (conn, peer, { fd }) => {
        const offset = bytes.length - 10;
        assert.equal(await conn.sendfile(fd, { offset: 3, length: 1000 }), 1000);
        assert.equal(await conn.sendfile(fd, { offset }), 10);
        assert.equal(await conn.sendfile(fd, { offset: bytes.length }), 0);
        assert.equal(await conn.sendfile(fd, { length: 0 }), 0);
        assert.equal(await conn.sendfile(fd, { length: 5 }), 5);
        const parts = [bytes.subarray(3, 1003), bytes.subarray(offset), bytes.subarray(0, 5)];
        assert.ok((await readFull(peer, 1015)).equals(Buffer.concat(parts)));
      }),
    );

    test(
      'a failure says how far it came',
      withFile(async (conn, peer, file) => {
        const sending = failure(conn.sendfile(file));
        assert.ok(await stillWaiting(sending));
        conn.setWriteDeadline(new Date(1000));
        const error = await sending;
        assert.ok(error instanceof OpError && error.cause === ErrDeadlineExceeded);
        assert.equal(error.op, 'readfrom');
        conn.setWriteDeadline(null);
        conn.closeWrite();
        const got = await readToEnd(peer);
        assert.equal(got.length, error.bytesWritten);
        assert.ok(got.equals(bytes.subarray(0, got.length)));
        conn.close();
        assert.equal((await failure(conn.sendfile(file))).cause, ErrClosed);
      }),
    );
  });
}

test('a file that is closed while it is sent: nothing of what has its number then', async () => {
  const [creator] = socketCreators(new Stack(linux));
  await withPair(creator!, async (one, other) => {
    const file = await open(path);
    const { fd } = file;
    const sending = failure((one as TCPConn).sendfile(file));
    assert.ok(await stillWaiting(sending));
    await file.close();
    const reused = openSync(path, 'r');
    if (reused !== fd) assert.equal(linux.kernel.dup3(reused, fd, O_CLOEXEC), fd);
    const reading = readToEnd(other);
    const error = await sending;
    assert.ok(error instanceof OpError && error.code === 'EBADF');
    one.close();
    assert.equal((await reading).length, error.bytesWritten);
    closeSync(fd);
    if (reused !== fd) closeSync(reused);
  });
});

test('calls that are interrupted or take little are made again', async () => {
  let calls = 0;
  const sendfile: Kernel['sendfile'] = (to, from, offset, count) =>
    ++calls % 2 === 0 ? -EINTR : real.sendfile(to, from, offset, Math.min(count, 7));
  const stack = new Stack(wrapped({ sendfile }));
  const creator = socketCreator(stack, 'tcp', 'tcp', () => '127.0.0.1:0');
  await using file = await open(path);
  await withPair(creator, async (one, other) => {
    assert.equal(await (one as TCPConn).sendfile(file, { length: 20 }), 20);
    assert.ok((await readFull(other, 20)).equals(bytes.subarray(0, 20)));
    assert.equal(calls, 5);
  });
});

test('others have their turn while a peer takes everything; a close ends it', async () => {
  let calls = 0;
  const sendfile: Kernel['sendfile'] = (to, from, offset, count) => {
    calls++;
    return real.sendfile(to, from, offset, Math.min(count, 1));
  };
  const stack = new Stack(wrapped({ sendfile }));
  const creator = socketCreator(stack, 'tcp', 'tcp', () => '127.0.0.1:0');
  await using file = await open(path);
  await withPair(creator, async (one, other) => {
    const conn = one as TCPConn;
    const sending = conn.sendfile(file, { length: 100 });
    assert.ok(calls < 100);
    // Nothing comes in between even so.
    const [sent] = await Promise.all([sending, conn.write('after')]);
    assert.equal(sent, 100);
    assert.ok((await readFull(other, 100)).equals(bytes.subarray(0, 100)));
    assert.equal(String(await readFull(other, 5)), 'after');
    const closed = failure(conn.sendfile(file, { length: 100 }));
    const { sysfd } = conn.fd;
    conn.close();
    assert.equal(linux.kernel.fcntl(sysfd, F_GETFD, 0), -EBADF); // at once
    const error = await closed;
    assert.ok(error instanceof OpError && error.cause === ErrClosed);
    assert.ok((error.bytesWritten ?? 100) < 100);
  });
});

test('what is no regular file, and mistakes', async () => {
  const ends = new Int32Array(2);
  assert.equal(linux.kernel.pipe2(ends, O_CLOEXEC), 0);
  const [creator] = socketCreators(new Stack(linux));
  await withPair(creator!, async (one) => {
    const conn = one as TCPConn;
    const error = await failure(conn.sendfile(ends[0]!));
    assert.match(error.message, /^readfrom tcp \S+: sendfile: invalid argument$/);
    assert.equal((error as OpError).bytesWritten, 0);
    const bad = (value: unknown): never => value as never;
    for (const [args, text] of [
      [['file'], /^sendfile: file must be a descriptor or an object with a number fd$/],
      [[3, null], /^sendfile: options must be an object$/],
      [[3, { offset: -1 }], /^sendfile: option offset must be an integer/],
      [[3, { length: 0.5 }], /^sendfile: option length must be an integer/],
    ] as const) {
      const mistake = await failure(conn.sendfile(bad(args[0]), bad(args[1])));
      assert.ok(mistake instanceof TypeError);
      assert.match(mistake.message, text);
    }
  });
  for (const end of ends) linux.kernel.close(end);
});
