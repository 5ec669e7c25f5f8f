import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { chosenSeed, Random } from '../../test/native/random.ts';
import { Addr } from './addr.ts';
import { AddrPort } from './addr-port.ts';
import { parseAddr, parseAddrPort, parsePrefix } from './parse.ts';
import { Prefix } from './prefix.ts';

const texts = (items: Iterable<object>): string[] => Array.from(items, String);

test('a prefix keeps its address without zone', () => {
  const prefix = new Prefix(parseAddr('fe80::1%eth0'), 64);
  assert.equal(String(prefix), 'fe80::1/64');
  assert.equal(String(prefix.masked()), 'fe80::/64');
  assert.equal(inspect(prefix), 'Prefix { fe80::1/64 }');
  assert.equal(JSON.stringify([prefix]), '["fe80::1/64"]');
  for (const bits of [-1, 129, 0.5, NaN]) {
    const message = `Prefix: bits ${bits} is not in 0..128`;
    assert.throws(() => new Prefix(prefix.addr, bits), { name: 'RangeError', message });
  }
});

test('first, last and size', () => {
  const facts = (text: string): unknown[] => {
    const prefix = parsePrefix(text);
    return [String(prefix.first), String(prefix.last), prefix.size, prefix.isSingleIP];
  };
  assert.deepEqual(facts('10.1.2.3/8'), ['10.0.0.0', '10.255.255.255', 2n ** 24n, false]);
  assert.deepEqual(facts('0.0.0.0/0'), ['0.0.0.0', '255.255.255.255', 2n ** 32n, false]);
  assert.deepEqual(facts('1.2.3.4/32'), ['1.2.3.4', '1.2.3.4', 1n, true]);
  assert.deepEqual(facts('2001:db8::/33'), [
    '2001:db8::',
    '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff',
    2n ** 95n,
    false,
  ]);
  assert.deepEqual(facts('::/128'), ['::', '::', 1n, true]);
});

test('all addresses of a network, also of the last one there is', () => {
  const prefix = parsePrefix('10.0.0.255/30');
  assert.deepEqual(texts(prefix), ['10.0.0.252', '10.0.0.253', '10.0.0.254', '10.0.0.255']);
  assert.deepEqual(texts(parsePrefix('255.255.255.254/31')), [
    '255.255.255.254',
    '255.255.255.255',
  ]);
  assert.deepEqual(texts(parsePrefix('::1/128')), ['::1']);
  const endless = parsePrefix('::/0')[Symbol.iterator]();
  assert.equal(String(endless.next().value), '::');
  assert.equal(String(endless.next().value), '::1');
});

test('subnets', () => {
  const prefix = parsePrefix('192.168.1.1/24');
  assert.deepEqual(texts(prefix.subnets(26)), [
    '192.168.1.0/26',
    '192.168.1.64/26',
    '192.168.1.128/26',
    '192.168.1.192/26',
  ]);
  assert.deepEqual(texts(prefix.subnets(24)), ['192.168.1.0/24']);
  assert.deepEqual(texts(parsePrefix('0.0.0.0/0').subnets(1)), ['0.0.0.0/1', '128.0.0.0/1']);
  assert.equal(texts(parsePrefix('ff00::/8').subnets(16)).at(-1), 'ffff::/16');
  for (const bits of [23, 33, 25.5]) {
    const message = `Prefix.subnets: bits ${bits} is not in 24..32`;
    assert.throws(() => prefix.subnets(bits).next(), { name: 'RangeError', message });
  }
});

test('the order of a routing table', () => {
  const sorted =
    '0.0.0.0/0 10.0.0.0/8 10.0.0.1/8 10.0.0.0/16 10.1.0.0/16 ::/0 ::1/0 2001:db8::/32 2001:db8::/48'
      .split(' ')
      .map(parsePrefix);
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) {
      assert.equal(a.compare(b), Math.sign(i - j), `${String(a)} ${String(b)}`);
      assert.equal(a.equals(b), i === j);
    }
  }
});

/** An address as a number, and whether it is of IPv4: a second reckoning, by BigInt. */
function numberOf(addr: Addr): bigint {
  return BigInt(`0x${Buffer.from(addr.asSlice()).toString('hex')}`);
}

test('addresses and prefixes reckon as numbers do', (t) => {
  const seed = chosenSeed();
  t.diagnostic(`NETFD_SEED=${seed} repeats this`);
  const random = new Random(seed);
  const byte = (): number => random.pick([0, 255, random.below(256)]);
  for (let i = 0; i < 5000; i++) {
    const length = random.pick([4, 16]);
    const width = BigInt(length * 8);
    const [a, b] = [0, 0].map(
      () => Addr.fromSlice(Uint8Array.from({ length }, byte)) ?? assert.fail(),
    ) as [Addr, Addr];
    const [x, y] = [numberOf(a), numberOf(b)];
    const name = `${String(a)} ${String(b)}`;
    assert.equal(a.compare(b), x < y ? -1 : x > y ? 1 : 0, name);
    const [next, prev] = [a.next(), a.prev()];
    assert.equal(next && numberOf(next), x + 1n === 1n << width ? null : x + 1n, name);
    assert.equal(prev && numberOf(prev), x === 0n ? null : x - 1n, name);
    assert.equal(parseAddr(String(a)).equals(a), true, name);
    assert.equal(parseAddr(a.stringExpanded()).equals(a), true, name);

    const bits = random.below(length * 8 + 1);
    const hostBits = width - BigInt(bits);
    const prefix = new Prefix(a, bits);
    const first = (x >> hostBits) << hostBits;
    assert.equal(numberOf(prefix.first), first, `${name} ${bits}`);
    assert.equal(numberOf(prefix.last), first + prefix.size - 1n, `${name} ${bits}`);
    assert.equal(prefix.contains(b), x >> hostBits === y >> hostBits, `${name} ${bits}`);
    assert.equal(parsePrefix(String(prefix)).equals(prefix), true, name);
  }
});

test('text and other things in place of an address or a prefix are errors, not a no', () => {
  const prefix = parsePrefix('10.0.0.0/8');
  const addr = parseAddr('10.0.0.1');
  const port = parseAddrPort('10.0.0.1:80');
  for (const wrong of ['10.0.0.1', '10.0.0.0/8', null, undefined, 10, {}]) {
    const as = wrong as never;
    const calls: [string, () => unknown][] = [
      ['Prefix: addr must be an Addr', () => new Prefix(as, 8)],
      ['Prefix.contains: addr must be an Addr', () => prefix.contains(as)],
      ['Prefix.overlaps: other must be a Prefix', () => prefix.overlaps(as)],
      ['Prefix.compare: other must be a Prefix', () => prefix.compare(as)],
      ['Prefix.equals: other must be a Prefix', () => prefix.equals(as)],
      ['Addr.compare: other must be an Addr', () => addr.compare(as)],
      ['Addr.equals: other must be an Addr', () => addr.equals(as)],
      ['Addr.commonBits: other must be an Addr', () => addr.commonBits(as)],
      ['AddrPort.compare: other must be an AddrPort', () => port.compare(as)],
      ['AddrPort.equals: other must be an AddrPort', () => port.equals(as)],
    ];
    for (const [message, call] of calls) assert.throws(call, { name: 'TypeError', message });
  }
  const text = { name: 'TypeError', message: 'AddrPort: port must be a number' };
  assert.throws(() => new AddrPort(addr, '80' as never), text);
});
