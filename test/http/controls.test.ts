/** What a handler can do with its response besides writing: deadlines, full duplex, and what it can see. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { HttpError } from '../../src/http/errors.ts';
import type { HandlerFunc, ResponseWriter } from '../../src/http/handler.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { WrappedResponse } from '../../src/http/around/wrapped-response.ts';
import type { Deadline } from '../../src/net/conn.ts';
import { FakeResponse } from './fake-exchange.ts';
import { get, head, ok, refused } from './raw-cases.ts';
import { deferred, run, turn, turnsUntil, withoutDates } from './raw-client.ts';

const timeout = 60_000;
const HELLO = ok('hello');

suite('a read deadline', { timeout }, () => {
  const BODY = get('/', 'Content-Length: 3');

  /** The reply to a request whose body never comes as a whole. */
  async function slow(handler: HandlerFunc, options: ServerOptions = {}): Promise<string> {
    await using running = await run('tcp', handler, options);
    await using client = await running.dial();
    await client.send(`${BODY}a`);
    const text = withoutDates(await client.rest());
    assert.deepEqual(running.log, []);
    return text;
  }

  test('ends the reading of a body', async () => {
    for (const when of [() => Date.now() + 30, () => new Date(Date.now() + 30), () => 0]) {
      const handler: HandlerFunc = async (w, r) => {
        w.setReadDeadline(when());
        await r.body.bytes();
      };
      assert.equal(await slow(handler), refused('408 Request Timeout'));
    }
  });

  test('ends a read that waits already', async () => {
    const handler: HandlerFunc = async (w, r) => {
      const read = r.body.bytes();
      await turn();
      w.setReadDeadline(Date.now());
      await read;
    };
    assert.equal(await slow(handler), refused('408 Request Timeout'));
  });

  test('cannot be taken back once it has passed', async () => {
    const codes: unknown[] = [];
    const handler: HandlerFunc = async (w, r) => {
      w.setReadDeadline(0);
      for (let i = 0; i < 2; i++) {
        await r.body.bytes().catch((error: HttpError) => codes.push(error.code));
        w.setReadDeadline(null);
      }
      await w.write('hello');
    };
    assert.equal(await slow(handler), ok('hello', 'Connection: close'));
    assert.deepEqual(codes, ['ERR_HTTP_BODY_TIMEOUT', 'ERR_HTTP_BODY_TIMEOUT']);
  });

  test('can be longer than the server’s, or none, for this body alone', async () => {
    for (const when of [() => Date.now() + 10_000, () => null]) {
      const begun = deferred();
      const handler: HandlerFunc = async (w, r) => {
        if (r.path === '/long') {
          w.setReadDeadline(when());
          begun.resolve();
        }
        await w.write(await r.body.text());
      };
      await using running = await run('tcp', handler, { readTimeout: 300 });
      await using client = await running.dial();
      await client.send(get('/long', 'Content-Length: 3'));
      await begun.promise;
      await new Promise((resolve) => setTimeout(resolve, 400));
      await client.send('abc');
      await client.until((text) => text.endsWith('abc'));
      assert.equal(withoutDates(client.text), ok('abc'));
      await client.send(BODY);
      await client.until((text) => text.includes('408'));
      assert.ok(withoutDates(client.text).endsWith(refused('408 Request Timeout')));
    }
  });

  test('says nothing of what comes after the body', async () => {
    const begun = deferred<AbortSignal>();
    const handler: HandlerFunc = async (w, r) => {
      const { signal } = r;
      await r.body.bytes();
      w.setReadDeadline(0);
      w.setReadDeadline(Date.now() + 10);
      begun.resolve(signal);
      await new Promise((resolve) => setTimeout(resolve, 40));
      assert.equal(signal.aborted, false);
      await w.write('hello');
    };
    await using running = await run('tcp', handler);
    await using client = await running.dial();
    for (const request of [get('/'), `${BODY}abc`, get('/')]) await client.send(request);
    await client.until((text) => withoutDates(text).length >= 3 * HELLO.length);
    assert.equal(withoutDates(client.text), HELLO.repeat(3));
  });

  test('of a body that is not read does not hold the next request', async () => {
    await using running = await run('tcp', (w, r) => {
      if (r.contentLength > 0) w.setReadDeadline(Date.now() + 20);
      void w.write('hello');
    });
    await using client = await running.dial();
    await client.send(BODY);
    await client.until((text) => text.includes('hello'));
    await client.send(`abc${get('/')}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await client.send(get('/'));
    await client.until((text) => withoutDates(text).length >= 3 * HELLO.length);
    assert.equal(withoutDates(client.text), HELLO.repeat(3));
  });
});

suite('a write deadline', { timeout }, () => {
  /** Writes until that fails; gives the failure. */
  async function failure(w: ResponseWriter): Promise<{ timeout?: boolean }> {
    const block = new Uint8Array(1 << 20);
    for (;;) {
      try {
        await w.write(block);
      } catch (error) {
        return error as { timeout?: boolean };
      }
    }
  }

  for (const [name, options] of [
    ['alone', {}],
    ['in the place of the server’s', { writeTimeout: 60_000 }],
  ] as const) {
    test(`ends writing, ${name}`, async () => {
      const failed = deferred<{ timeout?: boolean }>();
      const handler: HandlerFunc = async (w) => {
        w.setWriteDeadline(Date.now() + 40);
        failed.resolve(await failure(w));
      };
      await using running = await run('tcp', handler, options);
      const conn = await running.connect();
      await conn.write(get('/'));
      assert.equal((await failed.promise).timeout, true);
      await turnsUntil(() => running.server.connections.size === 0);
      conn.close();
      assert.deepEqual(running.log, []);
    });
  }

  test('is that of one reply', async () => {
    await using running = await run('tcp', async (w, r) => {
      if (r.path === '/') w.setWriteDeadline(Date.now() + 200);
      else await new Promise((resolve) => setTimeout(resolve, 300));
      await w.write('hello');
    });
    await using client = await running.dial();
    await client.send(get('/') + get('/later'));
    await client.until((text) => withoutDates(text).length >= 2 * HELLO.length);
    assert.equal(withoutDates(client.text), HELLO.repeat(2));
  });

  test('can be taken away', async () => {
    const handler: HandlerFunc = async (w) => {
      w.setWriteDeadline(null);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await w.write('hello');
    };
    await using running = await run('tcp', handler, { writeTimeout: 20 });
    await using client = await running.dial();
    await client.send(get('/'));
    await client.until((text) => text.includes('hello'));
    assert.equal(withoutDates(client.text), HELLO);
  });
});

suite('what a handler asks of its response', { timeout }, () => {
  test('is checked', async () => {
    const told: unknown[] = [];
    const kept = deferred<ResponseWriter>();
    await using running = await run('tcp', (w) => {
      for (const when of ['soon', Number.NaN, undefined, new Date('never'), {}]) {
        for (const set of ['setReadDeadline', 'setWriteDeadline'] as const) {
          assert.throws(() => w[set](when as Deadline), {
            name: 'TypeError',
            message: /^deadline: when must be a number of milliseconds since 1970/,
          });
        }
      }
      kept.resolve(w);
      void w.write('hello');
    });
    await using client = await running.dial();
    await client.send(get('/'));
    const w = await kept.promise;
    await client.until((text) => text.includes('hello'));
    for (const act of [
      () => w.setReadDeadline(null),
      () => w.setWriteDeadline(null),
      () => w.enableFullDuplex(),
      () => w.writeHeader(200),
      () => w.hijack(),
    ]) {
      assert.throws(act, { code: 'ERR_HTTP_ENDED' });
    }
    assert.deepEqual(told, []);
  });

  test('is harmless after the connection was closed', async () => {
    const done = deferred();
    await using running = await run('tcp', async (w) => {
      running.server.close();
      await turn();
      w.setReadDeadline(Date.now() + 1000);
      w.setWriteDeadline(Date.now() + 1000);
      w.enableFullDuplex();
      done.resolve();
    });
    await using client = await running.dial();
    await client.send(get('/', 'Expect: 100-continue', 'Content-Length: 3'));
    await done.promise;
    await turn();
    assert.deepEqual(running.log, []);
  });

  test('tells how far it has come', async () => {
    const seen: unknown[] = [];
    const look = (w: ResponseWriter): void => {
      seen.push([w.status, w.bytesWritten, w.headSent]);
    };
    await using running = await run('tcp', async (w, r) => {
      look(w);
      if (r.path === '/given') w.writeHeader(404);
      look(w);
      await w.write('é');
      look(w);
      await w.flush();
      look(w);
      await w.write('more');
      look(w);
    });
    await using client = await running.dial();
    await client.send(get('/'));
    await client.until((text) => text.endsWith('0\r\n\r\n'));
    await client.send(head('HEAD /given HTTP/1.1', 'Host: x'));
    await client.until((text) => text.includes(' 404 '));
    assert.deepEqual(seen, [
      [0, 0, false],
      [0, 0, false],
      [200, 2, false],
      [200, 2, true],
      [200, 6, true],
      [0, 0, false],
      [404, 0, false],
      [404, 2, false],
      [404, 2, true],
      [404, 6, true],
    ]);
  });

  test('full duplex: a client that waits for 100 Continue has it before the head', async () => {
    await using running = await run('tcp', async (w, r) => {
      w.enableFullDuplex();
      w.enableFullDuplex();
      await w.write('begun ');
      await w.flush();
      for await (const part of r.body) {
        await w.write(part);
        await w.flush();
      }
    });
    await using client = await running.dial();
    await client.send(get('/', 'Expect: 100-continue', 'Content-Length: 6'));
    await client.until((text) => text.includes('begun'));
    assert.match(client.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    assert.doesNotMatch(client.text, /Connection: close/);
    for (const word of ['one', 'two']) {
      await client.send(word);
      await client.until((text) => text.includes(word));
    }
    await client.until((text) => text.endsWith('0\r\n\r\n'));
  });
});

suite('a response in front of another one', { timeout }, () => {
  test('passes everything on', async () => {
    const inner = new FakeResponse();
    const w = new WrappedResponse(inner);
    assert.equal(w.header(), inner.header());
    w.setReadDeadline(1);
    w.setWriteDeadline(null);
    w.enableFullDuplex();
    assert.deepEqual(inner.calls, [
      ['setReadDeadline', 1],
      ['setWriteDeadline', null],
      ['enableFullDuplex'],
    ]);
    w.writeHeader(404);
    assert.equal(await w.write('é'), 2);
    await w.flush();
    assert.equal(inner.body, 'é');
    assert.deepEqual([w.status, w.bytesWritten, w.headSent], [404, 2, true]);
    assert.throws(() => w.hijack(), /FakeResponse has no connection/);
  });

  test('can change what it likes', async () => {
    class Louder extends WrappedResponse {
      override write(data: Uint8Array | string): Promise<number> {
        return this.inner.write(String(data).toUpperCase());
      }
    }
    await using running = await run('tcp', (w) => void new Louder(w).write('hello'));
    await using client = await running.dial();
    await client.send(get('/'));
    await client.until((text) => text.includes('HELLO'));
    assert.equal(withoutDates(client.text), ok('HELLO'));
  });
});
