/**
 * Being told of readiness, where it is hard: several listeners on one descriptor, listeners that wait
 * again from within, buffers that go away, and listeners that run out of descriptors.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dial, linux, listen, OpError, Stack, TCPConn } from '../../src/index.ts';
import type { ReadyListener } from '../../src/net/conn.ts';
import { EAGAIN, EMFILE, ENFILE } from '../../src/syscall/errno.ts';
import { deferred, failure, stillWaiting } from './settling.ts';
import { readFull } from './traffic.ts';
import { Instead, real, wrapped } from './wrapped-system.ts';

/** Two ends of a TCP connection. */
async function connected(): Promise<[TCPConn, TCPConn]> {
  await using listener = await listen('tcp', '127.0.0.1:0');
  return await Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
}

/** Tries whenever it is told, and waits again if there was nothing. */
class Trying implements ReadyListener {
  calls = 0;
  readonly got: unknown[] = [];
  readonly #attempt: () => unknown;
  readonly #wait: (listener: ReadyListener) => void;

  constructor(attempt: () => unknown, wait: (listener: ReadyListener) => void) {
    this.#attempt = attempt;
    this.#wait = wait;
    this.#wait(this);
  }

  ready(error: Error | null): void {
    assert.ok(++this.calls < 100, 'told again and again');
    if (error !== null) return;
    const result = this.#attempt();
    if (result !== undefined) this.got.push(result);
    this.#wait(this);
  }
}

suite('several listeners on one descriptor', () => {
  test('that try and wait again do not keep each other awake', async () => {
    const [one, other] = await connected();
    const buf = new Uint8Array(8);
    const trying = [1, 2].map(
      () =>
        new Trying(
          () => one.tryRead(buf),
          (listener) => one.whenReadable(listener),
        ),
    );
    await other.write('abc');
    await stillWaiting();
    await other.write('de');
    await stillWaiting();
    const counts = trying.flatMap(({ got }) => got);
    assert.equal(
      counts.reduce<number>((sum, count) => sum + Number(count), 0),
      5,
    );
    one.close();
    other.close();
  });

  test('that accept do not keep each other awake', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const trying = [1, 2].map(
      () =>
        new Trying(
          () => listener.tryAccept(),
          (waiting) => listener.whenAcceptable(waiting),
        ),
    );
    const clients = await Promise.all([1, 2, 3].map(() => dial('tcp', String(listener.addr))));
    await stillWaiting();
    const accepted = trying.flatMap(({ got }) => got as TCPConn[]);
    assert.equal(accepted.length, 3);
    for (const conn of [...accepted, ...clients]) conn.close();
    listener.close();
  });

  test('a wait for connections can be forgotten', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const told: unknown[] = [];
    const forgotten: ReadyListener = { ready: (error) => told.push(error) };
    listener.tryAccept();
    listener.whenAcceptable(forgotten);
    listener.forgetAcceptable(forgotten);
    const [client, server] = await Promise.all([
      dial('tcp', String(listener.addr)),
      listener.accept(),
    ]);
    listener.close();
    assert.deepEqual(told, []);
    assert.ok(listener.closed && !client.closed);
    for (const conn of [client, server]) conn.close();
    assert.ok(client.closed);
  });

  test('a wait for connections that fails is an accept that fails', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const told = new Promise<Error | null>((resolve) =>
      listener.whenAcceptable({ ready: resolve }),
    );
    listener.tryAccept();
    listener.close();
    const error = await told;
    assert.ok(error === null || error instanceof OpError);
    const again = await failure(
      new Promise((_, reject) => listener.whenAcceptable({ ready: reject })),
    );
    const text = `accept tcp ${String(listener.addr)}: use of closed network connection`;
    assert.equal(again.message, text);
    assert.equal((again as OpError).op, 'accept');
  });
});

test('a wait that was put off for the depth of the stack can be forgotten', async () => {
  const [one, other] = await connected();
  await other.write('x');
  await one.readable();
  let told = 0;
  const again: ReadyListener = {
    ready: () => {
      told++;
      one.whenReadable(again);
    },
  };
  one.whenReadable(again);
  const atOnce = told;
  assert.ok(atOnce > 1);
  one.forgetReadable(again);
  await stillWaiting();
  assert.equal(told, atOnce);
  one.close();
  other.close();
});

test('a write whose buffer is taken away while it waits fails, and says how much was written', async () => {
  const [one, other] = await connected();
  const data = new Uint8Array(32 << 20);
  const writing = one.write(data);
  assert.ok(await stillWaiting(writing));
  structuredClone(data.buffer, { transfer: [data.buffer] });
  const failed = failure(writing);
  await readFull(other, 1 << 20);
  const error = (await failed) as Error & { bytesWritten?: number };
  assert.ok(error instanceof TypeError);
  assert.equal(error.message, 'write: data was detached or resized while waiting');
  assert.ok(error.bytesWritten! > 0 && error.bytesWritten! < 32 << 20);
  one.close();
  other.close();
});

suite('for await over a listener', () => {
  test('rests while descriptors are short, and goes on', async () => {
    const instead = new Instead(-EAGAIN, -EMFILE, -ENFILE);
    const stack = new Stack(
      wrapped({ accept4: (...args) => instead.or(() => real.accept4(...args)) }),
    );
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    const client = await dial('tcp', String(listener.addr));
    for await (const conn of listener) {
      conn.close();
      listener.close();
    }
    assert.ok(instead.usedUp);
    client.close();
  });

  test('does not outlive its listener while it rests', async () => {
    const asleep = deferred<void>();
    const clock = {
      ...linux.clock,
      at: () => {
        asleep.resolve();
        return { cancel: () => {} };
      },
    };
    const stack = new Stack(wrapped({ accept4: () => -EMFILE }, { clock }));
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    const loop = (async () => {
      for await (const conn of listener) conn.close();
    })();
    await asleep.promise;
    assert.ok(await stillWaiting(loop));
    listener.close();
    await loop;
  });
});
