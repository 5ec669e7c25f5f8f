/**
 * How a server accepts: what it does when accepting fails, for a while or for good, and when it is closed
 * in the very moment.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { linux } from '../../src/index.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Addr, Conn, Listener } from '../../src/net/conn.ts';
import { Stack } from '../../src/net/stack.ts';
import {
  EHOSTUNREACH,
  EMFILE,
  ENETUNREACH,
  ENOBUFS,
  ENOMEM,
  ENOSPC,
  EPERM,
  EPROTO,
} from '../../src/syscall/errno.ts';
import { get, ok } from './raw-cases.ts';
import {
  deferred,
  PipeListener,
  RawClient,
  stack,
  turnsUntil,
  withoutDates,
} from './raw-client.ts';

const timeout = 60_000;
const hello: HandlerFunc = (w) => void w.write('hello');

/** Gives what it is told to, one after the other: a connection, or an error. */
class ScriptedListener implements Listener {
  readonly addr: Addr = { network: 'script', toString: () => 'script' };
  readonly #script: (Conn | Error)[];
  readonly #end = deferred<Conn>();
  closed = false;

  constructor(script: (Conn | Error)[]) {
    this.#script = script;
  }

  async accept(): Promise<Conn> {
    const next = this.#script.shift() ?? this.#end.promise;
    if (next instanceof Error) throw next;
    return next;
  }

  close(): void {
    this.closed = true;
    this.#end.promise.catch(() => {}); // perhaps nobody waits for it
    this.#end.reject(new Error('closed'));
  }

  ref(): void {}

  unref(): void {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Conn, void, undefined> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

suite('accepting', { timeout }, () => {
  test('after temporary errors it pauses, longer each time, and goes on', async () => {
    const pipes = new PipeListener();
    const client = new RawClient(pipes.dial());
    const temporary = (): Error => Object.assign(new Error('too many'), { temporary: true });
    const script = [temporary(), temporary(), temporary(), await pipes.accept(), temporary()];
    const log: string[] = [];
    const server = new Server(stack, hello, { errorLog: (line) => log.push(line) });
    const served = server.serve(new ScriptedListener(script));
    await client.send(get('/'));
    await client.until((text) => text.endsWith('hello'));
    assert.equal(withoutDates(client.text), ok('hello'));
    await turnsUntil(() => log.length === 4);
    server.close();
    await served;
    assert.deepEqual(
      log,
      [5, 10, 20, 5].map((pause) => `http: Accept error: too many; retrying in ${pause}ms`),
    );
  });

  test('a pause ends with the server: nothing is left of it', async () => {
    // A clock that stands still: no pause is ever over.
    const timers: { ref: boolean; cancelled: boolean }[] = [];
    const still = new Stack({
      ...linux,
      clock: {
        ...linux.clock,
        at: (_when, _callback, ref = false) => {
          const timer = { ref, cancelled: false };
          timers.push(timer);
          return { cancel: () => void (timer.cancelled = true) };
        },
      },
    });
    for (const end of ['shutdown', 'close'] as const) {
      const log: string[] = [];
      const server = new Server(still, hello, { errorLog: (line) => log.push(line) });
      const error = Object.assign(new Error('too many'), { temporary: true });
      const served = server.serve(new ScriptedListener([error]));
      await turnsUntil(() => log.length === 1);
      await server[end]();
      await served;
      assert.deepEqual(server.addrs, []);
    }
    assert.deepEqual(timers, [
      { ref: true, cancelled: true },
      { ref: true, cancelled: true },
    ]);
  });

  test('other errors end it', async () => {
    const server = new Server(stack, hello);
    const error = new Error('of the listener');
    await assert.rejects(server.serve(new ScriptedListener([error])), error);
  });

  test('no descriptors left: the connection waits in the queue', async () => {
    let failures = 3;
    const kernel: Kernel = {
      ...linux.kernel,
      accept4: (...args) => (failures-- > 0 ? -EMFILE : linux.kernel.accept4(...args)),
    };
    const poor = new Stack({ ...linux, kernel });
    const log: string[] = [];
    const server = new Server(poor, hello, { errorLog: (line) => log.push(line) });
    const listener = await poor.listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    await using client = new RawClient(await stack.dial('tcp', String(listener.addr)));
    await client.send(get('/'));
    await client.until((text) => text.endsWith('hello'));
    assert.equal(withoutDates(client.text), ok('hello'));
    assert.equal(log.length, 3);
    assert.match(
      log[0]!,
      /^http: Accept error: accept tcp .*too many open files; retrying in 5ms$/,
    );
    server.close();
    await served;
  });

  test('errors of one connection, and lack of memory, do not end it', async () => {
    const failures = [ENOBUFS, ENOMEM, EPROTO, EPERM, ENETUNREACH, EHOSTUNREACH];
    const kernel: Kernel = {
      ...linux.kernel,
      accept4: (...args) => -(failures.pop() ?? 0) || linux.kernel.accept4(...args),
    };
    const odd = new Stack({ ...linux, kernel });
    const log: string[] = [];
    const server = new Server(odd, hello, { errorLog: (line) => log.push(line) });
    const listener = await odd.listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    await using client = new RawClient(await stack.dial('tcp', String(listener.addr)));
    await client.send(get('/'));
    await client.until((text) => text.endsWith('hello'));
    assert.equal(log.length, 6);
    assert.match(log[5]!, /no buffer space available; retrying in 160ms$/);
    server.close();
    await served;
  });

  test('no room in epoll: who has asked is answered, who has not is closed', async () => {
    let failing = false;
    const kernel: Kernel = {
      ...linux.kernel,
      epoll_ctl: (epfd, op, fd, event) =>
        failing && event !== null ? -ENOSPC : linux.kernel.epoll_ctl(epfd, op, fd, event),
    };
    const full = new Stack({ ...linux, kernel });
    const log: string[] = [];
    const server = new Server(full, hello, { errorLog: (line) => log.push(line) });
    const listener = await full.listen('tcp', '127.0.0.1:0');
    const address = String(listener.addr);
    const conns = await Promise.all([stack.dial('tcp', address), stack.dial('tcp', address)]);
    const [asking, silent] = conns.map((conn) => new RawClient(conn));
    await asking!.send(get('/'));
    failing = true;
    const served = server.serve(listener);
    assert.equal(withoutDates(await asking!.rest()), ok('hello'));
    assert.equal(await silent!.rest(), '');
    assert.equal(server.connections.size, 0);
    assert.equal(log.length, 2);
    for (const line of log) {
      assert.match(line, /^http: read tcp \S+: epoll_ctl: no space left on device$/);
    }
    failing = false;
    await using client = new RawClient(await stack.dial('tcp', address));
    await client.send(get('/'));
    await client.until((text) => text.endsWith('hello'));
    server.close();
    await served;
    for (const conn of conns) conn.close();
  });

  test('a connection that is accepted in the same moment is closed', async () => {
    const pipes = new PipeListener();
    const client = new RawClient(pipes.dial());
    const gate = deferred<Conn>();
    const listener = new ScriptedListener([]);
    listener.accept = () => gate.promise;
    const server = new Server(stack, hello);
    const served = server.serve(listener);
    server.close();
    gate.resolve(await pipes.accept());
    await served;
    assert.equal(await client.rest(), '');
    assert.equal(server.connections.size, 0);
  });
});
