import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { AF_UNIX } from '../syscall/socket.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('is the name it was made of', () => {
  for (const { in: made, out } of goldenRows<[UnixNetwork, string], string>('ResolveUnixAddr')) {
    const addr = new UnixAddr(made[1], made[0]);
    assert.equal(String(addr), out);
    assert.equal(addr.network, made[0]);
  }
  assert.equal(new UnixAddr('/a').network, 'unix');
});

test('an at sign is a NUL byte to the kernel', () => {
  const cases: [name: string, path: Uint8Array, printed: string][] = [
    ['/tmp/é.sock', bytes('/tmp/é.sock'), '/tmp/é.sock'],
    ['@name', bytes('\0name'), '@name'],
    ['@', bytes('\0'), '@'],
    ['', bytes(''), '@'], // an unnamed socket, as Go prints it on Linux
    ['@a\0b', bytes('\0a\0b'), '@a\0b'],
  ];
  for (const [name, path, printed] of cases) {
    assert.deepEqual(new UnixAddr(name).toSockaddr(), { family: AF_UNIX, path });
    const addr = UnixAddr.fromSockaddr({ family: AF_UNIX, path }, 'unixgram');
    assert.deepEqual([addr.name, addr.network, String(addr)], [name, 'unixgram', printed]);
    assert.ok(addr.equals(new UnixAddr(name, 'unixgram')));
    assert.ok(!addr.equals(new UnixAddr(name, 'unix')));
  }
});

test('a path that is not UTF-8 goes back to the kernel as it came', () => {
  const path = Uint8Array.of(0x2f, 0xff, 0xfe);
  const addr = UnixAddr.fromSockaddr({ family: AF_UNIX, path }, 'unix');
  assert.equal(addr.name, '/\ufffd\ufffd');
  assert.deepEqual(addr.toSockaddr().path, path);
});

test('isAbstract', () => {
  const abstract = ['@x', '@', '/x', './@x', ''].map((name) => new UnixAddr(name).isAbstract);
  assert.deepEqual(abstract, [true, true, false, false, false]);
});
