import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { goldenRows } from '../../test/golden/net-values.ts';
import { linux } from '../kernel/linux.ts';
import { parseAddrPort } from '../netip/parse.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { encodeSockaddr } from '../syscall/sockaddr.ts';
import { fromIPv4, parseIP } from './ip.ts';
import { IPAddr } from './ip-addr.ts';
import { resolveIPAddr, resolveUDPAddr } from './resolve-addr.ts';
import { UDPAddr } from './udp-addr.ts';

const index = (name: string): number => (name === 'eth0' ? 7 : 0);

test('ResolveUDPAddr and ResolveIPAddr are Go’s', async () => {
  for (const row of goldenRows<[string, string], string>('ResolveUDPAddr')) {
    const resolved = resolveUDPAddr(linux, ...row.in);
    if (row.err === undefined) assert.equal(String(await resolved), row.out);
    else await assert.rejects(resolved, { message: row.err });
  }
  for (const row of goldenRows<[string, string], string>('ResolveIPAddr')) {
    const resolved = resolveIPAddr(linux, ...row.in);
    if (row.err === undefined) assert.equal(String(await resolved), row.out);
    else await assert.rejects(resolved, { message: row.err });
  }
});

test('resolving prefers IPv4, unless the text looks like IPv6; options', async () => {
  const resolver = { lookupHost: async () => ['::1', '127.0.0.1'] };
  assert.equal(String(await resolveUDPAddr(linux, '', 'both:53', { resolver })), '127.0.0.1:53');
  assert.equal(String(await resolveUDPAddr(linux, 'udp', '[both]:5', { resolver })), '[::1]:5');
  assert.equal(String(await resolveUDPAddr(linux, 'udp6', 'both:5', { resolver })), '[::1]:5');
  assert.equal(String(await resolveUDPAddr(linux, 'udp', ':53')), ':53');
  assert.equal(String(await resolveIPAddr(linux, 'ip6', 'both', { resolver })), '::1');
  await assert.rejects(resolveUDPAddr(linux, 'udp', 1 as never), {
    message: 'resolveUDPAddr: address must be a string',
  });
  await assert.rejects(resolveIPAddr(linux, 'ip', 'x', { signal: 1 as never }), TypeError);
});

test('text, parts and family', () => {
  const cases: [UDPAddr, string, number, wildcard: boolean, multicast: boolean][] = [
    [new UDPAddr('', 80), ':80', AF_INET, true, false],
    [new UDPAddr('0.0.0.0', 80), '0.0.0.0:80', AF_INET, true, false],
    [new UDPAddr('::', 0), '[::]:0', AF_INET6, true, false],
    [new UDPAddr('255.255.255.255', 1), '255.255.255.255:1', AF_INET, false, false],
    [new UDPAddr('::ffff:1.2.3.4', 1), '1.2.3.4:1', AF_INET, false, false],
    [new UDPAddr('fe80::1', 1, 'eth0'), '[fe80::1%eth0]:1', AF_INET6, false, false],
    [new UDPAddr('224.0.0.1', 9), '224.0.0.1:9', AF_INET, false, true],
    [new UDPAddr('240.0.0.1', 9), '240.0.0.1:9', AF_INET, false, false],
    [new UDPAddr('ff02::1', 9), '[ff02::1]:9', AF_INET6, false, true],
    [new UDPAddr(Uint8Array.of(200, 1, 2, 3), 7), '200.1.2.3:7', AF_INET, false, false],
  ];
  for (const [addr, text, family, wildcard, multicast] of cases) {
    assert.deepEqual([String(addr), addr.family], [text, family]);
    assert.deepEqual([addr.isWildcard, addr.isMulticast], [wildcard, multicast], text);
    assert.equal(addr.network, 'udp');
    assert.equal(inspect(addr), `UDPAddr { ${text} }`);
  }
});

