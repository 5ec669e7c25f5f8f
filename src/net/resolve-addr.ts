/**
 * Addresses for writeTo: one address of a text, which may have names in it. After Go's ResolveUDPAddr and
 * ResolveIPAddr. Of several addresses it is the first with IPv4, unless the text looks like IPv6.
 */
import type { System } from '../kernel/system.ts';
import { AF_INET6 } from '../syscall/socket.ts';
import { requireString } from './arguments.ts';
import { Cancellation } from './cancellation.ts';
import { UnknownNetworkError } from './errors.ts';
import type { FamilyHint } from './family.ts';
import type { IPAddr } from './ip-addr.ts';
import { parseNetwork } from './ip-protocol.ts';
import { optionalSignal, requireOptions } from './options.ts';
import { protocolsOf, resolveAddrs, type ResolvedAddrs } from './resolve.ts';
import { type HostResolver, optionalResolver } from './resolver-options.ts';
import type { UDPAddr } from './udp-addr.ts';

/** What the lookup of a name may be told. */
export interface ResolveOptions {
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
  /** Who looks up host names, in place of the default Resolver. */
  readonly resolver?: HostResolver | undefined;
}

/** Of "host:port" on udp, udp4 or udp6. AddrError, DNSError, UnknownNetworkError. */
export async function resolveUDPAddr(
  system: System,
  network: string,
  address: string,
  options: ResolveOptions = {},
): Promise<UDPAddr> {
  requireString('resolveUDPAddr', 'network', network);
  requireString('resolveUDPAddr', 'address', address);
  const udp = ['udp', 'udp4', 'udp6'].includes(network);
  if (network !== '' && !udp) throw new UnknownNetworkError(network);
  const resolved = await resolve(system, 'resolveUDPAddr', network || 'udp', address, options);
  if (resolved.kind !== 'udp') throw new UnknownNetworkError(network);
  return preferred(resolved.addrs, address.includes('['));
}

/** Of a host, on ip, ip4 or ip6, or a protocol of these. AddrError, DNSError, UnknownNetworkError. */
export async function resolveIPAddr(
  system: System,
  network: string,
  host: string,
  options: ResolveOptions = {},
): Promise<IPAddr> {
  requireString('resolveIPAddr', 'network', network);
  requireString('resolveIPAddr', 'host', host);
  const { base } = parseNetwork(network || 'ip', false, protocolsOf(system));
  if (!base.startsWith('ip')) throw new UnknownNetworkError(network);
  // Of which protocol it is does not matter for the address.
  const resolved = await resolve(system, 'resolveIPAddr', `${base}:0`, host, options);
  if (resolved.kind !== 'ip') throw new UnknownNetworkError(network);
  return preferred(resolved.addrs, host.includes(':'));
}

function resolve(
  system: System,
  method: string,
  network: string,
  address: string,
  options: ResolveOptions,
): Promise<ResolvedAddrs> {
  requireOptions(method, options);
  optionalSignal(method, options.signal);
  optionalResolver(method, options.resolver);
  const { signal, resolver } = options;
  const cancellation = new Cancellation(system.clock, 0, signal === undefined ? [] : [signal]);
  return resolveAddrs(system, 'listen', network, address, cancellation, resolver);
}

function preferred<A extends FamilyHint>(addrs: readonly A[], want6: boolean): A {
  return addrs.find(({ family }) => (family === AF_INET6) === want6) ?? addrs[0]!;
}
