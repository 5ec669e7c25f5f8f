import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { type SockaddrInet, type SockaddrInet6, encodeSockaddr } from '../syscall/sockaddr.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { UnknownNetworkError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { parseAddrPort } from '../netip/parse.ts';
import { fromIPv4, parseIP } from './ip.ts';
import { lookupPort } from './service-port.ts';
import { TCPAddr } from './tcp-addr.ts';

const noZone = (): never => assert.fail('no zone was to be asked for');

/** What resolving does when there is no name to look up; null if there is one. */
function literalAddr(network: string, text: string): TCPAddr | null {
  if (!['', 'tcp', 'tcp4', 'tcp6'].includes(network)) throw new UnknownNetworkError(network);
  if (text === '') return new TCPAddr('', 0);
  const [host, service] = splitHostPort(text);
  return TCPAddr.fromLiteral(
    host,
    lookupPort(network || 'tcp', service, () => null),
  );
}

test('literals are Go’s ResolveTCPAddr', () => {
  type Result = { str: string; iplen: number; port: number; zone: string };
  let names = 0;
  for (const row of goldenRows<[string, string], Result>('ResolveTCPAddr')) {
    if (row.err !== undefined && !row.err.startsWith('lookup ')) {
      assert.throws(() => literalAddr(...row.in), { message: row.err });
      continue;
    }
    const addr = literalAddr(...row.in);
    if (addr === null) {
      names++;
      continue;
    }
    const { port, zone } = addr;
    const iplen = addr.bytes?.length ?? 0;
    assert.deepEqual({ str: String(addr), iplen, port, zone }, row.out);
  }
  assert.equal(names, 3); // localhost, "a b" and 300.1.2.3 are for the resolver
});

test('text, parts and family', () => {
  const cases: [TCPAddr, string, string, number, wildcard: boolean][] = [
    [new TCPAddr('', 80), ':80', '', AF_INET, true],
    [new TCPAddr('0.0.0.0', 80), '0.0.0.0:80', '0.0.0.0', AF_INET, true],
    [new TCPAddr('::', 0), '[::]:0', '::', AF_INET6, true],
    [new TCPAddr('127.0.0.1', 1), '127.0.0.1:1', '127.0.0.1', AF_INET, false],
    [new TCPAddr('255.255.255.255', 1), '255.255.255.255:1', '255.255.255.255', AF_INET, false],
    [new TCPAddr('::ffff:1.2.3.4', 1), '1.2.3.4:1', '1.2.3.4', AF_INET, false],
    [new TCPAddr('2001:DB8::A', 1), '[2001:db8::a]:1', '2001:db8::a', AF_INET6, false],
    [new TCPAddr('fe80::1', 1, 'eth0'), '[fe80::1%eth0]:1', 'fe80::1', AF_INET6, false],
    [
      TCPAddr.fromIPv4(0xfffefdfc, 65535),
      '255.254.253.252:65535',
      '255.254.253.252',
      AF_INET,
      false,
    ],
    [TCPAddr.fromIPv4(0, 5), '0.0.0.0:5', '0.0.0.0', AF_INET, true],
  ];
  for (const [addr, text, ip, family, wildcard] of cases) {
    assert.deepEqual([String(addr), addr.ip, addr.family], [text, ip, family]);
    assert.equal(addr.isWildcard, wildcard, text);
    assert.equal(addr.network, 'tcp');
    assert.deepEqual(addr.bytes, ip === '' ? null : parseIP(ip));
  }
});

test('what is no address is refused', () => {
  assert.throws(() => new TCPAddr('localhost', 80), { name: 'AddrError' });
  assert.throws(() => new TCPAddr('::1%lo', 80), { name: 'AddrError' });
  assert.throws(() => new TCPAddr(1 as never, 80), { message: 'TCPAddr: ip must be a string' });
  assert.throws(() => new TCPAddr('', 80, 1 as never), {
    message: 'TCPAddr: zone must be a string',
  });
  for (const port of [-1, 65536, 1.5, Number.NaN]) {
    assert.throws(() => new TCPAddr('', port), { name: 'RangeError', message: /port/ });
  }
  assert.throws(() => TCPAddr.fromBytes(new Uint8Array(5), 80), RangeError);
  assert.equal(TCPAddr.fromLiteral('localhost', 80), null);
  assert.equal(TCPAddr.fromLiteral('1.2.3.4%lo', 80), null);
});

