import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { lookupPort, parsePort, serviceName } from './service-port.ts';

const SERVICES = `
# name  port/protocol  aliases
http    80/tcp  www   # the web
HTTP-Alt 8080/tcp webcache http-alt
ssh     2222/tcp
broken
broken2 tcp
zero    0/tcp
huge    99999/tcp
noproto 5
nfs\t2049/udp\tNFSD
sctp-x  7/sctp
last    9/tcp`;

test('lookupPort is Go’s LookupPort', () => {
  for (const row of goldenRows<[string, string], number>('LookupPort')) {
    const look = (): number => lookupPort(...row.in, () => SERVICES);
    if (row.err === undefined) assert.equal(look(), row.out);
    else assert.throws(look, { name: 'AddrError', message: row.err });
  }
});

test('the file counts more than the built-in table, and case does not count', () => {
  const look = (network: string, service: string): number =>
    lookupPort(network, service, () => SERVICES);
  assert.equal(look('tcp', 'ssh'), 2222);
  assert.equal(look('tcp', 'https'), 443);
  assert.equal(look('tcp6', 'WWW'), 80);
  assert.equal(look('tcp4', 'http-alt'), 8080);
  assert.equal(look('tcp', 'Http-Alt'), 8080);
  assert.equal(look('udp4', 'nfsd'), 2049);
  assert.equal(look('tcp', 'last'), 9);
  for (const service of ['#', 'name', 'broken', 'broken2', 'zero', 'huge', 'noproto', 'sctp-x']) {
    assert.throws(() => look('tcp', service), { message: `address tcp/${service}: unknown port` });
  }
});

test('without the file the built-in table serves', () => {
  assert.equal(
    lookupPort('tcp', 'http', () => null),
    80,
  );
  const message = 'address tcp/www: unknown port';
  assert.throws(() => lookupPort('tcp', 'www', () => null), { message });
});

test('a file that cannot be read, for want of descriptors, is read the next time', () => {
  const texts = [null, null, SERVICES];
  const read = (): string | null => texts.shift()!;
  for (let i = 0; i < 2; i++) {
    assert.equal(lookupPort('tcp', 'https', read), 443);
    assert.equal(texts.length, 2 - i);
  }
  assert.equal(lookupPort('tcp', 'webcache', read), 8080);
  assert.equal(lookupPort('tcp', 'webcache', read), 8080);
  assert.deepEqual(texts, []);
});

test('the file is read once, and not for a number', () => {
  let reads = 0;
  const reader = (): string => {
    reads++;
    return SERVICES;
  };
  assert.equal(lookupPort('tcp', '80', reader), 80);
  assert.equal(reads, 0);
  assert.equal(lookupPort('tcp', 'www', reader), 80);
  assert.equal(lookupPort('udp', 'nfs', reader), 2049);
  assert.equal(reads, 1);
});

test('a network is looked at only for a name', () => {
  const message = 'address sctp: unknown network';
  assert.throws(() => lookupPort('sctp', 'http', () => null), { message });
  assert.equal(
    lookupPort('sctp', '80', () => null),
    80,
  );
});

test('parsePort takes decimal numbers as Go does', () => {
  const numbers = { '': 0, '0': 0, '080': 80, '+80': 80, '-1': -1, '99999999999': 99999999999 };
  for (const [text, port] of Object.entries(numbers)) assert.equal(parsePort(text), port, text);
  for (const name of ['80x', ' 80', '0x50', '1e3', '+', '-', '٣', '8_0']) {
    assert.equal(parsePort(name), null, name);
  }
});

test('serviceName finds the first name of a port, in the file before the table', () => {
  const name = (network: string, port: number): string | null =>
    serviceName(network, port, () => `${SERVICES}\nother 9/tcp\nphone-home 443/tcp\n`);
  assert.equal(name('tcp', 80), 'http');
  assert.equal(name('tcp6', 8080), 'HTTP-Alt');
  assert.equal(name('udp4', 2049), 'nfs');
  assert.equal(name('tcp', 9), 'last');
  assert.equal(name('tcp', 443), 'phone-home');
  assert.equal(name('udp', 53), 'domain');
  assert.equal(name('udp', 80), null);
  assert.equal(name('tcp', 99999), null);
  const missing = (): null => null;
  assert.equal(serviceName('tcp', 22, missing), 'ssh');
  const message = 'address sctp: unknown network';
  assert.throws(() => serviceName('sctp', 80, missing), { name: 'AddrError', message });
});
