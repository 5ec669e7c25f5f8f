import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { get, head } from '../../../test/http/raw-cases.ts';
import { deferred, run, turn, withoutDates } from '../../../test/http/raw-client.ts';
import { ErrAbortHandler } from '../errors.ts';
import type { HandlerFunc, ResponseWriter, ServerRequest } from '../handler.ts';
import { MAX_HELD } from './held-response.ts';
import { ErrHandlerTimeout, timeoutHandler } from './timeout-handler.ts';

const timeout = 60_000;
const LONG = 1e6;
const CLOSE = 'Connection: close';
const PAGE = '<html><head><title>Timeout</title></head><body><h1>Timeout</h1></body></html>';

/** All that a server says to one request. */
async function reply(handler: HandlerFunc, ms: number, text: string): Promise<string> {
  const { said, log } = await replyAndLog(handler, ms, text);
  assert.deepEqual(log, []);
  return said;
}

async function replyAndLog(
  handler: HandlerFunc,
  ms: number,
  text: string,
): Promise<{ said: string; log: string[] }> {
  await using running = await run('pipe', timeoutHandler(handler, ms));
  await using client = await running.dial();
  await client.send(text);
  return { said: withoutDates(await client.rest()), log: running.log };
}

suite('timeoutHandler', { timeout }, () => {
  test('passes on what is finished in time', async () => {
    const handler: HandlerFunc = async (w) => {
      w.header().set('X-One', '1');
      w.writeHeader(201);
      await turn();
      await w.write('ä');
      await w.write(new Uint8Array([98]));
    };
    assert.equal(
      await reply(handler, LONG, get('/', CLOSE)),
      'HTTP/1.1 201 Created\r\nX-One: 1\r\nDate: *\r\nContent-Length: 3\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\xc3\xa4b',
    );
    assert.match(await reply((w) => w.writeHeader(204), LONG, get('/', CLOSE)), /^HTTP\/1.1 204/);
    assert.match(await reply(() => {}, LONG, get('/', CLOSE)), /200 OK\r\n[^]*Length: 0\r\n/);
    const early: HandlerFunc = (w) => {
      w.header().set('Link', '</a>');
      w.writeHeader(103);
      w.header().set('Link', '</b>');
    };
    assert.match(await reply(early, LONG, get('/', CLOSE)), /103 E[^]*<\/a>[^]*200 OK[^]*<\/b>/);
  });

  test('answers 503 when the time is up, and nothing that comes later is heard', async () => {
    const lates: unknown[] = [];
    const finished = deferred();
    const late: HandlerFunc = async (w, r) => {
      w.header().set('X-Late', '1');
      w.header().set('X-Outer', 'changed');
      w.writeHeader(201);
      await w.write('never sent');
      const { signal } = r;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      w.header().set('X-Later', '1');
      lates.push(signal.reason, r.signal.aborted, w.status);
      for (const fails of [() => w.write('x'), () => w.flush(), async () => w.hijack()]) {
        await fails().catch((error: unknown) => lates.push(error));
      }
      w.writeHeader(202);
      void w.write('not awaited');
      finished.resolve();
      throw new Error('too late');
    };
    const inner = timeoutHandler(late, 5);
    const outer: HandlerFunc = (w, r) => {
      w.header().set('X-Outer', '1');
      return inner.serveHTTP(w, r);
    };
    await using running = await run('tcp', outer);
    await using client = await running.dial();
    await client.send(get('/') + head('HEAD / HTTP/1.1', 'Host: x', CLOSE));
    const said =
      'HTTP/1.1 503 Service Unavailable\r\nX-Outer: 1\r\nContent-Length: 77\r\nDate: *\r\n' +
      'Content-Type: text/html; charset=utf-8\r\n';
    const text = withoutDates(await client.rest());
    assert.equal(text, `${said}\r\n${PAGE}${said}Connection: close\r\n\r\n`);
    await finished.promise;
    const e = ErrHandlerTimeout;
    assert.deepEqual(lates.slice(0, 6), [e, true, 201, e, e, e]);
    assert.deepEqual(running.log, []);
  });

  test('what is thrown in time passes through', async () => {
    for (const fail of [
      () => {
        throw ErrAbortHandler;
      },
      async () => {
        await turn();
        throw ErrAbortHandler;
      },
    ]) {
      assert.equal(await reply(fail, LONG, get('/')), '');
    }
    await using running = await run(
      'pipe',
      timeoutHandler(async (w) => {
        await w.write('never sent');
        throw new Error('mine');
      }, LONG),
    );
    await using client = await running.dial();
    await client.send(get('/'));
    assert.match(await client.rest(), /^HTTP\/1.1 500 /);
    assert.match(running.log.join(), /Error: mine/);
  });

  test('a reply that is flushed, or long, is sent; and broken off when the time is up', async () => {
    const begins: ((w: ResponseWriter) => Promise<unknown>)[] = [
      async (w) => {
        await w.write('begun');
        await w.flush();
      },
      (w) => w.write('begun'.repeat(MAX_HELD / 5 + 1)),
      async (w) => {
        await w.write('begun'.repeat(MAX_HELD / 8));
        await w.write(Buffer.from('begun'.repeat(MAX_HELD / 8)));
      },
    ];
    for (const begin of begins) {
      const stuck: HandlerFunc = async (w, r) => {
        await begin(w);
        assert.ok(w.headSent);
        await new Promise((resolve) => r.signal.addEventListener('abort', resolve));
      };
      const text = await reply(stuck, 200, get('/'));
      assert.match(text, /^HTTP\/1.1 200 OK\r\n[^]*chunked\r\n\r\n[^]*begun/);
      assert.ok(!text.endsWith('\r\n0\r\n\r\n'));
    }
  });

  test('a connection that is handed over is its new owner’s, and so is the time', async () => {
    const hijack: HandlerFunc = async (w) => {
      const { conn } = w.hijack();
      assert.ok(w.hijacked);
      await new Promise((resolve) => setTimeout(resolve, 10));
      await conn.write('mine');
      conn.close();
    };
    assert.equal(await reply(hijack, 1, get('/')), 'mine');
  });

  test('a client that goes aborts the signal', async () => {
    const aborted = deferred<ServerRequest>();
    await using running = await run(
      'tcp',
      timeoutHandler(async (_w, r) => {
        await new Promise((resolve) => r.signal.addEventListener('abort', resolve));
        aborted.resolve(r);
      }, LONG),
    );
    const client = await running.dial();
    await client.send(get('/'));
    while (running.connections().size === 0) await turn();
    client.close();
    const r = await aborted.promise;
    assert.equal((r.signal.reason as { code?: string }).code, 'ERR_HTTP_CLIENT_GONE');
  });

  const refused: [name: string, status: number, handler: HandlerFunc][] = [
    ['101 to HTTP/1.0', 400, async (w) => w.writeHeader(101)],
    ['101 to HTTP/1.0, flushed', 400, async (w) => (w.writeHeader(101), w.flush())],
    ['a phrase of two lines', 500, async (w) => w.writeHeader(200, 'a\r\nb')],
    ['a status that is none', 500, (w) => Promise.resolve().then(() => w.writeHeader(1000))],
    [
      'what the writer below refuses',
      500,
      async (w) => {
        const release = (): never => {
          throw new RangeError('not this one');
        };
        Object.assign(w, { release });
      },
    ],
  ];
  for (const [name, status, handler] of refused) {
    test(`what may not be sent is answered with ${status}: ${name}`, async () => {
      const { said, log } = await replyAndLog(handler, LONG, 'GET / HTTP/1.0\r\n\r\n');
      assert.ok(said.startsWith(`HTTP/1.1 ${status} `), said);
      assert.equal(log.length, status === 500 ? 1 : 0);
    });
  }

  test('arguments are checked', () => {
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5']) {
      assert.throws(() => timeoutHandler(() => {}, bad as number), /milliseconds must be/);
    }
    assert.throws(() => timeoutHandler(() => {}, 5, 5 as never), /body must be a string/);
    assert.throws(() => timeoutHandler(null as never, 5), /timeoutHandler: handler must be/);
  });
});
