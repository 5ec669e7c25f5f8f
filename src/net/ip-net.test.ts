import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { goldenRows } from '../../test/golden/net-values.ts';
import { parseAddr, parsePrefix } from '../netip/parse.ts';
import { IPNet, parseCIDR } from './ip-net.ts';

test('parseCIDR is Go’s ParseCIDR', () => {
  for (const row of goldenRows<string, [string, string, string]>('ParseCIDR')) {
    if (row.out === undefined) {
      const expected = { name: 'ParseError', message: row.err, type: 'CIDR address', text: row.in };
      assert.throws(() => parseCIDR(row.in), expected);
      continue;
    }
    const [addr, network] = parseCIDR(row.in);
    const mask = Buffer.from(network.mask).toString('hex');
    assert.deepEqual([String(addr.unmap()), String(network), mask], row.out);
  }
});

test('parseCIDR refuses what only looks like one', () => {
  for (const text of [
    '',
    '/',
    '/8',
    '::1%lo/64',
    '1.2.3.4/8/8',
    '1.2.3.4/+8',
    '1.2.3.4/-1',
    '::/ 8',
  ]) {
    assert.throws(() => parseCIDR(text), { message: `invalid CIDR address: ${text}` });
  }
  const message = 'parseCIDR: text must be a string';
  assert.throws(() => parseCIDR(undefined as never), { name: 'TypeError', message });
});

test('IPNet.contains is Go’s', () => {
  for (const { in: args, out } of goldenRows<[string, string], boolean>('IPNet.Contains')) {
    const [, network] = parseCIDR(args[0]);
    assert.equal(network.contains(parseAddr(args[1])), out, args.join(' '));
  }
});

test('an IPv4 address is the same in both forms', () => {
  const network = new IPNet(parsePrefix('::ffff:10.1.2.3/104'));
  assert.equal(String(network), '10.1.2.3/8');
  assert.equal(network.ip, '10.1.2.3');
  for (const text of ['10.9.9.9', '::ffff:10.9.9.9', '::ffff:10.9.9.9%eth0']) {
    assert.equal(network.contains(parseAddr(text)), true, text);
  }
  assert.equal(network.contains(parseAddr('11.0.0.0')), false);
  assert.equal(network.contains(parseAddr('::a09:909')), false);
  assert.equal(new IPNet(parsePrefix('fe80::1/10')).contains(parseAddr('fe80::9%eth0')), true);
});

test('an IPNet keeps the address, and shows itself', () => {
  const network = new IPNet(parsePrefix('127.0.0.1/8'));
  assert.equal(network.network, 'ip+net');
  assert.equal(inspect(network), 'IPNet { 127.0.0.1/8 }');
  assert.throws(() => new IPNet('127.0.0.1/8' as never), { name: 'TypeError' });
});
