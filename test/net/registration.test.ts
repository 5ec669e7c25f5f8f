/**
 * When a connection is put into epoll: an accepted one with its first wait, and not at all if it is closed
 * before. Whatever happens in between, nothing is missed, and whatever descriptor it is, it is closed.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Stack } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { linux } from '../../src/kernel/linux.ts';
import type { System } from '../../src/kernel/system.ts';
import type { Conn, Listener } from '../../src/net/conn.ts';
import { EPOLL_CTL_ADD } from '../../src/syscall/epoll.ts';
import { ENOSPC } from '../../src/syscall/errno.ts';
import { abstractName } from './creators.ts';
import { deferred, failure } from './settling.ts';
import { readFull, readToEnd } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

const client: Stack = new Stack(linux);

/** A System that remembers what it was told about epoll, and what it notes. */
class Watched {
  readonly calls: string[] = [];
  ledger: Uint32Array | undefined;
  /** Called once, before a descriptor is put into epoll; what it returns is the result, if not 0. */
  before: (() => number) | null = null;
  readonly stack: Stack;

  constructor(park: System['park'] = linux.park) {
    const epoll_ctl: Kernel['epoll_ctl'] = (epfd, op, fd, event) => {
      this.calls.push(`${op === EPOLL_CTL_ADD ? 'ADD' : 'DEL'} ${fd}`);
      const result = op === EPOLL_CTL_ADD ? (this.before?.() ?? 0) : 0;
      return result < 0 ? result : real.epoll_ctl(epfd, op, fd, event);
    };
    this.stack = new Stack(
      wrapped(
        { epoll_ctl },
        {
          park: (epfd, ready) => {
            const parking = park(epfd, ready);
            this.ledger = parking.ledger;
            return parking;
          },
        },
      ),
    );
  }

  /** A listener, and both ends of a connection to it. */
  async connect(network: 'tcp' | 'unix' = 'tcp'): Promise<[Conn, Conn, Listener]> {
    const place = network === 'tcp' ? '127.0.0.1:0' : abstractName();
    const listener = await this.stack.listen(network, place);
    const dialled = client.dial(network, String(listener.addr));
    const accepted = listener.accept();
    const ends: [Conn, Conn, Listener] = [await dialled, await accepted, listener];
    this.calls.length = 0;
    return ends;
  }

  /** The descriptors in the ledger. */
  get noted(): number[] {
    const found: number[] = [];
    for (const [word, bits] of this.ledger!.entries()) {
      for (let bit = 0; bit < 32; bit++) if ((bits & (1 << bit)) !== 0) found.push(word * 32 + bit);
    }
    return found;
  }
}

function fdOf(conn: Conn): number {
  return (conn as unknown as { fd: { sysfd: number } }).fd.sysfd;
}

/** `other` waits, and gets what `one` sends. */
async function waitForBytes(one: Conn, other: Conn): Promise<void> {
  const reading = readFull(other, 4);
  assert.equal(await one.write(Buffer.from('sent')), 4);
  assert.equal((await reading).toString(), 'sent');
}

