/**
 * Multicast: groups that a socket listens to, and how it sends to them. By setsockopt(2), for IPv4 and
 * IPv6; an AF_INET6 socket that serves both takes both kinds of groups. Interfaces are told by number
 * (struct ip_mreqn), so none needs an address. After Go's net/sockoptip_linux.go; ip(7), ipv6(7).
 */
import type { Kernel } from '../kernel/kernel.ts';
import { cString } from '../syscall/c-string.ts';
import { IFNAMSIZ } from '../syscall/interface.ts';
import { SIOCGIFINDEX } from '../syscall/ioctl.ts';
import {
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  SOL_IP,
  SOL_IPV6,
} from '../syscall/inet.ts';
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { setSocketInt } from './socket-options.ts';
import type { UDPAddr } from './udp-addr.ts';

/** An interface by its name or number, or an object that has it; null for any. */
export type InterfaceRef = string | number | { readonly index: number } | null;

/** sizeof(struct ifreq): the name, then a union. */
const IFREQ_SIZE = 40;

/** The number of an interface, 0 for any. SyscallError if there is none of that name. */
export function interfaceIndex(method: string, kernel: Kernel, on: InterfaceRef): number {
  if (on === null) return 0;
  if (typeof on === 'string') return indexOfName(method, kernel, on);
  const index = typeof on === 'number' ? on : on?.index;
  if (Number.isInteger(index) && index >= 0 && index <= 0x7fffffff) return index;
  throw new TypeError(`${method}: the interface must be its name, its number or null`);
}

function indexOfName(method: string, kernel: Kernel, name: string): number {
  const bytes = cString(name);
  if (bytes.length > IFNAMSIZ || name === '') {
    throw new RangeError(`${method}: the name of an interface has 1 to ${IFNAMSIZ - 1} bytes`);
  }
  const request = new Uint8Array(IFREQ_SIZE);
  request.set(bytes);
  const sysfd = kernel.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (sysfd < 0) throw new SyscallError('socket', sysfd);
  const result = kernel.ioctl(sysfd, SIOCGIFINDEX, request);
  kernel.close(sysfd);
  if (result < 0) throw new SyscallError('ioctl', result);
  return new DataView(request.buffer).getInt32(IFNAMSIZ, true);
}

/** 0 or -errno, as of all below. */
export function joinGroup(kernel: Kernel, sysfd: number, group: UDPAddr, index: number): number {
  return group.family === AF_INET
    ? setGroup4(kernel, sysfd, IP_ADD_MEMBERSHIP, group, index)
    : setGroup6(kernel, sysfd, IPV6_ADD_MEMBERSHIP, group, index);
}

export function leaveGroup(kernel: Kernel, sysfd: number, group: UDPAddr, index: number): number {
  return group.family === AF_INET
    ? setGroup4(kernel, sysfd, IP_DROP_MEMBERSHIP, group, index)
    : setGroup6(kernel, sysfd, IPV6_DROP_MEMBERSHIP, group, index);
}

function setGroup4(
  kernel: Kernel,
  sysfd: number,
  option: number,
  group: UDPAddr,
  index: number,
): number {
  return kernel.setsockopt(sysfd, SOL_IP, option, mreqn(group.bytes!.subarray(12), index), 12);
}

/** struct ipv6_mreq: the group, and the number. */
function setGroup6(
  kernel: Kernel,
  sysfd: number,
  option: number,
  group: UDPAddr,
  index: number,
): number {
  const value = new Uint8Array(20);
  value.set(group.bytes!);
  new DataView(value.buffer).setInt32(16, index, true);
  return kernel.setsockopt(sysfd, SOL_IPV6, option, value, value.length);
}

/** struct ip_mreqn: the group, an address of ours (any), and the number. */
function mreqn(group: Uint8Array, index: number): Uint8Array {
  const value = new Uint8Array(12);
  value.set(group);
  new DataView(value.buffer).setInt32(8, index, true);
  return value;
}

export function setMulticastInterface(
  kernel: Kernel,
  sysfd: number,
  family: number,
  index: number,
): number {
  const value = mreqn(new Uint8Array(4), index);
  const result = kernel.setsockopt(sysfd, SOL_IP, IP_MULTICAST_IF, value, value.length);
  if (family !== AF_INET6) return result;
  return setSocketInt(kernel, sysfd, SOL_IPV6, IPV6_MULTICAST_IF, index);
}

export function setMulticastLoop(
  kernel: Kernel,
  sysfd: number,
  family: number,
  on: boolean,
): number {
  const result = setSocketInt(kernel, sysfd, SOL_IP, IP_MULTICAST_LOOP, Number(on));
  if (family !== AF_INET6) return result;
  return setSocketInt(kernel, sysfd, SOL_IPV6, IPV6_MULTICAST_LOOP, Number(on));
}

export function setMulticastTTL(
  kernel: Kernel,
  sysfd: number,
  family: number,
  hops: number,
): number {
  const result = setSocketInt(kernel, sysfd, SOL_IP, IP_MULTICAST_TTL, hops);
  if (family !== AF_INET6) return result;
  return setSocketInt(kernel, sysfd, SOL_IPV6, IPV6_MULTICAST_HOPS, hops);
}
