/**
 * The part of the connection suite about not waiting and about streams: readable, tryRead, writable,
 * tryWrite, the listeners without promises, async iteration, web streams and "await using".
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conn, ReadyListener } from '../../src/net/conn.ts';
import type { Creator } from './creators.ts';
import { assertClosed, assertTimeout } from './expectations.ts';
import { deferred, failure, stillWaiting, thrown } from './settling.ts';
import { RandomBytes, readFull, readToEnd, roundTrip, withPair } from './traffic.ts';

const LONG_AGO = new Date(1000);

/** A listener that remembers what it was told. */
class Listening implements ReadyListener {
  readonly told: (Error | null)[] = [];
  readonly #first = deferred<Error | null>();

  ready(error: Error | null): void {
    this.told.push(error);
    this.#first.resolve(error);
  }

  get first(): Promise<Error | null> {
    return this.#first.promise;
  }
}

/** Waits until nothing more can be read, so that readiness is known to be false. */
function drain(conn: Conn): void {
  assert.equal(conn.tryRead(new Uint8Array(16)), undefined);
}

/** Writes until nothing more fits; gives how much did. */
async function fill(conn: Conn, data: Uint8Array): Promise<number> {
  let written = 0;
  for (let full = false; !full;) {
    const count = conn.tryWrite(data, written % 1000);
    written += count;
    full = count === 0 && (await stillWaiting(conn.writable()));
  }
  return written;
}

function reading(creator: Creator): void {
  test('tryRead: undefined while it would wait, the count, null at the end', async () => {
    await withPair(creator, async (one, other) => {
      const buf = new Uint8Array(4);
      assert.equal(one.tryRead(buf), undefined);
      assert.equal(one.tryRead(buf), undefined);
      const writing = other.write('abcdef');
      await one.readable();
      assert.equal(one.tryRead(buf), 4);
      assert.equal(one.tryRead(buf.subarray(1)), 2);
      assert.equal(Buffer.from(buf).toString(), 'aefd');
      assert.equal(await writing, 6);
      assert.equal(one.tryRead(buf), undefined);
      other.closeWrite();
      await one.readable();
      assert.equal(one.tryRead(buf), null);
      assert.equal(one.tryRead(buf), null);
    });
  });

  test('tryRead gives way to a read that waits', async () => {
    await withPair(creator, async (one, other) => {
      const waiting = readFull(one, 6);
      assert.equal(one.tryRead(new Uint8Array(8)), undefined);
      await other.write('for it');
      assert.equal((await waiting).toString(), 'for it');
    });
  });

  test('readable waits for bytes, and again after they were read', async () => {
    await withPair(creator, async (one, other) => {
      for (const text of ['first', 'second']) {
        drain(one);
        const readable = one.readable();
        assert.ok(await stillWaiting(readable));
        const writing = other.write(text);
        await readable;
        await one.readable();
        assert.equal((await readFull(one, text.length)).toString(), text);
        await writing;
      }
    });
  });

  test('readable fails when the deadline passes or the connection is closed', async () => {
    await withPair(creator, async (one) => {
      drain(one);
      const late = one.readable();
      one.setReadDeadline(Date.now() + 5);
      assertTimeout(await failure(late));
      one.setReadDeadline(LONG_AGO);
      assertTimeout(await failure(one.readable()));
      one.setReadDeadline(null);
      const cut = one.readable();
      assert.ok(await stillWaiting(cut));
      one.close();
      assertClosed(creator, 'read', one, await failure(cut));
    });
  });

  test('whenReadable tells once; forgetReadable makes it tell nothing', async () => {
    await withPair(creator, async (one, other) => {
      drain(one);
      const kept = new Listening();
      const forgotten = new Listening();
      one.whenReadable(forgotten);
      one.forgetReadable(forgotten);
      one.whenReadable(kept);
      one.forgetReadable(forgotten);
      const writing = other.write('x');
      assert.equal(await kept.first, null);
      await readFull(one, 1);
      await writing;
      one.forgetReadable(kept);
      await roundTrip(one, other);
      assert.deepEqual(kept.told, [null]);
      assert.deepEqual(forgotten.told, []);
    });
  });

  test('a forgotten wait in the queue neither tells nor blocks those behind it', async () => {
    await withPair(creator, async (one, other) => {
      const first = readFull(one, 1);
      const [forgotten, last] = [new Listening(), new Listening()];
      one.whenReadable(forgotten);
      const second = readFull(one, 1);
      one.whenReadable(last);
      one.forgetReadable(forgotten);
      await other.write('ab');
      assert.deepEqual([String(await first), String(await second)], ['a', 'b']);
      const writing = other.write('c');
      assert.equal(await last.first, null);
      await readFull(one, 1);
      await writing;
      assert.deepEqual(forgotten.told, []);
    });
  });

  test('whenReadable tells why it never will be', async () => {
    await withPair(creator, async (one) => {
      drain(one);
      const [late, cut, never] = [new Listening(), new Listening(), new Listening()];
      one.whenReadable(late);
      one.setReadDeadline(LONG_AGO);
      assertTimeout(await late.first);
      one.setReadDeadline(null);
      one.whenReadable(cut);
      one.close();
      one.whenReadable(never);
      for (const { first } of [cut, never]) {
        const error = await first;
        assert.ok(error instanceof Error);
        assertClosed(creator, 'read', one, error);
      }
    });
  });

  test('a listener that reads and waits anew from within is told each time', async () => {
    await withPair(creator, async (one, other) => {
      const { promise, resolve } = deferred<string>();
      let text = '';
      const listener: ReadyListener = {
        ready(error) {
          assert.equal(error, null);
          const buf = new Uint8Array(2);
          for (let n = one.tryRead(buf); n !== undefined; n = one.tryRead(buf)) {
            if (n === null) return resolve(text);
            text += Buffer.from(buf.subarray(0, n)).toString();
          }
          one.whenReadable(listener);
        },
      };
      one.whenReadable(listener);
      for (const piece of ['some', 'th', 'ing', ' long']) await other.write(piece);
      other.closeWrite();
      assert.equal(await promise, 'something long');
    });
  });
}