suite('an accepted connection', () => {
  for (const network of ['tcp', 'unix'] as const) {
    test(`that finds what it reads is never registered: ${network}`, async () => {
      const system = new Watched();
      const [one, other, listener] = await system.connect(network);
      assert.deepEqual(system.noted, [fdOf(other)]);
      await one.write(Buffer.from('request'));
      const buf = new Uint8Array(64);
      assert.equal(other.tryRead?.(buf), 7);
      assert.equal(await other.write(Buffer.from('reply')), 5);
      other.close();
      assert.deepEqual(system.calls, []);
      assert.deepEqual(system.noted, []);
      assert.equal((await readToEnd(one)).toString(), 'reply');
      one.close();
      listener.close();
    });
  }

  test('is registered once, by its first wait, and taken out at its end', async () => {
    const system = new Watched();
    const [one, other, listener] = await system.connect();
    for (let i = 0; i < 3; i++) await waitForBytes(one, other);
    const fd = fdOf(other);
    assert.deepEqual(system.calls, [`ADD ${fd}`]);
    assert.deepEqual(system.noted, []);
    other.close();
    assert.deepEqual(system.calls, [`ADD ${fd}`, `DEL ${fd}`]);
    one.close();
    listener.close();
  });

  test('is registered by whoever waits to write', async () => {
    const system = new Watched();
    const [one, other, listener] = await system.connect();
    const writing = other.write(new Uint8Array(16 << 20));
    assert.deepEqual(system.calls, [`ADD ${fdOf(other)}`]);
    await readFull(one, 16 << 20);
    assert.equal(await writing, 16 << 20);
    for (const conn of [one, other, listener]) conn.close();
  });

  test('needs no wait to notice what comes later', async () => {
    const system = new Watched();
    const [one, other, listener] = await system.connect();
    const buf = new Uint8Array(64);
    assert.equal(other.tryRead?.(buf), undefined);
    await one.write(Buffer.from('late'));
    let count: number | null | undefined;
    while ((count = other.tryRead?.(buf)) === undefined) await new Promise(setImmediate);
    assert.equal(count, 4);
    for (const conn of [one, other, listener]) conn.close();
  });

  for (const [what, act, expected] of [
    ['bytes', (one: Conn) => void one.tryWrite?.(Buffer.from('now'), 0), 3],
    ['the end', (one: Conn) => one.close(), null],
  ] as const) {
    for (const network of ['tcp', 'unix'] as const) {
      test(`misses nothing that comes just before it is registered: ${what}, ${network}`, async () => {
        const system = new Watched();
        const [one, other, listener] = await system.connect(network);
        system.before = () => {
          system.before = null;
          act(one);
          return 0;
        };
        assert.equal(await other.read(new Uint8Array(64)), expected);
        assert.equal(system.before, null);
        if (!one.closed) one.close();
        other.close();
        listener.close();
      });
    }
  }

  test('sees a reset, and an end that came together with the last bytes', async () => {
    const system = new Watched();
    for (const isEnd of [true, false]) {
      const [one, other, listener] = await system.connect();
      await one.write(Buffer.from('last'));
      if (isEnd) one.closeWrite?.();
      const buf = new Uint8Array(64);
      await new Promise(setImmediate);
      assert.equal(other.tryRead?.(buf), 4);
      if (isEnd) assert.equal(await other.read(buf), null);
      else {
        one.setLinger?.(0);
        one.close();
        assert.equal((await failure(other.read(buf))).code, 'ECONNRESET');
      }
      if (!one.closed) one.close();
      other.close();
      listener.close();
    }
  });

  test('has a deadline, and can be closed, while it is not registered', async () => {
    const system = new Watched();
    const [one, other, listener] = await system.connect();
    other.setReadDeadline(1);
    const error = await failure(other.read(new Uint8Array(1)));
    assert.equal((error as { timeout?: boolean }).timeout, true);
    assert.deepEqual(system.calls, []);
    other.setReadDeadline(null);
    const reading = failure(other.read(new Uint8Array(1)));
    other.close();
    assert.match((await reading).message, /use of closed network connection/);
    one.close();
    listener.close();
  });

  test('gives its descriptor number to the next one', async () => {
    const system = new Watched();
    const listener = await system.stack.listen('tcp', '127.0.0.1:0');
    let before = -1;
    for (let i = 0; i < 20; i++) {
      const [one, other] = await Promise.all([
        client.dial('tcp', String(listener.addr)),
        listener.accept(),
      ]);
      // Every second one waits, and is registered under the number of one that was not.
      if (i % 2 === 1) assert.equal(fdOf(other), before);
      before = fdOf(other);
      if (i % 2 === 1) await waitForBytes(one, other);
      other.close();
      assert.deepEqual(system.noted, []);
      assert.equal(await one.read(new Uint8Array(1)), null);
      one.close();
    }
    const own = system.calls.filter((call) => call.endsWith(` ${before}`));
    assert.equal(own.filter((call) => call.startsWith('ADD')).length, 10);
    assert.equal(own.length, 20);
    listener.close();
  });
});

suite('epoll takes no more', () => {
  test('the wait fails, a try does not, and the connection works as far as it can', async () => {
    const system = new Watched();
    const [one, other, listener] = await system.connect();
    system.before = () => -ENOSPC;
    const buf = new Uint8Array(64);
    assert.equal(other.tryRead?.(buf), undefined);
    const ends = `${String(other.localAddr)}->${String(other.remoteAddr)}`;
    const text = `read tcp ${ends}: epoll_ctl: no space left on device`;
    assert.equal((await failure(other.read(buf))).message, text);
    const told = deferred<Error | null>();
    other.whenReadable?.({ ready: (error) => told.resolve(error) });
    assert.equal((await told.promise)?.message, text);
    await one.write(Buffer.from('abc'));
    assert.equal(await other.read(buf), 3);
    assert.equal(await other.write(buf.subarray(0, 3)), 3);
    assert.deepEqual(system.noted, [fdOf(other)]);
    system.before = null;
    await waitForBytes(one, other);
    assert.deepEqual(system.noted, []);
    for (const conn of [one, other, listener]) conn.close();
  });
});

suite('a descriptor that cannot be noted is registered at once', () => {
  for (const [what, ledger] of [
    ['no ledger', {}],
    ['none for its number', { ledger: new Uint32Array(0) }],
  ] as const) {
    test(what, async () => {
      const system = new Watched((epfd, ready) => {
        const parking = linux.park(epfd, ready);
        return {
          ref: () => parking.ref(),
          unref: () => parking.unref(),
          close: () => parking.close(),
          ...ledger,
        };
      });
      const listener = await system.stack.listen('tcp', '127.0.0.1:0');
      system.calls.length = 0;
      const [one, other] = await Promise.all([
        client.dial('tcp', String(listener.addr)),
        listener.accept(),
      ]);
      assert.deepEqual(system.calls, [`ADD ${fdOf(other)}`]);
      await waitForBytes(one, other);
      const fd = fdOf(other);
      other.close();
      assert.equal(system.calls.at(-1), `DEL ${fd}`);
      one.close();
      listener.close();
    });
  }
});
