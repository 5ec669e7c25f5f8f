/**
 * Looking up names: Go's Resolver (net/lookup.go, net/lookup_unix.go). Host names are looked up where
 * nsswitch.ts says, /etc/hosts first as a rule; everything else is asked of the DNS servers. Every
 * failure of a lookup is a DNSError (bad arguments are TypeErrors).
 *
 * The same lookup made twice at a time is made once. What is found is not kept.
 */
import type { RecordType } from '../kernel/name-service.ts';
import { perSystem } from '../kernel/per-system.ts';
import type { System } from '../kernel/system.ts';
import { sortAddresses } from './address-order.ts';
import { Cancellation, CancelError } from './cancellation.ts';
import { type DNSAnswer, DNSClient, noSuchHost } from './dns-query.ts';
import { absoluteName, isDomainName, isKeptFromDNS, reverseName } from './domain-name.ts';
import { AddrError, DNSError, UnknownNetworkError } from './errors.ts';
import { hostsFileAddresses, hostsFileCanonicalName, hostsFileNames } from './hosts-file.ts';
import { IPAddr, parseAddresses } from './ip-addr.ts';
import { LookupGroup } from './lookup-group.ts';
import { lookupOrder, type LookupSource } from './nsswitch.ts';
import { drawnByWeight, type Random, shuffledByRank } from './record-order.ts';
import { dnsConfig } from './resolv-conf.ts';
import {
  lookupCancellation,
  type LookupOptions,
  requireResolverOptions,
  type ResolverOptions,
  serverAddresses,
} from './resolver-options.ts';
import { lookupPort, servicesOf } from './service-port.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';

/** A mail exchange. A smaller `pref` is preferred. */
export interface MX {
  readonly host: string;
  readonly pref: number;
}

/** A name server. */
export interface NS {
  readonly host: string;
}

/** Where a service is to be had. */
export interface SRV {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The networks of lookupIP, and the families of their addresses. */
const FAMILIES = { ip: 0, ip4: 4, ip6: 6 } as const;

type IPNetwork = keyof typeof FAMILIES;

/** What is asked for on each network. */
const TYPES = { ip: ['A', 'AAAA'], ip4: ['A'], ip6: ['AAAA'] } as const;

/** The longest chain of CNAME records that is followed. */
const MAX_CHAIN = 16;

/** Milliseconds after which the system's own lookup, which cannot be stopped, is not waited for. */
const LONGEST_SYSTEM_LOOKUP = 120_000;

const MALFORMED = 'DNS response contained records which contain invalid names';

/** Looks up names: host names in /etc/hosts and by DNS, everything else by DNS. A failure is a DNSError. */
export class Resolver {
  readonly #system: System;
  readonly #options: ResolverOptions;
  readonly #client: DNSClient;
  readonly #hasServers: boolean;
  readonly #random: Random;
  readonly #group = new LookupGroup();

  constructor(system: System, options: ResolverOptions = {}) {
    requireResolverOptions(options);
    const servers = serverAddresses(options.servers);
    const { timeout, attempts, strictErrors = false, random = Math.random } = options;
    this.#system = system;
    this.#options = options;
    this.#hasServers = servers !== null;
    this.#random = random;
    const config = (): ReturnType<typeof dnsConfig> => {
      const file = dnsConfig(system);
      return {
        ...file,
        servers: servers ?? file.servers,
        timeout: timeout ?? file.timeout,
        attempts: attempts ?? file.attempts,
      };
    };
    this.#client = new DNSClient(system, config, strictErrors);
  }

