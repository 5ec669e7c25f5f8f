/**
 * Names on Linux: getaddrinfo(3) and c-ares, both as node:dns has them.
 *
 * Each query has a c-ares channel of its own, which asks one server once: the way from server to server
 * is not left to it, nor does it keep what it has learnt.
 */
import { lookup, Resolver } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import type { NameService, QueryOptions, RecordData, RecordType } from '../name-service.ts';

type Ask = { [T in RecordType]: (resolver: Resolver, name: string) => Promise<RecordData[T][]> };

const ask: Ask = {
  A: (resolver, name) => resolver.resolve4(name),
  AAAA: (resolver, name) => resolver.resolve6(name),
  CNAME: (resolver, name) => resolver.resolveCname(name),
  MX: (resolver, name) => resolver.resolveMx(name),
  NS: (resolver, name) => resolver.resolveNs(name),
  PTR: (resolver, name) => resolver.resolvePtr(name),
  SRV: (resolver, name) => resolver.resolveSrv(name),
  TXT: (resolver, name) => resolver.resolveTxt(name),
};

/** Node 20 and Deno ask for the root in place of a name whose punycode is none. */
function isPunycodeBroken(name: string): boolean {
  return /(^|\.)xn--/i.test(name) && domainToASCII(name) === '';
}

async function query<T extends RecordType>(
  name: string,
  type: T,
  options: QueryOptions,
): Promise<RecordData[T][]> {
  const { server, timeout, signal } = options;
  if (isPunycodeBroken(name)) {
    throw Object.assign(new Error(`${name} is no name`), { code: 'ENOTFOUND' });
  }
  const resolver = new Resolver({ timeout: Math.max(Math.ceil(timeout), 1), tries: 1 });
  resolver.setServers([server]);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await ask[type](resolver, name);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Null if it is not set, or the program may not know: Deno without --allow-env. */
function variable(name: string): string | null {
  try {
    return process.env[name] ?? null;
  } catch {
    return null;
  }
}

export const names: NameService = {
  // resolver(5), gethostbyname(3): LOCALDOMAIN counts even if it is empty.
  setElsewhere:
    variable('LOCALDOMAIN') !== null ||
    (variable('RES_OPTIONS') ?? '') !== '' ||
    (variable('HOSTALIASES') ?? '') !== '',
  async lookup(host, family) {
    const found = await lookup(host, { all: true, verbatim: true, family });
    return found.map(({ address }) => address);
  },
  query,
};
