/**
 * After a short read a TCP connection waits for the next edge without a call, and edge-triggered epoll
 * tells of an edge only once: so here are the cases in which a reader could wait for something that is
 * there already. Each ends the same whichever way the reader waits.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { suite, test } from 'node:test';
import { dial, linux, listen, type TCPConn } from '../../src/index.ts';
import type { Conn } from '../../src/net/conn.ts';
import { SO_LINGER, SOL_SOCKET } from '../../src/syscall/socket.ts';
import { abstractName, unixPath } from './creators.ts';
import { stillWaiting } from './settling.ts';
import { RandomBytes } from './traffic.ts';

/** A way of waiting: reads to the end of the stream with buffers of `size`. */
type Way = (conn: Conn, size: number, take: (bytes: Uint8Array) => void) => Promise<void>;

/** Reads what is there; true at the end of the stream. */
function readAll(conn: Conn, size: number, take: (bytes: Uint8Array) => void): boolean {
  for (;;) {
    const buf = new Uint8Array(size);
    const count = conn.tryRead(buf);
    if (count === undefined) return false;
    if (count === null) return true;
    take(buf.subarray(0, count));
  }
}

const WAYS: Readonly<Record<string, Way>> = {
  async read(conn, size, take) {
    for (;;) {
      const buf = new Uint8Array(size);
      const count = await conn.read(buf);
      if (count === null) return;
      take(buf.subarray(0, count));
    }
  },
  async readable(conn, size, take) {
    while (!readAll(conn, size, take)) await conn.readable();
  },
  /** Asks only once for each time that it is told. */
  async 'readable, one read each time'(conn, size, take) {
    for (;;) {
      await conn.readable();
      const buf = new Uint8Array(size);
      const count = conn.tryRead(buf);
      if (count === null) return;
      if (count !== undefined) take(buf.subarray(0, count));
    }
  },
  whenReadable(conn, size, take) {
    return new Promise((resolve, reject) => {
      const listener = {
        ready(error: Error | null): void {
          try {
            if (error !== null) throw error;
            if (readAll(conn, size, take)) resolve();
            else conn.whenReadable(listener);
          } catch (thrown) {
            reject(thrown as Error);
          }
        },
      };
      conn.whenReadable(listener);
    });
  },
  async iteration(conn, _size, take) {
    for await (const chunk of conn) take(chunk);
  },
  async stream(conn, _size, take) {
    for await (const chunk of conn.readStream) take(chunk);
  },
};

class Reading {
  text = '';
  readonly ended: Promise<void>;
  #wanted: { length: number; resolve: () => void } | null = null;

