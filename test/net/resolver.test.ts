/**
 * A Resolver beyond what it says: which server is asked when, for how long, how often; that lookups are
 * shared and given up; what is at fault in its options; that nothing stays open. Time passes by hand where
 * it matters.
 */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { suite, test } from 'node:test';
import { DNSError, lookupHost, lookupPort, Resolver as LinuxResolver } from '../../src/index.ts';
import { linux } from '../../src/kernel/linux.ts';
import type { NameService, QueryOptions, RecordType } from '../../src/kernel/name-service.ts';
import { Resolver } from '../../src/net/resolver.ts';
import type { ResolverOptions } from '../../src/net/resolver-options.ts';
import { zone } from './dns-zone.ts';
import { type Answer, FakeDNS } from './fake-dns.ts';
import { openSockets } from './machine.ts';
import { ManualClock } from './manual-clock.ts';
import { type NameFiles, named } from './named-system.ts';
import { deferred, failure, failures, stillWaiting, thrown } from './settling.ts';

interface Asked {
  readonly name: string;
  readonly type: RecordType;
  readonly options: QueryOptions;
}

/** What a scripted query ends with: records, an error code, or nothing at all. */
type Outcome = readonly unknown[] | string | null;

/** A Resolver whose queries are scripted, and what they were. */
function scripted(
  script: (asked: Asked) => Outcome | Promise<Outcome>,
  files: NameFiles = {},
  options: ResolverOptions = {},
): { resolver: Resolver; asked: Asked[]; clock: ManualClock; servers: () => string } {
  const clock = new ManualClock();
  const asked: Asked[] = [];
  const query = async (name: string, type: RecordType, query: QueryOptions): Promise<unknown> => {
    const question = { name, type, options: query };
    asked.push(question);
    const outcome = await script(question);
    if (outcome === null) return new Promise(() => {});
    if (typeof outcome === 'string') throw Object.assign(new Error(outcome), { code: outcome });
    return outcome;
  };
  const system = named({ query: query as NameService['query'] }, files, clock);
  const servers = (): string => asked.map(({ options: { server } }) => server).join(' ');
  return { resolver: new Resolver(system, options), asked, clock, servers };
}

const TWO = 'nameserver 10.0.0.1\nnameserver fd00::1\nsearch .\noptions attempts:2 timeout:3\n';

async function dnsFailure(promise: Promise<unknown>): Promise<DNSError> {
  const error = await failure(promise);
  assert.ok(error instanceof DNSError, String(error));
  return error;
}

