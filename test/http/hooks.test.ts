/**
 * What a program hangs into a server: contexts, and functions that are told of things. What these throw
 * is theirs alone.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fetchHandler } from '../../src/http/fetch/fetch-handler.ts';
import type { HandlerFunc, ServerRequest } from '../../src/http/handler.ts';
import { listenAndServe, serveFetch } from '../../src/http/server/listen-and-serve.ts';
import { stripPrefix } from '../../src/http/replies.ts';
import { Server } from '../../src/http/server/server.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import type { Conn, Listener } from '../../src/net/conn.ts';
import { get, ok } from './raw-cases.ts';
import { PipeListener, RawClient, run, stack, turnsUntil, withoutDates } from './raw-client.ts';

const timeout = 60_000;
const hello: HandlerFunc = (w) => void w.write('hello');

/** The body of the reply on a connection of its own. */
async function bodyOf(client: RawClient, path = '/'): Promise<string> {
  const from = client.text.length;
  await client.send(get(path));
  const text = await client.until((received) => /\r\n\r\n[^]+$/.test(received.slice(from)));
  return text.slice(text.lastIndexOf('\r\n\r\n') + 4);
}

suite('contexts', { timeout }, () => {
  const show: HandlerFunc = (w, r) => w.write(JSON.stringify(r.context ?? null));

  test('none', async () => {
    await using running = await run('tcp', show);
    await using client = await running.dial();
    assert.equal(await bodyOf(client), 'null');
  });

  test('of a listener, and of a connection', async () => {
    const seen: Listener[] = [];
    const numbers: number[] = [];
    const baseContext = (listener: Listener): object => {
      seen.push(listener);
      return { listener: seen.length };
    };
    const connContext = (context: unknown, conn: Conn): object => {
      assert.equal(typeof conn.tryRead, 'function');
      numbers.push(numbers.length);
      return { ...(context as object), conn: numbers.length };
    };
    const server = new Server(stack, show, { baseContext, connContext });
    const listeners = [new PipeListener(), new PipeListener()];
    const served = Promise.all(listeners.map((listener) => server.serve(listener)));
    const a = new RawClient(listeners[0]!.dial());
    const b = new RawClient(listeners[1]!.dial());
    assert.equal(await bodyOf(a), '{"listener":1,"conn":1}');
    assert.equal(await bodyOf(b), '{"listener":2,"conn":2}');
    assert.equal(await bodyOf(a), '{"listener":1,"conn":1}');
    assert.deepEqual(seen, listeners);
    for (const client of [a, b]) client.close();
    server.close();
    await served;
  });

  test('of a request alone, below a prefix, and of a fetch handler', async () => {
    const below = stripPrefix('/below', (w, r) => {
      r.context = { ...(r.context as object), below: true };
      return w.write('');
    });
    const fetching = fetchHandler({ fetch: (_r, { context }) => Response.json(context) });
    const handler: HandlerFunc = async (w, r: ServerRequest) => {
      if (r.path === '/fetch') return fetching.serveHTTP(w, r);
      if (r.path.startsWith('/below')) await below.serveHTTP(w, r);
      return show(w, r);
    };
    await using running = await run('tcp', handler, { baseContext: () => ({ base: 1 }) });
    await using client = await running.dial();
    assert.equal(await bodyOf(client, '/below/x'), '{"base":1,"below":true}');
    assert.equal(await bodyOf(client), '{"base":1}');
    assert.equal(await bodyOf(client, '/fetch'), '{"base":1}');
  });

  test('a connection without one is closed, and the server goes on', async () => {
    let fails = true;
    const connContext = (): string => {
      if (fails) throw new Error('not this one');
      return 'x';
    };
    await using running = await run('tcp', show, { connContext });
    await using first = await running.dial();
    await first.rest();
    fails = false;
    await using second = await running.dial();
    assert.equal(await bodyOf(second), '"x"');
    assert.match(running.log.join('\n'), /^http: connContext: Error: not this one\n/);
  });

  test('a listener without one is not served', async () => {
    const baseContext = (): never => {
      throw new Error('not here');
    };
    const server = new Server(stack, hello, { baseContext });
    const listener = new PipeListener();
    await assert.rejects(server.serve(listener), /not here/);
    assert.equal(listener.closed, true);
    assert.deepEqual(server.addrs, []);
    await server.shutdown();
  });
});

suite('functions that fail', { timeout }, () => {
  const throwing = (): never => {
    throw new Error('one');
  };
  const rejecting = (async () => Promise.reject(new Error('two'))) as unknown as () => void;

  for (const [name, connState] of Object.entries({ throwing, rejecting })) {
    test(`connState, ${name}`, async () => {
      await using running = await run('tcp', hello, { connState });
      await using client = await running.dial();
      await client.send(get('/'));
      await client.until((text) => text.endsWith('hello'));
      client.close();
      await turnsUntil(() => running.log.length >= 4);
      assert.equal(running.log.length, 4, 'new, active, idle, closed');
      for (const line of running.log) assert.match(line, /^http: connState: Error: (?:one|two)\n/);
    });
  }

  for (const [name, errorLog] of Object.entries({ throwing, rejecting })) {
    test(`errorLog, ${name}`, async () => {
      await using running = await run('tcp', throwing, { errorLog });
      await using client = await running.dial();
      await client.send(get('/'));
      assert.match(await client.rest(), /^HTTP\/1\.1 500 /);
    });
  }

  for (const [name, onListen] of Object.entries({ throwing, rejecting })) {
    test(`onListen, ${name}: it is not served, and nothing listens`, async () => {
      const listeners: Listener[] = [];
      const remember = (listener: Listener): void => {
        listeners.push(listener);
        return onListen();
      };
      const served = listenAndServe(stack, '127.0.0.1:0', hello, { onListen: remember });
      await assert.rejects(served, /^Error: (?:one|two)$/);
      assert.equal(listeners[0]!.closed, true);
    });
  }
});

suite('options that do not exist', { timeout }, () => {
  test('of a server and of listenAndServe they are TypeErrors', async () => {
    const misspelt = { readheaderTimeout: 5 } as ServerOptions;
    const hint = 'there is no option readheaderTimeout; is readHeaderTimeout meant?';
    assert.throws(() => new Server(stack, hello, misspelt), {
      name: 'TypeError',
      message: `Server: ${hint}`,
    });
    await assert.rejects(listenAndServe(stack, '127.0.0.1:0', hello, misspelt), {
      name: 'TypeError',
      message: `listenAndServe: ${hint}`,
    });
    const foreign = { development: true } as ServerOptions;
    await assert.rejects(listenAndServe(stack, '127.0.0.1:0', hello, foreign), {
      message: 'listenAndServe: there is no option development',
    });
  });

  test('of serve those of other servers are passed over, slips are not', async () => {
    const fetch = (): Response => new Response('hello');
    const place = { port: 0, hostname: '127.0.0.1' };
    const foreign = { development: true, websocket: {}, host: 'x', middleware: [] };
    const running = await serveFetch(stack, { fetch, ...place, ...foreign });
    await using client = new RawClient(await stack.dial('tcp', String(running.addr)));
    await client.send(get('/'));
    await client.until((text) => text.endsWith('hello'));
    assert.match(withoutDates(client.text), new RegExp(`^${ok('').slice(0, 15)}`));
    running.close();
    await running.finished;
    await assert.rejects(serveFetch(stack, { fetch, ...place, maxConnection: 5 } as never), {
      name: 'TypeError',
      message: 'serve: there is no option maxConnection; is maxConnections meant?',
    });
  });
});
