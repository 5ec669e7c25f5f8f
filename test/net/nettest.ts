/**
 * What every stream connection does, whatever it is made of: a suite as a function of a {@link Creator}.
 *
 * The cases from BasicIO to ConcurrentMethods are those of golang.org/x/net/nettest, written anew and
 * made sharper where promises allow it: that something waits is seen and not slept for, and the racy
 * cases count every byte. The rest is about closing. Readiness and streams are in readiness-suite.ts.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Conn } from '../../src/net/conn.ts';
import type { OpError } from '../../src/net/op-error.ts';
import type { Creator } from './creators.ts';
import { assertClosed, assertTimeout } from './expectations.ts';
import { readinessSuite } from './readiness-suite.ts';
import { failure, failures, stillWaiting, thrown } from './settling.ts';
import { eachRead, RandomBytes, readFull, roundTrip, withPair } from './traffic.ts';

const LONG_AGO = new Date(1000);

/** More than any socket holds, so that a write of it waits. */
const TOO_MUCH: Uint8Array = new Uint8Array(32 << 20);

/** Far enough that no test lives to see it. */
function farAway(): number {
  return Date.now() + 3_600_000;
}

function soon(milliseconds: number): number {
  return Date.now() + milliseconds;
}

/** Reads everything and forgets it, until the connection fails or ends. */
async function discard(conn: Conn): Promise<void> {
  await eachRead(conn, 64 * 1024, () => {}).catch(() => {});
}

function basicIO(creator: Creator): void {
  test('BasicIO: 8 MiB both ways at once, each way ended by half a close', async () => {
    await withPair(creator, async (one, other) => {
      const size = 8 << 20;
      const send = async (conn: Conn, seed: number): Promise<Uint8Array> => {
        const data = new RandomBytes(seed).fill(new Uint8Array(size));
        for (let at = 0; at < size; at += 100_003)
          await conn.write(data.subarray(at, at + 100_003));
        conn.closeWrite();
        return data;
      };
      const receive = async (conn: Conn): Promise<Buffer> => {
        const pieces: Uint8Array[] = [];
        await eachRead(conn, 30_011, (bytes) => pieces.push(bytes.slice()));
        return Buffer.concat(pieces);
      };
      const [sent1, sent2, got2, got1] = await Promise.all([
        send(one, 1),
        send(other, 2),
        receive(one),
        receive(other),
      ]);
      assert.ok(got1.equals(sent1), 'what the first end wrote arrived as it was');
      assert.ok(got2.equals(sent2), 'what the second end wrote arrived as it was');
      assert.equal(await one.read(new Uint8Array(1)), null, 'the end stays the end');
    });
  });

  test('PingPong: a counter goes back and forth', async () => {
    await withPair(creator, async (one, other) => {
      const rounds = 200;
      const side = async (conn: Conn, first: boolean): Promise<number> => {
        let counter = 0;
        const message = Buffer.alloc(8);
        if (first) await conn.write(message);
        while (counter < rounds) {
          counter = (await readFull(conn, 8)).readInt32LE() + 1;
          message.writeInt32LE(counter);
          if (counter <= rounds) await conn.write(message);
        }
        return counter;
      };
      const last = await Promise.all([side(one, true), side(other, false)]);
      assert.deepEqual(
        last.sort((a, b) => a - b),
        [rounds, rounds + 1],
      );
    });
  });

  test('a string is written as UTF-8 and counted in bytes', async () => {
    await withPair(creator, async (one, other) => {
      const text = 'häß\u{1f980}';
      const [count, got] = await Promise.all([one.write(text), readFull(other, 9)]);
      assert.equal(count, 9);
      assert.equal(got.toString(), text);
    });
  });

  test('writes that wait at the same time arrive whole and in order, reads are served in order', async () => {
    await withPair(creator, async (one, other) => {
      const reads = [0, 1, 2].map(() => readFull(other, 4));
      assert.ok(await stillWaiting(...reads));
      await Promise.all(['zero', 'one_', 'two_'].map((text) => one.write(text)));
      assert.deepEqual((await Promise.all(reads)).map(String), ['zero', 'one_', 'two_']);
      const size = 3 << 20;
      const writes = [1, 2, 3].map((byte) => one.write(Buffer.alloc(size, byte)));
      const got = await readFull(other, 3 * size);
      assert.deepEqual(await Promise.all(writes), [size, size, size]);
      for (const byte of [1, 2, 3]) {
        const part = got.subarray((byte - 1) * size, byte * size);
        assert.ok(
          part.every((value) => value === byte),
          `write ${byte} is in one piece`,
        );
      }
    });
  });

  test('an empty buffer reads 0 bytes at once, even while another read waits', async () => {
    await withPair(creator, async (one, other) => {
      assert.equal(await one.read(new Uint8Array(0)), 0);
      const waiting = one.read(new Uint8Array(8));
      assert.equal(await one.read(new Uint8Array(0)), 0);
      assert.equal(one.tryRead(new Uint8Array(0)), 0);
      assert.ok(await stillWaiting(waiting));
      one.setReadDeadline(LONG_AGO);
      assertTimeout(await failure(waiting));
      assert.equal(await one.read(new Uint8Array(0)), 0, 'the deadline is not looked at');
      assert.equal(await other.write(''), 0);
    });
  });
}