function writing(creator: Creator): void {
  const { unbuffered } = creator.differences;

  test('tryWrite: what fits, then 0; writable once the peer has read', async () => {
    await withPair(creator, async (one, other) => {
      const data = new Uint8Array(1 << 20);
      if (unbuffered !== undefined) {
        assert.equal(one.tryWrite(data), 0, 'nobody reads');
        const reads = readFull(other, data.length);
        await one.writable();
        assert.equal(one.tryWrite(data), data.length);
        await reads;
        return;
      }
      const written = await fill(one, data);
      assert.ok(written > 0);
      const writable = one.writable();
      assert.ok(await stillWaiting(writable));
      await readFull(other, written);
      await writable;
      assert.equal(one.tryWrite(Buffer.from('tail')), 4);
      assert.equal((await readFull(other, 4)).toString(), 'tail');
    });
  });

  test('tryWrite writes from offset to end', async () => {
    await withPair(creator, async (one, other) => {
      const got = readFull(other, 3);
      await one.writable();
      assert.equal(one.tryWrite(Buffer.from('abcdef'), 2, 5), 3);
      assert.equal((await got).toString(), 'cde');
      assert.equal(one.tryWrite(Buffer.from('abc'), 3), 0);
    });
  });

  test('what tryWrite took is written, whatever becomes of the buffer and of the writer', async () => {
    await withPair(creator, async (one, other) => {
      const all = readToEnd(other);
      await one.writable();
      const bytes = Buffer.from('the last words');
      assert.equal(one.tryWrite(bytes), bytes.length);
      bytes.fill(0);
      one.close();
      assert.equal((await all).toString(), 'the last words');
    });
  });

  test('whenWritable tells once; forgetWritable makes it tell nothing', async () => {
    await withPair(creator, async (one, other) => {
      const written = await fill(one, new Uint8Array(1 << 20));
      const [forgotten, kept] = [new Listening(), new Listening()];
      one.whenWritable(forgotten);
      one.whenWritable(kept);
      one.forgetWritable(forgotten);
      const reads = readFull(other, Math.max(written, 1));
      assert.equal(await kept.first, null);
      if (unbuffered !== undefined) await one.write('x');
      await reads;
      one.forgetWritable(kept);
      assert.deepEqual([forgotten.told, kept.told], [[], [null]]);
    });
  });

  test('writable fails when the deadline passes or the connection is closed', async () => {
    await withPair(creator, async (one) => {
      await fill(one, new Uint8Array(1 << 20));
      const [late, cut] = [new Listening(), new Listening()];
      one.whenWritable(late);
      one.setWriteDeadline(Date.now() + 5);
      assertTimeout(await late.first);
      one.setWriteDeadline(null);
      one.whenWritable(cut);
      assert.ok(await stillWaiting(cut.first));
      one.close();
      const error = await cut.first;
      assert.ok(error instanceof Error);
      assertClosed(creator, 'write', one, error);
    });
  });
}

