/**
 * Wrong arguments to every function of netfd/syscall: each call fails with an error that names it, or the
 * kernel says no, and afterwards there are as many descriptors as before.
 */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import * as face from '../../src/syscall.ts';
import { Calls, type FdSet, SyscallError } from '../../src/syscall.ts';
import { closing, descriptors, inet, unixPair } from './sockets.ts';

type Call = (...args: unknown[]) => unknown;

const { AF_UNIX, O_CLOEXEC, O_NONBLOCK, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } = face;

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** Of every kind. No number among them is a descriptor that is open. */
const junk: readonly unknown[] = [
  undefined,
  null,
  true,
  'text',
  '',
  'nul\0',
  Symbol('symbol'),
  10n,
  {},
  [],
  [null],
  [5],
  [{}],
  (): void => {},
  -1,
  -1000,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31 - 1,
  2 ** 32,
  2 ** 53,
  new Uint8Array(0),
  new Uint8Array(3),
  new Float64Array(2),
  new ArrayBuffer(8),
  new DataView(new ArrayBuffer(8)),
  detached(),
];

interface Scene {
  readonly a: number;
  readonly b: number;
  readonly listener: number;
  readonly ep: number;
  readonly reader: number;
  readonly writer: number;
}

/** Descriptors that do not block, of which `b` has something to read. */
function scene(t: TestContext): Scene {
  const [a, b] = unixPair(t);
  const type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const [listener, ep] = closing(t, face.socket(AF_UNIX, type), face.epoll_create1(O_CLOEXEC));
  face.bind(listener, { family: AF_UNIX, path: new Uint8Array(0) });
  face.listen(listener);
  for (const fd of [a, b]) face.fcntl(fd, face.F_SETFL, O_NONBLOCK);
  const [reader, writer] = closing(t, ...face.pipe2(O_CLOEXEC | O_NONBLOCK));
  face.send(a, 'x'.repeat(10_000));
  face.epoll_ctl(ep, face.EPOLL_CTL_ADD, b, { events: face.EPOLLIN });
  return { a, b, listener, ep, reader, writer };
}

/** Arguments for every call with which it would do its work at once, or be told EAGAIN or ENOENT. */
const arguments_: Readonly<Record<string, (s: Scene) => unknown[]>> = {
  close: () => [1_000_000],
  dup: ({ a }) => [a],
  dup3: ({ a }) => [a, 1_000_000, 0],
  fcntl: ({ a }) => [a, face.F_GETFL, 0],
  ioctl: ({ a }) => [a, 0x541b, new Uint8Array(4)],
  pipe2: () => [O_CLOEXEC],
  eventfd2: () => [0, O_CLOEXEC],
  open: () => ['/nonexistent/file', 0, 0],
  openat: ({ a }) => [a, 'nonexistent/file', 0, 0],
  openat2: ({ a }) => [a, 'nonexistent/file', { flags: 0 }],
  unlink: () => ['/nonexistent/file'],
  unlinkat: ({ a }) => [a, 'nonexistent', 0],
  readlink: () => ['/nonexistent'],
  readlinkat: ({ a }) => [a, 'nonexistent'],
  statx: ({ a }) => [a, '', face.AT_EMPTY_PATH, 0],
  read: ({ b }) => [b, new Uint8Array(4), 4],
  write: ({ a }) => [a, 'x'],
  pread: ({ reader }) => [reader, new Uint8Array(4), 4, 0],
  readv: ({ b }) => [b, [new Uint8Array(4)]],
  writev: ({ a }) => [a, ['x']],
  sendfile: ({ a, ep }) => [a, ep, 0, 1],
  splice: ({ reader, a }) => [reader, null, a, null, 1, 0],
  socket: () => [AF_UNIX, SOCK_STREAM, 0],
  socketpair: () => [AF_UNIX, SOCK_STREAM, 0],
  bind: ({ a }) => [a, inet(0), 16],
  connect: ({ a }) => [a, inet(0), 16],
  listen: ({ listener }) => [listener, 1],
  accept: ({ listener }) => [listener, 128],
  accept4: ({ listener }) => [listener, 0, 128],
  shutdown: ({ listener }) => [listener, 99],
  getsockname: ({ a }) => [a, 128],
  getpeername: ({ a }) => [a, 128],
  setsockopt: ({ a }) => [a, face.SOL_SOCKET, face.SO_KEEPALIVE, 1],
  getsockopt: ({ a }) => [a, face.SOL_SOCKET, face.SO_TYPE, 4],
  recv: ({ b }) => [b, new Uint8Array(4), 0],
  recvfrom: ({ b }) => [b, new Uint8Array(4), 0],
  send: ({ a }) => [a, 'x', 0],
  sendto: ({ a }) => [a, 'x', 0, inet(0), 16],
  recvmsg: ({ b }) => [b, { iov: new Uint8Array(4) }, 0],
  sendmsg: ({ a }) => [a, { iov: 'x' }, 0],
  recvmmsg: ({ b }) => [b, [{ iov: new Uint8Array(4) }], face.MSG_DONTWAIT, null],
  sendmmsg: ({ a }) => [a, [{ iov: 'x' }], 0],
  select: ({ b }) => [b + 1, new face.FdSet([b]), null, null, { seconds: 0, microseconds: 0 }],
  pselect: ({ b }) => [b + 1, new face.FdSet([b]), null, null, { seconds: 0, nanoseconds: 0 }, []],
  poll: ({ b }) => [[{ fd: b, events: 1, revents: 0 }], 0],
  ppoll: ({ b }) => [[{ fd: b, events: 1, revents: 0 }], { seconds: 0, nanoseconds: 0 }, []],
  epoll_create: () => [1],
  epoll_create1: () => [O_CLOEXEC],
  epoll_ctl: ({ ep, a }) => [ep, face.EPOLL_CTL_MOD, a, { events: 1, data: 0 }],
  epoll_wait: ({ ep }) => [ep, 1, 0],
};

