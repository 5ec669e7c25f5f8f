/**
 * What is a pipe's own: how its listeners are told, what a write that was taken in part fails with, the
 * clock it is given, and how much may wait. What it has in common with sockets is in nettest.ts.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ErrClosedPipe, ErrDeadlineExceeded, OpError } from '../../src/index.ts';
import { linux } from '../../src/kernel/linux.ts';
import type { Conn, ReadyListener } from '../../src/net/conn.ts';
import { pipe } from '../../src/net/pipe.ts';
import { MAX_NESTING } from '../../src/net/pipe-listeners.ts';
import { PipeSide } from '../../src/net/pipe-side.ts';
import { MAX_OPERATIONS } from '../../src/poll/fd-mutex.ts';
import { ManualClock } from './manual-clock.ts';
import { deferred, failure, stillWaiting, thrown } from './settling.ts';
import { readFull } from './traffic.ts';

/** Deeper than any stack, if each round goes down it. */
const ROUNDS = 6000;

/** A listener as a function. */
const listening = (ready: ReadyListener['ready']): ReadyListener => ({ ready });

/** Sends back whatever it gets, counted up, by listeners alone. */
class Player {
  readonly #conn: Conn;
  readonly #rounds: number;
  readonly #message: Buffer = Buffer.alloc(4);
  readonly #ended = deferred<void>();
  readonly #reader: ReadyListener = listening((error) => this.#receive(error));
  readonly #writer: ReadyListener = listening((error) => this.#send(error));
  counter = 0;

  constructor(conn: Conn, rounds: number) {
    this.#conn = conn;
    this.#rounds = rounds;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  start(): void {
    this.#conn.whenReadable(this.#reader);
  }

  serve(): void {
    this.#conn.whenWritable(this.#writer);
  }

  #receive(error: Error | null): void {
    assert.equal(error, null);
    const count = this.#conn.tryRead(this.#message);
    if (count === undefined) return this.start();
    if (count === null) return;
    this.counter = this.#message.readInt32LE();
    if (this.counter >= this.#rounds) this.#ended.resolve();
    else this.serve();
  }

  #send(error: Error | null): void {
    assert.equal(error, null);
    this.#message.writeInt32LE(this.counter + 1);
    if (this.#conn.tryWrite(this.#message) === 0) return this.serve();
    this.start();
  }
}

/** The uncaught exceptions of what `act` does and sets going at once. */
async function uncaught(act: () => void): Promise<unknown[]> {
  const caught: unknown[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => void caught.push(error));
  try {
    act();
    assert.ok(await stillWaiting());
  } finally {
    process.setUncaughtExceptionCaptureCallback(null);
  }
  return caught;
}

