import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { AddrError, DNSError, type NetError, ParseError, UnknownNetworkError } from './errors.ts';

test('texts and booleans are Go’s', () => {
  const made: Record<string, NetError> = {};
  for (const error of [
    new UnknownNetworkError('foo'),
    new DNSError('no such host', 'h', { server: '1.1.1.1:53', isNotFound: true }),
    new DNSError('i/o timeout', 'h', { isTimeout: true }),
    new DNSError('server misbehaving', 'h', { server: 's', isTemporary: true }),
    new AddrError('a', 'missing port in address'),
    new AddrError('', 'x'),
    new ParseError('IP address', 'zz'),
  ]) {
    made[error.message] = error;
  }
  const rows = goldenRows<string, { text: string; timeout: boolean; temporary: boolean }>('error');
  const types = /UnknownNetworkError|DNSError|AddrError|ParseError/;
  for (const { out } of rows.filter((row) => types.test(row.in))) {
    const error = made[out?.text ?? ''];
    assert.ok(error, `nothing says: ${out?.text}`);
    assert.equal(error.timeout, out?.timeout);
    assert.equal(error.temporary, out?.temporary);
  }
  assert.ok(made['address a: missing port in address'] && made['x']);
  assert.ok(made['invalid IP address: zz'] && made['lookup h: i/o timeout']);
});

test('each is an Error of its own name', () => {
  const error = new AddrError('a', 'missing port in address');
  assert.ok(error instanceof Error);
  assert.equal(String(error), 'AddrError: address a: missing port in address');
  assert.deepEqual([error.address, error.reason], ['a', 'missing port in address']);
  assert.equal(new UnknownNetworkError('x').network, 'x');
});

test('DNSError has Node’s code and hostname', () => {
  const error = new DNSError('no such host', 'a.test', { isNotFound: true });
  assert.deepEqual([error.code, error.hostname, error.server], ['ENOTFOUND', 'a.test', '']);
  assert.equal(new DNSError('server misbehaving', 'a.test').code, 'EAI_AGAIN');
});
