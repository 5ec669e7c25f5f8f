/** Closing while the client may still be sending: what is read meanwhile, and what ends it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Linger } from '../../src/http/conn/linger.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { run, turnsUntil } from './raw-client.ts';
import { ScriptedConn } from './scripted-conn.ts';

const NOW = 1_000_000;
const MIB = 1024 * 1024;
const LIMITS = { lingerTimeout: 500, maxLingerBytes: 16 * MIB };

/** Lingers on a connection; says whether that has ended, and what was done to it. */
function linger(conn: ScriptedConn): { ended: () => number; finished: () => boolean } {
  let ended = 0;
  let finished = false;
  conn.closeWrite = () => void (finished = true);
  const linger_ = new Linger(conn, { now: () => NOW }, LIMITS, () => void ended++);
  assert.ok(linger_);
  return { ended: () => ended, finished: () => finished };
}

suite('lingering', () => {
  test('finishes, and ends when the client does', () => {
    const conn = new ScriptedConn('still', 'sending');
    const { ended, finished } = linger(conn);
    assert.equal(finished(), true);
    assert.deepEqual(conn.readDeadlines, [NOW + 500]);
    assert.equal(ended(), 0);
    conn.arrive('and more');
    assert.equal(ended(), 0);
    conn.arrive(null);
    assert.equal(ended(), 1);
  });

  test('ends when the connection fails', () => {
    const conn = new ScriptedConn();
    const { ended } = linger(conn);
    conn.arrive(new Error('of the connection'));
    assert.equal(ended(), 1);
  });

  test('ends when the time is over', () => {
    const conn = new ScriptedConn();
    let reader: ((error: Error | null) => void) | undefined;
    conn.whenReadable = (listener) => void (reader = (error) => listener.ready(error));
    const { ended } = linger(conn);
    reader!(new Error('i/o timeout'));
    assert.equal(ended(), 1);
  });

  test('ends after so many bytes', () => {
    const conn = new ScriptedConn();
    const { ended } = linger(conn);
    const piece = 'x'.repeat(256 * 1024);
    let sent = 0;
    for (; ended() === 0 && sent < 20 * MIB; sent += piece.length) conn.arrive(piece);
    assert.equal(ended(), 1);
    assert.ok(sent > 16 * MIB && sent < 17 * MIB);
  });

  test('ends at once if the connection is closed already', () => {
    const conn = new ScriptedConn();
    conn.setReadDeadline = () => {
      throw new Error('closed');
    };
    assert.equal(linger(conn).ended(), 1);
  });
});

suite('a client that goes on sending', { timeout: 60_000 }, () => {
  const BAD = 'GET / HTTP/1.1\r\n\r\n';

  /** Sends something bad, and then more and more; gives how much more that was, and the answer. */
  async function flood(options: ServerOptions): Promise<{ sent: number; text: string }> {
    await using running = await run('tcp', () => {}, options);
    await using client = await running.dial();
    const block = 'x'.repeat(64 * 1024);
    let sent = 0;
    await client.send(BAD);
    await client.until((text) => text.endsWith('header'));
    while (await client.send(block)) sent += block.length;
    await turnsUntil(() => running.server.connections.size === 0);
    return { sent, text: client.text };
  }

  const ANSWER = /^HTTP\/1\.1 400 Bad Request\r\n.*missing required Host header$/s;

  test('without end is cut off after so much time', async () => {
    const { text } = await flood({ lingerTimeout: 40, maxLingerBytes: Number.POSITIVE_INFINITY });
    assert.match(text, ANSWER);
  });

  test('without end is cut off after so many bytes', async () => {
    const { sent, text } = await flood({ lingerTimeout: 60_000, maxLingerBytes: 2 * MIB });
    assert.match(text, ANSWER);
    assert.ok(sent >= 2 * MIB, `${sent} bytes were sent`);
  });

  test('is cut off at once if there is no time', async () => {
    const { text } = await flood({ lingerTimeout: 0 });
    assert.match(text, ANSWER);
  });

  test('and does not even read the answer takes nothing but its connection', async () => {
    await using running = await run('tcp', () => {}, { lingerTimeout: 40 });
    const conn = await running.connect();
    await conn.write(BAD);
    await turnsUntil(() => running.server.connections.size === 1);
    await turnsUntil(() => running.server.connections.size === 0);
    conn.close();
  });
});
