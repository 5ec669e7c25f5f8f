/** netfd/syscall on the real kernel: waiting for several descriptors. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  close,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create,
  epoll_create1,
  EPOLL_CLOEXEC,
  epoll_ctl,
  epoll_wait,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  F_DUPFD_CLOEXEC,
  fcntl,
  FD_SETSIZE,
  FdSet,
  poll,
  type PollFd,
  ppoll,
  pselect,
  select,
  send,
  type Timeval,
  POLLIN,
  POLLOUT,
  POLLHUP,
  POLLNVAL,
} from '../../src/syscall.ts';
import { closing, failure, unixPair } from './sockets.ts';

const SIGUSR1 = 10;

const now = (): Timeval => ({ seconds: 0, microseconds: 0 });

suite('select', () => {
  test('says which are ready, in the sets that it was given', (t) => {
    const [a, b] = unixPair(t);
    send(a, 'x');
    const readers = new FdSet([a, b]);
    const writers = new FdSet([a]);
    const nfds = Math.max(a, b) + 1;
    assert.equal(select(nfds, readers, writers, null, null), 2);
    assert.deepEqual([[...readers], [...writers]], [[b], [a]]);
    const none = new FdSet([a]);
    assert.equal(select(nfds, none, null, new FdSet([a]), now()), 0);
    assert.deepEqual([...none], []);
  });

  test('looks only below nfds, and leaves the rest of a set', (t) => {
    const [a, b] = unixPair(t);
    send(a, 'x');
    const readers = new FdSet([b, 1000]);
    assert.equal(select(b + 1, readers, null, null, now()), 1);
    assert.ok(readers.isSet(b) && readers.isSet(1000));
    assert.equal(select(0, readers, null, null, now()), 0);
  });

  test('a timeout holds afterwards what is left; a frozen one stays', (t) => {
    const [a, b] = unixPair(t);
    const timeout = { seconds: 1000, microseconds: 0 };
    send(a, 'x');
    assert.equal(select(b + 1, new FdSet([b]), null, null, timeout), 1);
    assert.equal(timeout.seconds, 999);
    const short = { seconds: 0, microseconds: 1 };
    assert.equal(select(a + 1, new FdSet([a]), null, null, short), 0);
    assert.deepEqual(short, { seconds: 0, microseconds: 0 });
    const frozen = Object.freeze({ seconds: 1000, microseconds: 0 });
    assert.equal(select(b + 1, new FdSet([b]), null, null, frozen), 1);
    assert.equal(frozen.seconds, 1000);
  });

  test('more than a second of microseconds are a time as well', (t) => {
    const [a, b] = unixPair(t);
    send(a, 'x');
    const timeout = { seconds: 0, microseconds: 5_000_000 };
    assert.equal(select(b + 1, new FdSet([b]), null, null, timeout), 1);
    assert.equal(timeout.seconds, 4);
  });

  test('what is no time, no number of descriptors, or closed', (t) => {
    const [a] = unixPair(t);
    const invalid = failure('select', 'EINVAL');
    assert.throws(
      () => select(-1, null, null, null, now()),
      failure('select', 'EINVAL', { nfds: -1 }),
    );
    assert.throws(() => select(0, null, null, null, { seconds: -1, microseconds: 0 }), invalid);
    assert.throws(() => select(0, null, null, null, { seconds: 0, microseconds: -1 }), invalid);
    close(a);
    assert.throws(
      () => select(a + 1, new FdSet([a]), null, null, now()),
      failure('select', 'EBADF'),
    );
    assert.throws(() => select(FD_SETSIZE + 1, null, null, null, now()), {
      name: 'RangeError',
      message: 'select: nfds must be an integer in -2147483648..1024',
    });
  });

  test('the last descriptor that a set has room for', (t) => {
    const [a, b] = unixPair(t);
    send(a, 'x');
    const [last] = closing(t, fcntl(b, F_DUPFD_CLOEXEC, FD_SETSIZE - 1));
    const readers = new FdSet([last]);
    assert.equal(select(FD_SETSIZE, readers, null, null, now()), 1);
    assert.deepEqual([...readers], [FD_SETSIZE - 1]);
    assert.throws(() => readers.set(FD_SETSIZE), {
      name: 'RangeError',
      message: 'FdSet.set: fd must be an integer in 0..1023',
    });
  });

  test('pselect: nanoseconds, and signals', (t) => {
    const [a, b] = unixPair(t);
    send(a, 'x');
    const timeout = { seconds: 1000, nanoseconds: 999_999_999 };
    const readers = new FdSet([a, b]);
    assert.equal(pselect(Math.max(a, b) + 1, readers, null, null, timeout, [SIGUSR1]), 1);
    assert.deepEqual([...readers], [b]);
    assert.ok(timeout.seconds <= 1000 && timeout.nanoseconds < 999_999_999);
    const bad = { seconds: 0, nanoseconds: 1_000_000_000 };
    assert.throws(() => pselect(0, null, null, null, bad), failure('pselect', 'EINVAL'));
    assert.throws(() => pselect(0, null, null, null, timeout, [65]), {
      name: 'RangeError',
      message: 'pselect: a signal of sigmask must be an integer in 1..64',
    });
  });
});

suite('poll', () => {
  test('writes revents, those of a closed descriptor too, and passes over negative ones', (t) => {
    const [a, b] = unixPair(t);
    send(a, 'x');
    const fds: PollFd[] = [
      { fd: b, events: POLLIN, revents: 0 },
      { fd: a, events: POLLIN, revents: 7 },
      { fd: a, events: POLLIN | POLLOUT, revents: 0 },
      { fd: -1, events: POLLIN, revents: 7 },
      { fd: 1_000_000, events: POLLIN, revents: 0 },
    ];
    assert.equal(poll(fds), 3);
    assert.deepEqual(
      fds.map(({ revents }) => revents),
      [POLLIN, 0, POLLOUT, 0, POLLNVAL],
    );
    assert.equal(poll([fds[1]!], 0), 0);
    assert.equal(poll([], 0), 0);
    close(a);
    assert.equal(poll([fds[0]!], -1), 1);
    assert.equal(fds[0]!.revents, POLLIN | POLLHUP);
  });

  test('ppoll: a timeout that holds what is left', (t) => {
    const [a, b] = unixPair(t);
    const fds: PollFd[] = [{ fd: b, events: POLLIN, revents: 0 }];
    const timeout = { seconds: 0, nanoseconds: 1 };
    assert.equal(ppoll(fds, timeout), 0);
    assert.deepEqual(timeout, { seconds: 0, nanoseconds: 0 });
    send(a, 'x');
    assert.equal(ppoll(fds, null, []), 1);
    assert.equal(fds[0]!.revents, POLLIN);
    const bad = { seconds: 0, nanoseconds: -1 };
    assert.throws(() => ppoll(fds, bad), failure('ppoll', 'EINVAL', { nfds: 1 }));
  });
});

suite('epoll', () => {
  test('tells the data that was given with a descriptor, its number by default', (t) => {
    const [a, b] = unixPair(t);
    const [ep] = closing(t, epoll_create1(EPOLL_CLOEXEC));
    epoll_ctl(ep, EPOLL_CTL_ADD, b, { events: EPOLLIN });
    assert.deepEqual(epoll_wait(ep, 8, 0), []);
    send(a, 'x');
    assert.deepEqual(epoll_wait(ep, 8), [{ events: EPOLLIN, data: b, data64: BigInt(b) }]);
    const data = 2 ** 53 - 1;
    epoll_ctl(ep, EPOLL_CTL_MOD, b, { events: EPOLLIN, data });
    assert.deepEqual(epoll_wait(ep, 8), [{ events: EPOLLIN, data, data64: BigInt(data) }]);
    const data64 = 0xdeadbeefcafebabfn;
    epoll_ctl(ep, EPOLL_CTL_MOD, b, { events: EPOLLIN | EPOLLOUT | EPOLLET, data: data64 });
    const [event] = epoll_wait(ep, 8);
    assert.deepEqual(event, { events: EPOLLIN | EPOLLOUT, data: Number(data64), data64 });
    assert.deepEqual(epoll_wait(ep, 8, 0), []);
    epoll_ctl(ep, EPOLL_CTL_DEL, b);
    send(a, 'y');
    assert.deepEqual(epoll_wait(ep, 8, 0), []);
  });

  test('no more events than were asked for; the others come the next time', (t) => {
    const [a, b] = unixPair(t);
    const [ep] = closing(t, epoll_create(1));
    epoll_ctl(ep, EPOLL_CTL_ADD, a, { events: EPOLLOUT });
    epoll_ctl(ep, EPOLL_CTL_ADD, b, { events: EPOLLIN | EPOLLRDHUP });
    close(a);
    const events = epoll_wait(ep, 8);
    const hangup = EPOLLIN | EPOLLRDHUP | EPOLLHUP;
    assert.deepEqual(events, [{ events: hangup, data: b, data64: BigInt(b) }]);
    assert.equal(epoll_wait(ep, 1).length, 1);
  });

  test('errors have the three numbers', (t) => {
    const [a] = unixPair(t);
    const [ep] = closing(t, epoll_create1());
    const details = { epfd: ep, op: EPOLL_CTL_DEL, fd: a };
    const del = (): void => epoll_ctl(ep, EPOLL_CTL_DEL, a);
    assert.throws(del, failure('epoll_ctl', 'ENOENT', details));
    const fault = failure('epoll_ctl', 'EFAULT');
    assert.throws(() => epoll_ctl(ep, EPOLL_CTL_ADD, a, null), fault);
    assert.throws(
      () => epoll_ctl(ep, EPOLL_CTL_ADD, ep, { events: 0 }),
      failure('epoll_ctl', 'EINVAL'),
    );
    assert.throws(() => epoll_create(0), failure('epoll_create', 'EINVAL', { size: 0 }));
    assert.throws(() => epoll_create1(1), failure('epoll_create1', 'EINVAL', { flags: 1 }));
    for (const maxevents of [0, -1]) {
      const invalid = failure('epoll_wait', 'EINVAL', { epfd: ep, maxevents });
      assert.throws(() => epoll_wait(ep, maxevents), invalid);
    }
  });
});
