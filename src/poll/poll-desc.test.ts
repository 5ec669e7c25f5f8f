/** What is known of a descriptor's readiness while EPOLLOUT means nothing. The rest is seen in test/net. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linux } from '../kernel/linux.ts';
import { EPOLLERR, EPOLLIN, EPOLLOUT } from '../syscall/epoll.ts';
import { netpollOf } from './netpoll.ts';
import { PollDesc } from './poll-desc.ts';

function held(): { pd: PollDesc; told: (Error | null)[] } {
  const pd = new PollDesc(netpollOf(linux), -1);
  const told: (Error | null)[] = [];
  pd.referenced = false;
  pd.hold();
  pd.wait('write', { ready: (error) => told.push(error) });
  return { pd, told };
}

test('held: EPOLLOUT wakes nobody, reading goes on, unhold wakes', () => {
  const { pd, told } = held();
  pd.notify(EPOLLIN | EPOLLOUT);
  assert.deepEqual(told, []);
  assert.ok(!pd.isReady('write'));
  assert.ok(pd.isReady('read'));
  pd.unhold();
  assert.deepEqual(told, [null]);
  assert.ok(pd.isReady('write'));
});

test('held: an error of the socket wakes; a second unhold does nothing', () => {
  const { pd, told } = held();
  pd.notify(EPOLLERR);
  assert.deepEqual(told, [null]);
  pd.unhold();
  pd.drained('write');
  pd.unhold();
  assert.ok(!pd.isReady('write'));
  pd.notify(EPOLLOUT);
  assert.ok(pd.isReady('write'));
});
