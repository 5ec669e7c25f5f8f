import assert from 'node:assert/strict';
import { test } from 'node:test';
import { named } from '../../test/net/named-system.ts';
import { dnsConfig, parseResolvConf, searchDomains } from './resolv-conf.ts';

const DEFAULTS = {
  servers: ['127.0.0.1:53', '[::1]:53'],
  search: null,
  ndots: 1,
  timeout: 5000,
  attempts: 2,
  rotate: false,
  singleRequest: false,
  isOdd: false,
};

test('without a file, or with nothing in it, there are defaults', () => {
  for (const text of [
    '',
    '\n\n',
    '# nameserver 1.1.1.1\n;options rotate\n',
    'nameserver\ndomain\n',
  ]) {
    assert.deepEqual(parseResolvConf(text), DEFAULTS);
  }
});

test('servers: three, and literals only', () => {
  const servers = (text: string): readonly string[] => parseResolvConf(text).servers;
  assert.deepEqual(
    servers('nameserver 1.1.1.1\n nameserver\t::1 x\r\nnameserver fe80::1%lo\nnameserver 9.9.9.9'),
    ['1.1.1.1:53', '[::1]:53', '[fe80::1%lo]:53'],
  );
  assert.deepEqual(servers('nameserver dns.test\nnameserver 1.1.1\n'), DEFAULTS.servers);
});

test('search: the last line counts; a dot for none', () => {
  const search = (text: string): readonly string[] | null => parseResolvConf(text).search;
  assert.deepEqual(search('search a.test b.test.\n'), ['a.test.', 'b.test.']);
  assert.deepEqual(search('search a.test\ndomain b.test c.test\n'), ['b.test.']);
  assert.deepEqual(search('search .\n'), []);
  assert.equal(search('search a.test\nsearch\n'), null);
});

test('options, within limits', () => {
  const parsed = (options: string): object => parseResolvConf(`options ${options}\n`);
  const all = 'ndots:3 timeout:7 attempts:4 rotate single-request';
  assert.deepEqual(parsed(all), {
    ...DEFAULTS,
    ndots: 3,
    timeout: 7000,
    attempts: 4,
    rotate: true,
    singleRequest: true,
  });
  assert.deepEqual(parsed('ndots:99 timeout:99 attempts:99'), {
    ...DEFAULTS,
    ndots: 15,
    timeout: 30_000,
    attempts: 5,
  });
  assert.deepEqual(parsed('ndots:-1 timeout:0 attempts:x single-request-reopen'), {
    ...DEFAULTS,
    ndots: 0,
    timeout: 1000,
    attempts: 1,
    singleRequest: true,
  });
  for (const text of ['options use-vc', 'options edns0 inet6', 'sortlist 1.1.1.1', 'lookup file']) {
    assert.equal(parseResolvConf(text).isOdd, true, text);
  }
});

test('short names are looked for in the domain of the machine if the file does not say where', () => {
  const search = (resolvConf: string, hostname: string): readonly string[] => {
    const system = named({}, { resolvConf, hostname });
    return searchDomains(system, dnsConfig(system));
  };
  assert.deepEqual(search('', 'web.example.test\n'), ['example.test.']);
  for (const hostname of ['web\n', 'web.', '']) assert.deepEqual(search('', hostname), []);
  assert.deepEqual(search('search a.test\n', 'web.example.test\n'), ['a.test.']);
  assert.deepEqual(search('search .\n', 'web.example.test\n'), []);
});
