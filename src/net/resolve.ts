/**
 * From a network and an address as text to the addresses to try. After Go's net/dial.go and
 * net/ipsock.go (parseNetwork, internetAddrList); the texts of the errors are Go's.
 *
 * A literal costs nothing. A name is looked up by a Resolver, see resolver.ts.
 */
import type { System } from '../kernel/system.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import type { Cancellation } from './cancellation.ts';
import type { Addr } from './conn.ts';
import { AddrError, UnknownNetworkError } from './errors.ts';
import { splitHostPort } from './host-port.ts';
import { IPAddr, parseAddresses } from './ip-addr.ts';
import { defaultResolver, Resolver, systemFailure } from './resolver.ts';
import type { HostResolver } from './resolver-options.ts';
import { lookupPort, servicesOf } from './service-port.ts';
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
  resolver: HostResolver | undefined,
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
  const addrs = await internetAddrs(system, network, address, cancellation, resolver);
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
  resolver: HostResolver | undefined,
): Promise<TCPAddr[]> {
  let host = '';
  let port = 0;
  if (address !== '') {
    const [hostText, service] = splitHostPort(address);
    host = hostText;
    port = lookupPort(network, service, servicesOf(system));
  }
  if (host === '') return [new TCPAddr('', port)];
  const found = await lookupHost(system, resolver, network, host, cancellation);
  const family = network.endsWith('4') ? AF_INET : network.endsWith('6') ? AF_INET6 : null;
  const addrs = found.filter((addr) => family === null || addr.family === family);
  if (addrs.length === 0) throw new AddrError(host, 'no suitable address found');
  return addrs.map(({ bytes, zone }) => TCPAddr.fromBytes(bytes!, port, zone));
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
