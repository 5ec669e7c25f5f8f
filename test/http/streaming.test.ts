/**
 * Bodies in both directions while they are on their way: who waits for whom, how much memory that takes,
 * and what happens when one side goes away in the middle. And connections that are handed over.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { HttpError } from '../../src/http/errors.ts';
import type { HandlerFunc, Hijacked } from '../../src/http/handler.ts';
import type { Conn } from '../../src/net/conn.ts';
import { chunk, get, head, ok } from './raw-cases.ts';
import {
  deferred,
  RawClient,
  run,
  type Running,
  type Transport,
  turn,
  turnsUntil,
  withoutDates,
} from './raw-client.ts';

const timeout = 60_000;
const TRANSPORTS: readonly Transport[] = ['tcp', 'unix', 'pipe'];
const BLOCK = 40_000;
const KIB = 1024;

/** Turns after which nothing moves any more, if nothing has moved meanwhile. */
const STILL = 30;

/** Waits until `measure` gives the same for a while; gives that. */
async function settledValue(measure: () => number): Promise<number> {
  for (let value = measure(), same = 0; ; same++) {
    if (same === STILL) return value;
    await turn();
    const now = measure();
    if (now !== value) same = -1;
    value = now;
  }
}

function onlyConn(running: Running): { backlog: number; received: number } {
  const [conn] = running.connections();
  return { backlog: conn!.output.backlog, received: conn!.input.length };
}

/** Block number `i`: each is of one byte value. */
function fill(buf: Uint8Array, i: number): Uint8Array {
  return buf.fill(i % 251);
}

/** Checks a stream of such blocks, however it is cut. */
class BlockChecker {
  length = 0;

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const expected = Math.floor(this.length / BLOCK) % 251;
      const end = Math.min(bytes.length, at + BLOCK - (this.length % BLOCK));
      for (let i = at; i < end; i++) {
        if (bytes[i] !== expected) {
          assert.fail(`byte ${this.length + i - at} is ${bytes[i]}, not ${expected}`);
        }
      }
      this.length += end - at;
      at = end;
    }
  }
}

