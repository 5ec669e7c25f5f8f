/** Which deadline a connection has at which step. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ConnDeadlines } from '../../src/http/conn/conn-deadlines.ts';
import type { ConnOwner } from '../../src/http/conn/conn-owner.ts';
import type { Deadline } from '../../src/net/conn.ts';
import { ScriptedConn } from './scripted-conn.ts';

const NOW = 1_000_000;
const LIMITS = { readHeaderTimeout: 1, readTimeout: 2, writeTimeout: 3, idleTimeout: 4 };

function deadlines(limits: Partial<typeof LIMITS> = {}, owner = { tick: 0 }) {
  const conn = new ScriptedConn();
  Object.assign(owner, LIMITS, limits, { now: () => NOW });
  const steps = new ConnDeadlines(conn, owner as unknown as ConnOwner);
  const last = (): unknown => {
    const when = conn.readDeadlines.at(-1);
    return typeof when === 'number' ? when - NOW : when;
  };
  return { conn, steps, last };
}

suite('the read deadline', () => {
  test('is that of the step', () => {
    const { steps, last } = deadlines();
    steps.head();
    assert.equal(last(), 1);
    steps.request(true);
    assert.equal(last(), 2);
    steps.idle();
    assert.equal(last(), 4);
    steps.none();
    assert.equal(last(), null);
  });

  test('of a head is set once, and anew for the next one', () => {
    const { conn, steps } = deadlines();
    steps.head();
    steps.head();
    assert.equal(conn.readDeadlines.length, 1);
    steps.request(false);
    assert.equal(conn.readDeadlines.length, 1);
    steps.head();
    assert.equal(conn.readDeadlines.length, 2);
    steps.none();
    steps.head();
    assert.deepEqual(conn.readDeadlines, [NOW + 1, NOW + 1, null, NOW + 1]);
  });

  test('of a body without a limit is none, and of its rest that of an idle connection', () => {
    const { steps, last } = deadlines({ readTimeout: 0 });
    steps.head();
    steps.request(true);
    assert.equal(last(), null);
    steps.discard();
    assert.equal(last(), 4);
  });

  test('of a long idle time is set once a second', () => {
    const owner = { tick: 0 };
    const { conn, steps, last } = deadlines({ idleTimeout: 60_000 }, owner);
    steps.idle();
    steps.idle();
    assert.equal(conn.readDeadlines.length, 1);
    assert.ok((last() as number) >= 60_000);
    owner.tick++;
    steps.idle();
    assert.equal(conn.readDeadlines.length, 2);
    steps.none();
    steps.idle();
    assert.equal(conn.readDeadlines.length, 4, 'another one was set meanwhile');
  });

  test('of a handler is in the place of the server’s, for one body', () => {
    const { conn, steps, last } = deadlines({ idleTimeout: 60_000 });
    steps.idle();
    steps.request(true);
    steps.setRead(NOW + 7);
    assert.equal(last(), 7);
    steps.discard();
    assert.equal(last(), 60_000, 'what it has left is the server’s to read');
    steps.idle();
    assert.equal(conn.readDeadlines.length, 5, 'another one was set meanwhile');
    steps.request(true);
    steps.discard();
    assert.equal(last(), 2);
  });

  test('of a connection that is closed is no concern', () => {
    const { conn, steps } = deadlines();
    conn.setReadDeadline = conn.setWriteDeadline = () => {
      throw new Error('closed');
    };
    steps.head();
    steps.request(true);
    steps.write();
    steps.setRead(1);
    steps.setWrite(1);
    steps.idle();
    assert.equal(conn.readDeadlines.length, 0);
  });
});

suite('the write deadline', () => {
  test('of a handler is in the place of the server’s, for one reply', () => {
    for (const [writeTimeout, expected] of [
      [3, [NOW + 3, NOW + 7, NOW + 3, NOW + 3]],
      [0, [NOW + 7, null]],
    ] as const) {
      const { conn, steps } = deadlines({ writeTimeout });
      const set: Deadline[] = [];
      conn.setWriteDeadline = (when: Deadline) => void set.push(when);
      steps.request(false);
      steps.setWrite(NOW + 7);
      steps.request(false);
      steps.request(false);
      assert.deepEqual(set, expected);
    }
  });
});
