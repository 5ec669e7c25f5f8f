/**
 * The sockets under packet connections, made by exactly Go's sequence of calls:
 *
 *   listen   socket · IPV6_V6ONLY · SO_BROADCAST · [SO_REUSEADDR] · [control] · bind · epoll ADD · …
 *   dial     socket · IPV6_V6ONLY · SO_BROADCAST · [control] · [bind] · connect · epoll ADD · …
 *
 * (The last of each are done by the connection.) A raw socket has no IPV6_V6ONLY. Whatever fails after
 * socket(2) closes the socket. After Go's net/sock_posix.go and net/sockopt_linux.go.
 */
import type { System } from '../kernel/system.ts';
import { EACCES } from '../syscall/errno.ts';
import { AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { favoriteFamily } from './family.ts';
import type { InternetAddr } from './internet-addr.ts';
import { callControl, check, type Control } from './open-stream.ts';
import type { PacketSocket } from './packet-conn.ts';
import { setBroadcast, setReuseAddr, setReusePort, setV6Only } from './socket-options.ts';
import { zoneIndex } from './zone.ts';

export interface PacketRequest<A extends InternetAddr> {
  readonly method: 'listen' | 'dial';
  /** With its family's suffix, if it has one, and without a protocol. */
  readonly network: string;
  /** Of raw and ping sockets, else 0. */
  readonly protocol: number;
  readonly local: A | null;
  readonly remote: A | null;
  /** To be bound to in place of `local`. */
  readonly bound?: A;
  readonly control: Control | undefined;
  readonly reuseAddr?: boolean;
  readonly reusePort?: boolean;
}

/** A socket that is bound or connected. SyscallError, AddrError, or whatever control threw. */
export function openPacket<A extends InternetAddr>(
  system: System,
  request: PacketRequest<A>,
): PacketSocket<A> {
  const { network, local, remote } = request;
  const listening = request.method === 'listen';
  const kind = favoriteFamily(system, network, local, remote, listening);
  const sysfd = openSocket(system, request, kind.family);
  const socket = { system, sysfd, network, family: kind.family, local, remote };
  try {
    setUp(request, socket, kind.v6Only);
    return socket;
  } catch (error) {
    system.kernel.close(sysfd);
    throw error;
  }
}

function openSocket<A extends InternetAddr>(
  system: System,
  { network, protocol }: PacketRequest<A>,
  family: number,
): number {
  const type = network.startsWith('ip') ? SOCK_RAW : SOCK_DGRAM;
  const sysfd = system.kernel.socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (sysfd >= 0) return sysfd;
  const error = new SyscallError('socket', sysfd);
  if (sysfd === -EACCES && network.startsWith('ping')) {
    error.message += ' (a group of this process must be in net.ipv4.ping_group_range)';
  }
  throw error;
}

function setUp<A extends InternetAddr>(
  request: PacketRequest<A>,
  socket: PacketSocket<A>,
  v6Only: boolean,
): void {
  const { network, local, remote, bound = local } = request;
  const { system, sysfd, family } = socket;
  const { kernel } = system;
  const raw = network.startsWith('ip');
  // As in Go the answer is not looked at: it fails where it cannot be changed.
  if (family === AF_INET6 && !raw) setV6Only(kernel, sysfd, v6Only);
  check('setsockopt', setBroadcast(kernel, sysfd));
  if (request.reuseAddr === true) check('setsockopt', setReuseAddr(kernel, sysfd));
  if (request.reusePort === true) check('setsockopt', setReusePort(kernel, sysfd));
  const control = {
    control: request.control,
    controlNetwork: withFamily(network, family),
    address: (remote ?? bound)?.toString() ?? '',
  };
  callControl(request.method, control, sysfd, kernel);
  const zone = (name: string): number => zoneIndex(system, name);
  if (bound !== null) {
    const sa = bound.sockaddr(family, zone);
    check('bind', kernel.bind(sysfd, sa, sa.length));
  }
  if (remote === null) return;
  const sa = remote.sockaddr(family, zone);
  check('connect', kernel.connect(sysfd, sa, sa.length));
}

function withFamily(network: string, family: number): string {
  return `${network.replace(/[46]$/, '')}${family === AF_INET6 ? '6' : '4'}`;
}