function races(creator: Creator): void {
  test('RacyRead: readers with short deadlines get each byte once and in order', async () => {
    await withPair(creator, async (one, other) => {
      const sent = new RandomBytes(3).fill(new Uint8Array(1 << 16));
      let stopped = false;
      const feeding = (async () => {
        for (let at = 0; !stopped; at = (at + 1024) % sent.length) {
          await other.write(sent.subarray(at, at + 1024));
        }
      })().catch(() => {}); // it is cut off at the end
      const got: Uint8Array[] = [];
      let timeouts = 0;
      const reader = async (): Promise<void> => {
        for (let i = 0; i < 10; i++) {
          one.setReadDeadline(soon(1));
          const buf = new Uint8Array(64);
          try {
            got.push(buf.subarray(0, (await one.read(buf))!));
          } catch (error) {
            assertTimeout(error);
            timeouts++;
          }
        }
      };
      await Promise.all(Array.from({ length: 10 }, reader));
      one.setReadDeadline(null);
      got.push(await readFull(one, 100));
      stopped = true;
      one.close();
      other.close();
      await feeding;
      const all = Buffer.concat(got);
      assert.ok(all.equals(sent.subarray(0, all.length)), `order; ${timeouts} timeouts`);
    });
  });

  test('RacyWrite: what writers with short deadlines say they wrote is what arrives', async () => {
    await withPair(creator, async (one, other) => {
      let received = 0;
      const reading = eachRead(other, 4096, (bytes) => (received += bytes.length));
      let written = 0;
      const writer = async (): Promise<void> => {
        for (let i = 0; i < 10; i++) {
          one.setWriteDeadline(soon(1));
          try {
            const count = await one.write(new Uint8Array(256 << 10));
            written += count;
          } catch (error) {
            assertTimeout(error);
            written += (error as OpError).bytesWritten!;
          }
        }
      };
      await Promise.all(Array.from({ length: 10 }, writer));
      one.setWriteDeadline(null);
      one.closeWrite();
      assert.equal(await reading, written);
      assert.equal(received, written);
    });
  });

  test('ConcurrentMethods: all methods at once', async () => {
    await withPair(creator, async (one, other) => {
      const echo = (async () => {
        const buf = new Uint8Array(1024);
        for (let n = await other.read(buf); n !== null; n = await other.read(buf)) {
          await other.write(buf.slice(0, n));
        }
      })().catch(() => {}); // the writes into a closed connection
      const outcomes: Promise<unknown>[] = [];
      for (let i = 0; i < 100; i++) {
        outcomes.push(one.write(new Uint8Array(1024)), one.read(new Uint8Array(1024)));
        one.setDeadline(soon(10));
        one.setReadDeadline(soon(10));
        one.setWriteDeadline(soon(10));
        assert.equal(String(one.localAddr), String(one.localAddr));
        assert.equal(String(one.remoteAddr), String(one.remoteAddr));
      }
      for (const outcome of await Promise.allSettled(outcomes)) {
        if (outcome.status === 'rejected') assertTimeout(outcome.reason);
        else assert.equal(typeof outcome.value, 'number');
      }
      one.close();
      await echo;
    });
  });
}

