/**
 * The option maxConnections: how many are served at a time, where the others wait, and who makes room for
 * them. Under load: hostile.test.ts.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { linux } from '../../src/index.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import type { Conn } from '../../src/net/conn.ts';
import { Stack } from '../../src/net/stack.ts';
import { get, ok } from './raw-cases.ts';
import {
  deferred,
  PipeListener,
  RawClient,
  run,
  stack,
  turn,
  turnsUntil,
  withoutDates,
} from './raw-client.ts';

const timeout = 60_000;
const CLOSE = 'Connection: close';
const hello: HandlerFunc = (w) => void w.write('hello');

/** Whether something comes within a while; for what must not come. */
async function staysSilent(...clients: RawClient[]): Promise<void> {
  for (let i = 0; i < 50; i++) await turn();
  for (const client of clients) assert.equal(client.text, '');
}

suite('at the limit', { timeout }, () => {
  test('who comes waits in the queue, and has a turn when one closes', async () => {
    const gates = [deferred(), deferred(), deferred()];
    let most = 0;
    await using running = await run(
      'tcp',
      async (w, r) => {
        most = Math.max(most, running.server.connections.size);
        await gates[Number(r.path.slice(1))]!.promise;
        await w.write('hello');
      },
      { maxConnections: 2 },
    );
    const clients = await Promise.all(gates.map(() => running.dial()));
    await Promise.all(clients.map((client, i) => client.send(get(`/${i}`))));
    await turnsUntil(() => running.server.connections.size === 2);
    await staysSilent(...clients);
    gates[0]!.resolve();
    assert.equal(withoutDates(await clients[0]!.rest()), ok('hello', CLOSE), 'it makes room');
    gates[2]!.resolve();
    await clients[2]!.until((text) => text.endsWith('hello'));
    assert.equal(withoutDates(clients[2]!.text), ok('hello'), 'nobody waits any more');
    gates[1]!.resolve();
    await clients[1]!.until((text) => text.endsWith('hello'));
    assert.equal(most, 2);
    for (const client of clients) client.close();
  });

  test('nothing is accepted, and nothing is asked again and again', async () => {
    const counts = { accept4: 0, poll: 0 };
    const counting = new Stack({
      ...linux,
      kernel: {
        ...linux.kernel,
        accept4: (...args) => {
          counts.accept4++;
          return linux.kernel.accept4(...args);
        },
        poll: (...args) => {
          counts.poll++;
          return linux.kernel.poll(...args);
        },
      },
    });
    const server = new Server(counting, hello, { maxConnections: 1 });
    const listener = await counting.listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    await using holder = new RawClient(await stack.dial('tcp', String(listener.addr)));
    await holder.send('GET /');
    await turnsUntil(() => server.connections.size === 1);
    const before = counts.accept4;
    const waiting = await Promise.all(
      Array.from({ length: 20 }, async () => stack.dial('tcp', String(listener.addr))),
    );
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(counts.accept4, before);
    assert.ok(counts.poll < 20, `poll was called ${counts.poll} times`);
    for (const conn of waiting) conn.close();
    server.close();
    await served;
  });

  test('who has rested for a while makes room, the longest first; who has sent something stays', async () => {
    const { server, clock, clients, dial, served } = await withClock();
    for (const client of clients) {
      await client.send(get('/'));
      await client.until((text) => text.endsWith('hello'));
      clock.pass(10);
    }
    const [first, second, third] = clients as [RawClient, RawClient, RawClient];
    await first.send('GET /');
    await turnsUntil(() => [...server.connections].some(({ state }) => state === 'active'));
    const late = await dial();
    await late.send(get('/'));
    await staysSilent(late);
    clock.pass(200);
    await staysSilent(late);
    clock.pass(100);
    await late.until((text) => text.endsWith('hello'));
    await second.rest();
    assert.deepEqual([first.ended, second.ended, third.ended], [false, true, false]);
    for (const client of [...clients, late]) client.close();
    server.close();
    await served;
  });

  test('who has sent nothing at all makes room too', async () => {
    const { server, clock, clients, dial, served } = await withClock();
    const late = await dial();
    await late.send(get('/'));
    clock.pass(250);
    await late.until((text) => text.endsWith('hello'));
    assert.equal(clients.filter(({ ended }) => ended).length, 1);
    for (const client of [...clients, late]) client.close();
    server.close();
    await served;
  });

  test('several listeners share it, in turns', async () => {
    const handler: HandlerFunc = async (w) => {
      await turn();
      await w.write('hello');
    };
    const server = new Server(stack, handler, { maxConnections: 1 });
    const listeners = await Promise.all([1, 2].map(() => stack.listen('tcp', '127.0.0.1:0')));
    const served = listeners.map((listener) => server.serve(listener));
    const order: number[] = [];
    const all: Promise<unknown>[] = [];
    const holder = new RawClient(await stack.dial('tcp', String(listeners[0]!.addr)));
    await holder.send('GET /');
    await turnsUntil(() => server.connections.size === 1);
    for (let i = 0; i < 8; i++) {
      const client = new RawClient(await stack.dial('tcp', String(listeners[i % 2]!.addr)));
      await client.send(get('/'));
      all.push(
        client.rest().then((text) => {
          order.push(i % 2);
          client.close();
          return text;
        }),
      );
    }
    assert.equal(server.connections.size, 1);
    await holder.send(get('/').slice(5));
    await holder.rest();
    holder.close();
    // The last one of all could stay: it is ended by the shutdown.
    await turnsUntil(() => order.length >= 7);
    await server.shutdown();
    await Promise.all([...all, ...served]);
    assert.equal(order.length, 8);
    assert.ok(order.slice(0, 4).includes(0) && order.slice(0, 4).includes(1), String(order));
  });

  test('a hijacked one counts until it is closed', async () => {
    const taken: Conn[] = [];
    await using running = await run(
      'tcp',
      (w, r) => {
        if (r.path === '/take') taken.push(w.hijack().conn);
        else void w.write('hello');
      },
      { maxConnections: 1 },
    );
    await using first = await running.dial();
    await first.send(get('/take'));
    await turnsUntil(() => taken.length === 1);
    assert.equal(running.server.connections.size, 0);
    await using second = await running.dial();
    await second.send(get('/'));
    await staysSilent(second);
    taken[0]!.close();
    assert.match(await second.until((text) => text.endsWith('hello')), /hello/);
  });

  test('a listener that only has accept keeps it too', async () => {
    const pipes = new PipeListener();
    const server = new Server(stack, hello, { maxConnections: 1 });
    const served = server.serve(pipes);
    const first = new RawClient(pipes.dial());
    await first.send('GET /');
    await turnsUntil(() => server.connections.size === 1);
    const second = new RawClient(pipes.dial());
    void second.send(get('/'));
    await staysSilent(second);
    await first.send(get('/').slice(5));
    assert.equal(withoutDates(await first.rest()), ok('hello', CLOSE));
    first.close();
    await second.until((text) => text.endsWith('hello'));
    second.close();
    server.close();
    await served;
  });

  test('those that wait are served when the server is shut down', async () => {
    const gate = deferred();
    await using running = await run(
      'tcp',
      async (w) => {
        await gate.promise;
        await w.write('hello');
      },
      { maxConnections: 2 },
    );
    const clients = await Promise.all(Array.from({ length: 10 }, () => running.dial()));
    await Promise.all(clients.map((client) => client.send(get('/'))));
    await turnsUntil(() => running.server.connections.size === 2);
    const shutdown = running.server.shutdown();
    assert.equal(running.server.connections.size, 2);
    gate.resolve();
    for (const client of clients) {
      assert.equal(withoutDates(await client.rest()), ok('hello', CLOSE));
      client.close();
    }
    await shutdown;
    await running.served;
  });
});