/** Calls that are another call of the kernel, which may complain under its own name. */
const kernelName: Readonly<Record<string, string>> = {
  open: 'openat',
  unlink: 'unlinkat',
  readlink: 'readlinkat',
  pread: 'pread64',
  recv: 'recvfrom',
  send: 'sendto',
  pselect: 'pselect6',
};

/** Those that open descriptors, and how they give them. */
const opening: readonly string[] = [
  'dup',
  'dup3',
  'pipe2',
  'eventfd2',
  'open',
  'openat',
  'openat2',
  'socket',
  'socketpair',
  'epoll_create',
  'epoll_create1',
];

/** Makes a call that may fail: then with an error that is as it should be. */
function attempt(name: string, args: readonly unknown[]): void {
  try {
    const result = (face as unknown as Record<string, Call>)[name]!(...args);
    if (opening.includes(name)) for (const fd of [result].flat()) face.close(fd as number);
  } catch (error) {
    if (error instanceof SyscallError) {
      assert.equal(error.syscall, name);
      return;
    }
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    const names = [name, kernelName[name]].join('|');
    assert.match(error.message, new RegExp(`^(${names}): ([a-z_]|\\[|\\])[\\w.[\\] ]*(:| must )`));
  }
}

const calls: readonly string[] = Object.keys(arguments_);

test('every call has its arguments here', () => {
  const methods: string[] = [];
  for (
    let at = Calls.prototype as object;
    at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    methods.push(...Object.getOwnPropertyNames(at).filter((name) => name !== 'constructor'));
  }
  assert.deepEqual(calls.toSorted(), methods.toSorted());
});

suite('wrong arguments', () => {
  for (const name of calls) {
    test(name, (t) => {
      const s = scene(t);
      const before = descriptors();
      const good = arguments_[name]!(s);
      attempt(name, good);
      attempt(name, []);
      for (const i of good.keys()) {
        for (const value of junk) attempt(name, arguments_[name]!(s).with(i, value));
      }
      assert.equal(descriptors(), before);
    });
  }

  test('closed and other descriptors', (t) => {
    const s = scene(t);
    const before = descriptors();
    for (const name of calls) {
      for (const fd of [1_000_000, s.ep, s.reader]) {
        const args = arguments_[name]!(s);
        if (typeof args[0] === 'number' && name !== 'close') attempt(name, args.with(0, fd));
      }
    }
    assert.equal(descriptors(), before);
  });
});

test('functions that make no call open nothing either', () => {
  const before = descriptors();
  const others = Object.entries(face).filter(
    ([name, value]) => typeof value === 'function' && !calls.includes(name),
  );
  assert.ok(others.length > 20);
  for (const [name, value] of others) {
    if (name === 'Calls' || name === 'FdSet' || name === 'SyscallError') continue;
    for (const argument of junk) {
      try {
        (value as Call)(argument, argument);
      } catch (error) {
        assert.ok(error instanceof Error, name);
      }
    }
  }
  assert.equal(descriptors(), before);
});

