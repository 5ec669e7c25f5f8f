/**
 * From a network and an address as text to the addresses to try. After Go's net/dial.go and
 * net/ipsock.go (parseNetwork, internetAddrList); the texts of the errors are Go's.
 *
 * A literal costs nothing. A name is looked up in /etc/hosts and then by the System's own resolver.
 */
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import type { Cancellation } from './cancellation.ts';
import type { Addr } from './conn.ts';
import { AddrError, DNSError, UnknownNetworkError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { hostsFileAddresses } from './hosts-file.ts';
import { lookupPort, type ServicesReader } from './service-port.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';

const TCP_NETWORKS: ReadonlySet<string> = new Set(['tcp', 'tcp4', 'tcp6']);
const UDP_NETWORKS: ReadonlySet<string> = new Set(['udp', 'udp4', 'udp6']);
const UNIX_NETWORKS: ReadonlySet<string> = new Set(['unix', 'unixgram', 'unixpacket']);
const IP_NETWORKS: ReadonlySet<string> = new Set(['ip', 'ip4', 'ip6']);

/** Networks that are known but not of streams: datagrams and raw packets. */
class OtherAddr implements Addr {
  readonly network: string;
  readonly #text: string;

  constructor(network: string, text: string) {
    this.network = network;
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type ResolvedAddrs =
  | { readonly kind: 'tcp'; readonly addrs: readonly TCPAddr[] }
  | { readonly kind: 'unix'; readonly addr: UnixAddr }
  | { readonly kind: 'other'; readonly addr: Addr };

/** `op` is "listen" or "dial": only an address to dial may not be empty. */
export async function resolveAddrs(
  system: System,
  op: 'listen' | 'dial',
  network: string,
  address: string,
  cancellation: Cancellation,
): Promise<ResolvedAddrs> {
  const [base] = network.split(':', 1) as [string];
  if (IP_NETWORKS.has(base) && base !== network) {
    return { kind: 'other', addr: new OtherAddr(network, address) };
  }
  const known = TCP_NETWORKS.has(network) || UDP_NETWORKS.has(network);
  if (!known && !UNIX_NETWORKS.has(network)) throw new UnknownNetworkError(network);
  if (op === 'dial' && address === '') throw new AddrError('', 'missing address');
  if (UNIX_NETWORKS.has(network)) {
    return { kind: 'unix', addr: new UnixAddr(address, network as UnixNetwork) };
  }
  const addrs = await internetAddrs(system, network, address, cancellation);
  if (UDP_NETWORKS.has(network)) {
    return { kind: 'other', addr: new OtherAddr(network, String(addrs[0])) };
  }
  return { kind: 'tcp', addrs };
}

async function internetAddrs(
  system: System,
  network: string,
  address: string,
  cancellation: Cancellation,
): Promise<TCPAddr[]> {
  let host = '';
  let port = 0;
  if (address !== '') {
    const [hostText, service] = splitHostPort(address);
    host = hostText;
    port = lookupPort(network, service, servicesReader(system));
  }
  if (host === '') return [new TCPAddr('', port)];
  const literal = TCPAddr.fromLiteral(host, port);
  const found = literal === null ? await lookupHost(system, host, port, cancellation) : [literal];
  const family = network.endsWith('4') ? AF_INET : network.endsWith('6') ? AF_INET6 : null;
  const addrs = found.filter((addr) => family === null || addr.family === family);
  if (addrs.length === 0) throw new AddrError(host, 'no suitable address found');
  return addrs;
}

const servicesReaders = new WeakMap<System, ServicesReader>();

function servicesReader(system: System): ServicesReader {
  let reader = servicesReaders.get(system);
  if (reader === undefined) {
    reader = () => readTextFile(system.kernel, '/etc/services');
    servicesReaders.set(system, reader);
  }
  return reader;
}

async function lookupHost(
  system: System,
  host: string,
  port: number,
  cancellation: Cancellation,
): Promise<TCPAddr[]> {
  let addresses = hostsFileAddresses(system, host);
  if (addresses.length === 0) {
    try {
      addresses = await cancellation.race(system.lookup(host));
    } catch (error) {
      throw lookupError(host, error);
    }
  }
  const addrs = addresses.map((address) => TCPAddr.fromLiteral(address, port));
  return addrs.filter((addr) => addr !== null);
}

function lookupError(host: string, error: unknown): DNSError {
  const { code, timeout } = error as { code?: string; timeout?: boolean };
  if (timeout === true) return new DNSError('i/o timeout', host, { isTimeout: true });
  if (code === 'ABORT_ERR') {
    return new DNSError('operation was canceled', host, { isCanceled: true });
  }
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    return new DNSError('no such host', host, { isNotFound: true });
  }
  return new DNSError('server misbehaving', host, { isTemporary: true });
}