suite('the servers', () => {
  test('one that fails is followed by the next, each as often as there are attempts', async () => {
    for (const [code, text, flags] of [
      ['ESERVFAIL', 'server misbehaving', [false, true, false]],
      ['EREFUSED', 'server misbehaving', [false, false, false]],
      ['ENOTIMP', 'server misbehaving', [false, false, false]],
      ['EFORMERR', 'server misbehaving', [false, false, false]],
      ['EBADRESP', 'cannot unmarshal DNS message', [false, false, false]],
      ['ECONNREFUSED', 'connection refused', [false, true, false]],
      ['ETIMEOUT', 'i/o timeout', [true, false, false]],
      ['EWHATEVER', 'server misbehaving', [false, true, false]],
    ] as const) {
      const { resolver, servers } = scripted(() => code, { resolvConf: TWO });
      const error = await dnsFailure(resolver.lookupMX('a.test'));
      assert.equal(error.message, `lookup a.test on [fd00::1]:53: ${text}`);
      assert.deepEqual([error.isTimeout, error.isTemporary, error.isNotFound], flags);
      assert.equal(error.server, '[fd00::1]:53');
      assert.equal(error.hostname, 'a.test');
      assert.equal(error.code, 'EAI_AGAIN');
      assert.equal((error.cause as { code: string }).code, code);
      assert.equal(servers(), '10.0.0.1:53 [fd00::1]:53 10.0.0.1:53 [fd00::1]:53');
    }
  });

  test('one that says that there is no such name is believed', async () => {
    for (const code of ['ENOTFOUND', 'ENODATA']) {
      const { resolver, servers } = scripted(() => code, { resolvConf: TWO });
      const error = await dnsFailure(resolver.lookupTXT('a.test'));
      assert.equal(error.message, 'lookup a.test on 10.0.0.1:53: no such host');
      assert.equal(error.isNotFound, true);
      assert.equal(error.code, 'ENOTFOUND');
      assert.equal(servers(), '10.0.0.1:53');
    }
  });

  test('the second one answers where the first does not', async () => {
    const answers = ({ options }: Asked): Outcome => {
      return options.server === '10.0.0.1:53' ? 'ESERVFAIL' : [['text']];
    };
    const { resolver, servers } = scripted(answers, { resolvConf: TWO });
    assert.deepEqual(await resolver.lookupTXT('a.test'), ['text']);
    assert.equal(servers(), '10.0.0.1:53 [fd00::1]:53');
  });

  test('a silent one has its time, by the clock of the System', async () => {
    const { resolver, servers, clock, asked } = scripted(() => null, { resolvConf: TWO });
    const looking = resolver.lookupTXT('a.test');
    for (let i = 1; i <= 4; i++) {
      assert.ok(await stillWaiting(looking));
      assert.equal(asked.length, i);
      assert.deepEqual(clock.pending, [3000]);
      assert.ok(clock.keepsAlive);
      assert.equal(asked[i - 1]!.options.signal.aborted, false);
      clock.advance(2999);
      assert.ok(await stillWaiting(looking));
      clock.advance(1);
    }
    const error = await dnsFailure(looking);
    assert.equal(error.message, 'lookup a.test on [fd00::1]:53: i/o timeout');
    assert.equal(error.isTimeout, true);
    assert.equal(servers(), '10.0.0.1:53 [fd00::1]:53 10.0.0.1:53 [fd00::1]:53');
    assert.ok(asked.every(({ options }) => options.signal.aborted && options.timeout === 3000));
    assert.deepEqual(clock.pending, []);
  });

  test('take turns if that is wanted', async () => {
    const { resolver, servers } = scripted(() => [['x']], {
      resolvConf: `${TWO}options rotate\n`,
    });
    for (let i = 0; i < 3; i++) await resolver.lookupTXT('a.test');
    assert.equal(servers(), '10.0.0.1:53 [fd00::1]:53 10.0.0.1:53');
  });

  test('are those of the options, with their timeout and attempts', async () => {
    const options = { servers: ['1.1.1.1', '[::1]:5353', '::2'], timeout: 70, attempts: 1 };
    const { resolver, servers, asked } = scripted(() => 'ESERVFAIL', { resolvConf: TWO }, options);
    assert.equal((await dnsFailure(resolver.lookupNS('a.test'))).server, '[::2]:53');
    assert.equal(servers(), '1.1.1.1:53 [::1]:5353 [::2]:53');
    assert.equal(asked[0]!.options.timeout, 70);
  });

  test('get both questions at once, or one after the other', async () => {
    for (const [resolvConf, first] of [
      ['nameserver 10.0.0.1\n', ['A', 'AAAA']],
      ['nameserver 10.0.0.1\noptions single-request\n', ['A']],
    ] as const) {
      const gate = deferred<Outcome>();
      const { resolver, asked } = scripted(() => gate.promise, { resolvConf });
      const looking = resolver.lookupHost('a.test');
      assert.ok(await stillWaiting(looking));
      assert.deepEqual(
        asked.map(({ type }) => type),
        first,
      );
      gate.resolve(['127.0.0.1']);
      assert.equal((await looking).length, 2);
      assert.equal(asked.length, 2);
    }
  });
});

