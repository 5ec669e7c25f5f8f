/**
 * The end of a server, by degrees: the lame duck, those that have connected or sent already, who follows
 * whom. What comes of a plain shutdown is in server.test.ts, under load in drain.test.ts.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { readyz } from '../../src/http/server/health.ts';
import { Server } from '../../src/http/server/server.ts';
import type { Addr, Conn } from '../../src/net/conn.ts';
import type { TCPAddr } from '../../src/net/tcp-addr.ts';
import { UnixAddr } from '../../src/net/unix-addr.ts';
import { AF_INET, close, connect, send, SOCK_STREAM, socket } from '../../src/syscall.ts';
import { get, ok } from './raw-cases.ts';
import {
  deferred,
  PipeListener,
  RawClient,
  run,
  type Running,
  stack,
  turn,
  withoutDates,
} from './raw-client.ts';

const timeout = 60_000;
const LONG = 60_000;
const CLOSE = 'Connection: close';
const hello: HandlerFunc = (w) => void w.write('hello');

const loopback: Uint8Array = Uint8Array.of(127, 0, 0, 1);

async function reply(client: RawClient, request = get('/')): Promise<string> {
  const before = client.text.length;
  await client.send(request);
  await client.until((text) => text.endsWith('hello') && text.length > before);
  return withoutDates(client.text.slice(before));
}

/** A client that has had one reply. */
async function idleClient(running: Running): Promise<RawClient> {
  const client = await running.dial();
  assert.equal(await reply(client), ok('hello'));
  return client;
}

/** A client that has connected and sent its request before anybody else can have done anything. */
function connectNow(addr: Addr): RawClient {
  const to =
    addr instanceof UnixAddr
      ? addr.toSockaddr()
      : { family: AF_INET as typeof AF_INET, addr: loopback, port: (addr as TCPAddr).port };
  const fd = socket(to.family, SOCK_STREAM);
  try {
    connect(fd, to);
    send(fd, get('/'));
    return new RawClient(stack.fileConn(fd) as Conn);
  } finally {
    close(fd);
  }
}

suite('the lame duck', { timeout }, () => {
  test('goes on, but says that each reply is the last one', async () => {
    await using running = await run('tcp', hello);
    const { server } = running;
    await using idle = await idleClient(running);
    let over = false;
    const shutdown = server.shutdown({ lameDuck: LONG }).then(() => (over = true));
    assert.deepEqual([server.draining, server.closing], [true, false]);
    assert.equal(await reply(idle), ok('hello', CLOSE));
    await idle.rest();
    await using late = await running.dial();
    assert.equal(await reply(late), ok('hello', CLOSE));
    await late.rest();
    assert.equal(over, false);
    await server.shutdown();
    await shutdown;
    assert.deepEqual([server.draining, server.closing], [true, true]);
    await running.served;
  });

  test('ends by itself, and idle connections with it', async () => {
    await using running = await run('tcp', hello);
    await using idle = await idleClient(running);
    await running.server.shutdown({ lameDuck: 20 });
    await running.served;
    await idle.rest();
    assert.equal(withoutDates(idle.text), ok('hello'));
    await assert.rejects(running.connect(), { code: 'ECONNREFUSED' });
  });

  test('a signal cuts it short, and the waiting as well', async () => {
    const begun = deferred();
    await using running = await run('tcp', async () => {
      begun.resolve();
      await new Promise<void>(() => {});
    });
    await using client = await running.dial();
    await client.send(get('/'));
    await begun.promise;
    const controller = new AbortController();
    const { signal } = controller;
    const shutdown = running.server.shutdown({ lameDuck: LONG, signal });
    await turn();
    controller.abort(new Error('too long'));
    await assert.rejects(shutdown, /too long/);
    assert.equal(running.server.closing, true);
    await running.served;
  });

  test('close cuts it short', async () => {
    await using running = await run('tcp', hello);
    await using idle = await idleClient(running);
    const shutdown = running.server.shutdown({ lameDuck: LONG });
    running.server.close();
    await shutdown;
    await idle.rest();
    await running.served;
  });

  test('without a listener there is nothing to wait for', async () => {
    await new Server(stack, hello).shutdown({ lameDuck: LONG });
  });

  test('readyz tells of it from the beginning', async () => {
    const handler: { serveHTTP: HandlerFunc } = { serveHTTP: hello };
    await using running = await run('tcp', handler);
    handler.serveHTTP = (w, r) => ready.serveHTTP(w, r);
    const ready = readyz(running.server);
    await using before = await running.dial();
    await before.send(get('/readyz'));
    assert.match(await before.until((text) => text.endsWith('ok\n')), /^HTTP\/1\.1 200 /);
    const shutdown = running.server.shutdown({ lameDuck: LONG });
    await using after = await running.dial();
    await after.send(get('/readyz'));
    const text = await after.rest();
    assert.match(text, /^HTTP\/1\.1 503 .*\r\nConnection: close\r\n.*draining\n$/s);
    void running.server.shutdown();
    before.close();
    await shutdown;
  });

  test('bad options are TypeErrors that name them', async () => {
    const server = new Server(stack, hello);
    const cases: readonly (readonly [options: object, message: string])[] = [
      [{ lameDuck: -1 }, 'shutdown: option lameDuck must be a number of milliseconds, 0 or more'],
      [
        { lameDuck: Infinity },
        'shutdown: option lameDuck must be a number of milliseconds, 0 or more',
      ],
      [{ lameDuck: '5' }, 'shutdown: option lameDuck must be a number of milliseconds'],
      [{ lameduck: 5 }, 'shutdown: there is no option lameduck; is lameDuck meant?'],
      [{ timeout: 5 }, 'shutdown: there is no option timeout'],
    ];
    for (const [options, message] of cases) {
      await assert.rejects(server.shutdown(options), { name: 'TypeError', message });
    }
    assert.equal(server.draining, false);
  });
});

