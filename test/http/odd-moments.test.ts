/** What is done at moments when nobody expects it: from within a write, or too late. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { Server } from '../../src/http.ts';
import type { ResponseWriter } from '../../src/http/handler.ts';
import { listen } from '../../src/index.ts';
import type { Listener } from '../../src/net/conn.ts';
import { get } from './raw-cases.ts';
import { run, turn, turnsUntil } from './raw-client.ts';

const timeout = 60_000;

const LETTERS = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(20_000));

suite('from within a write', { timeout }, () => {
  // A pipe keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  after(() => clearInterval(alive));

  test('a reader that has the writer write and flush gets every byte once, in order', async () => {
    let writer: ResponseWriter | null = null;
    await using running = await run('pipe', (w) => {
      writer = w;
      w.header().set('Content-Length', 100_003);
      for (const letters of LETTERS) void w.write(letters);
      return new Promise(() => {});
    });
    const conn = await running.connect();
    await conn.write(get('/'));
    await turn(); // the reply is queued: nobody reads yet
    const buf = new Uint8Array(7000);
    let text = '';
    let told = 0;
    const reader = {
      ready(error: Error | null): void {
        if (error !== null) return;
        const count = conn.tryRead(buf);
        if (typeof count === 'number') text += Buffer.from(buf.subarray(0, count)).toString();
        if (count === null) return;
        conn.whenReadable(reader);
        if (told++ < 3) void writer?.write('x');
        void writer?.flush();
      },
    };
    conn.whenReadable(reader);
    await turnsUntil(() => text.endsWith('xxx'));
    await turn();
    const [head, body] = text.split('\r\n\r\n');
    assert.match(head!, /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(body?.length, 100_003);
    assert.ok(body === `${LETTERS.join('')}xxx`);
    conn.close();
  });
});

suite('ending', { timeout }, () => {
  test('a shutdown whose signal has aborted already closes what it can, and says so', async () => {
    const server = new Server((w) => void w.write('x'));
    const listener = await listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    await server.shutdown({ signal: AbortSignal.abort() });
    await served;
    assert.ok(listener.closed, 'no connection was open, so all is done');

    await using running = await run('tcp', () => new Promise(() => {}));
    await using client = await running.dial();
    await client.send(get('/'));
    await turnsUntil(() => running.server.connections.size === 1);
    const reason = new Error('too late');
    await assert.rejects(running.server.shutdown({ signal: AbortSignal.abort(reason) }), reason);
    await running.served;
    assert.ok(running.listener.closed);
  });

  test('what is no listener is a TypeError that says what it lacks', async () => {
    const server = new Server((w) => void w.write('x'));
    const listener = { accept: async () => {}, close: () => {}, ref: () => {} };
    for (const method of ['accept', 'close', 'ref'] as const) {
      const lacking = { ...listener, unref: () => {}, [method]: undefined };
      await assert.rejects(server.serve(lacking as unknown as Listener), {
        name: 'TypeError',
        message: `serve: listener must have a method ${method}`,
      });
    }
  });
});