for (const transport of TRANSPORTS) {
  suite(`streaming over ${transport}`, { timeout }, () => {
    test('a handler waits for a client that does not read, and may use its buffer again', async () => {
      const blocks = 500;
      let written = 0;
      await using running = await run(transport, async (w) => {
        w.header().set('Content-Length', blocks * BLOCK);
        const buf = new Uint8Array(BLOCK);
        for (let i = 0; i < blocks; i++) written += await w.write(fill(buf, i));
      });
      const conn = await running.connect();
      await conn.write(get('/'));
      const stuck = await settledValue(() => written);
      assert.ok(stuck < blocks * BLOCK, `${stuck} bytes were written to a client that reads none`);
      assert.ok(onlyConn(running).backlog <= 64 * KIB + BLOCK);
      const checker = new BlockChecker();
      const buf = new Uint8Array(50_000);
      let start = '';
      while (!start.includes('\r\n\r\n')) {
        const count = await conn.read(buf.subarray(0, 1));
        start += String.fromCharCode(...buf.subarray(0, count!));
      }
      while (checker.length < blocks * BLOCK) {
        const count = await conn.read(buf);
        assert.notEqual(count, null);
        checker.take(buf.subarray(0, count!));
      }
      assert.equal(written, blocks * BLOCK);
      conn.close();
    });

    test('a client waits for a handler that does not read', async () => {
      const blocks = 500;
      const gate = deferred();
      const checker = new BlockChecker();
      await using running = await run(transport, async (w, r) => {
        await gate.promise;
        const buf = new Uint8Array(10_000);
        for (let count = await r.body.read(buf); count !== null; count = await r.body.read(buf)) {
          checker.take(buf.subarray(0, count));
        }
        await w.write(`${checker.length}`);
      });
      await using client = await running.dial();
      await client.send(get('/', `Content-Length: ${blocks * BLOCK}`));
      let sent = 0;
      const sending = (async () => {
        for (let i = 0; i < blocks; i++) {
          sent += await client.conn.write(fill(new Uint8Array(BLOCK), i));
        }
      })();
      const stuck = await settledValue(() => sent);
      assert.ok(stuck < blocks * BLOCK, `${stuck} bytes were sent to a handler that reads none`);
      assert.ok(onlyConn(running).received <= 64 * KIB);
      gate.resolve();
      await sending;
      await client.until((text) => text.includes(`${blocks * BLOCK}`));
      assert.equal(withoutDates(client.text), ok(`${blocks * BLOCK}`));
    });

    test('chunks come back as they arrive', async () => {
      await using running = await run(transport, async (w, r) => {
        for await (const part of r.body) {
          await w.write(part);
          await w.flush();
        }
      });
      await using client = await running.dial();
      await client.send(get('/', 'Transfer-Encoding: chunked'));
      let expected = head(
        'HTTP/1.1 200 OK',
        'Date: *',
        'Content-Type: text/plain; charset=utf-8',
        'Transfer-Encoding: chunked',
      );
      for (const word of ['one', 'two', 'three']) {
        await client.send(chunk(word));
        expected += chunk(word);
        await client.until((text) => withoutDates(text).length >= expected.length);
        assert.equal(withoutDates(client.text), expected);
      }
      await client.send('0\r\n\r\n');
      await client.until((text) => text.endsWith('\r\n0\r\n\r\n'));
      assert.equal(withoutDates(client.text), `${expected}0\r\n\r\n`);
    });

    test('many small chunks', async () => {
      await using running = await run(transport, async (w, r) => w.write(await r.body.text()));
      await using client = await running.dial();
      const words = Array.from({ length: 300 }, (_, i) => `<${i}>`);
      const body = `${words.map(chunk).join('')}0\r\n\r\n`;
      const sending = client.send(get('/', 'Transfer-Encoding: chunked') + body + get('/'));
      await client.until((text) => text.includes('<299>'));
      await sending;
      await client.until((text) => text.match(/HTTP/g)!.length === 2);
      assert.ok(
        withoutDates(client.text).endsWith(
          `${words.join('')}${'HTTP/1.1 200 OK'}\r\n` + head('Date: *', 'Content-Length: 0'),
        ),
      );
    });

    test('the signal of a request is aborted when the client goes', async () => {
      const begun = deferred<AbortSignal>();
      await using running = await run(transport, async (w, r) => {
        if (r.path === '/later') await turn();
        await r.body.bytes();
        const { signal } = r;
        assert.equal(signal.aborted, false);
        begun.resolve(signal);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await w.write('to nobody');
      });
      const client = await running.dial();
      await client.send(get('/'));
      const signal = await begun.promise;
      client.close();
      await turnsUntil(() => signal.aborted);
      assert.equal((signal.reason as HttpError).code, 'ERR_HTTP_CLIENT_GONE');
      await turnsUntil(() => running.server.connections.size === 0);
      assert.deepEqual(running.log, []);
    });

    test('so it is if it was asked for late, after a body, with another request behind', async () => {
      const begun = deferred<AbortSignal>();
      await using running = await run(transport, async (_w, r) => {
        await r.body.bytes();
        await turn();
        begun.resolve(r.signal);
        await new Promise((resolve) => r.signal.addEventListener('abort', resolve));
      });
      const client = await running.dial();
      await client.send(get('/', 'Content-Length: 3'));
      await client.send('abc');
      const signal = await begun.promise;
      await client.send(get('/behind'));
      client.close();
      await turnsUntil(() => signal.aborted);
      assert.equal((signal.reason as HttpError).code, 'ERR_HTTP_CLIENT_GONE');
    });

    test('and when it goes in the middle of the body', async () => {
      const begun = deferred<AbortSignal>();
      const failure = deferred<unknown>();
      await using running = await run(transport, async (_w, r) => {
        begun.resolve(r.signal);
        await r.body.bytes().catch(failure.resolve);
      });
      const client = await running.dial();
      await client.send(`${get('/', 'Content-Length: 3')}a`);
      const signal = await begun.promise;
      client.close();
      const error = (await failure.promise) as HttpError;
      assert.equal(error.code, 'ERR_HTTP_UNEXPECTED_EOF');
      assert.equal(signal.aborted, true);
    });

    test('it is not aborted before the response is complete', async () => {
      const signals: AbortSignal[] = [];
      const before: boolean[] = [];
      await using running = await run(transport, async (w, r) => {
        signals.push(r.signal);
        await w.write('hello');
        await turn();
        before.push(r.signal.aborted);
      });
      await using client = await running.dial();
      await client.send(get('/') + get('/'));
      await client.until((text) => withoutDates(text).length >= 2 * ok('hello').length);
      assert.equal(withoutDates(client.text), ok('hello') + ok('hello'));
      assert.deepEqual(before, [false, false]);
      await turnsUntil(() => signals.every((signal) => signal.aborted));
      assert.equal((signals[0]!.reason as HttpError).code, 'ERR_HTTP_COMPLETE');
    });

    test('a watched client that sends a body next', async () => {
      await using running = await run(transport, async (w, r) => {
        const { signal } = r;
        await turn();
        const text = await r.body.text();
        await w.write(`${text.length} ${signal.aborted}`);
      });
      await using client = await running.dial();
      const body = 'x'.repeat(100_000);
      const sending = client.send(get('/') + get('/', `Content-Length: ${body.length}`) + body);
      await client.until((text) => text.includes('100000 false'));
      await sending;
      assert.equal(withoutDates(client.text), ok('0 false') + ok('100000 false'));
    });

    test('a watched client that sends a request first, and its body when that is read', async () => {
      const begun = deferred();
      const reading = deferred();
      const gate = deferred();
      await using running = await run(transport, async (w, r) => {
        if (r.contentLength === 0) {
          assert.equal(r.signal.aborted, false);
          begun.resolve();
          await gate.promise;
          return;
        }
        const body = r.body.text();
        reading.resolve();
        await w.write(await body);
      });
      await using client = await running.dial();
      await client.send(get('/'));
      await begun.promise;
      await client.send(get('/', 'Content-Length: 6'));
      await turn();
      gate.resolve();
      await reading.promise;
      await client.send('abc');
      await turn();
      await client.send('def');
      await client.until((text) => text.includes('abcdef'));
      assert.ok(client.text.endsWith('\r\n\r\nabcdef'));
    });

    test('a signal that is asked for at once is aborted too', async () => {
      const begun = deferred<AbortSignal>();
      await using running = await run(transport, (_w, r) => {
        const { signal } = r;
        begun.resolve(signal);
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
      const client = await running.dial();
      await client.send(get('/'));
      const signal = await begun.promise;
      client.close();
      await turnsUntil(() => signal.aborted);
    });

    test('replies to a client that reads none do not pile up', async () => {
      const reply = 'x'.repeat(10_000);
      await using running = await run(transport, (w) => void w.write(reply));
      const conn = await running.connect();
      const sent = conn.write(get('/').repeat(2000)).catch(() => 0);
      const requests = (): number => [...running.server.connections][0]?.requests ?? -1;
      const stuck = await settledValue(requests);
      assert.ok(stuck < 2000, `${stuck} requests were served`);
      assert.ok(onlyConn(running).backlog <= 256 * KIB + 2 * reply.length);
      const client = new RawClient(conn);
      await client.until((text) => text.length > 2000 * reply.length);
      await sent;
      await turnsUntil(() => requests() === 2000);
      client.close();
    });

    test('a handler that never waits is stopped, and says so in the log', async () => {
      const failure = deferred<HttpError>();
      const told = deferred<unknown>();
      await using running = await run(transport, async (w, r) => {
        r.signal.addEventListener('abort', () => told.resolve(r.signal.reason));
        const block = new Uint8Array(1 << 20);
        for (let i = 0; i < 64; i++) w.write(block).catch(failure.resolve);
        await new Promise<void>(() => {}); // it never ends, either
      });
      const conn = await running.connect();
      await conn.write(get('/'));
      assert.equal((await failure.promise).code, 'ERR_HTTP_NOT_AWAITED');
      assert.equal(((await told.promise) as HttpError).code, 'ERR_HTTP_CONNECTION_CLOSED');
      assert.equal(running.server.connections.size, 0);
      assert.equal(running.log.length, 1);
      assert.match(running.log[0]!, /^http: more than 16 MiB wait to be sent: await what write r/);
      conn.close();
    });

    test('the bound for that is an option', async () => {
      const failure = deferred<HttpError>();
      const handler: HandlerFunc = async (w) => {
        const block = new Uint8Array(20_000);
        // More than the kernel takes by itself.
        for (let i = 0; i < 1000; i++) w.write(block).catch(failure.resolve);
        await new Promise<void>(() => {});
      };
      await using running = await run(transport, handler, { maxUnsentBytes: 100_000 });
      const conn = await running.connect();
      await conn.write(get('/'));
      assert.equal((await failure.promise).code, 'ERR_HTTP_NOT_AWAITED');
      assert.match(running.log[0]!, /^http: more than 100000 bytes wait to be sent/);
      conn.close();
    });

    test('a body in one write may have any length, and need not be awaited', async () => {
      const length = 40 << 20;
      await using running = await run(transport, (w) => void w.write(new Uint8Array(length)));
      const conn = await running.connect();
      await conn.write(get('/', 'Connection: close'));
      let received = 0;
      for await (const part of conn) received += part.length;
      assert.ok(received > length);
      assert.deepEqual(running.log, []);
      conn.close();
    });

    test('writing to a client that has gone fails, and whoever does not wait for it lives on', async () => {
      const failure = deferred<unknown>();
      await using running = await run(transport, async (w) => {
        const block = new Uint8Array(100_000);
        try {
          for (;;) {
            void w.write(block);
            void w.write('more');
            void w.flush();
            await w.write(block);
          }
        } catch (error) {
          failure.resolve(error);
          throw error;
        }
      });
      const client = await running.dial();
      await client.send(get('/'));
      await client.until((text) => text.length > 1000);
      client.close();
      assert.ok((await failure.promise) instanceof Error);
      await turnsUntil(() => running.server.connections.size === 0);
      assert.deepEqual(running.log, [], 'that a client goes is nothing to tell of');
      await using other = await running.dial();
      assert.ok(await other.send(get('/')));
      await other.until((text) => text.length > 1000);
      assert.match(other.text, /^HTTP\/1\.1 200 OK\r\n/);
    });
  });
}

suite('unread bodies', { timeout }, () => {
  const ignore: HandlerFunc = (w) => void w.write('hello');

  test('up to 256 KiB the connection stays', async () => {
    await using running = await run('tcp', ignore);
    await using client = await running.dial();
    const body = 'x'.repeat(256 * KIB);
    await client.send(get('/', `Content-Length: ${body.length}`) + body + get('/'));
    await client.send(get('/', 'Transfer-Encoding: chunked') + chunk(body.slice(0, 200 * KIB)));
    await client.send(`0\r\n\r\n${get('/')}`);
    const expected = ok('hello').repeat(4);
    await client.until((text) => withoutDates(text).length >= expected.length);
    assert.equal(withoutDates(client.text), expected);
  });

  for (const [name, fields, framed] of [
    ['a longer one', [`Content-Length: ${300 * KIB}`], 'Connection: close'],
    ['one that is never sent', ['Content-Length: 99999999999'], 'Connection: close'],
    ['longer chunks', ['Transfer-Encoding: chunked'], ''],
  ] as const) {
    test(`${name} ends it, and the client can still read the reply`, async () => {
      await using running = await run('tcp', ignore);
      await using client = await running.dial();
      const body = framed === '' ? chunk('x'.repeat(300 * KIB)) : 'x'.repeat(300 * KIB);
      await client.send(get('/', ...fields) + body);
      assert.equal(
        withoutDates(await client.rest()),
        framed === '' ? ok('hello') : ok('hello', framed),
      );
      assert.equal(client.error, null);
    });
  }

  for (const [name, fields, body] of [
    ['malformed chunks', ['Transfer-Encoding: chunked'], 'zz\r\n'],
    ['one that was longer than the handler wanted', ['Content-Length: 9'], ''],
    ['one that ends early', ['Content-Length: 9'], 'abc'],
  ] as const) {
    test(`after ${name} the reply says that it is the last one`, async () => {
      await using running = await run('tcp', async (w, r) => {
        await assert.rejects(r.body.bytes(8));
        await w.write('hello');
      });
      await using client = await running.dial();
      await client.send(get('/', ...fields) + body);
      client.conn.closeWrite();
      assert.equal(withoutDates(await client.rest()), ok('hello', 'Connection: close'));
    });
  }

  test('a client that goes on sending after a refusal reads it all the same', async () => {
    await using running = await run('tcp', ignore, { maxBodyBytes: 10 });
    await using client = await running.dial();
    await client.send(get('/', `Content-Length: ${2 << 20}`));
    for (let i = 0; i < 32 && !client.ended; i++) await client.send('x'.repeat(64 * KIB));
    assert.match(await client.rest(), /^HTTP\/1\.1 413 .*Connection: close\r\n\r\n413 /s);
    assert.equal(client.error, null);
  });

  test('so does one that has sent more requests than it gets answers to', async () => {
    await using running = await run('tcp', (w) => {
      w.header().set('Connection', 'close');
      void w.write('hello');
    });
    await using client = await running.dial();
    await client.send(get('/', `A: ${'a'.repeat(1000)}`).repeat(500));
    const text = await client.rest();
    assert.equal(client.error, null);
    assert.equal(text.match(/HTTP/g)!.length, 1);
  });
});

for (const transport of TRANSPORTS) {
  suite(`hijacking over ${transport}`, { timeout }, () => {
    async function echo({ conn, buffered }: Hijacked): Promise<void> {
      await conn.write('switched:');
      await conn.write(buffered);
      const buf = new Uint8Array(100);
      for (let count = await conn.read(buf); count !== null; count = await conn.read(buf)) {
        await conn.write(buf.subarray(0, count));
      }
      conn.close();
    }

    test('what has been read already is handed over', async () => {
      const taken = deferred<Conn>();
      await using running = await run(transport, async (w) => {
        const hijacked = w.hijack();
        taken.resolve(hijacked.conn);
        await assert.rejects(w.write('more'), { code: 'ERR_HTTP_ENDED' });
        await echo(hijacked);
      });
      await using client = await running.dial();
      await client.send(`${get('/')}first `);
      await taken.promise;
      assert.equal(running.server.connections.size, 0);
      await client.send('second');
      await client.until((text) => text.endsWith('second'));
      assert.equal(client.text, 'switched:first second');
      running.server.close();
      await client.send(' third');
      await client.until((text) => text.endsWith('third'));
      client.conn.closeWrite();
      await client.rest();
      assert.equal(client.text, 'switched:first second third');
    });

    test('the server does not close it, whatever becomes of handler and server', async () => {
      const taken = deferred<Conn>();
      await using running = await run(transport, async (w) => {
        taken.resolve(w.hijack().conn);
        throw new Error('after it');
      });
      await using client = await running.dial();
      await client.send(get('/'));
      const conn = await taken.promise;
      await turnsUntil(() => running.log.length === 1);
      running.server.close();
      await running.served;
      await conn.write('still open');
      await client.until((text) => text === 'still open');
      assert.equal(client.text, 'still open');
      conn.close();
    });

    test('replies before it are sent before', async () => {
      await using running = await run(transport, async (w, r) => {
        if (r.path === '/hijack') return echo(w.hijack());
        return w.write('x'.repeat(1000));
      });
      const conn = await running.connect();
      // Nobody reads, so that the replies have to wait.
      const sent = conn.write(get('/').repeat(100) + get('/hijack')).catch(() => 0);
      await settledValue(() => [...running.server.connections][0]?.requests ?? -1);
      const client = new RawClient(conn);
      await sent;
      await client.until((text) => text.includes('switched:'));
      const expected = `${ok('x'.repeat(1000)).repeat(100)}switched:`;
      assert.equal(client.text.indexOf('switched:'), client.text.length - 'switched:'.length);
      assert.ok(withoutDates(client.text) === expected);
      client.close();
    });

    test('after a flush', async () => {
      await using running = await run(transport, async (w) => {
        w.header().set('Upgrade', 'echo');
        w.writeHeader(101);
        await w.flush();
        await echo(w.hijack());
      });
      await using client = await running.dial();
      await client.send(get('/'));
      await client.send('hello');
      await client.until((text) => text.endsWith('hello'));
      assert.equal(
        withoutDates(client.text),
        `${head('HTTP/1.1 101 Switching Protocols', 'Upgrade: echo', 'Date: *')}switched:hello`,
      );
    });
  });
}
