/**
 * The port in "host:port": a number, or the name of a service.
 *
 * Names come from a small built-in table and from /etc/services, whose entries count more. The file
 * is read through a function that is passed in, once for each such function and only when the first
 * name is looked up. Source: Go's net.LookupPort, services(5).
 */
import { perSystem } from '../kernel/per-system.ts';
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { AddrError } from './errors.ts';

/** The text of /etc/services, null if it cannot be read. */
export type ServicesReader = () => string | null;

/** The /etc/services of a System, which is read once. */
export const servicesOf: (system: System) => ServicesReader = perSystem(
  ({ kernel }) =>
    () =>
      readTextFile(kernel, '/etc/services'),
);

interface Services {
  /** "tcp/http" → 80. */
  readonly ports: ReadonlyMap<string, number>;
  /** "tcp/80" → "http": the first name of each port, those of the file before the built-in ones. */
  readonly names: ReadonlyMap<string, string>;
}

const MAX_PORT = 65535;

/** The services that are known without the file. */
const BUILT_IN: readonly (readonly [string, number])[] = [
  ['tcp/ftp', 21],
  ['tcp/ssh', 22],
  ['tcp/telnet', 23],
  ['tcp/smtp', 25],
  ['tcp/domain', 53],
  ['udp/domain', 53],
  ['tcp/gopher', 70],
  ['tcp/http', 80],
  ['tcp/pop3', 110],
  ['tcp/imap2', 143],
  ['tcp/imap3', 220],
  ['tcp/https', 443],
  ['tcp/ftps', 990],
  ['tcp/imaps', 993],
  ['tcp/pop3s', 995],
];

const BASE_NETWORKS: ReadonlyMap<string, string> = new Map([
  ['', 'ip'],
  ['tcp', 'tcp'],
  ['tcp4', 'tcp'],
  ['tcp6', 'tcp'],
  ['udp', 'udp'],
  ['udp4', 'udp'],
  ['udp6', 'udp'],
]);

const parsed = new WeakMap<ServicesReader, Services>();

/**
 * The number in a decimal `service`, 0 if it is empty, null if it is a name. A sign and leading
 * zeros are taken; the number may be out of range.
 */
export function parsePort(service: string): number | null {
  if (service === '') return 0;
  return /^[+-]?[0-9]+$/.test(service) ? Number(service) : null;
}

/** The port of `service` on a tcp or udp network. AddrError for what is no port or not known. */
export function lookupPort(network: string, service: string, readServices: ServicesReader): number {
  const port = parsePort(service) ?? lookupName(network, service, readServices);
  if (port < 0 || port > MAX_PORT) throw new AddrError(service, 'invalid port');
  return port;
}

/** The name of a port, "http" of tcp 80, as getservbyport(3) finds it; null if it has none. */
export function serviceName(
  network: string,
  port: number,
  readServices: ServicesReader,
): string | null {
  const base = BASE_NETWORKS.get(network);
  if (base === undefined) throw new AddrError(network, 'unknown network');
  return servicesIn(readServices).names.get(`${base}/${port}`) ?? null;
}

function lookupName(network: string, service: string, readServices: ServicesReader): number {
  const base = BASE_NETWORKS.get(network);
  if (base === undefined) throw new AddrError(network, 'unknown network');
  const port = servicesIn(readServices).ports.get(`${base}/${service.toLowerCase()}`);
  if (port === undefined) throw new AddrError(`${base}/${service}`, 'unknown port');
  return port;
}

function servicesIn(readServices: ServicesReader): Services {
  let services = parsed.get(readServices);
  if (services === undefined) {
    services = parseServices(readServices() ?? '');
    parsed.set(readServices, services);
  }
  return services;
}

/** Lines are "name port/protocol alias…", a '#' begins a comment; what is not so is skipped. */
function parseServices(text: string): Services {
  const ports = new Map(BUILT_IN);
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [entry = ''] = line.split('#', 1);
    const [name, where, ...aliases] = entry.split(/[ \t\r]+/).filter((field) => field !== '');
    const [, digits, protocol] = /^([0-9]+)\/(.+)$/.exec(where ?? '') ?? [];
    const port = Number(digits);
    if (name === undefined || !(port > 0 && port <= MAX_PORT)) continue;
    addFirst(names, `${protocol}/${port}`, name);
    for (const alias of [name, ...aliases]) ports.set(`${protocol}/${alias.toLowerCase()}`, port);
  }
  for (const [key, port] of BUILT_IN) {
    const [protocol, name] = key.split('/') as [string, string];
    addFirst(names, `${protocol}/${port}`, name);
  }
  return { ports, names };
}

function addFirst(names: Map<string, string>, key: string, name: string): void {
  if (!names.has(key)) names.set(key, name);
}
