/** netfd/syscall on the real kernel: sockets themselves, their addresses and options. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  accept,
  accept4,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  bind,
  close,
  connect,
  F_GETFD,
  F_GETFL,
  fcntl,
  FD_CLOEXEC,
  getpeername,
  getsockname,
  getsockopt,
  IPPROTO_TCP,
  isSockaddrInet6,
  listen,
  O_NONBLOCK,
  pipe2,
  recv,
  send,
  setsockopt,
  SHUT_WR,
  shutdown,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  socket,
  SOL_SOCKET,
  SyscallError,
  TCP_CONGESTION,
  TCP_NODELAY,
} from '../../src/syscall.ts';
import {
  closing,
  failure,
  inet,
  listening,
  pathOf,
  portOf,
  tcpPair,
  text,
  unix,
  unixPair,
} from './sockets.ts';

const STREAM = SOCK_STREAM | SOCK_CLOEXEC;

test('socket, bind, listen, connect, accept: a connection over TCP', (t) => {
  const [listener, port] = listening(t);
  const [client] = closing(t, socket(AF_INET, STREAM));
  connect(client, inet(port));
  const { fd, addr } = accept(listener);
  closing(t, fd);
  assert.deepEqual(addr, inet(portOf(client)));
  assert.deepEqual(getsockname(fd), inet(port));
  assert.deepEqual(getpeername(fd), inet(portOf(client)));
  assert.equal(send(client, 'hello'), 5);
  const buf = new Uint8Array(16);
  assert.equal(recv(fd, buf), 5);
  assert.equal(text(buf, 5), 'hello');
  shutdown(client, SHUT_WR);
  assert.equal(recv(fd, buf), 0);
});

test('accept takes no flags, accept4 does', (t) => {
  const [listener, port] = listening(t);
  const [one, two] = closing(t, socket(AF_INET, STREAM), socket(AF_INET, STREAM));
  connect(one, inet(port));
  connect(two, inet(port));
  const [plain] = closing(t, accept(listener).fd);
  assert.deepEqual([fcntl(plain, F_GETFD), fcntl(plain, F_GETFL) & O_NONBLOCK], [0, 0]);
  const [flagged] = closing(t, accept4(listener, SOCK_NONBLOCK | SOCK_CLOEXEC).fd);
  assert.equal(fcntl(flagged, F_GETFD), FD_CLOEXEC);
  assert.equal(fcntl(flagged, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  assert.throws(() => accept4(listener, 1), failure('accept4', 'EINVAL', { fd: listener }));
});

test('an IPv6 address keeps its fields', (t) => {
  const [fd] = closing(t, socket(AF_INET6, STREAM));
  const loopback = new Uint8Array(16);
  loopback[15] = 1;
  bind(fd, { family: AF_INET6, addr: loopback, port: 0, flowinfo: 0, scopeId: 0 });
  const addr = getsockname(fd);
  assert.ok(isSockaddrInet6(addr) && addr.port > 0);
  assert.deepEqual(addr.addr, loopback);
});

suite('unix sockets', () => {
  test('by path: who has no name has an empty one', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'socket');
    const [listener, client] = closing(t, socket(AF_UNIX, STREAM), socket(AF_UNIX, STREAM));
    bind(listener, unix(path));
    listen(listener, 1);
    connect(client, unix(path));
    const { fd, addr } = accept(listener);
    closing(t, fd);
    assert.equal(pathOf(addr), '');
    assert.equal(pathOf(getsockname(listener)), path);
    assert.equal(pathOf(getpeername(client)), path);
  });

  test('an abstract name, and one that the kernel chooses', (t) => {
    const name = `\0netfd-calls-${process.pid}`;
    const [a, b] = closing(t, socket(AF_UNIX, STREAM), socket(AF_UNIX, STREAM));
    bind(a, unix(name));
    assert.equal(pathOf(getsockname(a)), name);
    bind(b, unix(''));
    assert.match(pathOf(getsockname(b)) ?? '', /^\0[0-9a-f]{5}$/);
  });

  test('socketpair: both are connected, and keep records apart', (t) => {
    const [a, b] = unixPair(t, SOCK_SEQPACKET);
    send(a, 'one');
    send(a, 'two');
    const buf = new Uint8Array(16);
    assert.equal(recv(b, buf), 3);
    assert.equal(text(buf, 3), 'one');
  });
});

suite('addresses as bytes', () => {
  test('are cut where there is no room for more', (t) => {
    const [fd, port] = listening(t);
    assert.deepEqual(getsockname(fd, 16), inet(port));
    const data = Uint8Array.of(port >> 8, port & 0xff);
    assert.deepEqual(getsockname(fd, 4), { family: AF_INET, data });
    assert.deepEqual(getsockname(fd, 0), { family: 0, data: new Uint8Array(0) });
  });

  test('a negative addrlen is the kernel’s to refuse, which accept does too late', (t) => {
    const [listener, port] = listening(t);
    const [client, second] = closing(t, socket(AF_INET, STREAM), socket(AF_INET, STREAM));
    const invalid = (call: string): object => failure(call, 'EINVAL', { fd: listener });
    assert.throws(() => getsockname(listener, -1), invalid('getsockname'));
    assert.throws(() => getpeername(client, -1), failure('getpeername', 'ENOTCONN'));
    connect(client, inet(port));
    assert.throws(() => getpeername(client, -0x80000000), failure('getpeername', 'EINVAL'));
    assert.throws(() => accept(listener, -1), invalid('accept'));
    // The connection was taken and closed: what is accepted next is the next one.
    assert.equal(recv(client, new Uint8Array(1)), 0);
    connect(second, inet(port));
    assert.throws(() => accept4(listener, SOCK_CLOEXEC, -1), invalid('accept4'));
    assert.equal(recv(second, new Uint8Array(1)), 0);
    for (const addrlen of [1.5, -0x80000001, 129]) {
      assert.throws(() => accept(listener, addrlen), {
        name: 'RangeError',
        message: 'accept: addrlen must be an integer in -2147483648..128',
      });
    }
  });

  test('are passed as they are, and addrlen may say less or nonsense', (t) => {
    const [fd] = closing(t, socket(AF_INET, STREAM));
    const bytes = Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    assert.throws(() => bind(fd, bytes, 15), failure('bind', 'EINVAL', { fd }));
    assert.throws(() => bind(fd, bytes, -1), failure('bind', 'EINVAL'));
    assert.throws(() => bind(fd, null, 16), failure('bind', 'EFAULT', { fd }));
    assert.throws(() => bind(fd, bytes, 17), { name: 'RangeError', message: /^bind: addrlen/ });
    const padded = new Uint8Array(128);
    padded.set(bytes);
    bind(fd, padded);
    assert.ok(portOf(fd) > 0);
  });
});

suite('errors have what matters', () => {
  test('bind: address and port, and Go’s text', (t) => {
    const [listener, port] = listening(t);
    const [fd] = closing(t, socket(AF_INET, STREAM));
    assert.throws(() => bind(fd, inet(port)), {
      ...failure('bind', 'EADDRINUSE', { errno: -98, fd, address: '127.0.0.1', port }),
      message: 'bind: address already in use',
    });
    assert.ok(listener !== fd);
  });

  test('as own properties, which is what is printed', (t) => {
    const [fd] = closing(t, socket(AF_INET, STREAM));
    const [listener, port] = listening(t);
    close(listener);
    try {
      connect(fd, inet(port));
      assert.fail('connected to nobody');
    } catch (error) {
      assert.ok(error instanceof SyscallError);
      const { syscall, errno, code } = error;
      assert.deepEqual([syscall, errno, code], ['connect', -111, 'ECONNREFUSED']);
      const own = ['name', 'syscall', 'errno', 'code', 'fd', 'address', 'port'];
      assert.deepEqual(Object.keys(error), own);
      const { fd: on, address, port: to } = error;
      assert.deepEqual([on, address, to], [fd, '127.0.0.1', port]);
    }
  });

  test('an IPv6 address as it is written, with its zone', (t) => {
    const type = SOCK_DGRAM | SOCK_CLOEXEC;
    const [fd, other] = closing(t, socket(AF_INET6, type), socket(AF_INET6, type));
    const addr = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab);
    const to = { family: AF_INET6, addr, port: 9, flowinfo: 0, scopeId: 0x7fffffff } as const;
    assert.throws(() => bind(fd, to), { syscall: 'bind', address: 'fe80::ab%2147483647', port: 9 });
    const mapped = {
      ...to,
      scopeId: 0,
      addr: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4),
    };
    assert.throws(() => bind(other, mapped), {
      code: 'EADDRNOTAVAIL',
      address: '1.2.3.4',
      port: 9,
    });
  });

  test('a path, and an abstract name with "@"', (t) => {
    const [fd] = closing(t, socket(AF_UNIX, STREAM));
    const nowhere = '/nonexistent/socket';
    assert.throws(
      () => connect(fd, unix(nowhere)),
      failure('connect', 'ENOENT', { path: nowhere }),
    );
    const name = `\0netfd-nobody-${process.pid}`;
    const path = `@netfd-nobody-${process.pid}`;
    assert.throws(() => connect(fd, unix(name)), failure('connect', 'ECONNREFUSED', { path }));
  });

  test('what was asked for', () => {
    const type = SOCK_SEQPACKET;
    const details = { domain: AF_INET, type, protocol: 0 };
    assert.throws(() => socket(AF_INET, type), failure('socket', 'ESOCKTNOSUPPORT', details));
    assert.throws(() => listen(-1, 5), failure('listen', 'EBADF', { fd: -1, backlog: 5 }));
  });

  test('level and optname', (t) => {
    const [fd] = closing(t, socket(AF_INET, STREAM));
    const details = { fd, level: SOL_SOCKET, optname: 9999 };
    const unknown = (call: string): object => failure(call, 'ENOPROTOOPT', details);
    assert.throws(() => setsockopt(fd, SOL_SOCKET, 9999, 1), unknown('setsockopt'));
    assert.throws(() => getsockopt(fd, SOL_SOCKET, 9999), unknown('getsockopt'));
  });
});

test('a nonblocking connect is in progress, and SO_ERROR tells how it ended', (t) => {
  const [, port] = listening(t);
  const [fd] = closing(t, socket(AF_INET, STREAM | SOCK_NONBLOCK));
  const details = { fd, address: '127.0.0.1', port, timeout: false };
  assert.throws(() => connect(fd, inet(port)), failure('connect', 'EINPROGRESS', details));
  assert.equal(getsockopt(fd, SOL_SOCKET, SO_ERROR), 0);
});

suite('options', () => {
  test('ints and booleans', (t) => {
    const [fd] = closing(t, socket(AF_INET, STREAM));
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, true);
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 0);
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR), 0);
  });

  test('by name, with values of their own', (t) => {
    const [fd] = closing(t, socket(AF_INET, STREAM));
    setsockopt(fd, 'TCP_NODELAY', true);
    assert.equal(getsockopt(fd, 'TCP_NODELAY'), true);
    setsockopt(fd, 'SO_LINGER', 5);
    assert.equal(getsockopt(fd, 'SO_LINGER'), 5);
    const TCP_CLOSE = 7;
    assert.equal(getsockopt(fd, 'TCP_INFO').tcpi_state, TCP_CLOSE);
    assert.throws(() => setsockopt(fd, 'SO_LINGER', 'x' as never), /^(Type|Range)Error: SO_LINGER/);
    assert.throws(() => getsockopt(fd, 'NO_OPTION' as never), TypeError);
    const [pipe] = closing(t, ...pipe2());
    const details = { fd: pipe, level: IPPROTO_TCP, optname: TCP_NODELAY, option: 'TCP_NODELAY' };
    const none = failure('getsockopt', 'ENOTSOCK', details);
    assert.throws(() => getsockopt(pipe, 'TCP_NODELAY'), none);
  });

  test('text and structs', (t) => {
    const [fd] = closing(t, socket(AF_INET, STREAM));
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, 'reno');
    const name = getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, 16);
    assert.equal(text(name).replace(/\0+$/, ''), 'reno');
    const linger = new Uint8Array(Int32Array.of(1, 30).buffer);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, linger);
    assert.deepEqual(getsockopt(fd, SOL_SOCKET, SO_LINGER, 8), linger);
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_LINGER, 100).length, 8);
  });
});

test('shutdown is for all who have the socket', (t) => {
  const [client, server] = tcpPair(t);
  shutdown(server, SHUT_WR);
  assert.equal(recv(client, new Uint8Array(1)), 0);
  assert.throws(() => send(server, 'x'), failure('send', 'EPIPE', { fd: server }));
});
