/** Sockets of every kind that has options, on loopback, each made for one use and closed after it. */
import { SocketOptions } from '../../src/sockopt/socket-options.ts';
import { linux } from '../../src/kernel/linux.ts';
import { errnoName } from '../../src/syscall/errno.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_RAW } from '../../src/syscall/inet.ts';
import { encodeSockaddr, type Sockaddr } from '../../src/syscall/sockaddr.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../src/syscall/socket.ts';

const { kernel } = linux;

export type SocketKind =
  | 'tcp'
  | 'tcp6'
  | 'connected'
  | 'connected6'
  | 'listening'
  | 'udp'
  | 'udp6'
  | 'unix'
  | 'raw'
  | 'raw6'
  | 'anyRaw6'
  | 'netlink'
  | 'packet'
  | 'vsock';

/** Sockets, bound and connected to nothing unless their name says so. */
const makers: Readonly<Record<SocketKind, () => number[]>> = {
  tcp: () => [socket(AF_INET, SOCK_STREAM)],
  tcp6: () => [socket(AF_INET6, SOCK_STREAM)],
  // The connecting end, the accepted end, the listener.
  connected: () => connect(AF_INET),
  connected6: () => connect(AF_INET6),
  listening: () => [listen(AF_INET)],
  udp: () => [socket(AF_INET, SOCK_DGRAM)],
  udp6: () => [socket(AF_INET6, SOCK_DGRAM)],
  unix: pair,
  raw: () => [socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)],
  raw6: () => [socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)],
  anyRaw6: () => [socket(AF_INET6, SOCK_RAW, IPPROTO_RAW)],
  netlink: () => [socket(AF_NETLINK, SOCK_RAW)],
  packet: () => [socket(AF_PACKET, SOCK_RAW)],
  vsock: () => [socket(AF_VSOCK, SOCK_STREAM)],
};

/** Has `use` have the options of the sockets, and the first one's descriptor; then closes them all. */
export function withSockets<T>(
  kind: SocketKind,
  use: (options: SocketOptions[], fds: readonly number[]) => T,
): T {
  const fds = makers[kind]();
  try {
    return use(fds.map(optionsOf), fds);
  } finally {
    for (const fd of fds) kernel.close(fd);
  }
}

/** The options of a descriptor that is open as long as they are used. */
export function optionsOf(fd: number): SocketOptions {
  return new SocketOptions((_call, use) => use(fd, kernel));
}

/** False, or why there is no such socket here: the value that node:test's `skip` takes. */
export function noSocket(kind: SocketKind): string | false {
  try {
    return withSockets(kind, () => false);
  } catch (error) {
    return `this machine has no socket of the kind ${kind} (${(error as Error).message})`;
  }
}

/** The result of a call, which must not fail. */
export function must(result: number): number {
  if (result < 0) throw new Error(errnoName(-result));
  return result;
}

export function loopback(family: typeof AF_INET | typeof AF_INET6, port: number): Sockaddr {
  if (family === AF_INET) return { family, addr: Uint8Array.of(127, 0, 0, 1), port };
  const addr = new Uint8Array(16);
  addr[15] = 1;
  return { family, addr, port, flowinfo: 0, scopeId: 0 };
}

export function bind(fd: number, address: Sockaddr): void {
  const bytes = encodeSockaddr(address);
  must(kernel.bind(fd, bytes, bytes.length));
}

/** Connects one socket to the address that another one is bound to. */
export function connectTo(fd: number, to: number): void {
  const name = new Uint8Array(128);
  const length = new Uint32Array([128]);
  must(kernel.getsockname(to, name, length));
  must(kernel.connect(fd, name, length[0]!));
}

function socket(family: number, type: number, protocol = 0): number {
  return must(kernel.socket(family, type | SOCK_CLOEXEC, protocol));
}

function pair(): number[] {
  const fds = new Int32Array(2);
  must(kernel.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  return [...fds];
}

function listen(family: typeof AF_INET | typeof AF_INET6): number {
  const fd = socket(family, SOCK_STREAM);
  bind(fd, loopback(family, 0));
  must(kernel.listen(fd, 8));
  return fd;
}

function connect(family: typeof AF_INET | typeof AF_INET6): number[] {
  const listener = listen(family);
  const client = socket(family, SOCK_STREAM);
  connectTo(client, listener);
  return [client, must(kernel.accept4(listener, null, null, SOCK_CLOEXEC)), listener];
}
