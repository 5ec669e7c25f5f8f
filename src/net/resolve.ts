/**
 * From a network and an address as text to the addresses to try. After Go's net/dial.go and
 * net/ipsock.go (parseNetwork, internetAddrList); the texts of the errors are Go's.
 *
 * A literal costs nothing. A name is looked up by a Resolver, see resolver.ts.
 */
import type { System } from '../kernel/system.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../syscall/inet.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import type { Cancellation } from './cancellation.ts';
import { AddrError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { IPAddr, parseAddresses } from './ip-addr.ts';
import { parseNetwork, protocolsOf } from './ip-protocol.ts';
import { defaultResolver, Resolver, systemFailure } from './resolver.ts';
import type { HostResolver } from './resolver-options.ts';
import { lookupPort, servicesOf } from './service-port.ts';
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

/** How names are looked up. */
interface Lookup {
  readonly system: System;
  readonly cancellation: Cancellation;
  /** The default one if undefined. */
  readonly resolver: HostResolver | undefined;
}

/** `op` is "listen" or "dial": only an address to dial may not be empty. */
export async function resolveAddrs(
  system: System,
  op: 'listen' | 'dial',
  network: string,
  address: string,
  cancellation: Cancellation,
  resolver: HostResolver | undefined,
): Promise<ResolvedAddrs> {
  const lookup = { system, cancellation, resolver };
  const isTCP = TCP_NETWORKS.has(network);
  const isUnix = UNIX_NETWORKS.has(network);
  const ip = isTCP || isUnix || UDP_NETWORKS.has(network) ? null : ipNetwork(system, network);
  if (op === 'dial' && address === '') throw new AddrError('', 'missing address');
  if (isUnix) return { kind: 'unix', addr: new UnixAddr(address, network as UnixNetwork) };
  if (ip !== null) {
    const hosts = address === '' ? [] : await hostAddrs(lookup, ip.network, address);
    return { kind: 'ip', ...ip, addrs: address === '' ? [IPAddr.any()] : hosts };
  }
  const { hosts, port } = await hostsAndPort(lookup, network, address);
  if (isTCP) return { kind: 'tcp', addrs: hosts.map((host) => tcpAddr(host, port)) };
  return { kind: 'udp', addrs: hosts.map((host) => udpAddr(host, port)) };
}

/** Of "ip4:icmp" and the like. */
function ipNetwork(system: System, network: string): { network: string; protocol: number } {
  const ping = PING_PROTOCOLS.get(network);
  if (ping !== undefined) return { network, protocol: ping };
  const { base, protocol } = parseNetwork(network, true, protocolsOf(system));
  return { network: base, protocol };
}

function tcpAddr({ bytes, zone }: IPAddr, port: number): TCPAddr {
  return bytes === null ? new TCPAddr('', port) : TCPAddr.fromBytes(bytes, port, zone);
}

function udpAddr({ bytes, zone }: IPAddr, port: number): UDPAddr {
  return new UDPAddr(bytes ?? '', port, zone);
}

/** Of "host:port", which may be empty, and the host too. */
async function hostsAndPort(
  lookup: Lookup,
  network: string,
  address: string,
): Promise<{ hosts: readonly IPAddr[]; port: number }> {
  if (address === '') return { hosts: [IPAddr.any()], port: 0 };
  const [host, service] = splitHostPort(address);
  const port = lookupPort(network, service, servicesOf(lookup.system));
  const hosts = host === '' ? [IPAddr.any()] : await hostAddrs(lookup, network, host);
  return { hosts, port };
}

/** The addresses of a host that are of the network's family. */
async function hostAddrs(lookup: Lookup, network: string, host: string): Promise<IPAddr[]> {
  const found = await lookupHost(lookup, network, host);
  const family = network.endsWith('4') ? AF_INET : network.endsWith('6') ? AF_INET6 : null;
  const addrs = found.filter((addr) => family === null || addr.family === family);
  if (addrs.length === 0) throw new AddrError(host, 'no suitable address found');
  return addrs;
}

/** What `resolver` says, or the default one. A literal is not looked up. */
async function lookupHost(
  { system, resolver, cancellation }: Lookup,
  network: string,
  host: string,
): Promise<IPAddr[]> {
  const literal = IPAddr.parse(host);
  if (literal !== null) return [literal];
  if (resolver !== undefined && !(resolver instanceof Resolver)) {
    return askResolver(resolver, host, cancellation);
  }
  const family = network.endsWith('4') ? 'ip4' : network.endsWith('6') ? 'ip6' : 'ip';
  return (resolver ?? defaultResolver(system)).addresses(family, host, cancellation);
}

/** A resolver that is not ours: its order counts, and what is no address does not. */
async function askResolver(
  resolver: HostResolver,
  host: string,
  cancellation: Cancellation,
): Promise<IPAddr[]> {
  const giveUp = new AbortController();
  try {
    if (cancellation.error !== null) throw cancellation.error;
    const asking = resolver.lookupHost(host, { signal: giveUp.signal });
    return parseAddresses(await cancellation.race(asking));
  } catch (error) {
    throw systemFailure(host, error);
  } finally {
    giveUp.abort();
  }
}
