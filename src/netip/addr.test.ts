import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { goldenRows } from '../../test/golden/net-values.ts';
import {
  Addr,
  IPv4Unspecified,
  IPv6LinkLocalAllNodes,
  IPv6LinkLocalAllRouters,
  IPv6Loopback,
  IPv6Unspecified,
} from './addr.ts';
import { AddrPort } from './addr-port.ts';
import { parseAddr, parseAddrPort } from './parse.ts';

test('the kinds of addresses are those of Go’s net.IP', () => {
  for (const { in: text, out } of goldenRows<string, string[] | null>('IP.flags')) {
    const addr = parseAddr(text).unmap();
    const kinds = {
      unspecified: addr.isUnspecified,
      loopback: addr.isLoopback,
      private: addr.isPrivate,
      multicast: addr.isMulticast,
      interfacelocalmulticast: addr.isInterfaceLocalMulticast,
      linklocalmulticast: addr.isLinkLocalMulticast,
      linklocalunicast: addr.isLinkLocalUnicast,
      globalunicast: addr.isGlobalUnicast,
    };
    const found = Object.entries(kinds).flatMap(([kind, is]) => (is ? [kind] : []));
    assert.deepEqual(found.sort(), (out ?? []).sort(), text);
  }
});

test('the well-known addresses', () => {
  const addrs = { IPv4Unspecified, IPv6Unspecified, IPv6Loopback };
  const texts = Object.values({ ...addrs, IPv6LinkLocalAllNodes, IPv6LinkLocalAllRouters }).map(
    String,
  );
  assert.deepEqual(texts, ['0.0.0.0', '::', '::1', 'ff02::1', 'ff02::2']);
});

test('nothing changes an address: bytes are copied in and out', () => {
  const bytes = Uint8Array.of(10, 0, 0, 1);
  const addr = Addr.from4(bytes);
  bytes[0] = 11;
  addr.as4()[0] = 12;
  addr.asSlice()[0] = 13;
  addr.as16()[12] = 14;
  addr.unmap().as4()[0] = 15;
  assert.equal(String(addr), '10.0.0.1');
  const mapped = Addr.from16(addr.as16());
  mapped.unmap().asSlice()[0] = 16;
  mapped.as4()[0] = 17;
  assert.equal(String(mapped), '::ffff:10.0.0.1');
});

test('a part of a larger buffer is taken, and a Buffer', () => {
  const buffer = Buffer.from('ffffffff20010db8000000000000000000000001', 'hex');
  const addr = Addr.from16(buffer.subarray(4));
  assert.equal(String(addr), '2001:db8::1');
  assert.equal(addr.stringExpanded(), '2001:0db8:0000:0000:0000:0000:0000:0001');
  assert.equal(String(addr.unmap().next()), '2001:db8::2');
});

test('from bytes, with the right number of them', () => {
  assert.equal(String(Addr.fromSlice(Uint8Array.of(1, 2, 3, 4))), '1.2.3.4');
  assert.equal(String(Addr.fromSlice(new Uint8Array(16))), '::');
  for (const length of [0, 3, 5, 15, 17])
    assert.equal(Addr.fromSlice(new Uint8Array(length)), null);
  assert.throws(() => Addr.from4(new Uint8Array(16)), {
    name: 'RangeError',
    message: 'Addr.from4: an address has 4 bytes, not 16',
  });
  assert.throws(() => Addr.from16(new Uint8Array(4)), { name: 'RangeError' });
  const message = 'Addr.fromSlice: bytes must be a Uint8Array';
  assert.throws(() => Addr.fromSlice([1, 2, 3, 4] as never), { name: 'TypeError', message });
});

test('as4 is for IPv4 addresses', () => {
  assert.deepEqual(parseAddr('::ffff:1.2.3.4%eth0').as4(), Uint8Array.of(1, 2, 3, 4));
  assert.throws(() => parseAddr('::1').as4(), {
    name: 'RangeError',
    message: 'Addr.as4: ::1 is not an IPv4 address',
  });
});

test('zones', () => {
  const addr = parseAddr('fe80::1%eth0');
  assert.equal(addr.zone, 'eth0');
  assert.equal(String(addr.withoutZone()), 'fe80::1');
  assert.equal(String(addr.withZone('1').next()), 'fe80::2%1');
  assert.equal(addr.equals(addr.withoutZone()), false);
  assert.equal(String(parseAddr('1.2.3.4').withZone('eth0')), '1.2.3.4');
  assert.throws(() => addr.withZone(1 as never), {
    name: 'TypeError',
    message: 'Addr.withZone: zone must be a string',
  });
});

test('commonBits counts the bits at the beginning', () => {
  const common = (a: string, b: string): number => parseAddr(a).commonBits(parseAddr(b));
  assert.equal(common('10.0.0.0', '10.0.0.0'), 32);
  assert.equal(common('10.0.0.0', '10.0.0.1'), 31);
  assert.equal(common('0.0.0.0', '128.0.0.0'), 0);
  assert.equal(common('2001:db8::', '2001:db8:8000::%eth0'), 32);
  assert.equal(common('::1', '::1'), 128);
  assert.equal(common('::', '0.0.0.0'), 0);
});

test('withHostBits and prefix refuse bits that are not there', () => {
  const addr = parseAddr('10.1.2.3');
  assert.equal(String(addr.withHostBits(12, 1)), '10.15.255.255');
  for (const bits of [-1, 33, 1.5, NaN]) {
    assert.throws(() => addr.withHostBits(bits, 0), { name: 'RangeError' });
    assert.throws(() => addr.prefix(bits), { name: 'RangeError' });
  }
});

test('how addresses show themselves', () => {
  const addr = parseAddr('fe80::1%eth0');
  const addrPort = parseAddrPort('[fe80::1%eth0]:80');
  assert.equal(inspect(addr), 'Addr { fe80::1%eth0 }');
  assert.equal(inspect(addrPort), 'AddrPort { [fe80::1%eth0]:80 }');
  assert.equal(
    JSON.stringify({ addr, addrPort }),
    '{"addr":"fe80::1%eth0","addrPort":"[fe80::1%eth0]:80"}',
  );
});

test('an AddrPort has an address and a port, and an order', () => {
  const sorted = ['1.2.3.4:80', '1.2.3.4:443', '1.2.3.5:0', '[::]:80', '[::1]:9'].map(
    parseAddrPort,
  );
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) {
      assert.equal(a.compare(b), Math.sign(i - j), `${String(a)} ${String(b)}`);
      assert.equal(a.equals(b), i === j);
    }
  }
  const addr = parseAddr('::1');
  assert.equal(String(new AddrPort(addr, 65535)), '[::1]:65535');
  for (const port of [-1, 65536, 1.5, NaN]) {
    const message = `AddrPort: port ${port} is not in 0..65535`;
    assert.throws(() => new AddrPort(addr, port), { name: 'RangeError', message });
  }
  assert.throws(() => new AddrPort('::1' as never, 1), {
    name: 'TypeError',
    message: 'AddrPort: addr must be an Addr',
  });
});