suite('the same lookup at the same time', () => {
  test('is one', async () => {
    const gate = deferred<Outcome>();
    const { resolver, asked } = scripted(() => gate.promise, {}, { random: () => 0 });
    const looking = Array.from({ length: 20 }, () => resolver.lookupMX('a.test'));
    const other = resolver.lookupMX('b.test');
    assert.ok(await stillWaiting(...looking, other));
    assert.equal(asked.length, 2);
    gate.resolve([{ exchange: 'x.test', priority: 1 }]);
    const results = await Promise.all(looking);
    assert.equal(new Set(results).size, 20, 'each has a list of its own');
    await other;
    await resolver.lookupMX('a.test');
    assert.equal(asked.length, 3, 'nothing is kept');
  });

  test('goes on for the others when one gives up, and ends with the last', async () => {
    const { resolver, asked, clock } = scripted(() => null);
    const giveUp = [new AbortController(), new AbortController()];
    const looking = giveUp.map(({ signal }) => resolver.lookupHost('a.test', { signal }));
    const timed = resolver.lookupIPAddr('a.test', { timeout: 50 });
    assert.ok(await stillWaiting(...looking, timed));
    assert.equal(asked.length, 2, 'A and AAAA once');

    giveUp[0]!.abort();
    const error = await dnsFailure(looking[0]!);
    assert.equal(error.message, 'lookup a.test: operation was canceled');
    assert.deepEqual([error.code, error.timeout, error.temporary], ['ABORT_ERR', false, false]);
    assert.ok(await stillWaiting(looking[1]!, timed));
    assert.ok(asked.every(({ options }) => !options.signal.aborted));

    clock.advance(50);
    const late = await dnsFailure(timed);
    assert.equal(late.message, 'lookup a.test: i/o timeout');
    assert.deepEqual([late.timeout, late.temporary], [true, true]);
    assert.ok(await stillWaiting(looking[1]!));

    giveUp[1]!.abort();
    await dnsFailure(looking[1]!);
    assert.ok(await stillWaiting(new Promise(() => {})));
    assert.ok(asked.every(({ options }) => options.signal.aborted));
    assert.deepEqual(clock.pending, []);
    for (const { signal } of giveUp) assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  test('is a new one after all have given up', async () => {
    const outcomes: Outcome[] = [null, [['again']]];
    const { resolver, asked } = scripted(() => outcomes.shift()!);
    const giveUp = new AbortController();
    const first = resolver.lookupTXT('a.test', { signal: giveUp.signal });
    giveUp.abort();
    await dnsFailure(first);
    assert.deepEqual(await resolver.lookupTXT('a.test'), ['again']);
    assert.equal(asked.length, 2);
  });

  test('fails for all who wait', async () => {
    const { resolver, asked } = scripted(() => 'ENOTFOUND');
    const looking = Array.from({ length: 3 }, () => resolver.lookupNS('a.test'));
    for (const { message } of await failures(...looking)) {
      assert.equal(message, 'lookup a.test on 127.0.0.1:53: no such host');
    }
    assert.equal(asked.length, 3, 'a.test., a.test.dom.test. and a.test.other.test.');
  });

  test('does not begin for who has given up before', async () => {
    const { resolver, asked } = scripted(() => null);
    const error = await dnsFailure(resolver.lookupNS('a.test', { signal: AbortSignal.abort() }));
    assert.equal(error.message, 'lookup a.test: operation was canceled');
    const late = await dnsFailure(resolver.lookupNS('a.test', { timeout: -1 }));
    assert.equal(late.message, 'lookup a.test: i/o timeout');
    assert.deepEqual(asked, []);
  });
});

suite('whom a host name is looked up by', () => {
  async function found(files: NameFiles, options: ResolverOptions, host = 'name.test') {
    const system = named({ query: async () => ['127.0.0.2'] as never[] }, files);
    const names: NameService = { ...system.names, lookup: async () => ['127.0.0.3'] };
    const resolver = new Resolver({ ...system, names }, options);
    return (await resolver.lookupIP('ip4', host)).join(' ');
  }
  const hosts = '127.0.0.1 known.test\n';

  test('files, servers, or the system: as the machine wants, and as is preferred', async () => {
    const odd = { hosts, nsswitch: 'hosts: files resolve\n' };
    assert.equal(await found({ hosts }, {}), '127.0.0.2');
    assert.equal(await found({ hosts }, {}, 'known.test'), '127.0.0.1');
    assert.equal(await found({ hosts }, { prefer: 'system' }), '127.0.0.3');
    assert.equal(await found({ hosts }, { prefer: 'system' }, 'known.test'), '127.0.0.1');
    assert.equal(await found(odd, {}), '127.0.0.3');
    assert.equal(await found(odd, { prefer: 'dns' }), '127.0.0.2');
    assert.equal(await found(odd, { servers: ['1.1.1.1'] }), '127.0.0.2');
    const dnsFirst = { hosts, nsswitch: 'hosts: dns files\n' };
    assert.equal(await found(dnsFirst, {}, 'known.test'), '127.0.0.2');
    const filesOnly = { hosts, nsswitch: 'hosts: files\n' };
    const error = await dnsFailure(found(filesOnly, {}));
    assert.equal(error.message, 'lookup name.test: no such host');
    assert.equal(error.isNotFound, true);
  });

  test('the files when the servers, asked first, do not know', async () => {
    const { resolver } = scripted(() => 'ENOTFOUND', { hosts, nsswitch: 'hosts: dns files\n' });
    assert.deepEqual(await resolver.lookupHost('known.test'), ['127.0.0.1']);
    const error = await dnsFailure(resolver.lookupHost('other.test'));
    assert.equal(error.message, 'lookup other.test on 127.0.0.1:53: no such host');
  });

  test('nobody, if no such host can be', async () => {
    for (const prefer of ['dns', 'system'] as const) {
      const asked: string[] = [];
      const ask = async (name: string): Promise<never> => {
        asked.push(name);
        throw new Error('asked');
      };
      const resolver = new Resolver(named({ lookup: ask, query: ask }), { prefer });
      for (const host of ['', 'x.onion', 'X.ONION.', 'local\0host', 'a b', 'a\nb']) {
        const error = await dnsFailure(resolver.lookupHost(host));
        assert.equal(error.message, `lookup ${host}: no such host`);
      }
      assert.deepEqual(asked, []);
    }
  });

  test('getaddrinfo itself, of this machine', async () => {
    const resolver = new Resolver(named({}, { hosts: '' }), { prefer: 'system' });
    const addresses = await resolver.lookupHost('localhost');
    assert.ok(addresses.length > 0);
    for (const address of addresses) assert.match(address, /^(127\.0\.0\.1|::1)$/);
    const error = await dnsFailure(resolver.lookupHost('a..b'));
    assert.match(error.message, /^lookup a\.\.b: (no such host|server misbehaving)$/);
  });

  test('a System without servers says so where they are needed', async () => {
    const resolver = new Resolver(named({ query: null }));
    const error = await dnsFailure(resolver.lookupMX('a.test'));
    assert.equal(error.message, 'lookup a.test: linux asks no servers');
  });

  test('not without end', async () => {
    const clock = new ManualClock();
    const lookup = (): Promise<never> => new Promise(() => {});
    const resolver = new Resolver(named({ lookup }, {}, clock), { prefer: 'system' });
    const looking = resolver.lookupHost('a.test');
    assert.ok(await stillWaiting(looking));
    clock.advance(120_000);
    assert.equal((await dnsFailure(looking)).message, 'lookup a.test: i/o timeout');
    assert.deepEqual(clock.pending, []);
  });
});

suite('a real server', () => {
  test('that has other records than those asked for: none', async () => {
    await using dns = await FakeDNS.start(() => ({ records: ['CNAME other.test.'] }));
    const resolver = new Resolver(linux, { servers: [dns.server] });
    for (const lookup of ['lookupMX', 'lookupNS', 'lookupTXT', 'lookupHost'] as const) {
      const error = await dnsFailure(resolver[lookup]('a.test.'));
      assert.equal(error.message, `lookup a.test. on ${dns.server}: no such host`);
      assert.equal(error.isNotFound, true);
    }
    const service = await dnsFailure(resolver.lookupSRV('', '', 'a.test.'));
    assert.match(service.message, /: no such host$/);
  });

  const loop: Answer = { records: ['CNAME loop.test.', 'A 127.0.0.1'] };

  test('that is silent, refuses, cuts short or answers another question', async () => {
    const before = openSockets();
    {
      await using dns = await FakeDNS.start((question) => {
        if (question.name === 'wrong.test.') {
          return { wrongIdFirst: ['A 127.0.0.66'], records: ['A 127.0.0.6'] };
        }
        return question.name === 'loop.test.' ? loop : zone(question);
      });
      const options = { servers: [dns.server], attempts: 1, timeout: 100 };
      const resolver = new Resolver(named({}, { resolvConf: '' }), options);
      const silent = await dnsFailure(resolver.lookupHost('silent.test.'));
      assert.equal(silent.message, `lookup silent.test. on ${dns.server}: i/o timeout`);
      assert.equal(silent.timeout, true);
      assert.equal(dns.count('udp A silent.test.'), 1, 'c-ares does not ask again by itself');

      const patient = new Resolver(linux, { servers: [dns.server] });
      assert.deepEqual(await patient.lookupIP('ip4', 'wrong.test.'), ['127.0.0.6']);
      assert.deepEqual(await patient.lookupIP('ip4', 'big.test.'), ['127.0.0.5']);
      assert.equal(dns.count('tcp A big.test.'), 1);
      assert.match((await dnsFailure(patient.lookupCNAME('loop.test.'))).message, /misbehaving$/);

      const giveUp = new AbortController();
      const looking = patient.lookupTXT('silent.test.', { signal: giveUp.signal });
      assert.ok(await stillWaiting(looking));
      giveUp.abort();
      assert.equal((await dnsFailure(looking)).code, 'ABORT_ERR');
    }
    const nobody = await FakeDNS.start(zone);
    await nobody[Symbol.asyncDispose]();
    const refused = new Resolver(linux, { servers: [nobody.server], attempts: 1 });
    const error = await dnsFailure(refused.lookupTXT('a.test.'));
    assert.equal(error.message, `lookup a.test. on ${nobody.server}: connection refused`);
    assert.ok(await stillWaiting(new Promise(() => {})));
    assert.equal(openSockets(), before);
  });

  test('is not asked for the root in place of a name with broken punycode', async () => {
    await using dns = await FakeDNS.start(() => ({ rcode: 3 }));
    const resolver = new Resolver(linux, { servers: [dns.server], attempts: 1 });
    const error = await dnsFailure(resolver.lookupTXT('xn--zz.test.'));
    assert.equal(error.isNotFound, true);
    // Newer versions of Node ask for the name as it is.
    assert.ok(dns.questions.every((question) => question === 'udp TXT xn--zz.test.'));
  });
});

suite('what a mistake is told', () => {
  test('options of a Resolver', () => {
    for (const [options, text] of [
      [null, 'options must be an object'],
      [{ servers: [] }, 'option servers must be an array of 1 to 64 addresses'],
      [{ servers: '1.1.1.1' }, 'option servers must be an array of 1 to 64 addresses'],
      [{ timeout: 0 }, 'option timeout must be a positive number of milliseconds'],
      [{ timeout: Number.NaN }, 'option timeout must be a number of milliseconds'],
      [{ attempts: 0 }, 'option attempts must be an integer in 1..100'],
      [{ strictErrors: 1 }, 'option strictErrors must be true or false'],
      [{ prefer: 'cgo' }, "option prefer must be 'dns' or 'system'"],
      [{ random: 4 }, 'option random must be a function'],
    ] as const) {
      const error = thrown(() => new LinuxResolver(options as ResolverOptions));
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, `Resolver: ${text}`);
    }
    for (const server of ['dns.test', '1.1.1.1:0', '1.1.1.1:65536', '1.1.1.1:', '[::1', '']) {
      const error = thrown(() => new LinuxResolver({ servers: [server] }));
      const text = 'option servers must hold IP addresses with or without a port, not';
      assert.equal(error.message, `Resolver: ${text} ${server}`);
    }
  });

  test('arguments and options of a lookup', async () => {
    const wrong = (value: unknown): never => value as never;
    for (const [looking, text] of [
      [lookupHost(wrong(1)), 'lookupHost: host must be a string'],
      [lookupHost('a', wrong(null)), 'lookupHost: options must be an object'],
      [lookupHost('a', { signal: wrong(1) }), 'lookupHost: option signal must be an AbortSignal'],
      [
        lookupHost('a', { timeout: wrong('1') }),
        'lookupHost: option timeout must be a number of milliseconds',
      ],
      [lookupPort('tcp', wrong(80)), 'lookupPort: service must be a string'],
    ] as const) {
      const error = await failure(looking);
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, text);
    }
  });
});