suite('listeners of a pipe', () => {
  test('two ends that answer each other from within end no stack', async () => {
    const [one, other] = pipe(linux.clock);
    const [left, right] = [new Player(one, ROUNDS), new Player(other, ROUNDS)];
    left.start();
    right.serve();
    await Promise.race([left.ended, right.ended]);
    assert.deepEqual(new Set([left.counter, right.counter]), new Set([ROUNDS - 1, ROUNDS]));
    one.closeWrite();
    other.closeWrite();
  });

  test('one that waits again without having read ends none either, open or closed', async () => {
    const [one, other] = pipe(linux.clock);
    const writing = failure(other.write('not read'));
    const wait = async (error: Error | null): Promise<void> => {
      const { promise, resolve } = deferred<void>();
      let left = ROUNDS;
      const listener = listening((told) => {
        assert.equal(told, error);
        if (--left > 0) one.whenReadable(listener);
        else resolve();
      });
      one.whenReadable(listener);
      await promise;
    };
    await wait(null);
    one.close();
    await wait(ErrClosedPipe);
    assert.equal(await writing, ErrClosedPipe);
  });

  test('an endless exchange lets the event loop have its turns, and goes on after each', () => {
    const clock = new ManualClock();
    const [one, other] = pipe(clock);
    const player = new Player(one, Number.POSITIVE_INFINITY);
    player.start();
    new Player(other, Number.POSITIVE_INFINITY).serve();
    for (let turn = 0, seen = 0; turn < 10; turn++) {
      const { counter } = player;
      assert.ok(counter > seen, 'it goes on');
      assert.ok(counter - seen < 100, 'it stops');
      assert.deepEqual(clock.pending, [0]);
      assert.ok(clock.keepsAlive);
      seen = counter;
      clock.advance(0);
    }
  });

  test('one that is due in a later turn can still be forgotten, and the others are told', () => {
    const clock = new ManualClock();
    const [one, other] = pipe(clock);
    const forgotten = listening(() => assert.fail('it was told'));
    let told = 0;
    one.whenReadable(forgotten);
    one.whenReadable(listening(() => told++));
    // Another pipe, always ready, whose listener nests as deep as any may.
    const [deep, ended] = pipe(clock);
    ended.closeWrite();
    let depth = 0;
    const nest = listening(() => {
      if (++depth < MAX_NESTING) return deep.whenReadable(nest);
      assert.equal(other.tryWrite(Buffer.from('x')), 1);
      one.forgetReadable(forgotten);
    });
    deep.whenReadable(nest);
    assert.equal(depth, MAX_NESTING);
    assert.equal(told, 0);
    assert.deepEqual(clock.pending, [0]);
    clock.advance(0);
    assert.equal(told, 1);
    one.close();
  });

  test('what one throws is uncaught, and neither the others nor the peer suffer', async () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const failing = (name: string): ReadyListener =>
      listening((error) => {
        told.push(`${name} ${String(error?.message ?? 'ready')}`);
        throw new Error(name);
      });
    const act = (): void => {
      const [one, other] = pipe(clock);
      for (const name of ['w1', 'w2']) other.whenWritable(failing(name));
      for (const name of ['r1', 'r2']) one.whenReadable(failing(name));
      assert.equal(other.tryWrite(Buffer.from('x')), 1);
      one.whenReadable(failing('r3'));
      assert.equal(one.tryRead(new Uint8Array(4)), 1);
      for (const name of ['r4', 'r5']) one.whenReadable(failing(name));
      one.setReadDeadline(clock.now() + 5);
      clock.advance(5);
      one.setReadDeadline(null);
      for (const name of ['r6', 'r7']) one.whenReadable(failing(name));
      one.close();
      assert.equal(
        thrown(() => other.tryWrite(Buffer.from('x'))),
        ErrClosedPipe,
        'all of it is closed',
      );
    };
    const errors = await uncaught(act);
    const names = ['w1', 'w2', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'];
    assert.deepEqual(
      told.map((text) => text.slice(0, 2)),
      names,
    );
    assert.deepEqual(
      errors.map((error) => (error as Error).message),
      names,
    );
    assert.equal(told[6], 'r5 read pipe: i/o timeout');
    assert.equal(told[8], `r7 ${ErrClosedPipe.message}`);
  });

  test('one that another one forgets from within is not told', () => {
    const [one, other] = pipe(linux.clock);
    const never = listening(() => assert.fail('it was told'));
    let told = 0;
    one.whenReadable(
      listening(() => {
        told++;
        one.forgetReadable(never);
      }),
    );
    one.whenReadable(never);
    assert.equal(other.tryWrite(Buffer.from('x')), 1);
    assert.equal(told, 1);
    one.close();
  });
});

suite('what a write to a pipe fails with', () => {
  /** A write of ten bytes of which `taken` were read when `cut` was called. */
  const cutOff = async (
    taken: number,
    cut: (one: Conn, other: Conn) => void,
  ): Promise<NodeJS.ErrnoException> => {
    const [one, other] = pipe(linux.clock);
    const writing = failure(one.write('ten bytes!'));
    const behind = failure(one.write('waits behind it'));
    await readFull(other, taken);
    cut(one, other);
    const last = await behind;
    assert.equal((last as OpError).bytesWritten, 0, 'each write has a count of its own');
    return writing;
  };

  const CLOSING: Readonly<Record<string, (one: Conn, other: Conn) => void>> = {
    'the peer closes': (_, other) => other.close(),
    'the peer closes for reading': (_, other) => other.closeRead(),
    'it is closed': (one) => one.close(),
    'it is closed for writing': (one) => one.closeWrite(),
  };

  for (const [when, cut] of Object.entries(CLOSING)) {
    test(`when ${when}: io.ErrClosedPipe, and the count of what was read before`, async () => {
      const bare = await cutOff(0, cut);
      assert.equal(bare, ErrClosedPipe);
      assert.equal(ErrClosedPipe.bytesWritten, 0);
      const error = await cutOff(3, cut);
      assert.ok(error instanceof OpError);
      assert.equal(error.cause, ErrClosedPipe);
      assert.equal(error.message, 'write pipe: io: read/write on closed pipe');
      assert.deepEqual([error.op, error.net, error.code], ['write', 'pipe', ErrClosedPipe.code]);
      assert.equal(error.bytesWritten, 3);
      assert.equal(ErrClosedPipe.bytesWritten, 0, 'it is nobody’s own');
    });
  }

  test('when its time is up: the count, also if it is 0', async () => {
    for (const taken of [0, 3]) {
      const error = await cutOff(taken, (one) => one.setWriteDeadline(new Date(1000)));
      assert.ok(error instanceof OpError);
      assert.equal(error.cause, ErrDeadlineExceeded);
      assert.equal(error.bytesWritten, taken);
    }
  });

  test('before anything was offered: 0', async () => {
    const [one] = pipe(linux.clock);
    one.setWriteDeadline(new Date(1000));
    const late = [
      await failure(one.write('x')),
      thrown(() => one.tryWrite(Buffer.from('x'))),
      await failure(one.writable()),
    ];
    for (const error of late) assert.equal((error as OpError).bytesWritten, 0);
    one.setReadDeadline(new Date(1000));
    assert.ok(!('bytesWritten' in (await failure(one.read(new Uint8Array(4))))));
    one.close();
  });
});

