import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { lookupProtocol, parseNetwork, protocolName } from './ip-protocol.ts';

const PROTOCOLS = `
# name number aliases
ip\t0\tIP        # pseudo protocol
icmp  99  ICMP  echo
gre 47 GRE Generic-Routing generic-routing
IPComp 108
tail 6x alias-of-six
broken
nonumber x
huge 16777215
a-name-of-more-than-25-bytes 200
last 255`;

const read = (): string => PROTOCOLS;
const missing = (): null => null;

test('names are found in any case, those of the table before those of the file', () => {
  const numbers = {
    icmp: 1,
    ICMP: 1,
    igmp: 2,
    tcp: 6,
    udp: 17,
    'IPv6-ICMP': 58,
    echo: 99,
    gre: 47,
  };
  const others = { Gre: 47, 'Generic-Routing': 47, ip: 0, tail: 6, 'alias-of-six': 6, last: 255 };
  for (const [name, number] of Object.entries({ ...numbers, ...others })) {
    assert.equal(lookupProtocol(name, read), number, name);
  }
});

test('what is not known is an error with Go’s text', () => {
  const names = 'broken nonumber huge nosuch # icmp6 a-name-of-more-than-25-bytes 1 ıcmp'.split(
    ' ',
  );
  // A name that has capitals in the file cannot be found, as in Go.
  for (const name of [...names, 'IPComp', 'ipcomp']) {
    const message = `address ${name}: unknown IP protocol specified`;
    assert.throws(() => lookupProtocol(name, read), { name: 'AddrError', message });
  }
  const empty = { name: 'AddrError', message: 'unknown IP protocol specified' };
  assert.throws(() => lookupProtocol('', read), empty);
  assert.throws(() => lookupProtocol(1 as never, read), {
    name: 'TypeError',
    message: 'lookupProtocol: name must be a string',
  });
});

test('without the file the table serves', () => {
  assert.equal(lookupProtocol('Ipv6-Icmp', missing), 58);
  assert.throws(() => lookupProtocol('gre', missing), { name: 'AddrError' });
});

test('the file is read once, and not for a number', () => {
  let reads = 0;
  const counting = (): string => {
    reads++;
    return PROTOCOLS;
  };
  assert.equal(parseNetwork('ip4:47', true, counting).protocol, 47);
  assert.equal(reads, 0);
  assert.equal(parseNetwork('ip4:gre', true, counting).protocol, 47);
  assert.equal(protocolName(255, counting), 'last');
  assert.equal(reads, 1);
});

test('parseNetwork cuts network and protocol', () => {
  assert.deepEqual(parseNetwork('ip4:icmp', true, missing), { base: 'ip4', protocol: 1 });
  assert.deepEqual(parseNetwork('ip6:58', true, missing), { base: 'ip6', protocol: 58 });
  assert.deepEqual(parseNetwork('ip:0300', true, missing), { base: 'ip', protocol: 300 });
  for (const network of 'tcp tcp4 tcp6 udp udp4 udp6 unix unixgram unixpacket'.split(' ')) {
    assert.deepEqual(parseNetwork(network, true, missing), { base: network, protocol: 0 });
  }
  for (const network of ['ip', 'ip4', 'ip6']) {
    assert.deepEqual(parseNetwork(network, false, missing), { base: network, protocol: 0 });
  }
});

test('parseNetwork refuses what is no network', () => {
  for (const network of [
    'ip',
    'ip4',
    '',
    'sctp',
    'tcp:6',
    'l2tp:gre',
    'ip4:icmp:1',
    ':',
    'IP4:1',
  ]) {
    const expected = { name: 'UnknownNetworkError', message: `unknown network ${network}` };
    assert.throws(() => parseNetwork(network, true, missing), expected);
  }
  for (const protocol of ['', 'nosuch', '-1', '+1', '1 ', '16777215']) {
    const message = `${protocol && `address ${protocol}: `}unknown IP protocol specified`;
    const expected = { name: 'AddrError', message };
    assert.throws(() => parseNetwork(`ip4:${protocol}`, true, missing), expected);
  }
});

test('the networks of Go’s ResolveIPAddr', () => {
  for (const row of goldenRows<[string, string], string>('ResolveIPAddr')) {
    const [network] = row.in;
    const parse = (): unknown => parseNetwork(network, false, missing);
    if (row.err === undefined) parse();
    else if (network !== 'tcp') assert.throws(parse, { message: row.err });
  }
});

test('protocolName finds the first name', () => {
  assert.equal(protocolName(1, read), 'icmp');
  assert.equal(protocolName(99, read), 'icmp');
  assert.equal(protocolName(108, read), 'IPComp');
  assert.equal(protocolName(58, missing), 'ipv6-icmp');
  assert.equal(protocolName(250, read), null);
});

test('the machine’s own file says what getent says', (t) => {
  const { stdout, error } = spawnSync('getent', ['protocols'], { encoding: 'utf8' });
  if (error !== undefined) {
    t.skip(`no getent here: ${error.message}`);
    return;
  }
  const own = (): string => readFileSync('/etc/protocols', 'utf8');
  const entries = stdout.trimEnd().split('\n');
  for (const entry of entries.filter((line) => line !== '')) {
    const [name = '', number] = entry.split(/\s+/);
    if (/[A-Z]/.test(name)) continue;
    assert.equal(lookupProtocol(name, own), Number(number), entry);
  }
});
