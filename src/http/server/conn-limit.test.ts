import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Addr, Conn } from '../../net/conn.ts';
import { ConnLimit, type Limited } from './conn-limit.ts';
import type { ConnState } from '../connection.ts';

/** Connections of a server that has one place for each; the clock is `clock.now`. */
function limited(count: number, close: (conn: Limited & { state: ConnState }) => void) {
  const clock = { now: 0 };
  const owner = { now: () => clock.now, after: () => ({ cancel() {} }), pressed() {} };
  const limit = new ConnLimit(count, owner);
  const addr: Addr = { network: 'tcp', toString: () => '127.0.0.1:1' };
  const conns = Array.from({ length: count }, () => ({
    conn: {} as Conn, // not looked at
    localAddr: addr,
    remoteAddr: addr,
    state: 'new' as ConnState,
    requests: 0,
    ending: false,
    close() {},
    closeIfIdle() {
      close(this);
      if (this.state === 'closed') limit.stateChanged(this, 'closed');
    },
  }));
  for (const one of conns) limit.stateChanged(one, 'new');
  return { limit, clock, conns };
}

test('the one that has rested longest makes room, and no other', () => {
  const { limit, clock, conns } = limited(3, (conn) => (conn.state = 'closed'));
  assert.equal(limit.makeRoom(), false);
  clock.now = 1000;
  assert.equal(limit.makeRoom(), true);
  assert.deepEqual(
    conns.map(({ state }) => state),
    ['closed', 'new', 'new'],
  );
});

test('one that takes its time to close is waited for', () => {
  let asked = 0;
  const { limit, clock, conns } = limited(3, (conn) => {
    asked++;
    Object.assign(conn, { ending: true });
  });
  clock.now = 1000;
  assert.equal(limit.makeRoom(), false);
  assert.equal(limit.makeRoom(), false);
  assert.deepEqual(
    conns.map(({ ending }) => ending),
    [true, false, false],
  );
  assert.equal(asked, 2, 'the same one');
  limit.stateChanged(conns[0]!, 'closed');
  assert.equal(limit.makeRoom(), true);
});