  constructor(conn: Conn, way: Way, size: number) {
    this.ended = way(conn, size, (bytes) => {
      this.text += Buffer.from(bytes).toString('latin1');
      if (this.#wanted !== null && this.text.length >= this.#wanted.length) this.#wanted.resolve();
    });
    this.ended.catch(() => {}); // the test looks at it
  }

  /** Settles once so many bytes have come. */
  async has(length: number): Promise<void> {
    if (this.text.length >= length) return;
    await new Promise<void>((resolve) => (this.#wanted = { length, resolve }));
  }
}

async function pair(): Promise<[TCPConn, TCPConn]> {
  await using listener = await listen('tcp', '127.0.0.1:0');
  return await Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
}

for (const [name, way] of Object.entries(WAYS)) {
  suite(`a reader that waits by ${name}`, () => {
    const cases: Readonly<Record<string, (a: TCPConn, b: TCPConn) => Promise<void>>> = {
      async 'data and the end at once'(a, b) {
        const reading = new Reading(a, way, 64);
        assert.ok(await stillWaiting(reading.ended));
        await b.write('last');
        b.close();
        await reading.ended;
        assert.equal(reading.text, 'last');
      },

      async 'the end after the data was read'(a, b) {
        const reading = new Reading(a, way, 64);
        await b.write('data');
        await reading.has(4);
        assert.ok(await stillWaiting(reading.ended));
        b.closeWrite();
        await reading.ended;
        assert.equal(reading.text, 'data');
      },

      async 'a buffer that the data fills exactly, and one that it overfills'(a, b) {
        const reading = new Reading(a, way, 4);
        for (const [text, total] of [
          ['four', 4],
          ['seven..', 11],
          ['four', 15],
        ] as const) {
          await b.write(text);
          await reading.has(total);
        }
        assert.ok(await stillWaiting(reading.ended));
        b.closeWrite();
        await reading.ended;
        assert.equal(reading.text, 'fourseven..four');
      },

      async 'a reader that comes long after the edges'(a, b) {
        await b.write('early');
        b.closeWrite();
        assert.ok(await stillWaiting(new Promise(() => {})));
        const reading = new Reading(a, way, 64);
        await reading.ended;
        assert.equal(reading.text, 'early');
      },

      async 'more data between a short read and the next wait'(a, b) {
        const buf = new Uint8Array(64);
        await b.write('one');
        await a.readable();
        assert.equal(a.tryRead(buf), 3);
        await b.write('two');
        const reading = new Reading(a, way, 64);
        await reading.has(3);
        b.closeWrite();
        await reading.ended;
        assert.equal(reading.text, 'two');
      },

      async 'a reset with data unread, then the end'(a, b) {
        const reading = new Reading(a, way, 64);
        await b.write('data');
        await reading.has(4);
        const linger = new Uint8Array(Int32Array.of(1, 0).buffer);
        linux.kernel.setsockopt(b.fd.sysfd, SOL_SOCKET, SO_LINGER, linger, 8);
        b.close();
        await assert.rejects(reading.ended, { code: 'ECONNRESET' });
        assert.equal(await a.read(new Uint8Array(8)), null);
      },
    };

    for (const [what, run] of Object.entries(cases)) {
      test(what, async () => {
        const [a, b] = await pair();
        await run(a, b);
        await a[Symbol.asyncDispose]();
        await b[Symbol.asyncDispose]();
      });
    }
  });
}

test('random pieces, buffers, ways and ends', async (t) => {
  const seed = randomInt(1, 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = new RandomBytes(Number(process.env['NETFD_SEED'] ?? seed));
  const draw = (limit: number): number => {
    const [low = 0, high = 0] = random.fill(new Uint8Array(2));
    return (low + 256 * high) % limit;
  };
  const ways = Object.values(WAYS);
  for (let round = 0; round < 300; round++) {
    const [a, b] = await pair();
    const reading = new Reading(a, ways[draw(ways.length)]!, 1 + draw(100));
    let sent = '';
    for (let pieces = draw(8); pieces > 0; pieces--) {
      const piece = String.fromCharCode(97 + draw(26)).repeat(1 + draw(200));
      sent += piece;
      await b.write(piece);
      if (draw(3) === 0) await reading.has(sent.length);
      else if (draw(2) === 0) await stillWaiting(reading.ended);
    }
    if (draw(2) === 0) b.close();
    else b.closeWrite();
    await reading.ended;
    assert.equal(reading.text, sent, `round ${round} of seed ${seed}`);
    a.close();
    await b[Symbol.asyncDispose]();
  }
});

const noPython: string | false =
  spawnSync('python3', ['-c', 'import socket; socket.send_fds']).status === 0
    ? false
    : 'there is no python3 that sends descriptors';

test('a unix socket: bytes behind a message with descriptors', { skip: noPython }, async () => {
  await using listener = await listen('unix', abstractName());
  const folder = dirname(unixPath());
  const [go, done] = [`${folder}/go`, `${folder}/done`];
  const script = `
import os, socket, sys
name, go, done = sys.argv[1:]
os.mkfifo(go), os.mkfifo(done)
s = socket.socket(socket.AF_UNIX)
s.connect('\\0' + name)
open(go).read()
s.send(b'before ')
socket.send_fds(s, [b'with '], [0])
s.send(b'behind')
open(done, 'w').close()
sys.stdin.read()`;
  const args = ['-c', script, listener.addr.name.slice(1), go, done];
  const child = spawn('python3', args, { stdio: ['pipe', 'ignore', 'inherit'] });
  const conn = await listener.accept();
  const reading = new Reading(conn, WAYS['read']!, 64);
  assert.ok(await stillWaiting(reading.ended));
  // This thread stands still until all is sent, so all of it comes with one edge.
  writeFileSync(go, '');
  readFileSync(done);
  await reading.has('before with behind'.length);
  assert.equal(reading.text, 'before with behind');
  child.stdin.end();
  await reading.ended;
  conn.close();
});
