import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { IPAddr, parseAddresses } from './ip-addr.ts';

test('text, family, zone', () => {
  for (const [text, ip, zone, family] of [
    ['127.0.0.1', '127.0.0.1', '', AF_INET],
    ['::ffff:1.2.3.4', '1.2.3.4', '', AF_INET],
    ['FE80::1%eth0', 'fe80::1', 'eth0', AF_INET6],
    ['::', '::', '', AF_INET6],
  ] as const) {
    const addr = IPAddr.parse(text)!;
    assert.deepEqual([addr.ip, addr.zone, addr.family], [ip, zone, family]);
    assert.equal(String(addr), zone === '' ? ip : `${ip}%${zone}`);
    assert.equal(inspect(addr), `IPAddr { ${String(addr)} }`);
    assert.equal(addr.network, 'ip');
    assert.ok(addr.equals(new IPAddr(ip, zone)));
    assert.ok(!addr.equals(new IPAddr('9.9.9.9')));
  }
});

test('what is no literal', () => {
  for (const text of ['', 'localhost', '1.2.3', '1.2.3.4%lo', '[::1]', '::1:80.', '%lo']) {
    assert.equal(IPAddr.parse(text), null, text);
  }
  assert.deepEqual(parseAddresses(['::1', 'x', '1.2.3.4']).map(String), ['::1', '1.2.3.4']);
  assert.throws(() => new IPAddr('x'), {
    name: 'AddrError',
    message: 'address x: invalid IP address',
  });
  assert.throws(() => new IPAddr(1 as never), { message: 'IPAddr: ip must be a string' });
  const any = new IPAddr('');
  assert.deepEqual([String(any), any.bytes, any.family], ['', null, AF_INET]);
});
