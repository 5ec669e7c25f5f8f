import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenCalls } from '../../test/golden/net-values.ts';
import {
  absoluteName,
  fullNames,
  isDomainName,
  isKeptFromDNS,
  reverseName,
} from './domain-name.ts';
import { parseIP } from './ip.ts';

test('isDomainName: what Go refuses without asking is none', () => {
  const rows = goldenCalls<string | string[], unknown>('net_values.jsonl').filter(({ fn }) =>
    fn.startsWith('LookupHost'),
  );
  let refused = 0;
  for (const { in: name, err = '' } of rows) {
    if (typeof name !== 'string' || parseIP(name) !== null) continue;
    assert.equal(isDomainName(name), !err.endsWith(': no such host'), name);
    refused += Number(!isDomainName(name));
  }
  assert.ok(refused >= 3);
});

test('isDomainName: letters, digits, hyphens, underscores; lengths', () => {
  const label = 'a'.repeat(63);
  const long = `${`${label}.`.repeat(3)}${'b'.repeat(61)}`;
  assert.equal(long.length, 253);
  const valid = '. a A.b a. x_y _sip._tcp.a a--b 1a 1.a 0x1. xn--a.test'.split(' ');
  valid.push(label, `${label}.test`, long, `${long}.`);
  for (const name of valid) assert.ok(isDomainName(name), name);
  const invalid = '.. .a a..b -a a- a-.b a.-b 1 1.2 1.2. ä a\\.b *.a a/b a%b'.split(' ');
  invalid.push('', 'a b', 'a\0', `${label}a`, `${long}b`, `${long}b.`);
  for (const name of invalid) assert.ok(!isDomainName(name), name);
});

test('isKeptFromDNS: .onion, in any case, with and without a dot', () => {
  for (const name of ['a.onion', 'A.ONION.', 'onion', 'onion.'])
    assert.ok(isKeptFromDNS(name), name);
  for (const name of ['a.onion.test', 'xonion', 'a.onions']) assert.ok(!isKeptFromDNS(name), name);
});

test('fullNames: by dots and search domains', () => {
  const search = ['a.test.', 'b.test.'];
  for (const [name, ndots, names] of [
    ['x', 1, 'x.a.test. x.b.test. x.'],
    ['x.y', 1, 'x.y. x.y.a.test. x.y.b.test.'],
    ['x.y', 2, 'x.y.a.test. x.y.b.test. x.y.'],
    ['x', 0, 'x. x.a.test. x.b.test.'],
    ['x.', 5, 'x.'],
    ['x.onion', 1, ''],
  ] as const) {
    assert.equal(fullNames(name, ndots, search).join(' '), names);
  }
  assert.deepEqual(fullNames('x', 1, []), ['x.']);
  const long = `${'a'.repeat(60)}.`.repeat(4);
  assert.deepEqual(fullNames('x', 1, [`${long}abcdefg.`, `${long}abcdefghi.`]), [
    `x.${long}abcdefg.`,
    'x.',
  ]);
});

test('reverseName and absoluteName', () => {
  assert.equal(reverseName(parseIP('1.2.3.4')!), '4.3.2.1.in-addr.arpa.');
  assert.equal(reverseName(parseIP('::ffff:1.2.3.4')!), '4.3.2.1.in-addr.arpa.');
  // RFC 3596, section 2.5.
  const name = 'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa.';
  assert.equal(reverseName(parseIP('4321:0:1:2:3:4:567:89ab')!), name);
  assert.equal(absoluteName('a'), 'a.');
  assert.equal(absoluteName('a.'), 'a.');
  assert.equal(absoluteName(''), '.');
});
