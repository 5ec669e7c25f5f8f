/**
 * The life of a server and of its connections: accepting, staying, idling, ending; what it tells of
 * them, and what it leaves behind. After Go's http.Server.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { linux } from '../../src/index.ts';
import { ErrAbortHandler, ErrServerClosed, HttpError } from '../../src/http/errors.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import type { Listener } from '../../src/net/conn.ts';
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
const hello: HandlerFunc = (w) => void w.write('hello');
const CLOSE = 'Connection: close';

/** Waits for `text` and compares. */
async function expectText(client: RawClient, text: string): Promise<void> {
  await client.until((received) => withoutDates(received).length >= text.length);
  assert.equal(withoutDates(client.text), text);
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

suite('connections', { timeout }, () => {
  test('one is used for request after request', async () => {
    await using running = await run('tcp', (w, r) => w.write(r.path));
    await using client = await running.dial();
    let expected = '';
    for (let i = 0; i < 5; i++) {
      await client.send(get(`/${i}`));
      expected += ok(`/${i}`);
      await expectText(client, expected);
    }
    const conns = [...running.server.connections];
    assert.equal(conns.length, 1);
    assert.equal(conns[0]!.requests, 5);
    assert.equal(conns[0]!.state, 'idle');
  });

  test('pipelined requests are answered in order and handled one at a time', async () => {
    const log: string[] = [];
    const gates = [deferred(), deferred(), deferred()];
    await using running = await run('tcp', async (w, r) => {
      log.push(`begin ${r.path}`);
      await gates[Number(r.path.slice(1))]!.promise;
      log.push(`end ${r.path}`);
      await w.write(r.path);
    });
    await using client = await running.dial();
    await client.send(get('/0') + get('/1') + get('/2'));
    for (const gate of gates.toReversed()) {
      gate.resolve();
      await turn();
    }
    await expectText(client, ok('/0') + ok('/1') + ok('/2'));
    const order = ['/0', '/1', '/2'].flatMap((path) => [`begin ${path}`, `end ${path}`]);
    assert.deepEqual(log, order);
  });

  test('a reply need not wait for the handler of the next request', async () => {
    const gate = deferred();
    await using running = await run('tcp', async (w, r) => {
      if (r.path === '/slow') await gate.promise;
      await w.write(r.path);
    });
    await using client = await running.dial();
    await client.send(get('/fast') + get('/slow'));
    await expectText(client, ok('/fast'));
    gate.resolve();
    await expectText(client, ok('/fast') + ok('/slow'));
  });

  test('many pipelined requests of several connections', async () => {
    await using running = await run('tcp', (w, r) => w.write(r.path));
    const clients = await Promise.all(Array.from({ length: 5 }, () => running.dial()));
    const paths = Array.from({ length: 2000 }, (_, i) => `/${i}`);
    await Promise.all(
      clients.map((client) => client.send(paths.map((path) => get(path)).join(''))),
    );
    const expected = paths.map((path) => ok(path)).join('');
    for (const client of clients) {
      await expectText(client, expected);
      client.close();
    }
  });

  test('several listeners', async () => {
    const server = new Server(stack, hello);
    const listeners = [new PipeListener(), new PipeListener()];
    const served = Promise.all(listeners.map((listener) => server.serve(listener)));
    assert.deepEqual(server.addrs.map(String), ['pipe', 'pipe']);
    for (const listener of listeners) {
      const client = new RawClient(listener.dial());
      await client.send(get('/'));
      await expectText(client, ok('hello'));
    }
    server.close();
    await served;
    assert.deepEqual(server.addrs, []);
  });
});

suite('states', { timeout }, () => {
  async function statesOf(
    use: (client: RawClient, states: string[]) => Promise<void>,
    options: ServerOptions = {},
    handler = hello,
  ): Promise<string[]> {
    const states: string[] = [];
    const connState = (_conn: unknown, state: string): void => void states.push(state);
    await using running = await run('tcp', handler, { connState, ...options });
    await using client = await running.dial();
    await use(client, states);
    return states;
  }

  test('two requests', async () => {
    const states = await statesOf(async (client, seen) => {
      await client.send(get('/'));
      await expectText(client, ok('hello'));
      await client.send(get('/'));
      await expectText(client, ok('hello') + ok('hello'));
      client.close();
      await turnsUntil(() => seen.includes('closed'));
    });
    assert.deepEqual(states, ['new', 'active', 'idle', 'active', 'idle', 'closed']);
  });

  test('nothing sent', async () => {
    const states = await statesOf(async (client, seen) => {
      client.close();
      await turnsUntil(() => seen.includes('closed'));
    });
    assert.deepEqual(states, ['new', 'closed']);
  });

  test('half a head', async () => {
    const states = await statesOf(async (client, seen) => {
      await client.send(get('/') + get('/').slice(0, 9));
      await expectText(client, ok('hello'));
      assert.deepEqual(seen, ['new', 'active']);
      await client.send(get('/').slice(9));
      await expectText(client, ok('hello') + ok('hello'));
    });
    assert.deepEqual(states, ['new', 'active', 'idle', 'closed']);
  });

  test('an empty line is no request', async () => {
    const states = await statesOf(async (client, seen) => {
      await client.send(`${get('/')}\r\n`);
      await expectText(client, ok('hello'));
      assert.deepEqual(seen, ['new', 'active', 'idle']);
      await client.send(`\r\n${get('/')}`);
      await expectText(client, ok('hello') + ok('hello'));
    });
    assert.deepEqual(states, ['new', 'active', 'idle', 'active', 'idle', 'closed']);
  });

  test('hijacked', async () => {
    const states = await statesOf(
      async (client) => {
        await client.send(get('/'));
        await client.rest();
      },
      {},
      (w) => w.hijack().conn.close(),
    );
    assert.deepEqual(states, ['new', 'active', 'hijacked']);
  });
});

suite('timeouts', { timeout }, () => {
  test('an idle connection is closed', async () => {
    await using running = await run('tcp', hello, { idleTimeout: 30 });
    await using client = await running.dial();
    await client.send(get('/'));
    await client.rest();
    assert.equal(withoutDates(client.text), ok('hello'));
    assert.equal(running.server.connections.size, 0);
  });

  test('a connection on which nothing comes is closed without a reply', async () => {
    await using running = await run('tcp', hello, { readHeaderTimeout: 30 });
    await using client = await running.dial();
    assert.equal(await client.rest(), '');
  });

  test('the time for a head begins anew with each request', async () => {
    await using running = await run('tcp', hello, { readHeaderTimeout: 300, idleTimeout: 0 });
    await using client = await running.dial();
    await client.send(get('/'));
    await expectText(client, ok('hello'));
    // Idle for longer than a head may take.
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.ok(!client.ended);
    await client.send('GET /');
    await client.rest();
    assert.match(client.text, /HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test('the head after a body, in the same batch, has its time too', async () => {
    await using running = await run('tcp', hello, { readHeaderTimeout: 200, idleTimeout: 0 });
    await using client = await running.dial();
    await client.send(`${get('/', 'Content-Length: 3')}abcGET /`);
    await client.rest();
    assert.match(client.text, /hello.*HTTP\/1\.1 408 Request Timeout\r\n/s);
  });

  test('a body that is too slow fails with 408', async () => {
    const failure = deferred<unknown>();
    await using running = await run(
      'tcp',
      async (_w, r) => {
        await r.body.bytes().catch((error: unknown) => {
          failure.resolve(error);
          throw error;
        });
      },
      { readTimeout: 200 },
    );
    await using client = await running.dial();
    await client.send(`${get('/', 'Content-Length: 3')}a`);
    assert.match(await client.rest(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
    const error = (await failure.promise) as HttpError;
    assert.equal(error.status, 408);
    assert.match(error.message, /i\/o timeout$/);
    assert.deepEqual(running.log, []);
  });

  test('a handler may take longer than all of them', async () => {
    await using running = await run(
      'tcp',
      async (w, r) => {
        await r.body.bytes();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await w.write('hello');
      },
      { readHeaderTimeout: 200, readTimeout: 200, idleTimeout: 10_000 },
    );
    await using client = await running.dial();
    await client.send(get('/'));
    await expectText(client, ok('hello'));
    await client.send(`${get('/', 'Content-Length: 1')}a`);
    await expectText(client, ok('hello') + ok('hello'));
  });

  test('a body that nobody reads and that does not come', async () => {
    await using running = await run('tcp', hello, { idleTimeout: 200 });
    await using client = await running.dial();
    await client.send(`${get('/', 'Content-Length: 3')}a`);
    assert.equal(withoutDates(await client.rest()), ok('hello'));
  });

  test('a reply that is not read in time', async () => {
    const failure = deferred<unknown>();
    await using running = await run(
      'tcp',
      async (w) => {
        const block = new Uint8Array(1 << 20);
        for (;;) {
          try {
            await w.write(block);
          } catch (error) {
            failure.resolve(error);
            throw error;
          }
        }
      },
      { writeTimeout: 50 },
    );
    const conn = await running.connect();
    await conn.write(get('/'));
    const error = (await failure.promise) as { timeout?: boolean };
    assert.equal(error.timeout, true);
    await turnsUntil(() => running.server.connections.size === 0);
    conn.close();
    assert.deepEqual(running.log, []);
  });
});

suite('shutdown', { timeout }, () => {
  test('idle connections are closed at once, active ones after their reply', async () => {
    const gate = deferred();
    const begun = deferred();
    await using running = await run('tcp', async (w, r) => {
      if (r.path === '/slow') {
        begun.resolve();
        await gate.promise;
      }
      await w.write('hello');
    });
    await using idle = await running.dial();
    await idle.send(get('/'));
    await expectText(idle, ok('hello'));
    await using active = await running.dial();
    await active.send(get('/slow') + get('/next'));
    await begun.promise;

    let done = false;
    const shutdown = running.server.shutdown().then(() => (done = true));
    await idle.rest();
    assert.equal(withoutDates(idle.text), ok('hello'));
    await running.served;
    await assert.rejects(running.connect(), { code: 'ECONNREFUSED' });
    assert.equal(done, false);
    gate.resolve();
    await active.rest();
    assert.equal(withoutDates(active.text), ok('hello') + ok('hello', CLOSE));
    active.close();
    await shutdown;
    assert.equal(running.server.connections.size, 0);
  });

  test('a reply that has begun before says nothing of it, and ends the connection all the same', async () => {
    const gate = deferred();
    const begun = deferred();
    const states: string[] = [];
    const connState = (_conn: unknown, state: string): void => void states.push(state);
    const handler: HandlerFunc = async (w) => {
      await w.flush();
      begun.resolve();
      await gate.promise;
      await w.write('hello');
    };
    await using running = await run('tcp', handler, { connState });
    await using client = await running.dial();
    await client.send(get('/'));
    await begun.promise;
    const shutdown = running.server.shutdown();
    gate.resolve();
    await client.rest();
    await shutdown;
    assert.deepEqual(states, ['new', 'active', 'closed'], 'it has not been idle');
    assert.doesNotMatch(client.text, /Connection/);
    assert.ok(client.text.endsWith('\r\n\r\n5\r\nhello\r\n0\r\n\r\n'));
  });

  test('without connections it is done at once, and may be asked for again', async () => {
    await using running = await run('tcp', hello);
    await running.server.shutdown();
    await running.server.shutdown();
    await running.served;
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    await assert.rejects(running.server.serve(listener), ErrServerClosed);
    await assert.rejects(listener.accept(), 'it has been closed');
  });

  test('a signal ends the waiting, and close the rest', async () => {
    const begun = deferred();
    await using running = await run('tcp', async (w) => {
      begun.resolve();
      await new Promise<void>(() => {});
      await w.write('never');
    });
    await using client = await running.dial();
    await client.send(get('/'));
    await begun.promise;
    const controller = new AbortController();
    const shutdown = running.server.shutdown({ signal: controller.signal });
    controller.abort(new Error('too long'));
    await assert.rejects(shutdown, /too long/);
    assert.equal(running.server.connections.size, 1);
    running.server.close();
    assert.equal(await client.rest(), '');
    assert.equal(running.server.connections.size, 0);
  });

  test('a connection that has sent nothing has a little time', async () => {
    // The same clock, for waits a hundred times as fast.
    const { clock } = linux;
    const fast = new Stack({
      ...linux,
      clock: {
        ...clock,
        at: (when, callback, ref) =>
          clock.at(clock.monotonic() + (when - clock.monotonic()) / 100, callback, ref),
      },
    });
    const states: string[] = [];
    const connState = (_conn: unknown, state: string): void => void states.push(state);
    const server = new Server(fast, hello, { connState });
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    await using client = new RawClient(await stack.dial('tcp', String(listener.addr)));
    await turnsUntil(() => states.length === 1);
    await server.shutdown();
    assert.deepEqual(states, ['new', 'closed']);
    await client.rest();
    await served;
  });

  test('close cuts everything', async () => {
    const failure = deferred<unknown>();
    const begun = deferred();
    await using running = await run('tcp', async (w, r) => {
      r.signal.addEventListener('abort', () => failure.resolve(r.signal.reason));
      begun.resolve();
      await failure.promise;
      await w.flush();
    });
    await using client = await running.dial();
    await client.send(get('/'));
    await begun.promise;
    running.server.close();
    running.server.close();
    await running.served;
    assert.equal(((await failure.promise) as HttpError).code, 'ERR_HTTP_CONNECTION_CLOSED');
    await client.rest();
    assert.equal(client.text, '');
    assert.equal(running.server.connections.size, 0);
    assert.deepEqual(running.log, []);
  });
});

suite('what it tells', { timeout }, () => {
  test('of handlers that throw, not of those that mean to', async () => {
    const errors: readonly unknown[] = [
      new Error('one'),
      new TypeError('two'),
      'no error at all',
      ErrAbortHandler,
      new HttpError('not there', 'ERR_NOT_THERE', 404),
      new HttpError('upstream', 'ERR_UPSTREAM', 502),
    ];
    await using running = await run('tcp', (_w, r) => {
      throw errors[Number(r.path.slice(1))];
    });
    const statuses: string[] = [];
    for (const i of errors.keys()) {
      await using client = await running.dial();
      await client.send(get(`/${i}`));
      statuses.push((await client.rest()).slice(9, 12));
    }
    assert.deepEqual(statuses, ['500', '500', '500', '', '404', '502']);
    const told = running.log.map((line) =>
      line.split('\n')[0]!.replace(/127\.0\.0\.1:\d+/, 'ADDR'),
    );
    assert.deepEqual(told, [
      'http: panic serving ADDR: Error: one',
      'http: panic serving ADDR: TypeError: two',
      'http: panic serving ADDR: no error at all',
      'http: panic serving ADDR: HttpError: upstream',
    ]);
  });

  test('bad options are TypeErrors that name them', () => {
    const times = ['readHeader', 'read', 'write', 'idle', 'linger'].map((name) => `${name}Timeout`);
    const amounts = ['Body', 'Trailer', 'Discard', 'Unsent', 'Linger'].map((of) => `max${of}Bytes`);
    const others = [...amounts, 'maxTrailers', 'maxChunkOverhead'];
    const unlessBelow = new Map([...times, ...others].map((name) => [name, 0]));
    for (const name of ['maxHeaderBytes', 'maxRequestLine', 'maxHeaders']) unlessBelow.set(name, 1);
    for (const [name, least] of unlessBelow) {
      const unit = times.includes(name) ? ' of milliseconds' : '';
      for (const value of [least - 1, Number.NaN, '5', {}, true]) {
        assert.throws(() => new Server(stack, hello, { [name]: value }), {
          name: 'TypeError',
          message: `Server: option ${name} must be a number${unit}, ${least} or more`,
        });
      }
      assert.ok(new Server(stack, hello, { [name]: least }));
    }
    for (const name of ['connState', 'errorLog']) {
      const options = { [name]: 'no function' } as ServerOptions;
      assert.throws(() => new Server(stack, hello, options), {
        name: 'TypeError',
        message: `Server: option ${name} must be a function`,
      });
    }
    for (const handler of [{}, null, 'hello']) {
      assert.throws(() => new Server(stack, handler as HandlerFunc), {
        name: 'TypeError',
        message: 'Server: handler must be a function (w, r) or have a method serveHTTP',
      });
    }
    for (const options of [null, 5]) {
      assert.throws(() => new Server(stack, hello, options as unknown as ServerOptions), {
        name: 'TypeError',
        message: 'Server: options must be an object',
      });
    }
  });

  test('bad arguments are TypeErrors that name them', async () => {
    const server = new Server(stack, hello);
    for (const listener of [null, undefined, 8080, {}]) {
      await assert.rejects(server.serve(listener as unknown as Listener), {
        name: 'TypeError',
        message: 'serve: listener must have a method accept',
      });
    }
    await assert.rejects(server.shutdown(null as never), {
      name: 'TypeError',
      message: 'shutdown: options must be an object',
    });
    await assert.rejects(server.shutdown({ signal: 5 } as never), {
      name: 'TypeError',
      message: 'shutdown: option signal must be an AbortSignal',
    });
    assert.equal(server.closing, false);
  });

  test('no descriptor is left of it all', async () => {
    await turn();
    const before = descriptors();
    {
      await using running = await run('tcp', hello);
      const clients = await Promise.all(Array.from({ length: 20 }, () => running.dial()));
      await Promise.all(clients.map((client) => client.send(get('/'))));
      for (const client of clients) await expectText(client, ok('hello'));
      assert.equal(descriptors(), before + 41);
      for (const client of clients) client.close();
    }
    assert.equal(descriptors(), before);
  });
});
