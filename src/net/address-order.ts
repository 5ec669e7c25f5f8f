/**
 * In which order the addresses of a name are tried: RFC 6724, section 6, as Go does it
 * (net/addrselect.go). The rules that need to know more than addresses are left out as there: 3
 * (deprecated), 4 (home) and 7 (tunnels). Rule 9, the longest prefix, is for IPv6 alone.
 *
 * Which address of this machine a connection would have is what the kernel says of a UDP socket
 * connected to the destination; no packet is sent.
 */
import type { System } from '../kernel/system.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_ANY_SIZE } from '../syscall/sockaddr.ts';
import { AF_INET, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from '../syscall/socket.ts';
import { fromIPv4, packIPv4, parseIP, to4 } from './ip.ts';
import type { IPAddr } from './ip-addr.ts';
import { zoneIndex } from './zone.ts';

// Scopes: RFC 6724, section 3.1, and RFC 4291, section 2.7.
const LINK_LOCAL = 0x2;
const SITE_LOCAL = 0x5;
const GLOBAL = 0xe;

/** The discard service; any port would do. */
const PORT = 9;

interface Policy {
  readonly prefix: Uint8Array;
  readonly bits: number;
  readonly precedence: number;
  readonly label: number;
}

const policy = (prefix: string, bits: number, precedence: number, label: number): Policy => {
  return { prefix: parseIP(prefix)!, bits, precedence, label };
};

/** RFC 6724, section 2.1, longest prefix first. */
const POLICIES: readonly Policy[] = [
  policy('::1', 128, 50, 0),
  policy('::ffff:0:0', 96, 35, 4),
  policy('::', 96, 1, 3),
  policy('2001::', 32, 5, 5),
  policy('2002::', 16, 30, 2),
  policy('3ffe::', 16, 1, 12),
  policy('fec0::', 10, 1, 11),
  policy('fc00::', 7, 3, 13),
  policy('::', 0, 40, 1),
];

/** A destination, and the address from which it would be reached: null if it cannot be. Both have 16 bytes. */
export interface Route {
  readonly destination: Uint8Array;
  readonly source: Uint8Array | null;
}

/** `addrs` in the order to try; of those that are equally good the earlier one stays before. */
export function sortAddresses(system: System, addrs: readonly IPAddr[]): IPAddr[] {
  if (addrs.length < 2) return [...addrs];
  const routes = addrs.map((addr) => {
    return { addr, destination: addr.bytes!, source: sourceAddress(system, addr) };
  });
  return routes.sort(compareRoutes).map(({ addr }) => addr);
}

/** Negative if `a` is better than `b`, positive if it is worse, 0 if neither is. */
export function compareRoutes(a: Route, b: Route): number {
  if (a.source === null || b.source === null) {
    return Number(a.source === null) - Number(b.source === null);
  }
  const [toA, fromA] = [policyOf(a.destination), policyOf(a.source)];
  const [toB, fromB] = [policyOf(b.destination), policyOf(b.source)];
  const scopeA = scopeOf(a.destination);
  const scopeB = scopeOf(b.destination);
  return (
    // 2, 5, 6, 8: the numbers of the rules.
    yes(scopeB === scopeOf(b.source)) - yes(scopeA === scopeOf(a.source)) ||
    yes(toB.label === fromB.label) - yes(toA.label === fromA.label) ||
    toB.precedence - toA.precedence ||
    scopeA - scopeB ||
    (isIPv4(a.destination) || isIPv4(b.destination)
      ? 0
      : prefixBits(b.source, b.destination) - prefixBits(a.source, a.destination))
  );
}

const yes = Number as (value: boolean) => number;

function isIPv4(bytes: Uint8Array): boolean {
  return to4(bytes) !== null;
}

function policyOf(bytes: Uint8Array): Policy {
  return POLICIES.find(({ prefix, bits }) => sameBits(prefix, bytes) >= bits)!;
}

function scopeOf(bytes: Uint8Array): number {
  const v4 = to4(bytes);
  if (v4 !== null) {
    const isLinkLocal = v4[0] === 127 || (v4[0] === 169 && v4[1] === 254);
    return isLinkLocal ? LINK_LOCAL : GLOBAL;
  }
  const [first = 0, second = 0] = bytes;
  if (sameBits(bytes, POLICIES[0]!.prefix) === 128) return LINK_LOCAL;
  if (first === 0xff) return second & 0xf;
  if (first !== 0xfe || (second & 0x80) === 0) return GLOBAL;
  return (second & 0x40) === 0 ? LINK_LOCAL : SITE_LOCAL;
}

/** How many bits at the beginning are the same: CommonPrefixLen, which ends where the interface begins. */
function prefixBits(a: Uint8Array, b: Uint8Array): number {
  return isIPv4(a) === isIPv4(b) ? Math.min(sameBits(a, b), 64) : 0;
}

function sameBits(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length * 8 : at * 8 + Math.clz32(a[at]! ^ b[at]!) - 24;
}

const buffer = new Uint8Array(SOCKADDR_ANY_SIZE);
const length = new Uint32Array(1);

/** The address that a socket has which is connected to `addr`; null if there is no way. */
function sourceAddress(system: System, addr: IPAddr): Uint8Array | null {
  const { kernel } = system;
  const fd = kernel.socket(addr.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return null;
  const sockaddr = destinationOf(system, addr);
  length[0] = buffer.length;
  const isNamed =
    kernel.connect(fd, sockaddr, sockaddr.length) === 0 &&
    kernel.getsockname(fd, buffer, length) === 0;
  kernel.close(fd);
  const name = isNamed ? decodeSockaddr(buffer, length[0]!) : {};
  if (!('addr' in name) || !(name.addr instanceof Uint8Array)) return null;
  return name.addr.length === 4 ? fromIPv4(packIPv4(name.addr)!) : name.addr;
}

function destinationOf(system: System, addr: IPAddr): Uint8Array {
  const { bytes, family, zone } = addr;
  if (family === AF_INET) return encodeSockaddr({ family, addr: to4(bytes!)!, port: PORT });
  const scopeId = zone === '' ? 0 : zoneIndex(system, zone);
  return encodeSockaddr({ family, addr: bytes!, port: PORT, flowinfo: 0, scopeId });
}