function streams(creator: Creator): void {
  test('async iteration gives all bytes in buffers of their own', async () => {
    await withPair(creator, async (one, other) => {
      const sent = new RandomBytes(4).fill(new Uint8Array(300_000));
      const writing = one.write(sent).then(() => one.closeWrite());
      const chunks: Uint8Array[] = [];
      for await (const chunk of other) chunks.push(chunk);
      await writing;
      assert.ok(Buffer.concat(chunks).equals(sent));
      assert.ok(chunks.every(({ length }) => length > 0));
    });
  });

  test('leaving the iteration leaves the connection open', async () => {
    await withPair(creator, async (one, other) => {
      const writing = other.write('first');
      for await (const chunk of one) {
        assert.equal(Buffer.from(chunk).toString(), 'first');
        break;
      }
      await writing;
      await roundTrip(one, other);
    });
  });

  test('an echo by pipeThrough and pipeTo', async () => {
    await withPair(creator, async (one, other) => {
      const upper = new TransformStream<Uint8Array, string>({
        transform: (chunk, controller) =>
          controller.enqueue(Buffer.from(chunk).toString().toUpperCase()),
      });
      const echo = other.readStream.pipeThrough(upper).pipeTo(other.writeStream);
      const writer = one.writeStream.getWriter();
      const reading = readToEnd(one);
      for (const piece of ['loud', 'er ', 'please']) await writer.write(piece);
      await writer.close();
      await echo;
      assert.equal((await reading).toString(), 'LOUDER PLEASE');
    });
  });

  test('a read stream reads nothing before it is asked', async () => {
    await withPair(creator, async (one, other) => {
      const reader = one.readStream.getReader();
      const writing = other.write('asked for');
      assert.equal((await readFull(one, 5)).toString(), 'asked');
      const { value } = await reader.read();
      assert.equal(Buffer.from(value ?? []).toString(), ' for');
      await writing;
    });
  });

  test('the streams are the same each time, and fail as the connection does', async () => {
    await withPair(creator, async (one) => {
      assert.equal(one.readStream, one.readStream);
      assert.equal(one.writeStream, one.writeStream);
      one.setDeadline(LONG_AGO);
      assertTimeout(await failure(one.readStream.getReader().read()));
      assertTimeout(await failure(one.writeStream.getWriter().write('x')));
    });
  });

  test('cancelling the read stream is closeRead, aborting the write stream is close', async () => {
    await withPair(creator, async (one, other) => {
      await one.readStream.cancel();
      assert.equal(await one.read(new Uint8Array(4)), null);
      await one.writeStream.abort();
      assertClosed(
        creator,
        'read',
        one,
        thrown(() => one.tryRead(new Uint8Array(4))),
      );
      assert.equal(await other.read(new Uint8Array(4)), null);
    });
  });

  test('await using closes, and minds no close before', async () => {
    const ends = await creator.connect();
    {
      await using one = ends[0];
      await using other = ends[1];
      await roundTrip(one, other);
      other.close();
    }
    assertClosed(
      creator,
      'read',
      ends[0],
      thrown(() => ends[0].tryRead(new Uint8Array(4))),
    );
  });
}

/** Registers the tests for one kind of connection. */
export function readinessSuite(creator: Creator): void {
  reading(creator);
  writing(creator);
  streams(creator);
}
