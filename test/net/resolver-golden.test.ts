/**
 * A Resolver says what Go's says: the same zone, the same files, call by call of
 * golden/resolver_values.jsonl: results, texts of errors, and their flags.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { DNSError } from '../../src/index.ts';
import { Resolver } from '../../src/net/resolver.ts';
import { type GoldenRow, goldenCalls } from '../golden/net-values.ts';
import { zone } from './dns-zone.ts';
import { FakeDNS } from './fake-dns.ts';
import { noIPv6 } from './machine.ts';
import { ledTo, named } from './named-system.ts';

type Row = GoldenRow<string[], unknown>;

/** Where netfd says something else, and why. */
const OTHERWISE: Readonly<Record<string, { err: string; flags: string; reason: string }>> = {
  'LookupHost name.onion': {
    err: 'lookup name.onion: no such host',
    flags: 'notFound',
    reason: 'Go gives no address and no error',
  },
  'LookupHost name.onion.': {
    err: 'lookup name.onion.: no such host',
    flags: 'notFound',
    reason: 'Go gives no address and no error',
  },
};

/** Go's fields begin with a capital. */
function inOurCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOurCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.toLowerCase(), inOurCase(each)]),
  );
}

function flagsOf(error: unknown): string | undefined {
  if (!(error instanceof DNSError)) return undefined;
  const { isTimeout, isTemporary, isNotFound } = error;
  const flags = [isTimeout && 'timeout', isTemporary && 'temporary', isNotFound && 'notFound'];
  return flags.filter((flag) => flag !== false).join(' ') || undefined;
}

type Lookup = (...args: string[]) => Promise<unknown>;

/** What a row would be of netfd. */
async function called(resolver: Resolver, row: Row): Promise<Omit<Row, 'fn' | 'in'>> {
  const [fn = ''] = row.fn.split(' ');
  const method = `l${fn.slice(1)}` as keyof Resolver;
  try {
    return { out: await (resolver[method] as Lookup)(...row.in) };
  } catch (error) {
    const { message, records } = error as DNSError;
    const flags = flagsOf(error);
    return {
      err: message,
      ...(flags === undefined ? {} : { flags }),
      ...(records === undefined ? {} : { out: records }),
    };
  }
}

function expectedOf(row: Row): Omit<Row, 'fn' | 'in'> {
  const { err, flags } = OTHERWISE[`${row.fn} ${row.in.join(' ')}`] ?? row;
  if (err === undefined) return { out: inOurCase(row.out) };
  // Beside an error, netfd has records only where some were invalid.
  const records = err.includes('invalid names') ? recordsOf(inOurCase(row.out)) : undefined;
  return {
    err,
    ...(flags === undefined ? {} : { flags }),
    ...(records === undefined ? {} : { out: records }),
  };
}

function recordsOf(out: unknown): unknown {
  return Array.isArray(out) ? out : (out as { addrs: unknown }).addrs;
}

suite('lookups as in Go', { skip: noIPv6 }, async () => {
  const dns = await FakeDNS.start(zone);
  after(() => dns[Symbol.asyncDispose]());
  const system = named(ledTo(dns.server));
  for (const row of goldenCalls<string[], unknown>('resolver_values.jsonl')) {
    const strictErrors = row.fn.endsWith(' strict');
    test(`${row.fn} ${row.in.join(' ')}`, async () => {
      const resolver = new Resolver(system, { strictErrors });
      assert.deepEqual(await called(resolver, row), expectedOf(row));
    });
  }

  test('every difference is still one', () => {
    const rows = goldenCalls<string[], unknown>('resolver_values.jsonl');
    for (const [name, { err }] of Object.entries(OTHERWISE)) {
      const row = rows.find((each) => `${each.fn} ${each.in.join(' ')}` === name);
      assert.ok(row !== undefined && row.err !== err, name);
    }
  });
});