/** A server for three connections, all of them taken, whose clock moves when it is told to. */
async function withClock(): Promise<{
  readonly server: Server;
  readonly clock: ManualClock;
  readonly clients: readonly RawClient[];
  readonly served: Promise<void>;
  readonly dial: () => Promise<RawClient>;
}> {
  const clock = new ManualClock();
  const timed = new Stack({ ...linux, clock });
  const server = new Server(timed, hello, { maxConnections: 3 });
  const listener = await stack.listen('tcp', '127.0.0.1:0');
  const served = server.serve(listener);
  const dial = async (): Promise<RawClient> =>
    new RawClient(await stack.dial('tcp', String(listener.addr)));
  const clients = [await dial(), await dial(), await dial()];
  await turnsUntil(() => server.connections.size === 3);
  return { server, clock, clients, served, dial };
}

/** Timers of no time come by themselves, others when the time has passed. */
class ManualClock {
  #passed = 0;
  readonly #timers = new Set<{ readonly when: number; readonly callback: () => void }>();

  /** Deadlines of connections, which have the machine's clock, are far away. */
  readonly now = (): number => 2e12 + this.#passed;
  readonly monotonic = (): number => this.#passed;

  readonly at = (when: number, callback: () => void): { cancel(): void } => {
    if (when <= this.#passed) {
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timer = { when, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  };

  pass(milliseconds: number): void {
    this.#passed += milliseconds;
    for (const timer of this.#timers) {
      if (timer.when > this.#passed) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}
