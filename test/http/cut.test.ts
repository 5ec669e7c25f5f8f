/**
 * Replies that are not complete: the client must not take what it got for all of it. Chunks have no end
 * then, and a length is not reached; a body that ends with the connection ends in a reset. That is TCP's:
 * a unix socket or a pipe knows none.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { HandlerFunc, ResponseWriter } from '../../src/http/handler.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { chunk, CHUNKED_HEAD, get, head, ok, TYPE } from './raw-cases.ts';
import {
  deferred,
  RawClient,
  run,
  type Running,
  type Transport,
  turnsUntil,
  withoutDates,
} from './raw-client.ts';

const timeout = 60_000;
const OLD = head('GET / HTTP/1.0');
const OLD_HEAD = head('HTTP/1.0 200 OK', 'Date: *', TYPE);

const thrower: HandlerFunc = async (w) => {
  await w.write('one');
  await w.flush();
  throw new Error('of the handler');
};

/** What a client got of one request, and how it ended. */
async function exchange(
  transport: Transport,
  handler: HandlerFunc,
  request: string,
): Promise<{ text: string; reset: boolean }> {
  await using running = await run(transport, handler);
  await using client = await running.dial();
  await client.send(request);
  const text = withoutDates(await client.rest());
  if (client.error !== null) assert.equal((client.error as { code?: string }).code, 'ECONNRESET');
  return { text, reset: client.error !== null };
}

for (const transport of ['tcp', 'unix', 'pipe'] as const) {
  suite(`a reply that is cut, over ${transport}`, { timeout }, () => {
    test('in the middle of its chunks has no last chunk', async () => {
      const { text, reset } = await exchange(transport, thrower, get('/'));
      assert.equal(text, `${CHUNKED_HEAD}${chunk('one')}`);
      assert.equal(reset, false);
    });

    test('before its length is too short', async () => {
      const declared: HandlerFunc = (w, r) => {
        w.header().set('Content-Length', 6);
        return thrower(w, r);
      };
      const { text, reset } = await exchange(transport, declared, get('/'));
      assert.equal(text, `${head('HTTP/1.1 200 OK', 'Content-Length: 6', 'Date: *', TYPE)}one`);
      assert.equal(reset, false);
    });

    test('without either ends in a reset', async () => {
      const { text, reset } = await exchange(transport, thrower, OLD);
      assert.equal(text, `${OLD_HEAD}one`);
      assert.equal(reset, transport === 'tcp');
    });

    test('but not if it is whole', async () => {
      const stream: HandlerFunc = async (w) => {
        await w.write('one');
        await w.flush();
        await w.write('two');
      };
      for (const behind of ['', 'more']) {
        const { text, reset } = await exchange(transport, stream, OLD + behind);
        assert.equal(text, `${OLD_HEAD}onetwo`);
        assert.equal(reset, false);
      }
    });
  });
}

suite('what ends with the connection', { timeout }, () => {
  async function isReset(
    handler: HandlerFunc,
    request: string,
    end: (running: Running) => void = () => {},
    options: ServerOptions = {},
  ): Promise<boolean> {
    const begun = deferred<ResponseWriter>();
    const served: HandlerFunc = (w, r) => {
      begun.resolve(w);
      return handler(w, r);
    };
    await using running = await run('tcp', served, options);
    const conn = await running.connect();
    await conn.write(request);
    const w = await begun.promise;
    await turnsUntil(() => w.headSent);
    end(running);
    await turnsUntil(() => running.server.connections.size === 0);
    await using client = new RawClient(conn);
    await client.rest();
    return client.error !== null;
  }

  const endless: HandlerFunc = async (w) => {
    const block = new Uint8Array(1 << 20);
    for (;;) await w.write(block);
  };
  const hanging: HandlerFunc = async (w) => {
    await w.write('one');
    await w.flush();
    await new Promise(() => {});
  };

  test('is reset if the handler does not wait for its writes', async () => {
    const heedless: HandlerFunc = async (w) => {
      const block = new Uint8Array(1 << 20);
      for (let i = 0; i < 64; i++) void w.write(block);
      await new Promise(() => {});
    };
    assert.equal(await isReset(heedless, OLD), true);
  });

  test('is reset if the client does not read in time', async () => {
    assert.equal(await isReset(endless, OLD, () => {}, { writeTimeout: 50 }), true);
  });

  test('is reset if the server is closed', async () => {
    const close = (running: Running): void => running.server.close();
    assert.equal(await isReset(hanging, OLD, close), true);
    assert.equal(await isReset(hanging, get('/'), close), false, 'chunks need no reset');
  });

  test('is reset if a tunnel’s handler throws, not if it returns', async () => {
    const connect = head('CONNECT x:1 HTTP/1.1', 'Host: x');
    assert.equal(await isReset(thrower, connect), true);
    assert.equal(await isReset((w) => void w.write('one'), connect), false);
  });

  test('is reset if the handler wanted it so', async () => {
    const identity: HandlerFunc = (w, r) => {
      w.header().set('Transfer-Encoding', 'identity');
      return thrower(w, r);
    };
    assert.equal(await isReset(identity, get('/')), true);
  });

  test('is not reset if there is no body', async () => {
    assert.equal(await isReset(thrower, head('HEAD / HTTP/1.0')), false);
  });
});

suite('a handler that has thrown', { timeout }, () => {
  test('cannot write into the answer for it', async () => {
    const gate = deferred();
    const results = deferred<unknown[]>();
    const late = async (w: ResponseWriter): Promise<void> => {
      await gate.promise;
      const failures: unknown[] = [];
      for (const act of [
        () => w.write('x'.repeat(5000)),
        () => w.writeHeader(200),
        () => w.hijack(),
      ]) {
        try {
          await Promise.resolve().then(act);
          failures.push(null);
        } catch (error) {
          failures.push((error as { code?: unknown }).code);
        }
      }
      results.resolve(failures);
    };
    await using running = await run('tcp', (w) => {
      void late(w);
      throw new Error('at once');
    });
    await using client = await running.dial();
    await client.send(get('/') + get('/'));
    await client.until((text) => text.includes('500 Internal Server Error\r\n'));
    gate.resolve();
    assert.deepEqual(await results.promise, Array(3).fill('ERR_HTTP_ENDED'));
    const text = await client.rest();
    assert.equal(text.match(/HTTP\/1/g)!.length, 1);
    assert.ok(text.endsWith('\r\n\r\n500 Internal Server Error'));
  });

  test('and what came before is whole', async () => {
    const { text } = await exchange(
      'tcp',
      (w, r) => (r.path === '/' ? void w.write('hello') : thrower(w, r)),
      get('/') + get('/throw'),
    );
    assert.equal(text, `${ok('hello')}${CHUNKED_HEAD}${chunk('one')}`);
  });
});
