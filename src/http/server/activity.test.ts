import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Activity, type WatchedConn } from './activity.ts';
import type { ConnState } from '../connection.ts';

class FakeConn implements WatchedConn {
  requests = 0;
  state: ConnState = 'new';
  readonly remoteAddr: { network: string; toString(): string };

  constructor(name: string) {
    this.remoteAddr = { network: 'fake', toString: () => name };
  }
}

function begin(): { activity: Activity; come: (name: string) => FakeConn; leave: Leave } {
  let now = 1000;
  const activity = new Activity(() => now++);
  const come = (name: string): FakeConn => {
    const conn = new FakeConn(name);
    activity.connState(conn, 'new');
    return conn;
  };
  const leave: Leave = (conn, state) => {
    conn.state = state;
    activity.connState(conn, state);
  };
  return { activity, come, leave };
}

type Leave = (conn: FakeConn, state: ConnState) => void;

test('nothing has happened', () => {
  const { activity } = begin();
  assert.deepEqual(activity.summary(10), { accepted: 0, served: 0, open: 0, connections: [] });
});

test('open connections are told as they are', () => {
  const { activity, come, leave } = begin();
  const a = come('a');
  come('b');
  a.requests = 3;
  leave(a, 'active');
  assert.deepEqual(activity.summary(10), {
    accepted: 2,
    served: 3,
    open: 2,
    connections: [
      { remote: 'a', state: 'active', requests: 3, since: 1000 },
      { remote: 'b', state: 'new', requests: 0, since: 1001 },
    ],
  });
});

test('what closed connections have served still counts, once', () => {
  const { activity, come, leave } = begin();
  const a = come('a');
  const b = come('b');
  a.requests = 3;
  b.requests = 4;
  leave(a, 'closed');
  leave(a, 'closed');
  leave(b, 'hijacked');
  assert.deepEqual(activity.summary(10), { accepted: 2, served: 7, open: 0, connections: [] });
});

test('the summary has a bound; the numbers have none', () => {
  const { activity, come } = begin();
  for (const name of ['a', 'b', 'c']) come(name).requests = 2;
  const { open, served, connections } = activity.summary(2);
  assert.equal(open, 3);
  assert.equal(served, 6);
  assert.deepEqual(
    connections.map(({ remote }) => remote),
    ['a', 'b'],
  );
});
