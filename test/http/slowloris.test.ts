/**
 * Many clients that send their requests a byte at a time, and a few good ones between them: the good ones
 * are served, the slow ones cost little, and nothing is left of them in the end.
 *
 * NETFD_SLOW says how many slow clients there are (500); each needs two descriptors of this process.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { HandlerFunc } from '../../src/http/handler.ts';
import type { Conn } from '../../src/net/conn.ts';
import { openSockets } from '../net/machine.ts';
import { get, ok } from './raw-cases.ts';
import { run, type Running, turn, withoutDates } from './raw-client.ts';

const SLOW = Number(process.env['NETFD_SLOW'] ?? 500);
const timeout = 60_000 + SLOW * 30;

/** Connections that are opened at a time. */
const BATCH = 100;

const hello: HandlerFunc = (w) => void w.write('hello');

/** Why there cannot be so many, or false. */
function unlessAllowed(): string | false {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const limit = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return 2 * SLOW + 100 < limit
    ? false
    : `${SLOW} slow clients need more than ${limit} descriptors`;
}

/** All that are slow, each with the first byte of its request sent, and handed to `use` at once. */
async function connectMany(running: Running, use = (_conn: Conn): void => {}): Promise<Conn[]> {
  const connect = async (): Promise<Conn> => {
    const conn = await running.connect();
    await conn.write('G');
    use(conn);
    return conn;
  };
  const conns: Conn[] = [];
  while (conns.length < SLOW) {
    const count = Math.min(BATCH, SLOW - conns.length);
    conns.push(...(await Promise.all(Array.from({ length: count }, connect))));
  }
  return conns;
}

/** Sends the byte at `at` of `bytes` on each connection. */
function drip(conns: readonly Conn[], bytes: Uint8Array, at: number): void {
  for (const conn of conns) assert.equal(conn.tryWrite(bytes, at, at + 1), 1);
}

async function replyOn(conn: Conn): Promise<string> {
  const buf = new Uint8Array(1000);
  const count = await conn.read(buf);
  return withoutDates(Buffer.from(buf.subarray(0, count ?? 0)).toString('latin1'));
}

suite(`${SLOW} slow clients`, { timeout, skip: unlessAllowed() }, () => {
  test('good ones are served meanwhile, slow ones in the end', async () => {
    const start = openSockets();
    const running = await run('tcp', hello, { readHeaderTimeout: 0, idleTimeout: 0 });
    const good = await running.connect();
    const slow = await connectMany(running);
    const request = Buffer.from(get('/', 'A: a b c d e f'));
    for (let at = 1; at < request.length - 1; at++) {
      drip(slow, request, at);
      await good.write(get('/'));
      assert.equal(await replyOn(good), ok('hello'));
    }
    for (const conn of running.connections()) {
      assert.ok(conn.input.length < request.length);
      assert.equal(conn.output.backlog, 0);
    }
    // Half of them make it; the others are cut.
    const luckier = slow.slice(0, SLOW / 2);
    drip(luckier, request, request.length - 1);
    for (const conn of luckier) assert.equal(await replyOn(conn), ok('hello'));
    await running[Symbol.asyncDispose]();
    for (const conn of slow.slice(SLOW / 2)) {
      await assert.rejects(async () => {
        for (;;) if ((await conn.read(new Uint8Array(1))) === null) throw new Error('the end');
      });
    }
    for (const conn of [good, ...slow]) conn.close();
    assert.equal(openSockets(), start);
  });

  test('those that never end are answered with 408, however steadily they send', async () => {
    const start = openSockets();
    const states = { idle: 0, closed: 0 };
    const connState = (_conn: unknown, state: string): void => {
      if (state === 'idle' || state === 'closed') states[state]++;
    };
    // Long enough for a busy machine to read everybody's first byte: without one there is no 408.
    const running = await run('tcp', hello, { readHeaderTimeout: 2000, connState });
    const replies: Promise<string>[] = [];
    const slow = await connectMany(running, (conn) => replies.push(replyOn(conn)));
    const line = Buffer.from('GET / HTTP/1.1\r\nA: a\r\n');
    for (let at = 1; states.closed < SLOW; at++) {
      // Later bytes are of one long value.
      const byte = Buffer.of(line[at] ?? 97);
      for (const conn of slow) {
        try {
          conn.tryWrite(byte);
        } catch {
          // It is cut already.
        }
      }
      await turn();
    }
    for (const reply of await Promise.all(replies)) {
      assert.match(reply, /^HTTP\/1\.1 408 Request Timeout\r\n.*Connection: close\r\n/s);
    }
    assert.deepEqual(states, { idle: 0, closed: SLOW });
    for (const conn of slow) conn.close();
    await running[Symbol.asyncDispose]();
    assert.equal(openSockets(), start);
  });
});
