/**
 * From a network and an address as text to the addresses to try. After Go's net/dial.go and
 * net/ipsock.go (parseNetwork, internetAddrList); the texts of the errors are Go's.
 *
 * A literal costs nothing. A name is looked up in /etc/hosts and then by the System's own resolver.
 */
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../syscall/inet.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import type { Cancellation } from './cancellation.ts';
import { AddrError, DNSError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { hostsFileAddresses } from './hosts-file.ts';
import { IPAddr } from './ip-addr.ts';
import { parseNetwork, type ProtocolsReader } from './ip-protocol.ts';
import { lookupPort, type ServicesReader } from './service-port.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UDPAddr } from './udp-addr.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';

const TCP_NETWORKS: ReadonlySet<string> = new Set(['tcp', 'tcp4', 'tcp6']);
const UDP_NETWORKS: ReadonlySet<string> = new Set(['udp', 'udp4', 'udp6']);
const UNIX_NETWORKS: ReadonlySet<string> = new Set(['unix', 'unixgram', 'unixpacket']);

/** ICMP without privileges: see ip-conn.ts. */
const PING_PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['ping4', IPPROTO_ICMP],
  ['ping6', IPPROTO_ICMPV6],
]);

export type ResolvedAddrs =
  | { readonly kind: 'tcp'; readonly addrs: readonly TCPAddr[] }
  | { readonly kind: 'udp'; readonly addrs: readonly UDPAddr[] }
  | {
      readonly kind: 'ip';
      /** Without the protocol. */
      readonly network: string;
      readonly protocol: number;
      readonly addrs: readonly IPAddr[];
    }
  | { readonly kind: 'unix'; readonly addr: UnixAddr };

/** `op` is "listen" or "dial": only an address to dial may not be empty. */
export async function resolveAddrs(
  system: System,
  op: 'listen' | 'dial',
  network: string,
  address: string,
  cancellation: Cancellation,
): Promise<ResolvedAddrs> {
  const pingProtocol = PING_PROTOCOLS.get(network);
  if (pingProtocol === undefined && !TCP_NETWORKS.has(network) && !UDP_NETWORKS.has(network)) {
    if (!UNIX_NETWORKS.has(network)) return resolveIP(system, op, network, address, cancellation);
    if (op === 'dial' && address === '') throw new AddrError('', 'missing address');
    return { kind: 'unix', addr: new UnixAddr(address, network as UnixNetwork) };
  }
  if (op === 'dial' && address === '') throw new AddrError('', 'missing address');
  if (pingProtocol !== undefined) {
    const addrs = await ipAddrs(system, network, address, cancellation);
    return { kind: 'ip', network, protocol: pingProtocol, addrs };
  }
  const addrs = await internetAddrs(system, network, address, cancellation);
  if (TCP_NETWORKS.has(network)) return { kind: 'tcp', addrs };
  const udpAddrs = addrs.map(({ bytes, port, zone }) => new UDPAddr(bytes ?? '', port, zone));
  return { kind: 'udp', addrs: udpAddrs };
}

/** Of "ip4:icmp" and the like. */
async function resolveIP(
  system: System,
  op: 'listen' | 'dial',
  network: string,
  address: string,
  cancellation: Cancellation,
): Promise<ResolvedAddrs> {
  const { base, protocol } = parseNetwork(network, true, protocolsReader(system));
  if (op === 'dial' && address === '') throw new AddrError('', 'missing address');
  const addrs = await ipAddrs(system, base, address, cancellation);
  return { kind: 'ip', network: base, protocol, addrs };
}

async function ipAddrs(
  system: System,
  network: string,
  address: string,
  cancellation: Cancellation,
): Promise<IPAddr[]> {
  if (address === '') return [new IPAddr('')];
  const addrs = await hostAddrs(system, network, address, 0, cancellation);
  return addrs.map(({ bytes, zone }) => new IPAddr(bytes!, zone));
}

const protocolsReaders = new WeakMap<System, ProtocolsReader>();

function protocolsReader(system: System): ProtocolsReader {
  let reader = protocolsReaders.get(system);
  if (reader === undefined) {
    reader = () => readTextFile(system.kernel, '/etc/protocols');
    protocolsReaders.set(system, reader);
  }
  return reader;
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
  return hostAddrs(system, network, host, port, cancellation);
}

/** Of a host that is not empty, those of the network's family. */
async function hostAddrs(
  system: System,
  network: string,
  host: string,
  port: number,
  cancellation: Cancellation,
): Promise<TCPAddr[]> {
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
