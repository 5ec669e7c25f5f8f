/**
 * Asking the servers: from a name to the records of one type. After Go's tryOneName and lookup
 * (net/dnsclient_unix.go): each full name that the name may stand for, of each the servers in turn, as
 * often as there are attempts. A name that does not exist is an answer, and no other server is asked; a
 * server that fails or keeps silent is not.
 */
import type { RecordData, RecordType } from '../kernel/name-service.ts';
import type { System } from '../kernel/system.ts';
import { Cancellation, CancelError } from './cancellation.ts';
import { fullNames, isDomainName } from './domain-name.ts';
import { DNSError, type DNSErrorDetails } from './errors.ts';
import { type DNSConfig, searchDomains } from './resolv-conf.ts';

export interface DNSAnswer<T extends RecordType> {
  /** The full name that was asked for in the end, with a dot. */
  readonly name: string;
  readonly records: readonly RecordData[T][];
}

/** That the name does not exist. */
export function noSuchHost(name: string, details: DNSErrorDetails = {}): DNSError {
  return new DNSError('no such host', name, { ...details, isNotFound: true });
}

/** What a server's failure means, by its code: Go's words and flags. */
const FAILURES: Readonly<Record<string, [reason: string, details: DNSErrorDetails]>> = {
  ENOTFOUND: ['no such host', { isNotFound: true }],
  ENODATA: ['no such host', { isNotFound: true }],
  ESERVFAIL: ['server misbehaving', { isTemporary: true }],
  EREFUSED: ['server misbehaving', {}],
  ENOTIMP: ['server misbehaving', {}],
  EFORMERR: ['server misbehaving', {}],
  EBADRESP: ['cannot unmarshal DNS message', {}],
  ETIMEOUT: ['i/o timeout', { isTimeout: true }],
  ECONNREFUSED: ['connection refused', { isTemporary: true }],
};

export class DNSClient {
  readonly #system: System;
  readonly #config: () => DNSConfig;
  readonly #strictErrors: boolean;
  /** The server to begin with, if they take turns. */
  #turn = 0;

  constructor(system: System, config: () => DNSConfig, strictErrors: boolean) {
    this.#system = system;
    this.#config = config;
    this.#strictErrors = strictErrors;
  }

  /** The records of one type. DNSError if there are none. */
  async query<T extends RecordType>(
    name: string,
    type: T,
    signal: AbortSignal,
  ): Promise<DNSAnswer<T>> {
    let lastError: DNSError | null = null;
    for (const full of this.#fullNames(name)) {
      try {
        return { name: full, records: await this.askServers(name, full, type, signal) };
      } catch (error) {
        lastError = dnsError(error);
        if (signal.aborted || (this.#strictErrors && lastError.temporary)) break;
      }
    }
    throw lastError ?? noSuchHost(name);
  }

  /**
   * The addresses of both families, or of one; and the full name that has them. DNSError if there are
   * none, or if errors count strictly and one of the queries failed for now.
   */
  async addresses(
    name: string,
    types: readonly ('A' | 'AAAA')[],
    signal: AbortSignal,
  ): Promise<{ name: string; addresses: string[] }> {
    let lastError: DNSError | null = null;
    for (const full of this.#fullNames(name)) {
      const addresses: string[] = [];
      let isStrict = false;
      for (const { value, error } of await this.#each(name, full, types, signal)) {
        addresses.push(...value);
        if (error === null) continue;
        isStrict = this.#strictErrors && error.temporary;
        // The error of the name as it was asked for says most.
        if (isStrict || lastError === null || full === `${name}.`) lastError = error;
        if (isStrict) break;
      }
      if (isStrict) break;
      if (addresses.length > 0) return { name: full, addresses };
      if (signal.aborted) break;
    }
    throw lastError ?? noSuchHost(name);
  }

  /** What each query gives, at the same time or one after the other. */
  async #each(
    name: string,
    full: string,
    types: readonly ('A' | 'AAAA')[],
    signal: AbortSignal,
  ): Promise<{ value: readonly string[]; error: DNSError | null }[]> {
    const ask = async (type: 'A' | 'AAAA') => {
      try {
        return { value: await this.askServers(name, full, type, signal), error: null };
      } catch (error) {
        return { value: [], error: dnsError(error) };
      }
    };
    if (!this.#config().singleRequest) return Promise.all(types.map(ask));
    const answers = [];
    for (const type of types) answers.push(await ask(type));
    return answers;
  }

  #fullNames(name: string): string[] {
    if (!isDomainName(name)) throw noSuchHost(name);
    if (this.#system.names.query === null) {
      throw new DNSError(`${this.#system.name} asks no servers`, name);
    }
    const config = this.#config();
    return fullNames(name, config.ndots, searchDomains(this.#system, config));
  }

  /** One full name: the servers in turn. Errors are about `name`. */
  async askServers<T extends RecordType>(
    name: string,
    full: string,
    type: T,
    signal: AbortSignal,
  ): Promise<readonly RecordData[T][]> {
    const { servers, attempts, timeout, rotate } = this.#config();
    const first = rotate ? this.#turn++ : 0;
    let lastError: DNSError | null = null;
    for (let i = 0; i < attempts * servers.length; i++) {
      const server = servers[(first + i) % servers.length]!;
      try {
        const records = await this.#ask(full, type, server, timeout, signal);
        if (records.length > 0) return records;
        // There are others than those that were asked for, such as a CNAME that leads nowhere.
        lastError = noSuchHost(name, { server });
        break;
      } catch (error) {
        lastError = failureOf(error, name, server);
        if (lastError.isNotFound || signal.aborted) break;
      }
    }
    throw lastError!;
  }

  /** One query to one server. The clock of the System says when its time is up. */
  async #ask<T extends RecordType>(
    full: string,
    type: T,
    server: string,
    timeout: number,
    signal: AbortSignal,
  ): Promise<readonly RecordData[T][]> {
    const { clock, names } = this.#system;
    const cancellation = new Cancellation(clock, clock.monotonic() + timeout, [signal]);
    if (cancellation.error !== null) throw cancellation.error;
    const giveUp = new AbortController();
    try {
      const asking = names.query!(full, type, { server, timeout, signal: giveUp.signal });
      return await cancellation.race(asking);
    } finally {
      giveUp.abort();
    }
  }
}

/** What a query failed with, in Go's words. */
function failureOf(error: unknown, name: string, server: string): DNSError {
  if (error instanceof CancelError) {
    const isTimeout = error.timeout;
    if (isTimeout) return new DNSError(error.message, name, { server, isTimeout });
    return new DNSError(error.message, name, { isCanceled: true });
  }
  const { code = '' } = error as { code?: string };
  const [reason, details] = FAILURES[code] ?? ['server misbehaving', { isTemporary: true }];
  return new DNSError(reason, name, { ...details, server, cause: error });
}

/** Errors that are none of a lookup are not for this file. */
function dnsError(error: unknown): DNSError {
  if (error instanceof DNSError) return error;
  throw error;
}