test('what is no address is refused', () => {
  assert.throws(() => new UDPAddr('localhost', 80), { message: /invalid IP address/ });
  assert.throws(() => new UDPAddr('::1%lo', 80), { name: 'AddrError' });
  assert.throws(() => new UDPAddr(new Uint8Array(5), 80), { message: /4 or 16 bytes, not 5/ });
  assert.throws(() => new UDPAddr(1 as never, 80), { message: 'UDPAddr: ip must be a string' });
  for (const port of [-1, 65536, 1.5, Number.NaN]) {
    assert.throws(() => new UDPAddr('', port), { name: 'RangeError', message: /port/ });
  }
  assert.equal(UDPAddr.fromLiteral('localhost', 80), null);
  assert.equal(UDPAddr.fromLiteral('1.2.3.4%lo', 80), null);
  assert.equal(String(UDPAddr.fromLiteral('fe80::1%lo', 80)), '[fe80::1%lo]:80');
});

test('its sockaddr: made once for a family, anew for an interface', () => {
  const addr = new UDPAddr('1.2.3.4', 80);
  const inet = { family: AF_INET, addr: Uint8Array.of(1, 2, 3, 4), port: 80 } as const;
  assert.deepEqual(addr.sockaddr(AF_INET, index), encodeSockaddr(inet));
  assert.equal(addr.sockaddr(AF_INET, index), addr.sockaddr(AF_INET, index));
  const v6 = { family: AF_INET6, port: 80, flowinfo: 0, scopeId: 0 } as const;
  const mapped = encodeSockaddr({ ...v6, addr: fromIPv4(0x01020304) });
  assert.deepEqual(addr.sockaddr(AF_INET6, index), mapped);
  const any = encodeSockaddr({ ...v6, addr: new Uint8Array(16) });
  for (const text of ['', '0.0.0.0', '::']) {
    assert.deepEqual(new UDPAddr(text, 80).sockaddr(AF_INET6, index), any);
  }
  const local = new UDPAddr('fe80::1', 80, 'eth0');
  const scoped = encodeSockaddr({ ...v6, addr: parseIP('fe80::1')!, scopeId: 7 });
  assert.deepEqual(local.sockaddr(AF_INET6, index), scoped);
  assert.equal(local.sockaddr(AF_INET6, () => 8)[24], 8);
  const message = 'address ::1: non-IPv4 address';
  assert.throws(() => new UDPAddr('::1', 80).sockaddr(AF_INET, index), { message });
  assert.throws(() => addr.sockaddr(1, index), { message: /invalid address family/ });
});

test('from the kernel’s bytes, which it is sent to again', () => {
  const v6 = { family: AF_INET6, port: 443, flowinfo: 0, addr: parseIP('fe80::1')! } as const;
  const bytes = encodeSockaddr({ ...v6, scopeId: 3 });
  const addr = UDPAddr.fromSockaddr(bytes, bytes.length, (scope) => `if${scope}`)!;
  const copy = bytes.slice();
  bytes.fill(9);
  assert.equal(String(addr), '[fe80::1%if3]:443');
  assert.deepEqual(
    addr.sockaddr(AF_INET6, () => assert.fail('asked for the zone')),
    copy,
  );
  assert.equal(UDPAddr.fromSockaddr(Uint8Array.of(1, 0), 2, String), null);
  assert.equal(IPAddr.fromSockaddr(new Uint8Array(16), 0, String), null);
  assert.equal(String(IPAddr.fromSockaddr(copy, copy.length, String)), 'fe80::1%3');
});

test('equals, and netip', () => {
  const addr = new UDPAddr('1.2.3.4', 5);
  assert.ok(addr.equals(new UDPAddr('::ffff:1.2.3.4', 5)));
  assert.ok(!addr.equals(new UDPAddr('1.2.3.4', 6)));
  assert.ok(!new UDPAddr('', 5).equals(new UDPAddr('0.0.0.0', 5)));
  assert.ok(!new UDPAddr('fe80::1', 5, 'a').equals(new UDPAddr('fe80::1', 5, 'b')));
  for (const text of ['1.2.3.4:5', '[2001:db8::1]:65535', '[fe80::1%eth0]:9']) {
    const same = UDPAddr.fromAddrPort(parseAddrPort(text));
    assert.equal(String(same), text);
    assert.equal(String(same.addrPort()), text);
  }
  assert.equal(new UDPAddr('', 1).addrPort(), null);
  assert.throws(() => UDPAddr.fromAddrPort('1.2.3.4:5' as never), /must be an AddrPort/);
});
