/** Closing while the client may still be sending: what is read meanwhile, and what ends it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Linger } from '../../src/http/linger.ts';
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