suite('errors of a pipe', () => {
  test('each operation that timed out has its own', async () => {
    const clock = new ManualClock();
    const [one] = pipe(clock);
    const waiting = [
      ...[1, 2].map(() => one.read(new Uint8Array(4))),
      ...[1, 2].map(() => one.write('x')),
      ...[1, 2].flatMap(() => [one.readable(), one.writable()]),
    ].map((promise) => failure(promise));
    one.setDeadline(clock.now() + 5);
    clock.advance(5);
    const errors = await Promise.all(waiting);
    assert.equal(new Set(errors).size, waiting.length);
    one.close();
  });

  test('none is made for what only waits', async () => {
    let made = 0;
    const make = (): Error => new Error(`number ${made++}`);
    const clock = new ManualClock();
    const side = new PipeSide(clock, {
      readTimeout: make,
      writeTimeout: make,
      writeClosed: make,
    });
    const told: (Error | null)[] = [];
    const listener = listening((error) => void told.push(error));
    for (let i = 0; i < 3; i++) side.whenReadable(listener);
    const offers = [1, 2].map((byte) => side.offer(Uint8Array.of(byte)));
    side.whenWritable(listener);
    assert.deepEqual(told, [null, null, null]);
    assert.equal(side.take(new Uint8Array(4)), 1);
    assert.equal(await offers[0], 1);
    assert.equal(made, 0);
    side.setWriteDeadline(clock.now());
    const { message } = await failure(offers[1]!);
    assert.equal(message, 'number 0');
    assert.equal(made, 2);
    side.end(null);
  });
});

suite('the time of a pipe', () => {
  test('is that of its clock alone', async () => {
    const clock = new ManualClock();
    const [one, other] = pipe(clock);
    one.setReadDeadline(clock.now() + 50);
    one.setWriteDeadline(clock.now() + 70);
    assert.deepEqual(clock.pending, [50, 70]);
    assert.ok(clock.keepsAlive, 'nothing else of a pipe does');
    const [read, write] = [one.read(new Uint8Array(4)), one.write('x')];
    clock.advance(49);
    assert.ok(await stillWaiting(read, write));
    clock.advance(1);
    assert.equal((await failure(read)).cause, ErrDeadlineExceeded);
    assert.ok(await stillWaiting(write));
    clock.advance(20);
    assert.equal((await failure(write)).cause, ErrDeadlineExceeded);
    one.setDeadline(null);
    const [sent] = await Promise.all([one.write('in time'), readFull(other, 7)]);
    assert.equal(sent, 7);
    one.close();
  });

  test('no timer is left once either end is closed', () => {
    const clock = new ManualClock();
    for (const close of [
      (one: Conn) => one.close(),
      (_: Conn, other: Conn) => other.close(),
      (one: Conn, other: Conn) => {
        one.closeRead();
        other.closeRead();
      },
      (one: Conn, other: Conn) => {
        one.closeWrite();
        other.closeWrite();
      },
    ]) {
      const [one, other] = pipe(clock);
      one.setDeadline(clock.now() + 50);
      other.setDeadline(clock.now() + 60);
      assert.equal(clock.pending.length, 4);
      close(one, other);
      assert.deepEqual(clock.pending, []);
    }
  });

  test('has to be given', () => {
    // @ts-expect-error: net knows no time of its own
    const [one] = pipe();
    assert.ok(thrown(() => one.setDeadline(5)) instanceof TypeError);
  });
});

suite('how much may wait at a pipe', () => {
  const message = `too many concurrent operations on a single pipe (max ${MAX_OPERATIONS})`;

  /** Has as many listeners as there may be wait by `wait`; they are told `times` times in all. */
  const crowd = (wait: (listener: ReadyListener) => void): { told: () => number } => {
    let told = 0;
    const listener = listening(() => void told++);
    for (let i = 0; i < MAX_OPERATIONS; i++) wait(listener);
    const error = thrown(() => wait(listener));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, message);
    return { told: () => told };
  };

  test('for reading', async () => {
    const [one, other] = pipe(linux.clock);
    const { told } = crowd((listener) => one.whenReadable(listener));
    const error = await failure(one.read(new Uint8Array(4)));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, message);
    assert.equal(other.tryWrite(Buffer.from('x')), 1);
    assert.equal(told(), MAX_OPERATIONS);
    assert.equal(await one.read(new Uint8Array(4)), 1, 'there is room again');
    one.close();
  });

  test('for writing', async () => {
    const [one, other] = pipe(linux.clock);
    const { told } = crowd((listener) => one.whenWritable(listener));
    const error = await failure(one.write('x'));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, message);
    other.close();
    assert.equal(told(), MAX_OPERATIONS);
  });
});