suite('what has come by then', { timeout }, () => {
  for (const transport of ['tcp', 'unix'] as const) {
    test(`connections that wait to be accepted, ${transport}`, async () => {
      await using running = await run(transport, hello);
      // Calls that block: the server cannot have seen anything of it.
      const late = Array.from({ length: 300 }, () => connectNow(running.listener.addr));
      const shutdown = running.server.shutdown();
      for (const client of late) {
        assert.equal(withoutDates(await client.rest()), ok('hello', CLOSE));
        assert.equal(client.error, null);
      }
      for (const client of late) client.close();
      await shutdown;
      await running.served;
    });
  }

  test('a request on an idle connection that nobody has read', async () => {
    await using running = await run('tcp', hello);
    await using idle = await idleClient(running);
    const other = await running.connect();
    other.close();
    idle.conn.tryWrite(Buffer.from(get('/')));
    const shutdown = running.server.shutdown();
    assert.equal(withoutDates(await idle.rest()), ok('hello') + ok('hello', CLOSE));
    assert.equal(idle.error, null);
    idle.close();
    await shutdown;
  });

  test('requests behind the one that is answered, to the last; half a one is waited for', async () => {
    const gate = deferred();
    const begun = deferred();
    await using running = await run('tcp', async (w, r) => {
      begun.resolve();
      if (r.path === '/0') await gate.promise;
      await w.write(r.path);
    });
    await using client = await running.dial();
    const paths = Array.from({ length: 1000 }, (_, i) => `/${i}`);
    const all = paths.map((path) => get(path)).join('');
    await client.send(all.slice(0, 9000));
    await begun.promise;
    // The rest is in the kernel's queue alone, but for the second half of the last one.
    client.conn.tryWrite(Buffer.from(all.slice(9000, -5)));
    const shutdown = running.server.shutdown();
    gate.resolve();
    await client.until((text) => text.includes('/998'));
    await client.send(all.slice(-5));
    const expected = paths.map((path, i) => ok(path, ...(i === 999 ? [CLOSE] : []))).join('');
    assert.equal(withoutDates(await client.rest()), expected);
    assert.equal(client.error, null);
    client.close();
    await shutdown;
  });

  test('what a listener that only has accept gives in that moment', async () => {
    const pipes = new PipeListener();
    const gate = deferred<Conn>();
    const accepting = deferred();
    pipes.accept = () => {
      accepting.resolve();
      return gate.promise;
    };
    await using running = await run('pipe', hello);
    await using blocker = await running.dial();
    await blocker.send('GET /');
    await turn();
    const served = running.server.serve(pipes);
    await accepting.promise;
    await using late = new RawClient(pipes.dial());
    const conn = await PipeListener.prototype.accept.call(pipes);
    const shutdown = running.server.shutdown();
    await served;
    gate.resolve(conn);
    assert.equal(await reply(late), ok('hello', CLOSE));
    late.close();
    await blocker.send(get('/').slice(5));
    await blocker.rest();
    blocker.close();
    await shutdown;
  });
});

suite('hooks of the end', { timeout }, () => {
  test('are called once, when the listeners are closed, and may fail', async () => {
    const calls: string[] = [];
    await using running = await run('tcp', hello);
    const { server } = running;
    server.registerOnShutdown(() => calls.push(`first ${server.closing} ${server.addrs.length}`));
    server.registerOnShutdown(() => {
      throw new Error('one');
    });
    server.registerOnShutdown(async () => Promise.reject(new Error('two')));
    server.registerOnShutdown(() => calls.push('last'));
    await using client = await running.dial();
    const shutdown = server.shutdown({ lameDuck: LONG });
    await turn();
    assert.deepEqual(calls, []);
    void server.shutdown();
    await turn();
    assert.deepEqual(calls, ['first true 0', 'last']);
    assert.deepEqual(
      running.log.map((line) => line.split('\n')[0]),
      ['http: onShutdown: Error: one', 'http: onShutdown: Error: two'],
    );
    client.close();
    await shutdown;
    assert.throws(() => server.registerOnShutdown(5 as never), {
      name: 'TypeError',
      message: 'registerOnShutdown: callback must be a function',
    });
  });
});

suite('without keep-alive', { timeout }, () => {
  test('idle connections are closed, replies are the last ones, until it is allowed again', async () => {
    await using running = await run('tcp', hello);
    const { server } = running;
    await using idle = await idleClient(running);
    server.setKeepAlivesEnabled(false);
    await idle.rest();
    await using next = await running.dial();
    assert.equal(await reply(next), ok('hello', CLOSE));
    await next.rest();
    server.setKeepAlivesEnabled(true);
    await using last = await running.dial();
    assert.equal(await reply(last), ok('hello'));
    assert.equal(await reply(last), ok('hello'));
    assert.throws(() => server.setKeepAlivesEnabled('no' as never), {
      name: 'TypeError',
      message: 'setKeepAlivesEnabled: enabled must be true or false',
    });
  });
});