test('to a sockaddr of the socket’s family', () => {
  const index = (name: string): number => (name === 'eth0' ? 7 : 0);
  const v6 = { family: AF_INET6, port: 80, flowinfo: 0, scopeId: 0 };
  const any6 = { ...v6, addr: new Uint8Array(16) };
  for (const text of ['', '0.0.0.0', '::']) {
    assert.deepEqual(new TCPAddr(text, 80).toSockaddr(AF_INET6, index), any6);
  }
  const any4 = { family: AF_INET, addr: new Uint8Array(4), port: 80 };
  assert.deepEqual(new TCPAddr('', 80).toSockaddr(AF_INET, index), any4);
  const v4 = new TCPAddr('1.2.3.4', 80);
  const addr = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(v4.toSockaddr(AF_INET, index), { family: AF_INET, addr, port: 80 });
  assert.deepEqual(v4.toSockaddr(AF_INET6, index), { ...v6, addr: fromIPv4(0x01020304) });
  const local = new TCPAddr('fe80::1', 80, 'eth0');
  const scoped = { ...v6, addr: parseIP('fe80::1'), scopeId: 7 };
  assert.deepEqual(local.toSockaddr(AF_INET6, index), scoped);
  const message = 'address ::1: non-IPv4 address';
  assert.throws(() => new TCPAddr('::1', 80).toSockaddr(AF_INET, index), { message });
  assert.throws(() => v4.toSockaddr(1, index), { message: /invalid address family/ });
});

test('from a sockaddr', () => {
  const v6 = { family: AF_INET6, port: 443, flowinfo: 0, scopeId: 0 } as const;
  const cases: [SockaddrInet | SockaddrInet6, string][] = [
    [{ family: AF_INET, addr: Uint8Array.of(200, 1, 2, 3), port: 443 }, '200.1.2.3:443'],
    [{ ...v6, addr: fromIPv4(0xc8010203) }, '200.1.2.3:443'],
    [{ ...v6, addr: parseIP('::1') ?? assert.fail() }, '[::1]:443'],
    [{ ...v6, addr: parseIP('fe80::1') ?? assert.fail(), scopeId: 3 }, '[fe80::1%if3]:443'],
  ];
  for (const [sa, text] of cases) {
    const zoneName = text.includes('%') ? (index: number): string => `if${index}` : noZone;
    const encoded = encodeSockaddr(sa);
    const fromBuffer = TCPAddr.fromSockaddr(encoded, encoded.length, zoneName);
    assert.equal(String(fromBuffer), text);
    assert.ok(fromBuffer?.equals(new TCPAddr(sa.addr, sa.port, fromBuffer.zone)));
  }
  assert.equal(TCPAddr.fromSockaddr(Uint8Array.of(1, 0), 2, noZone), null);
  assert.equal(TCPAddr.fromSockaddr(new Uint8Array(112), 0, noZone), null);
});

test('does not keep the buffer it came from', () => {
  const buf = encodeSockaddr({ family: AF_INET, addr: Uint8Array.of(1, 2, 3, 4), port: 5 });
  const addr = TCPAddr.fromSockaddr(buf, buf.length, noZone);
  buf.fill(9);
  assert.equal(String(addr), '1.2.3.4:5');
});

test('bytes that are given to the constructor are copied', () => {
  const bytes = new Uint8Array(16).fill(0x20);
  const addr = new TCPAddr(bytes, 5);
  bytes.fill(9);
  assert.equal(addr.ip, '2020:2020:2020:2020:2020:2020:2020:2020');
});

test('equals', () => {
  const addr = new TCPAddr('1.2.3.4', 5);
  assert.ok(addr.equals(TCPAddr.fromIPv4(0x01020304, 5)));
  assert.ok(addr.equals(new TCPAddr('::ffff:1.2.3.4', 5)));
  assert.ok(!addr.equals(new TCPAddr('1.2.3.4', 6)));
  assert.ok(!addr.equals(new TCPAddr('1.2.3.5', 5)));
  assert.ok(!new TCPAddr('', 5).equals(new TCPAddr('0.0.0.0', 5)));
  assert.ok(!new TCPAddr('fe80::1', 5, 'a').equals(new TCPAddr('fe80::1', 5, 'b')));
});

test('as a value of netip and back', () => {
  for (const text of [
    '127.0.0.1:80',
    '0.0.0.0:0',
    '[::]:1',
    '[2001:db8::1]:65535',
    '[fe80::1%eth0]:9',
  ]) {
    const addr = TCPAddr.fromAddrPort(parseAddrPort(text));
    assert.equal(String(addr), text);
    assert.equal(String(addr.addrPort()), text);
  }
  const mapped = TCPAddr.fromAddrPort(parseAddrPort('[::ffff:10.0.0.1%eth0]:80'));
  assert.equal(String(mapped), '10.0.0.1:80');
  assert.equal(mapped.family, AF_INET);
  assert.equal(String(mapped.addrPort()), '10.0.0.1:80');
  assert.equal(String(TCPAddr.fromIPv4(0x7f000001, 80).addrPort()), '127.0.0.1:80');
  assert.equal(new TCPAddr('', 80).addrPort(), null);
  assert.throws(() => TCPAddr.fromAddrPort('1.2.3.4:80' as never), {
    name: 'TypeError',
    message: 'TCPAddr.fromAddrPort: addrPort must be an AddrPort',
  });
});
