/** The loop alone: what it does in a pause. With a server around it: test/http/accepting.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Addr, Conn, Listener } from '../../net/conn.ts';
import { type Acceptor, AcceptLoop } from './accept-loop.ts';

/** Cannot accept for lack of descriptors. */
class ShortListener implements Listener {
  readonly addr: Addr = { network: 'script', toString: () => 'script' };
  closed = false;
  accepts = 0;

  async accept(): Promise<Conn> {
    this.accepts++;
    throw Object.assign(new Error('too many open files'), { temporary: true });
  }

  close(): void {
    this.closed = true;
  }

  ref(): void {}

  unref(): void {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Conn, void, undefined> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

interface Rest {
  readonly milliseconds: number;
  readonly callback: () => void;
  cancelled: boolean;
}

class Recorder implements Acceptor {
  closing = false;
  over = false;
  full = false;
  readonly rests: Rest[] = [];

  start(): void {}

  makeRoom(): boolean {
    return true;
  }

  waitForRoom(): void {}

  forgetRoom(): void {}

  log(): void {}

  after(milliseconds: number, callback: () => void): { cancel(): void } {
    const rest: Rest = { milliseconds, callback, cancelled: false };
    this.rests.push(rest);
    return { cancel: () => (rest.cancelled = true) };
  }
}

test('a pause begins anew when it is to keep the process alive, or not any more', async () => {
  const acceptor = new Recorder();
  const listener = new ShortListener();
  const loop = new AcceptLoop(acceptor, listener);
  const ended = loop.run();
  await new Promise(setImmediate);
  loop.referenceChanged();
  assert.deepEqual(
    acceptor.rests.map(({ milliseconds, cancelled }) => [milliseconds, cancelled]),
    [
      [5, true],
      [5, false],
    ],
  );
  acceptor.rests[1]!.callback();
  loop.referenceChanged(); // it accepts: there is no pause
  await new Promise(setImmediate);
  assert.equal(listener.accepts, 2);
  assert.deepEqual(
    acceptor.rests.slice(2).map(({ milliseconds }) => milliseconds),
    [10],
  );
  acceptor.closing = true;
  loop.close();
  assert.ok(acceptor.rests[2]!.cancelled && listener.closed);
  loop.referenceChanged();
  assert.equal(acceptor.rests.length, 3);
  await ended;
});
