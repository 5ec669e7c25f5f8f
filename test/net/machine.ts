/** What this machine can do and what this process has open: for tests that depend on it. */
import { readdirSync, readlinkSync } from 'node:fs';
import { linux } from '../../src/kernel/linux.ts';
import { IPPROTO_ICMP } from '../../src/syscall/inet.ts';
import {
  AF_INET,
  AF_INET6,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../src/syscall/socket.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';

function loopback6(): Uint8Array {
  const addr = new Uint8Array(16);
  addr[15] = 1;
  return encodeSockaddr({ family: AF_INET6, addr, port: 0, flowinfo: 0, scopeId: 0 });
}

function hasIPv6(): boolean {
  const { kernel } = linux;
  const fd = kernel.socket(AF_INET6, SOCK_STREAM, 0);
  if (fd < 0) return false;
  const sa = loopback6();
  const result = kernel.bind(fd, sa, sa.length);
  kernel.close(fd);
  return result === 0;
}

/** False, or why there is no IPv6 here: the value that node:test's `skip` takes. */
export const noIPv6: string | false = hasIPv6() ? false : 'this machine has no ::1 to bind to';

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** How many of them are of a kind, as /proc calls it. */
function openOf(kind: string): number {
  const isOne = (fd: string): boolean => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(kind);
    } catch {
      return false; // the folder itself, closed by now
    }
  };
  return readdirSync('/proc/self/fd').filter(isOne).length;
}

/** How many of them are sockets: the runtime opens other things when it likes. */
export function openSockets(): number {
  return openOf('socket:');
}

/** How many of them are ends of pipes. */
export function openPipes(): number {
  return openOf('pipe:');
}

function hasICMP(type: number): boolean {
  const fd = linux.kernel.socket(AF_INET, type | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd >= 0) linux.kernel.close(fd);
  return fd >= 0;
}

/** False, or why raw sockets cannot be had. */
export function noRaw(): string | false {
  return hasICMP(SOCK_RAW) ? false : 'no raw sockets here (CAP_NET_RAW)';
}

/** Why this process can send no ICMP echo, or false. */
export function noPing(): string | false {
  if ([SOCK_DGRAM, SOCK_RAW].some(hasICMP)) return false;
  return 'neither CAP_NET_RAW nor net.ipv4.ping_group_range allows it';
}
