/**
 * From a network and an address as text to the addresses to try. After Go's net/dial.go and
 * net/ipsock.go (parseNetwork, internetAddrList); the texts of the errors are Go's.
 *
 * A literal costs nothing. A name is looked up by a Resolver, see resolver.ts.
 */
import { perSystem } from '../kernel/per-system.ts';
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../syscall/inet.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import type { Cancellation } from './cancellation.ts';
import { AddrError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { IPAddr, parseAddresses } from './ip-addr.ts';
import { type ParsedNetwork, parseNetwork, type ProtocolsReader } from './ip-protocol.ts';
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

/** `op` is "listen" or "dial": only an address to dial may not be empty. */
export async function resolveAddrs(
  system: System,
  op: 'listen' | 'dial',
  network: string,
  address: string,
  cancellation: Cancellation,
  resolver: HostResolver | undefined,
): Promise<ResolvedAddrs> {
  const { base, protocol } = knownNetwork(system, network);
  if (op === 'dial' && address === '') throw new AddrError('', 'missing address');
  if (UNIX_NETWORKS.has(base)) {
    return { kind: 'unix', addr: new UnixAddr(address, network as UnixNetwork) };
  }
  const isTCP = TCP_NETWORKS.has(base);
  const hasPort = isTCP || UDP_NETWORKS.has(base);
  const { host, port } = hasPort ? hostAndPort(system, base, address) : { host: address, port: 0 };
  const addrs =
    host === '' ? [IPAddr.any()] : await hostAddrs(system, resolver, base, host, cancellation);
  if (!hasPort) return { kind: 'ip', network: base, protocol, addrs };
  if (isTCP) return { kind: 'tcp', addrs: addrs.map((addr) => withPort(addr, port)) };
  const udpAddrs = addrs.map(({ bytes, zone }) => new UDPAddr(bytes ?? '', port, zone));
  return { kind: 'udp', addrs: udpAddrs };
}

/** The network without its protocol, and that. UnknownNetworkError, AddrError for the protocol. */
function knownNetwork(system: System, network: string): ParsedNetwork {
  const ping = PING_PROTOCOLS.get(network);
  return ping === undefined
    ? parseNetwork(network, true, protocolsOf(system))
    : { base: network, protocol: ping };
}

/** The /etc/protocols of a System, which is read once. */
export const protocolsOf: (system: System) => ProtocolsReader = perSystem(
  ({ kernel }) =>
    () =>
      readTextFile(kernel, '/etc/protocols'),
);

function hostAndPort(
  system: System,
  network: string,
  address: string,
): { host: string; port: number } {
  if (address === '') return { host: '', port: 0 };
  const [host, service] = splitHostPort(address);
  return { host, port: lookupPort(network, service, servicesOf(system)) };
}

function withPort({ bytes, zone }: IPAddr, port: number): TCPAddr {
  return bytes === null ? new TCPAddr('', port) : TCPAddr.fromBytes(bytes, port, zone);
}

/** The addresses of a host that are of the network's family, at least one. */
async function hostAddrs(
  system: System,
  resolver: HostResolver | undefined,
  network: string,
  host: string,
  cancellation: Cancellation,
): Promise<IPAddr[]> {
  const found = await lookupHost(system, resolver, network, host, cancellation);
  const family = network.endsWith('4') ? AF_INET : network.endsWith('6') ? AF_INET6 : null;
  const addrs = found.filter((addr) => family === null || addr.family === family);
  if (addrs.length === 0) throw new AddrError(host, 'no suitable address found');
  return addrs;
}

/** What `resolver` says, or the default one. A literal is not looked up. */
async function lookupHost(
  system: System,
  resolver: HostResolver | undefined,
  network: string,
  host: string,
  cancellation: Cancellation,
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