function deadlines(creator: Creator): void {
  test('ReadTimeout: a past read deadline fails reads and no write', async () => {
    await withPair(creator, async (one, other) => {
      const discarding = discard(other);
      one.setReadDeadline(LONG_AGO);
      assertTimeout(await failure(one.read(new Uint8Array(1024))));
      assert.equal(await one.write(new Uint8Array(1024)), 1024);
      one.close();
      await discarding;
    });
  });

  test('WriteTimeout: a past write deadline fails writes and no read', async () => {
    await withPair(creator, async (one, other) => {
      one.setWriteDeadline(LONG_AGO);
      assertTimeout(await failure(one.write(new Uint8Array(1024))));
      const [, got] = await Promise.all([other.write('still read'), readFull(one, 10)]);
      assert.equal(got.toString(), 'still read');
    });
  });

  test('PastTimeout: sticky, and gone when it is moved', async () => {
    await withPair(creator, async (one, other) => {
      one.setDeadline(LONG_AGO);
      for (let i = 0; i < 2; i++) {
        assertTimeout(await failure(one.write(new Uint8Array(1024))));
        assertTimeout(await failure(one.read(new Uint8Array(1024))));
      }
      one.setDeadline(null);
      await roundTrip(one, other);
    });
  });

  test('a past deadline fails a read although there is something to read', async () => {
    await withPair(creator, async (one, other) => {
      const writing = other.write('there');
      await one.readable();
      one.setReadDeadline(LONG_AGO);
      assertTimeout(await failure(one.read(new Uint8Array(8))));
      assertTimeout(thrown(() => one.tryRead(new Uint8Array(8))));
      one.setReadDeadline(null);
      assert.equal((await readFull(one, 5)).toString(), 'there');
      assert.equal(await writing, 5);
    });
  });

  test('PresentTimeout: a deadline set to now ends what waits', async () => {
    await withPair(creator, async (one, other) => {
      const read = one.read(new Uint8Array(1024));
      const write = one.write(TOO_MUCH);
      assert.ok(await stillWaiting(read, write));
      one.setDeadline(Date.now());
      assertTimeout(await failure(read));
      const error = await failure(write);
      assertTimeout(error);
      const { bytesWritten } = error as OpError;
      one.close();
      assert.equal(await eachRead(other, 1 << 16, () => {}), bytesWritten, 'bytesWritten is true');
    });
  });

  test('FutureTimeout: a deadline that comes while operations wait', async () => {
    await withPair(creator, async (one, other) => {
      one.setDeadline(new Date(soon(50)));
      const read = one.read(new Uint8Array(1024));
      const write = one.write(TOO_MUCH);
      for (const error of await failures(read, write)) assertTimeout(error);
      const discarding = discard(other);
      one.setDeadline(null);
      assert.equal(await one.write('again'), 5);
      one.close();
      await discarding;
    });
  });

  test('all operations that wait time out, not only the first', async () => {
    await withPair(creator, async (one) => {
      const reads = [1, 2, 3].map(() => one.read(new Uint8Array(8)));
      const writes = [1, 2, 3].map(() => one.write(TOO_MUCH));
      assert.ok(await stillWaiting(...reads, ...writes));
      one.setDeadline(soon(5));
      for (const promise of [...reads, ...writes]) assertTimeout(await failure(promise));
    });
  });

  test('a deadline moved while a read waits: later, away, and nearer', async () => {
    await withPair(creator, async (one, other) => {
      await withPair(creator, async (clock) => {
        for (const later of [farAway(), null, Number.POSITIVE_INFINITY]) {
          one.setReadDeadline(soon(15));
          const read = readFull(one, 5);
          one.setReadDeadline(later);
          // Another connection's deadline, set later and for a later time, tells that this one passed.
          clock.setReadDeadline(soon(40));
          assertTimeout(await failure(clock.read(new Uint8Array(1))));
          assert.ok(await stillWaiting(read));
          await other.write('later');
          assert.equal((await read).toString(), 'later');
        }
      });
      one.setReadDeadline(farAway());
      const read = one.read(new Uint8Array(5));
      assert.ok(await stillWaiting(read));
      one.setReadDeadline(soon(5));
      assertTimeout(await failure(read));
    });
  });

  test('a deadline beyond what timers count is none', async () => {
    await withPair(creator, async (one, other) => {
      for (const when of [2 ** 40, 8.64e15, 2 ** 31 + 5].map((ms) => Date.now() + ms)) {
        one.setReadDeadline(when);
        const read = one.read(new Uint8Array(5));
        assert.ok(await stillWaiting(read));
        await other.write('alive');
        assert.equal(await read, 5);
      }
      // The timers of the loop above have had their time if they had been cut to 32 bits.
      one.setReadDeadline(soon(5));
      assertTimeout(await failure(one.read(new Uint8Array(5))));
    });
  });

  test('CloseTimeout: closing ends what waits for a far deadline', async () => {
    await withPair(creator, async (one) => {
      one.setDeadline(farAway());
      const read = one.read(new Uint8Array(8));
      const write = one.write(TOO_MUCH);
      assert.ok(await stillWaiting(read, write));
      one.close();
      assertClosed(creator, 'read', one, await failure(read));
      assertClosed(creator, 'write', one, await failure(write));
    });
  });
}

