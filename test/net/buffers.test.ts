/** Several buffers in one operation: writev, readv, writeBuffers. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  ErrClosed,
  ErrClosedPipe,
  ErrDeadlineExceeded,
  linux,
  OpError,
  Stack,
  type TCPConn,
  writeBuffers,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EINTR } from '../../src/syscall/errno.ts';
import { pipeCreator, socketCreator, socketCreators } from './creators.ts';
import { noIPv6 } from './machine.ts';
import { failure, stillWaiting } from './settling.ts';
import { RandomBytes, readFull, readToEnd, withPair } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

const seed = Number(process.env['NETFD_SEED'] ?? randomInt(1, 2 ** 31));

/** Buffers of all sizes, many of them empty, and the bytes of all together. */
function randomBuffers(count: number, largest: number): { buffers: Uint8Array[]; all: Buffer } {
  const random = new RandomBytes(seed);
  const sizes = new DataView(random.fill(new Uint8Array(4 * count)).buffer);
  const buffers = Array.from({ length: count }, (_, i) => {
    const size = sizes.getUint32(4 * i);
    return random.fill(new Uint8Array(size % 3 === 0 ? 0 : size % largest));
  });
  return { buffers, all: Buffer.concat(buffers) };
}

for (const creator of socketCreators(new Stack(linux))) {
  const skip = creator.name === 'tcp6' && noIPv6;
  const withConns =
    (use: (conn: TCPConn, peer: TCPConn) => Promise<void>): (() => Promise<void>) =>
    () =>
      withPair(creator, (one, other) => use(one as TCPConn, other as TCPConn));

  suite(`several buffers: ${creator.name}`, { skip }, () => {
    test(
      `all of them, in order, and nothing is consumed (seed ${seed})`,
      withConns(async (conn, peer) => {
        const { buffers, all } = randomBuffers(3000, 5000);
        const kept = [...buffers];
        const reading = readToEnd(peer);
        assert.equal(await conn.writev(buffers), all.length);
        conn.closeWrite();
        assert.ok((await reading).equals(all));
        assert.deepEqual(buffers, kept);
      }),
    );

    test(
      'one write, so that nothing comes in between',
      withConns(async (conn, peer) => {
        // More than there is room for while nobody reads.
        const first = Array.from({ length: 256 }, () => Buffer.alloc(1 << 16, 'a'));
        const writing = [conn.writev(first), conn.write('b'), conn.writev(['c', 'd'])];
        assert.ok(await stillWaiting(writing[0]!, writing[2]!));
        const got = await readFull(peer, (1 << 24) + 3);
        assert.deepEqual(await Promise.all(writing), [1 << 24, 1, 2]);
        assert.equal(got.indexOf('b'), 1 << 24);
        assert.equal(got.toString('latin1', 1 << 24), 'bcd');
      }),
    );

    test(
      'a failure says how far it came',
      withConns(async (conn, peer) => {
        const writing = conn.writev([Buffer.alloc(1 << 23), Buffer.alloc(1 << 23)]);
        assert.ok(await stillWaiting(writing));
        conn.setWriteDeadline(new Date(1000));
        const error = await failure(writing);
        assert.ok(error instanceof OpError && error.cause === ErrDeadlineExceeded);
        assert.equal(error.op, 'writev');
        conn.setWriteDeadline(null);
        conn.closeWrite();
        assert.equal((await readToEnd(peer)).length, error.bytesWritten);
        conn.close();
        const closed = await failure(conn.writev([]));
        assert.equal(closed.cause, ErrClosed);
        assert.equal((closed as OpError).bytesWritten, 0);
      }),
    );

    test(
      'readv fills one after the other',
      withConns(async (conn, peer) => {
        await peer.write('abcdef');
        const into = [new Uint8Array(2), new Uint8Array(0), new Uint8Array(3)];
        assert.equal(await conn.readv(into), 5);
        assert.equal(Buffer.concat(into).toString(), 'abcde');
        assert.equal(await conn.readv([new Uint8Array(4), new Uint8Array(4)]), 1);
        assert.equal(await conn.readv([new Uint8Array(0)]), 0);
        const waiting = conn.readv(into);
        assert.ok(await stillWaiting(waiting));
        peer.closeWrite();
        assert.equal(await waiting, null);
      }),
    );

    test(
      'mistakes are told',
      withConns(async (conn) => {
        const bad = (value: unknown): never => value as never;
        for (const value of [null, 'text', [1], [null]]) {
          assert.ok((await failure(conn.writev(bad(value)))) instanceof TypeError);
          assert.ok((await failure(conn.readv(bad(value)))) instanceof TypeError);
        }
        assert.ok((await failure(conn.readv(bad(['text'])))) instanceof TypeError);
      }),
    );
  });
}

