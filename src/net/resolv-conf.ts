/**
 * /etc/resolv.conf, resolv.conf(5): which servers are asked, how often and for how long, and which
 * domains a short name is looked for in. After Go's net/dnsconfig_unix.go, limits included.
 */
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { ConfigFile } from './config-file.ts';
import { joinHostPort } from './host-port.ts';
import { IPAddr } from './ip-addr.ts';

export interface DNSConfig {
  /** "127.0.0.1:53", "[::1]:53"; at least one. */
  readonly servers: readonly string[];
  /** Domains with a dot at the end; null if the file names none. */
  readonly search: readonly string[] | null;
  /** How many dots a name has that is looked up as it stands first. */
  readonly ndots: number;
  /** Milliseconds for each query. */
  readonly timeout: number;
  /** How often each server is asked. */
  readonly attempts: number;
  /** Each lookup begins with the next server. */
  readonly rotate: boolean;
  /** One query after the other, not two at once. */
  readonly singleRequest: boolean;
  /** There is something in the file that only the system's own lookup can do. */
  readonly isOdd: boolean;
}

const PORT = 53;
const MAX_SERVERS = 3;
const MAX_NDOTS = 15;
const MAX_TIMEOUT = 30; // of resolv.conf(5), as of the attempts
const MAX_ATTEMPTS = 5;
const DEFAULT_SERVERS = ['127.0.0.1:53', '[::1]:53'];

const file: ConfigFile<DNSConfig> = new ConfigFile('/etc/resolv.conf', parseResolvConf, () => true);

/** What the file says now; the defaults if there is none. */
export function dnsConfig(system: System): DNSConfig {
  return file.read(system);
}

/** The domains to look for short names in; if the file has none, the one of this machine. */
export function searchDomains(system: System, config: DNSConfig): readonly string[] {
  if (config.search !== null) return config.search;
  const [, domain = ''] = /^[^.]*\.(.+)$/.exec(hostName(system)) ?? [];
  return domain === '' ? [] : [rooted(domain)];
}

/** The name of this machine; empty if it is not known. */
export function hostName(system: System): string {
  return readTextFile(system.kernel, '/proc/sys/kernel/hostname')?.trim() ?? '';
}

function rooted(domain: string): string {
  return domain.endsWith('.') ? domain : `${domain}.`;
}

type Draft = { -readonly [Key in keyof DNSConfig]: DNSConfig[Key] } & { servers: string[] };

export function parseResolvConf(text: string): DNSConfig {
  const config: Draft = {
    servers: [],
    search: null,
    ndots: 1,
    timeout: 5000,
    attempts: 2,
    rotate: false,
    singleRequest: false,
    isOdd: false,
  };
  for (const line of text.split('\n')) {
    if (/^[;#]/.test(line)) continue;
    const [keyword = '', ...values] = line.trim().split(/\s+/);
    if (keyword !== '') parseLine(config, keyword, values);
  }
  if (config.servers.length === 0) config.servers = DEFAULT_SERVERS;
  return config;
}

function parseLine(config: Draft, keyword: string, values: readonly string[]): void {
  const [first] = values;
  if (keyword === 'nameserver') {
    if (first === undefined || config.servers.length >= MAX_SERVERS) return;
    if (IPAddr.parse(first) !== null) config.servers.push(joinHostPort(first, PORT));
  } else if (keyword === 'domain') {
    if (first !== undefined) config.search = [rooted(first)];
  } else if (keyword === 'search') {
    // "search ." is for no domain: that of the root is the name itself.
    if (first === undefined) config.search = null;
    else config.search = values.filter((domain) => domain !== '.').map(rooted);
  } else if (keyword === 'options') {
    for (const option of values) parseOption(config, option);
  } else config.isOdd = true;
}

function parseOption(config: Draft, option: string): void {
  const [name = '', value = ''] = option.split(':', 2);
  const number = Number.parseInt(/^\d+/.exec(value)?.[0] ?? '0', 10);
  if (name === 'ndots') config.ndots = Math.min(number, MAX_NDOTS);
  else if (name === 'timeout') config.timeout = within(number, MAX_TIMEOUT) * 1000;
  else if (name === 'attempts') config.attempts = within(number, MAX_ATTEMPTS);
  else if (option === 'rotate') config.rotate = true;
  else if (/^single-request(-reopen)?$/.test(option)) config.singleRequest = true;
  else config.isOdd = true;
}

function within(number: number, max: number): number {
  return Math.min(Math.max(number, 1), max);
}