function closing(creator: Creator): void {
  const { differences } = creator;

  test('closing fails everything that waits, and all that comes later', async () => {
    await withPair(creator, async (one) => {
      const buf = new Uint8Array(8);
      const reads = [one.read(buf), one.read(buf), one.readable(), one.read(buf)];
      const writes = [one.write(TOO_MUCH), one.write(TOO_MUCH), one.writable(), one.write('x')];
      assert.ok(await stillWaiting(...reads, ...writes));
      one.close();
      for (const read of reads) assertClosed(creator, 'read', one, await failure(read));
      for (const write of writes) assertClosed(creator, 'write', one, await failure(write));
      assertClosed(creator, 'read', one, await failure(one.read(buf)));
      assertClosed(creator, 'read', one, await failure(one.read(new Uint8Array(0))));
      assertClosed(creator, 'read', one, await failure(one.readable()));
      assertClosed(
        creator,
        'read',
        one,
        thrown(() => one.tryRead(buf)),
      );
      assertClosed(creator, 'write', one, await failure(one.write('x')));
      assertClosed(creator, 'write', one, await failure(one.write('')));
      assertClosed(creator, 'write', one, await failure(one.writable()));
      assertClosed(
        creator,
        'write',
        one,
        thrown(() => one.tryWrite(buf)),
      );
    });
  });

  test('closing twice, and half of what is closed', async () => {
    await withPair(creator, async (one, other) => {
      one.close();
      const calls = [() => one.close(), () => one.closeRead(), () => one.closeWrite()];
      for (const call of calls) {
        if (differences.closingTwiceIsNoError !== undefined) call();
        else assertClosed(creator, 'close', one, thrown(call));
      }
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    });
  });

  test('no deadline can be set any more', async () => {
    await withPair(creator, async (one) => {
      one.close();
      const calls = [
        () => one.setDeadline(null),
        () => one.setReadDeadline(LONG_AGO),
        () => one.setWriteDeadline(farAway()),
      ];
      for (const call of calls) {
        const error = thrown(call);
        if (differences.closedErrorIsBare !== undefined) assert.equal(error, creator.closedCause);
        else assert.equal(error.cause, creator.closedCause);
      }
    });
  });

  test('the peer reads what was written before, then the end, and its writes fail', async () => {
    await withPair(creator, async (one, other) => {
      const [, got] = await Promise.all([one.write('last'), readFull(other, 4)]);
      assert.equal(got.toString(), 'last');
      const waiting = other.read(new Uint8Array(8));
      one.close();
      assert.equal(await waiting, null);
      assert.equal(await other.read(new Uint8Array(8)), null);
      const writing = async (): Promise<void> => {
        for (;;) await other.write(new Uint8Array(64 << 10)); // the first may still be sent
      };
      const error = await failure(writing());
      if (differences.closedErrorIsBare !== undefined) assert.equal(error, creator.closedCause);
      else assert.match(String(error.code), /^(EPIPE|ECONNRESET)$/);
      if (differences.deadlinesEndWithPeer === undefined) other.setDeadline(farAway());
      else
        assert.equal(
          thrown(() => other.setDeadline(farAway())),
          creator.closedCause,
        );
    });
  });

  test('closeRead ends a read that waits, and the other direction goes on', async () => {
    await withPair(creator, async (one, other) => {
      const reads = [one.read(new Uint8Array(8)), one.read(new Uint8Array(8))];
      const readable = one.readable();
      assert.ok(await stillWaiting(...reads));
      one.closeRead();
      assert.deepEqual(await Promise.all(reads), [null, null]);
      await readable;
      assert.equal(one.tryRead(new Uint8Array(8)), null);
      const [, got] = await Promise.all([one.write('on'), readFull(other, 2)]);
      assert.equal(got.toString(), 'on');
    });
  });

  test('closeWrite ends the peer’s stream, and this end may still read', async () => {
    await withPair(creator, async (one, other) => {
      one.closeWrite();
      assert.equal(await other.read(new Uint8Array(8)), null);
      const error = await failure(one.write('x'));
      if (differences.closedErrorIsBare !== undefined) assert.equal(error, creator.closedCause);
      else assert.equal(error.code, 'EPIPE');
      const [, got] = await Promise.all([other.write('back'), readFull(one, 4)]);
      assert.equal(got.toString(), 'back');
    });
  });
}

/** Registers all tests for one kind of connection. */
export function nettest(creator: Creator): void {
  suite(`connections: ${creator.name}`, () => {
    basicIO(creator);
    races(creator);
    deadlines(creator);
    closing(creator);
    readinessSuite(creator);
  });
}
