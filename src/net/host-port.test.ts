import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { joinHostPort, splitHostPort, splitHostZone } from './host-port.ts';

test('splitHostPort is Go’s SplitHostPort', () => {
  for (const row of goldenRows<string, [string, string]>('SplitHostPort')) {
    if (row.err === undefined) assert.deepEqual(splitHostPort(row.in), row.out);
    else assert.throws(() => splitHostPort(row.in), { name: 'AddrError', message: row.err });
  }
});

test('splitHostPort gives the place where a bracket is not expected', () => {
  const wrong: [string, string][] = [
    ['[a]:[b]', "address [a]:[b]: unexpected '[' in address"],
    ['[a]:b]', "address [a]:b]: unexpected ']' in address"],
    ['[a]b:80', 'address [a]b:80: missing port in address'],
    ['[a:80', "address [a:80: missing ']' in address"],
    ['foo[bar]:baz', "address foo[bar]:baz: unexpected '[' in address"],
    ['[foo:bar]', 'address [foo:bar]: missing port in address'],
    ['[foo:bar]baz', 'address [foo:bar]baz: missing port in address'],
    ['::1', 'address ::1: too many colons in address'],
  ];
  for (const [text, message] of wrong) assert.throws(() => splitHostPort(text), { message });
  assert.deepEqual(splitHostPort('[::1%lo0]:80'), ['::1%lo0', '80']);
});

test('joinHostPort is Go’s JoinHostPort', () => {
  for (const { in: parts, out } of goldenRows<[string, string], string>('JoinHostPort')) {
    assert.equal(joinHostPort(...parts), out);
  }
  assert.equal(joinHostPort('fe80::1%lo', 80), '[fe80::1%lo]:80');
});

test('splitHostZone cuts at the last percent sign', () => {
  assert.deepEqual(splitHostZone('fe80::1%eth0'), ['fe80::1', 'eth0']);
  assert.deepEqual(splitHostZone('fe80::1%'), ['fe80::1', '']);
  assert.deepEqual(splitHostZone('a%b%c'), ['a%b', 'c']);
  assert.deepEqual(splitHostZone('%eth0'), ['%eth0', '']);
  assert.deepEqual(splitHostZone(''), ['', '']);
});
