/**
 * Multicast: groups that a socket listens to, and how it sends to them. By setsockopt(2), for IPv4 and
 * IPv6; an AF_INET6 socket that serves both takes both kinds of groups. Interfaces are told by number
 * (struct ip_mreqn), so none needs an address. After Go's net/sockoptip_linux.go; ip(7), ipv6(7).
 */
import type { Kernel } from '../kernel/kernel.ts';
import { cString } from '../syscall/c-string.ts';
import { decodeIfreq, encodeIfreq } from '../syscall/ifreq.ts';
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
import {
  groupMembership,
  groupMembership6,
  multicastInterface,
} from '../syscall/option-multicast.ts';
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { setSocketInt } from './socket-options.ts';
import type { UDPAddr } from './udp-addr.ts';

/** An interface by its name or number, or an object that has it; null for any. */
export type InterfaceRef = string | number | { readonly index: number } | null;

/** The number of an interface, 0 for any. SyscallError if there is none of that name. */
export function interfaceIndex(method: string, kernel: Kernel, on: InterfaceRef): number {
  if (on === null) return 0;
  if (typeof on === 'string') return indexOfName(method, kernel, on);
  const index = typeof on === 'number' ? on : on?.index;
  if (Number.isInteger(index) && index >= 0 && index <= 0x7fffffff) return index;
  throw new TypeError(`${method}: the interface must be its name, its number or null`);
}

function indexOfName(method: string, kernel: Kernel, name: string): number {
  if (cString(name).length > IFNAMSIZ || name === '') {
    throw new RangeError(`${method}: the name of an interface has 1 to ${IFNAMSIZ - 1} bytes`);
  }
  const request = encodeIfreq(name);
  const sysfd = kernel.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (sysfd < 0) throw new SyscallError('socket', sysfd);
  const result = kernel.ioctl(sysfd, SIOCGIFINDEX, request);
  kernel.close(sysfd);
  if (result < 0) throw new SyscallError('ioctl', result);
  return decodeIfreq(request, 'ifindex');
}

/** 0 or -errno, as of all below. */
export function joinGroup(kernel: Kernel, sysfd: number, group: UDPAddr, ifindex: number): number {
  return group.family === AF_INET
    ? setGroup4(kernel, sysfd, IP_ADD_MEMBERSHIP, group, ifindex)
    : setGroup6(kernel, sysfd, IPV6_ADD_MEMBERSHIP, group, ifindex);
}

export function leaveGroup(kernel: Kernel, sysfd: number, group: UDPAddr, ifindex: number): number {
  return group.family === AF_INET
    ? setGroup4(kernel, sysfd, IP_DROP_MEMBERSHIP, group, ifindex)
    : setGroup6(kernel, sysfd, IPV6_DROP_MEMBERSHIP, group, ifindex);
}

function setGroup4(
  kernel: Kernel,
  sysfd: number,
  option: number,
  addr: UDPAddr,
  ifindex: number,
): number {
  const group = addr.bytes!.subarray(12);
  const value = groupMembership.encode('group', { group, ifindex });
  return kernel.setsockopt(sysfd, SOL_IP, option, value, value.length);
}

function setGroup6(
  kernel: Kernel,
  sysfd: number,
  option: number,
  addr: UDPAddr,
  ifindex: number,
): number {
  const value = groupMembership6.encode('group', { group: addr.bytes!, ifindex });
  return kernel.setsockopt(sysfd, SOL_IPV6, option, value, value.length);
}

export function setMulticastInterface(
  kernel: Kernel,
  sysfd: number,
  family: number,
  ifindex: number,
): number {
  const value = multicastInterface.encode('IP_MULTICAST_IF', { ifindex });
  const result = kernel.setsockopt(sysfd, SOL_IP, IP_MULTICAST_IF, value, value.length);
  if (family !== AF_INET6) return result;
  return setSocketInt(kernel, sysfd, SOL_IPV6, IPV6_MULTICAST_IF, ifindex);
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