test('a buffer that is taken away while the write waits is an error', async () => {
  const [creator] = socketCreators(new Stack(linux));
  await withPair(creator!, async (one, other) => {
    const large = [new Uint8Array(1 << 23), new Uint8Array(1 << 23)];
    const writing = failure((one as TCPConn).writev(large));
    assert.ok(await stillWaiting(writing));
    structuredClone(large[1], { transfer: [large[1]!.buffer] });
    while (await stillWaiting(writing)) await other.read(new Uint8Array(1 << 20));
    const error = await writing;
    assert.match(error.message, /^writev: a buffer was detached or resized while waiting$/);
    assert.ok((error as OpError).bytesWritten! <= 1 << 23);
  });
});

test('calls that take little, or are interrupted, are made again', async () => {
  const calls: number[] = [];
  const writev: Kernel['writev'] = (fd, iov) => {
    const buffers = iov as readonly Uint8Array[];
    calls.push(buffers.length);
    if (calls.length % 3 === 0) return -EINTR;
    return real.write(fd, buffers[0]!, Math.min(2, buffers[0]!.length));
  };
  const creator = socketCreator(new Stack(wrapped({ writev })), 'tcp', 'tcp', () => '127.0.0.1:0');
  await withPair(creator, async (one, other) => {
    const parts = ['abc', '', 'defgh', 'i'];
    assert.equal(await (one as TCPConn).writev(parts), 9);
    assert.equal((await readFull(other, 9)).toString(), 'abcdefghi');
    assert.deepEqual(calls, [3, 3, 2, 2, 2, 2, 2, 1]);
  });
});

suite('writeBuffers', () => {
  test('one writev to a socket, one write for each buffer to anything else', async () => {
    const [creator] = socketCreators(new Stack(linux));
    for (const kind of [creator!, pipeCreator]) {
      await withPair(kind, async (one, other) => {
        const writing = writeBuffers(one, ['ab', new Uint8Array(0), Buffer.from('cd')]);
        assert.equal((await readFull(other, 4)).toString(), 'abcd');
        assert.equal(await writing, 4);
      });
    }
    const written: (Uint8Array | string)[] = [];
    const writer = {
      write(data: Uint8Array | string): Promise<number> {
        return Promise.resolve(written.push(data) && data.length);
      },
    };
    assert.equal(await writeBuffers(writer, ['', 'ab', Buffer.from('c')]), 3);
    assert.deepEqual(written, [Uint8Array.of(97, 98), Buffer.from('c')]);
  });

  test('a failure counts all bytes, and an error that stands for many is not changed', async () => {
    await withPair(pipeCreator, async (one, other) => {
      const writing = failure(writeBuffers(one, ['abc', 'defg']));
      await readFull(other, 5);
      one.setWriteDeadline(new Date(1000));
      assert.equal(((await writing) as OpError).bytesWritten, 5);
      one.setWriteDeadline(null);
      other.close();
      assert.equal(await failure(writeBuffers(one, ['x'])), ErrClosedPipe);
    });
    await withPair(pipeCreator, async (one, other) => {
      const writing = failure(writeBuffers(one, ['abc', 'defg']));
      await readFull(other, 3);
      other.close();
      const error = (await writing) as OpError;
      assert.equal(error.cause, ErrClosedPipe);
      assert.equal(error.bytesWritten, 3);
      assert.equal(ErrClosedPipe.bytesWritten, 0);
    });
  });
});