  /** The addresses of a host as text: those in /etc/hosts as they stand there, others sorted. */
  async lookupHost(host: string, options: LookupOptions = {}): Promise<string[]> {
    const cancellation = lookupCancellation(this.#system, 'lookupHost', options, { host });
    if (IPAddr.parse(host) !== null) return [host];
    const fromFile = this.#order(host)[0] === 'files' && hostsFileAddresses(this.#system, host);
    if (fromFile && fromFile.length > 0) return [...fromFile];
    return (await this.addresses('ip', host, cancellation)).map(String);
  }

  /** The addresses of a host, in the order in which to try them. */
  async lookupIPAddr(host: string, options: LookupOptions = {}): Promise<IPAddr[]> {
    const cancellation = lookupCancellation(this.#system, 'lookupIPAddr', options, { host });
    return this.addresses('ip', host, cancellation);
  }

  /** The addresses of a host on the network ip, ip4 or ip6, without zones, in the order to try. */
  async lookupIP(network: string, host: string, options: LookupOptions = {}): Promise<string[]> {
    const names = { network, host };
    const cancellation = lookupCancellation(this.#system, 'lookupIP', options, names);
    if (!Object.hasOwn(FAMILIES, network)) throw new UnknownNetworkError(network);
    const addrs = await this.addresses(network as IPNetwork, host, cancellation);
    const family = { ip: null, ip4: AF_INET, ip6: AF_INET6 }[network as IPNetwork];
    const fitting = addrs.filter((addr) => family === null || addr.family === family);
    if (fitting.length === 0) throw new AddrError(host, 'no suitable address found');
    return fitting.map(({ ip }) => ip);
  }

  /** The port of a service on a network: "http" and "80" on tcp are 80. AddrError if there is none. */
  async lookupPort(network: string, service: string): Promise<number> {
    lookupCancellation(this.#system, 'lookupPort', {}, { network, service });
    return lookupPort(network, service, servicesOf(this.#system));
  }

  /**
   * The name that a host has in the end, after all CNAME records, with a dot at its end. A host without
   * addresses has none.
   */
  async lookupCNAME(host: string, options: LookupOptions = {}): Promise<string> {
    const cancellation = lookupCancellation(this.#system, 'lookupCNAME', options, { host });
    const fromFile =
      this.#order(host)[0] === 'files' ? hostsFileCanonicalName(this.#system, host) : null;
    const name =
      fromFile ??
      (await this.#shared(`CNAME\0${host}`, host, cancellation, (signal) =>
        this.#canonicalName(host, signal),
      ));
    if (!isDomainName(name)) throw new DNSError(MALFORMED, host);
    return name;
  }

  /** The names of an IP address: of /etc/hosts, else of its PTR records. */
  async lookupAddr(address: string, options: LookupOptions = {}): Promise<string[]> {
    const names = { address };
    const cancellation = lookupCancellation(this.#system, 'lookupAddr', options, names);
    const addr = IPAddr.parse(address);
    const fromFile = addr === null ? [] : hostsFileNames(this.#system, addr);
    if (fromFile.length > 0) return valid(address, fromFile, (name) => name);
    if (addr === null || addr.zone !== '') throw new DNSError('unrecognized address', address);
    const { records } = await this.#query('PTR', reverseName(addr.bytes!), cancellation);
    return valid(address, records.map(absoluteName), (name) => name);
  }

  /** The mail exchanges of a domain, best first, those that are equally good in any order. */
  async lookupMX(name: string, options: LookupOptions = {}): Promise<MX[]> {
    const cancellation = lookupCancellation(this.#system, 'lookupMX', options, { name });
    const { records } = await this.#query('MX', name, cancellation);
    const found = records.map(({ exchange, priority }): MX => {
      return { host: absoluteName(exchange), pref: priority };
    });
    const sorted = shuffledByRank(found, ({ pref }) => pref, this.#random);
    return valid(name, sorted, ({ host }) => host);
  }

  /** The name servers of a domain. */
  async lookupNS(name: string, options: LookupOptions = {}): Promise<NS[]> {
    const cancellation = lookupCancellation(this.#system, 'lookupNS', options, { name });
    const { records } = await this.#query('NS', name, cancellation);
    const found = records.map((host): NS => ({ host: absoluteName(host) }));
    return valid(name, found, ({ host }) => host);
  }

  /**
   * Where a service is: by priority, those of the same priority drawn by weight. The name that is looked
   * up is _service._proto.name, or `name` alone if both others are empty; `cname` is its full form.
   */
  async lookupSRV(
    service: string,
    proto: string,
    name: string,
    options: LookupOptions = {},
  ): Promise<{ cname: string; addrs: SRV[] }> {
    const names = { service, proto, name };
    const cancellation = lookupCancellation(this.#system, 'lookupSRV', options, names);
    const target = service === '' && proto === '' ? name : `_${service}._${proto}.${name}`;
    const answer = await this.#query('SRV', target, cancellation);
    const found = answer.records.map(({ name: host, port, priority, weight }): SRV => {
      return { target: absoluteName(host), port, priority, weight };
    });
    const addrs = valid(name, drawnByWeight(found, this.#random), (srv) => srv.target);
    return { cname: answer.name, addrs };
  }

  /** The TXT records of a domain, the strings of each joined. */
  async lookupTXT(name: string, options: LookupOptions = {}): Promise<string[]> {
    const cancellation = lookupCancellation(this.#system, 'lookupTXT', options, { name });
    const { records } = await this.#query('TXT', name, cancellation);
    return records.map((strings) => strings.join(''));
  }

  /**
   * For dial and listen: as lookupIPAddr, but only one family is asked for if the network has only one.
   * There may be others in the result.
   */
  async addresses(network: IPNetwork, host: string, cancellation: Cancellation): Promise<IPAddr[]> {
    const literal = IPAddr.parse(host);
    if (literal !== null) return [literal];
    let failure = noSuchHost(host);
    for (const source of this.#order(host)) {
      try {
        const found = await this.#from(source, network, host, cancellation);
        if (found.length > 0) return found;
      } catch (error) {
        if (!(error instanceof DNSError)) throw error;
        failure = error;
        if (cancellation.error !== null) break;
      }
    }
    throw failure;
  }

  /** Where to look for a host; nowhere if there can be no such host. */
  #order(host: string): readonly LookupSource[] {
    // oxlint-disable-next-line no-control-regex -- C would take what stands before a NUL for the name
    if (host === '' || isKeptFromDNS(host) || /[\0-\x20\x7f]/.test(host)) return [];
    if (this.#hasServers && this.#options.prefer !== 'system') return ['files', 'dns'];
    return lookupOrder(this.#system, host, this.#options.prefer);
  }

  async #from(
    source: LookupSource,
    network: IPNetwork,
    host: string,
    cancellation: Cancellation,
  ): Promise<IPAddr[]> {
    const system = this.#system;
    if (source === 'files') {
      const addresses = hostsFileAddresses(system, host);
      return addresses.length === 0 ? [] : sortAddresses(system, parseAddresses(addresses));
    }
    const found = await this.#shared(
      `${source} ${network}\0${host}`,
      host,
      cancellation,
      (signal) =>
        source === 'dns'
          ? this.#fromDNS(network, host, signal)
          : this.#fromSystem(network, host, signal),
    );
    return [...found];
  }

  async #fromDNS(network: IPNetwork, host: string, signal: AbortSignal): Promise<IPAddr[]> {
    const { addresses } = await this.#client.addresses(host, TYPES[network], signal);
    return sortAddresses(this.#system, parseAddresses(addresses));
  }

  /** getaddrinfo(3) has sorted what it gives. */
  async #fromSystem(network: IPNetwork, host: string, signal: AbortSignal): Promise<IPAddr[]> {
    const { clock, names } = this.#system;
    const limit = new Cancellation(clock, clock.monotonic() + LONGEST_SYSTEM_LOOKUP, [signal]);
    try {
      return parseAddresses(await limit.race(names.lookup(host, FAMILIES[network])));
    } catch (error) {
      throw systemFailure(host, error);
    }
  }

  async #canonicalName(host: string, signal: AbortSignal): Promise<string> {
    let { name } = await this.#client.addresses(host, TYPES.ip, signal);
    for (let i = 0; i < MAX_CHAIN; i++) {
      try {
        const [alias] = await this.#client.askServers(host, name, 'CNAME', signal);
        if (alias === undefined) return name;
        name = absoluteName(alias);
      } catch (error) {
        if (error instanceof DNSError && error.isNotFound) return name;
        throw error;
      }
    }
    throw new DNSError('server misbehaving', host);
  }

  #query<T extends RecordType>(
    type: T,
    name: string,
    cancellation: Cancellation,
  ): Promise<DNSAnswer<T>> {
    return this.#shared(`${type}\0${name}`, name, cancellation, (signal) =>
      this.#client.query(name, type, signal),
    );
  }

  /** One lookup for all who make it. DNSError if it is given up. */
  async #shared<T>(
    key: string,
    name: string,
    cancellation: Cancellation,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#group.share(key, cancellation, work);
    } catch (error) {
      if (!(error instanceof CancelError)) throw error;
      throw canceledLookup(name, error);
    }
  }
}

/** The Resolver of all that name no other: Go's DefaultResolver. */
export const defaultResolver: (system: System) => Resolver = perSystem(
  (system) => new Resolver(system),
);

/** That a lookup was given up. */
export function canceledLookup(name: string, error: CancelError): DNSError {
  const { timeout } = error;
  return new DNSError(error.message, name, { isTimeout: timeout, isCanceled: !timeout });
}

/** What somebody else's lookup failed with, in Go's words. */
export function systemFailure(host: string, error: unknown): DNSError {
  if (error instanceof DNSError) return error;
  if (error instanceof CancelError) return canceledLookup(host, error);
  const { code, timeout } = error as { code?: unknown; timeout?: unknown };
  const cause = error;
  if (timeout === true) return new DNSError('i/o timeout', host, { isTimeout: true, cause });
  if (code === 'ABORT_ERR') {
    return new DNSError('operation was canceled', host, { isCanceled: true, cause });
  }
  if (code === 'ENOTFOUND' || code === 'ENODATA') return noSuchHost(host, { cause });
  return new DNSError('server misbehaving', host, { isTemporary: true, cause });
}

/** The records, if all have names that can be looked up; else a DNSError with those that have. */
function valid<T>(name: string, records: readonly T[], nameOf: (record: T) => string): T[] {
  const inOrder = records.filter((record) => isDomainName(nameOf(record)));
  if (inOrder.length === records.length) return inOrder;
  throw new DNSError(MALFORMED, name, { records: inOrder });
}
