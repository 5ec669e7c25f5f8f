/** The option `resolver` of dial and listen: our own Resolver, somebody else's, and what is neither. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dial, DNSError, type HostResolver, listen, Resolver } from '../../src/index.ts';
import { zone } from './dns-zone.ts';
import { FakeDNS } from './fake-dns.ts';
import { failure, stillWaiting, thrown } from './settling.ts';

function giving(...addresses: string[]): HostResolver & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async lookupHost(host) {
      asked.push(host);
      return addresses;
    },
  };
}

suite('the resolver of dial and listen', () => {
  test('is a Resolver', async () => {
    await using dns = await FakeDNS.start(zone);
    const resolver = new Resolver({ servers: [dns.server] });
    await using listener = await listen('tcp', 'four.test.:0', { resolver });
    assert.equal(listener.addr.ip, '127.0.0.5');
    const conn = await dial('tcp4', `real.test.:${listener.addr.port}`, { resolver }).catch(
      (error: Error) => error,
    );
    assert.ok(conn instanceof Error, 'nobody listens at that address');
    assert.match(conn.message, /^dial tcp4 127\.0\.0\.8:\d+: connect: connection refused$/);
    assert.equal(dns.count('udp AAAA real.test.'), 0, 'of tcp4 only one family is asked for');
    await using client = await dial('tcp', `four.test.:${listener.addr.port}`, { resolver });
    assert.equal(client.remoteAddr.ip, '127.0.0.5');
    const error = await failure(dial('tcp', 'missing.test.:1', { resolver }));
    const text = `lookup missing.test. on ${dns.server}: no such host`;
    assert.equal(error.message, `dial tcp: ${text}`);
    assert.ok(error.cause instanceof DNSError);
    assert.equal(error.cause.message, text);
    assert.equal(error.code, 'ENOTFOUND');
  });

  test('is anything that looks up hosts; its order counts', async () => {
    const resolver = giving('rubbish', '127.0.0.4', '127.0.0.3');
    await using listener = await listen('tcp', 'my.service:0', { resolver });
    assert.equal(listener.addr.ip, '127.0.0.4');
    await using client = await dial('tcp', `my.service:${listener.addr.port}`, { resolver });
    assert.equal(client.remoteAddr.ip, '127.0.0.4');
    assert.deepEqual(resolver.asked, ['my.service', 'my.service']);
    await using other = await dial('tcp', String(listener.addr), { resolver });
    assert.ok(!other.closed);
    assert.equal(resolver.asked.length, 2, 'a literal is not looked up');
    const nothing = await failure(dial('tcp', 'a:1', { resolver: giving() }));
    assert.equal(nothing.message, 'dial tcp: address a: no suitable address found');
  });

  test('fails in the words of a lookup, or with its own DNSError', async () => {
    const own = new DNSError('not today', 'a');
    for (const [reason, text] of [
      [own, 'lookup a: not today'],
      [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'lookup a: no such host'],
      [new Error('x'), 'lookup a: server misbehaving'],
    ] as const) {
      const resolver: HostResolver = { lookupHost: () => Promise.reject(reason) };
      const error = await failure(dial('tcp', 'a:1', { resolver }));
      assert.equal(error.message, `dial tcp: ${text}`);
      const cause = error.cause as Error;
      assert.ok(cause === reason || cause.cause === reason);
    }
  });

  test('is told when nobody waits any more', async () => {
    let told: AbortSignal | undefined;
    const resolver: HostResolver = {
      lookupHost: (_, { signal }) => {
        told = signal;
        return new Promise(() => {});
      },
    };
    const giveUp = new AbortController();
    const dialling = dial('tcp', 'a:1', { resolver, signal: giveUp.signal });
    assert.ok(await stillWaiting(dialling));
    assert.equal(told?.aborted, false);
    giveUp.abort();
    const error = await failure(dialling);
    assert.equal(error.message, 'dial tcp: lookup a: operation was canceled');
    assert.equal(told.aborted, true);
  });

  test('is refused if it has no lookupHost', async () => {
    for (const resolver of [null, {}, 'x', { lookupHost: 1 }]) {
      const options = { resolver: resolver as never };
      for (const [method, starting] of [
        ['dial', dial('tcp', 'a:1', options)],
        ['listen', listen('tcp', 'a:1', options)],
      ] as const) {
        const error = await failure(starting);
        assert.ok(error instanceof TypeError);
        assert.equal(error.message, `${method}: option resolver must have a method lookupHost`);
      }
    }
    assert.ok(thrown(() => new Resolver(1 as never)) instanceof TypeError);
  });
});
