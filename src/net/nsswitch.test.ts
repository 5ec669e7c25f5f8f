import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type NameFiles, named } from '../../test/net/named-system.ts';
import { lookupOrder, parseHostSources } from './nsswitch.ts';

function order(files: NameFiles, host = 'a.test', prefer?: 'dns' | 'system'): string {
  return lookupOrder(named({}, files), host, prefer).join(' ');
}

const hosts = (sources: string): NameFiles => ({ nsswitch: `passwd: files\nhosts: ${sources}\n` });

suite('where a host name is looked up', () => {
  test('as nsswitch.conf says, if it is plain', () => {
    for (const [sources, expected] of [
      ['files dns', 'files dns'],
      ['dns files # dns', 'dns files'],
      ['files', 'files'],
      ['dns', 'dns'],
      ['files\tdns\tfiles', 'files dns'],
      ['files mdns4_minimal [NOTFOUND=return] dns', 'files dns'],
      ['files [SUCCESS=return UNAVAIL=continue] dns [NOTFOUND=return]', 'files dns'],
      ['files[notfound=continue]dns', 'files dns'],
      ['files dns myhostname', 'files dns'],
    ] as const) {
      assert.equal(order(hosts(sources)), expected, sources);
    }
    assert.equal(order({ nsswitch: '' }), 'files dns', 'no such line');
  });

  test('by the system if it is not, or by the servers if they are preferred', () => {
    for (const sources of [
      'files resolve [!UNAVAIL=return] dns',
      'files [NOTFOUND=return] dns',
      'files [SUCCESS=continue] dns',
      'files [SUCCESS=merge] dns',
      'files [!NOTFOUND=continue] dns',
      'files [WHATEVER=return] dns',
      'mdns',
      'files [NOTFOUND=return dns',
      'files ] dns',
      '[NOTFOUND=return] dns',
      'files [NOTFOUND=return] [UNAVAIL=return] dns',
      'compat',
    ]) {
      assert.equal(order(hosts(sources)), 'files system', sources);
      assert.equal(order(hosts(sources), 'a.test', 'dns'), 'files dns', sources);
    }
    assert.equal(order({ nsswitch: 'hosts files\n' }), 'files system', 'no colon');
    assert.equal(order(hosts('files dns'), 'a.test', 'system'), 'files system');
  });

  test('by the system if resolv.conf or the environment want it', () => {
    assert.equal(order({ resolvConf: 'options use-vc\n' }), 'files system');
    const special = named({ setElsewhere: true });
    assert.deepEqual(lookupOrder(special, 'a.test', undefined), ['files', 'system']);
    assert.deepEqual(lookupOrder(special, 'a.test', 'dns'), ['files', 'dns']);
    const without = named({ query: null });
    assert.deepEqual(lookupOrder(without, 'a.test', 'dns'), ['files', 'system']);
  });

  test('by the system for names that only it knows', () => {
    for (const host of ['printer.local', 'PRINTER.LOCAL.', 'a%b', 'a\\b']) {
      assert.equal(order({}, host), 'files system', host);
    }
    const own = { ...hosts('files dns myhostname'), hostname: 'Web.test\n' };
    for (const host of [
      'localhost',
      'a.localhost',
      'localhost.localdomain.',
      '_gateway',
      'web.TEST',
    ]) {
      assert.equal(order(own, host), 'files system', host);
    }
    for (const host of ['a.test', 'notlocalhost', 'web'])
      assert.equal(order(own, host), 'files dns');
    const mdns = { ...hosts('files mdns4 dns'), mdnsAllow: '.test\n' };
    assert.equal(order(mdns), 'files system');
  });
});

test('parseHostSources takes the lines for hosts, wherever they are', () => {
  const names = (text: string): string | undefined =>
    parseHostSources(text)
      ?.map(({ name, isStandard }) => (isStandard ? name : `${name}!`))
      .join(' ');
  assert.equal(names('  hosts :  files  dns\n'), 'files dns');
  assert.equal(names('#hosts: files\nhostsx: nis\n\n'), '');
  assert.equal(names('hosts: files [NOTFOUND=return] dns [NOTFOUND=return]'), 'files! dns');
});
