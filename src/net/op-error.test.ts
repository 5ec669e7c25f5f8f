import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenPath, goldenRows } from '../../test/golden/net-values.ts';
import {
  EAGAIN,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINTR,
  EINVAL,
  EMFILE,
  ENETUNREACH,
  EPIPE,
  ETIMEDOUT,
} from '../syscall/errno.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { AF_INET } from '../syscall/socket.ts';
import { AddrError, DNSError, UnknownNetworkError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { OpError } from './op-error.ts';
import { lookupPort } from './service-port.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UnixAddr } from './unix-addr.ts';

const a = new TCPAddr('127.0.0.1', 1);
const b = new TCPAddr('::1', 2);
const netErrors = readFileSync(goldenPath('net_errors.txt'), 'utf8');
const closed = new Error('use of closed network connection');
const late = Object.assign(new Error('i/o timeout'), { timeout: true, temporary: true });
const sys = (call: string, errno: number): SyscallError => new SyscallError(call, -errno);

test('texts and booleans are Go’s', () => {
  const errors = [
    new OpError('dial', 'tcp', null, a, sys('connect', ECONNREFUSED)),
    new OpError('dial', 'tcp', a, b, sys('connect', ETIMEDOUT)),
    new OpError('read', 'tcp', a, b, late),
    new OpError('read', 'tcp', a, b, sys('read', ECONNRESET)),
    new OpError('write', 'tcp', a, b, sys('write', EPIPE)),
    new OpError('accept', 'tcp', null, a, sys('accept4', EMFILE)),
    new OpError('accept', 'tcp', null, a, sys('', ECONNABORTED)),
    new OpError('accept', 'tcp', null, a, sys('accept4', ECONNABORTED)),
    new OpError('accept', 'tcp', null, a, closed),
    new OpError('close', 'tcp', a, null, closed),
    new OpError('set', '', null, null, closed),
    new OpError('write', 'udp', null, null, sys('', EAGAIN)),
    new OpError('write', 'udp', null, null, sys('', EINTR)),
  ];
  const made = new Map(errors.map((error) => [error.message, error]));
  const rows = goldenRows<string, { text: string; timeout: boolean; temporary: boolean }>('error');
  const opErrors = rows.filter((row) => row.in === '*net.OpError');
  assert.ok(opErrors.length >= 8);
  for (const { out } of opErrors) {
    const error = made.get(out?.text ?? '');
    assert.ok(error, `nothing says: ${out?.text}`);
    assert.equal(error.timeout, out?.timeout, error.message);
    assert.equal(error.temporary, out?.temporary, error.message);
  }
});

function caught(failing: () => unknown): Error {
  try {
    failing();
  } catch (error) {
    return error as Error;
  }
  return assert.fail('should have failed');
}

test('texts of operations that failed before any connection are Go’s', () => {
  const missing = new AddrError('', 'missing address');
  const toIPv4 = (): unknown => b.toSockaddr(AF_INET, () => 0);
  const udp = new AddrError(':0', 'unexpected address type');
  const bind = sys('bind', EINVAL);
  const long = /^Listen\(unix, 200.* unix (\S+): /m.exec(netErrors)?.[1] ?? '';
  const dial1 = (cause: Error): OpError => new OpError('dial', 'tcp', null, a, cause);
  const port = caught(() => lookupPort('tcp', '99999', () => null));
  const split = (text: string): Error => caught(() => splitHostPort(text));
  const listen = (cause: Error): OpError => new OpError('listen', 'tcp', null, null, cause);
  const one6 = new TCPAddr('::1', 1);
  const errors: [string, OpError][] = [
    ['Listen(tcp, 127.0.0.1)', listen(split('127.0.0.1'))],
    ['Listen(tcp, x:y:z)', listen(split('x:y:z'))],
    [
      'Listen(tcp7, :0)',
      new OpError('listen', 'tcp7', null, null, new UnknownNetworkError('tcp7')),
    ],
    ['Listen(udp, :0)', new OpError('listen', 'udp', null, new TCPAddr('', 0), udp)],
    ['Listen(unix, 200-byte path)', new OpError('listen', 'unix', null, new UnixAddr(long), bind)],
    ['ListenUnix(unix, nil)', new OpError('listen', 'unix', null, null, missing)],
    ['Dial(tcp, "")', new OpError('dial', 'tcp', null, null, missing)],
    ['Dial(tcp, 127.0.0.1:99999)', new OpError('dial', 'tcp', null, null, port)],
    [
      'DialTCP(udp, nil, addr)',
      new OpError('dial', 'udp', null, a, new UnknownNetworkError('udp')),
    ],
    ['DialTCP(tcp4, nil, v6 raddr)', new OpError('dial', 'tcp4', null, one6, caught(toIPv4))],
    [
      'DialTCP(tcp, v6 laddr, v4 raddr)',
      new OpError('dial', 'tcp', new TCPAddr('::1', 0), a, sys('connect', ENETUNREACH)),
    ],
    ['DialContext(cancelled)', dial1(new Error('operation was canceled'))],
  ];
  for (const [name, error] of errors) {
    const line = netErrors.split('\n').find((text) => text.startsWith(`${name}  `));
    const flags = `[timeout=${error.timeout} temporary=${error.temporary}]`;
    assert.ok(line?.includes(` ${error.message} ${flags}`), `${name}: ${error.message}`);
  }
});

test('a connection that is gone before it was accepted is temporary, if no call is named', () => {
  const accept = (cause: Error): OpError => new OpError('accept', 'tcp', null, a, cause);
  assert.equal(accept(sys('', ECONNABORTED)).temporary, true);
  assert.equal(accept(sys('', ECONNRESET)).temporary, true);
  assert.equal(accept(sys('accept4', ECONNABORTED)).temporary, false);
  assert.equal(new OpError('read', 'tcp', null, a, sys('', ECONNRESET)).temporary, false);
});

test('has Node’s fields', () => {
  const cause = sys('connect', ECONNREFUSED);
  const error = new OpError('dial', 'tcp', null, a, cause);
  assert.ok(error instanceof Error);
  assert.equal(error.cause, cause);
  assert.deepEqual([error.code, error.errno, error.syscall], ['ECONNREFUSED', -111, 'connect']);
  assert.deepEqual([error.address, error.port], ['127.0.0.1', 1]);
  assert.equal(String(error), 'OpError: dial tcp 127.0.0.1:1: connect: connection refused');
});

test('fields that the cause or the address has not are undefined', () => {
  const error = new OpError('accept', 'unix', null, null, closed);
  const { code, errno, syscall, address, port } = error;
  assert.deepEqual([code, errno, syscall, address, port], Array(5).fill(undefined));
  const unix = new OpError('dial', 'unix', null, new UnixAddr('/a'), sys('connect', 2));
  assert.deepEqual([unix.code, unix.address, unix.port], ['ENOENT', '/a', undefined]);
});

test('a cause that is an OpError or not of a system call', () => {
  const inner = new OpError('write', 'tcp', a, b, sys('write', EPIPE));
  const outer = new OpError('readfrom', 'tcp', a, b, inner);
  assert.equal(
    outer.message,
    'readfrom tcp 127.0.0.1:1->[::1]:2: write tcp 127.0.0.1:1->[::1]:2: write: broken pipe',
  );
  assert.deepEqual([outer.code, outer.syscall], ['EPIPE', 'write']);
  const lookup = new DNSError('no such host', 'h.test', { isNotFound: true });
  const dial = new OpError('dial', 'tcp', null, null, lookup);
  assert.equal(dial.message, 'dial tcp: lookup h.test: no such host');
  assert.equal(dial.code, 'ENOTFOUND');
  const listen = new OpError('listen', 'tcp', null, null, new AddrError('', 'missing address'));
  assert.equal(listen.message, 'listen tcp: missing address');
});