/** What an error says, of mistakes that are easily made. */
const told: readonly [string, (s: Scene) => unknown, RegExp][] = [
  [
    'a negative port',
    ({ a }) => face.bind(a, inet(-1)),
    /^bind: addr: sockaddr: port -1 is not in 0\.\.65535$/,
  ],
  [
    'an oversized path',
    ({ a }) => face.connect(a, { family: AF_UNIX, path: new Uint8Array(109).fill(97) }),
    /^connect: addr: sockaddr_un: path has 109 bytes, at most 108 fit$/,
  ],
  [
    'a name instead of an address',
    ({ a }) => face.connect(a, '127.0.0.1:80' as never),
    /^connect: addr must be an address, \{ family, … \}, or the bytes of one$/,
  ],
  [
    'a path as text',
    ({ a }) => face.connect(a, { family: AF_UNIX, path: '/run/socket' as never }),
    /^connect: addr\.path must be a Uint8Array$/,
  ],
  [
    'a port as text',
    ({ a }) =>
      face.connect(a, { family: face.AF_INET, addr: new Uint8Array(4), port: '80' } as never),
    /^connect: addr\.port must be a number$/,
  ],
  [
    'text to receive into',
    ({ b }) => face.recvmmsg(b, [{ iov: 'text' as never }]),
    /^recvmmsg: messages\[0\]\.iov must be a Uint8Array that is not detached, or an array of them$/,
  ],
  [
    'an address without its bytes',
    ({ a }) => face.bind(a, { family: face.AF_INET, port: 80 } as never),
    /^bind: addr/,
  ],
  [
    'a detached buffer',
    ({ b }) => face.recv(b, detached()),
    /^recvfrom: buf must be a Uint8Array that is not detached, or null$/,
  ],
  [
    'a detached buffer among many messages',
    ({ a }) => face.sendmmsg(a, [{ iov: 'x' }, { iov: ['x', detached()] }]),
    /^sendmmsg: messages\[1\]\.iov must be a Uint8Array that is not detached, or an array of them$/,
  ],
  [
    'a descriptor above FD_SETSIZE',
    () => face.select(2000, new face.FdSet(), null, null, null),
    /^select: nfds must be an integer in -2147483648\.\.1024$/,
  ],
  [
    'an array instead of a set',
    ({ b }) => face.select(b + 1, [b] as unknown as FdSet, null, null, null),
    /^select: readfds must be an FdSet or null$/,
  ],
  [
    'milliseconds instead of a time',
    () => face.select(0, null, null, null, 100 as never),
    /^select: timeout must be \{ seconds, microseconds \} or null$/,
  ],
  [
    'a fraction of a second',
    () => face.ppoll([], { seconds: 0.5, nanoseconds: 0 }),
    /^ppoll: timeout\.seconds must be an integer in /,
  ],
  [
    'a control message without its kind',
    ({ a }) => face.sendmsg(a, { iov: 'x', control: [{ data: new Uint8Array(4) } as never] }),
    /^sendmsg: message\.control: .*level of a message must be a 32-bit integer$/,
  ],
  [
    'a message that is only its bytes',
    ({ b }) => face.recvmsg(b, new Uint8Array(4) as never),
    /^recvmsg: message must be an object with the buffers iov$/,
  ],
  [
    'a wrong name in many messages',
    ({ a }) => face.sendmmsg(a, [{ iov: 'x', name: inet(70_000) }]),
    /^sendmmsg: messages\[0\]\.name: sockaddr: port 70000 is not in 0\.\.65535$/,
  ],
  [
    'too much room for control messages',
    ({ b }) => face.recvmsg(b, { iov: new Uint8Array(1), controlSize: 2 ** 31 }),
    /^recvmsg: message\.controlSize must be an integer in 0\.\.1048576$/,
  ],
  [
    'the value of an option',
    ({ a }) => face.setsockopt(a, 1, 2, {} as never),
    /^setsockopt: value must be a number, a boolean, a string or a Uint8Array$/,
  ],
  [
    'a wrong descriptor of poll',
    () => face.poll([{ fd: 'stdin' as never, events: 1, revents: 0 }]),
    /^poll: fds\[0\]\.fd must be an integer$/,
  ],
  [
    'events of poll with more than 16 bits',
    () => face.poll([{ fd: 0, events: 0x10000, revents: 0 }]),
    /^poll: fds\[0\]\.events must be an integer in 0\.\.65535$/,
  ],
  [
    'data of epoll with a sign',
    ({ ep, a }) => face.epoll_ctl(ep, face.EPOLL_CTL_ADD, a, { events: 1, data: -1n }),
    /^epoll_ctl: event\.data must be an integer in 0\.\.2\*\*64-1$/,
  ],
  [
    'a struct request of ioctl without its struct',
    ({ a }) => face.ioctl(a, 0x8913, 5),
    /^ioctl: arg must be a Uint8Array/,
  ],
];

suite('what is said', () => {
  for (const [name, call, message] of told) {
    test(name, (t) => {
      const s = scene(t);
      const before = descriptors();
      assert.throws(
        () => call(s),
        (error: Error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError);
          assert.match(error.message, message);
          return true;
        },
      );
      assert.equal(descriptors(), before);
    });
  }
});
