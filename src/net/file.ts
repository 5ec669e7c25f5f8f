/**
 * Sockets that come from elsewhere as descriptors: from another process, from a service manager, from a
 * {@link SocketFile}. What is made of them has a descriptor of its own, by Go's calls in Go's order:
 *
 *   F_DUPFD_CLOEXEC · O_NONBLOCK if it is not set · SO_TYPE · getsockname · getpeername · epoll ADD
 *
 * The file stays open and its owner's. After Go's net/file_unix.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { EINVAL, EPROTONOSUPPORT } from '../syscall/errno.ts';
import { F_DUPFD_CLOEXEC, F_GETFL, F_SETFL, O_NONBLOCK } from '../syscall/fcntl.ts';
import { decodeSockaddr } from '../syscall/sockaddr.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { descriptorOf, type FileLike, nameOf } from './file-like.ts';
import { IPAddr } from './ip-addr.ts';
import { IPConn } from './ip-conn.ts';
import { check } from './open-stream.ts';
import { OpError } from './op-error.ts';
import type { AddrType, PacketSocket } from './packet-conn.ts';
import type { InternetAddr } from './internet-addr.ts';
import { DEFAULT_KEEP_ALIVE } from './options.ts';
import { FILE_NETWORK, fileAddr } from './socket-file.ts';
import { getSocketInt, setNoDelay } from './socket-options.ts';
import { localName, peerName, tcpAddrOf, unixAddrOf } from './socket-name.ts';
import { TCPConn, TCPListener } from './tcp.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UDPAddr } from './udp-addr.ts';
import { UDPConn } from './udp-conn.ts';
import { UnixConn, UnixListener } from './unix.ts';
import type { UnixNetwork } from './unix-addr.ts';
import { zoneName } from './zone.ts';

/** A socket of our own: what it is and between what. Whoever gets it closes it. */
export interface AdoptedSocket {
  readonly sysfd: number;
  /** What F_GETFL gave before it was made non-blocking. */
  readonly flags: number;
  /** AF_INET, AF_INET6 or AF_UNIX. */
  readonly family: number;
  /** SOCK_STREAM, SOCK_DGRAM, …. */
  readonly sotype: number;
  /** The sockaddr of this end. */
  readonly local: Uint8Array;
  /** That of the other end; null if there is none. */
  readonly remote: Uint8Array | null;
}

const UNIX_NETWORKS: Readonly<Record<number, UnixNetwork>> = {
  [SOCK_STREAM]: 'unix',
  [SOCK_SEQPACKET]: 'unixpacket',
  [SOCK_DGRAM]: 'unixgram',
};

/**
 * A connection on a copy of `file`: "tcp", "unix" or "unixpacket"; or of datagrams, as of
 * {@link filePacketConn}. OpError "file".
 */
export function fileConn(system: System, file: FileLike): TCPConn | UDPConn | IPConn | UnixConn {
  return fromFile(system, 'fileConn', file, (socket) => {
    if (isTCP(socket)) return tcpConn(system, socket);
    return isUnixStream(socket) ? unixConn(system, socket) : packetConn(system, socket);
  });
}

/**
 * A connection of datagrams on a copy of `file`: "udp", "unixgram" or, of a raw socket, "ip". The socket may be bound,
 * connected, or neither; the peer of a raw one is not known, since Linux tells no address without a port.
 * One of "ping4" is "udp" here, as in Go: its port is the identifier of the echo messages. OpError "file".
 */
export function filePacketConn(system: System, file: FileLike): UDPConn | IPConn | UnixConn {
  return fromFile(system, 'filePacketConn', file, (socket) => packetConn(system, socket));
}

/** Whether {@link filePacketConn} takes a socket of this family and type. */
export function isPacketSocket({
  family,
  sotype,
}: Pick<AdoptedSocket, 'family' | 'sotype'>): boolean {
  if (sotype === SOCK_DGRAM) return FAMILIES.has(family);
  return sotype === SOCK_RAW && family !== AF_UNIX && FAMILIES.has(family);
}

/**
 * A listener on a copy of `file`. Whether it listens is seen by the first accept, as in Go. A unix
 * listener does not remove its file when it is closed: that is for whoever made it. OpError "file".
 */
export function fileListener(system: System, file: FileLike): TCPListener | UnixListener {
  return fromFile(system, 'fileListener', file, (socket) => {
    const { sysfd, local } = socket;
    if (isTCP(socket)) {
      const addr = tcpAddrOf(system, local, local.length);
      const traits = { keepAlive: DEFAULT_KEEP_ALIVE, named: true };
      return new TCPListener(system, sysfd, 'tcp', addr, traits);
    }
    if (!isUnixStream(socket)) return null;
    const addr = unixAddrOf(local, local.length, UNIX_NETWORKS[socket.sotype]!);
    return new UnixListener(system, sysfd, addr, true);
  });
}

/**
 * What `make` makes of a copy of `file`. It takes the socket, and so closes it if it throws, or gives null
 * for a kind that it does not make anything of. For net's own files. OpError "file".
 */
export function fromFile<T>(
  system: System,
  method: string,
  file: FileLike,
  make: (socket: AdoptedSocket) => T | null,
): T {
  const fd = descriptorOf(method, file);
  try {
    const socket = adopt(system.kernel, fd);
    const made = make(socket);
    if (made !== null) return made;
    giveBack(system.kernel, socket.sysfd, socket.flags);
    throw new SyscallError('', -EINVAL);
  } catch (cause) {
    throw new OpError('file', FILE_NETWORK, null, fileAddr(nameOf(file)), cause as Error);
  }
}

/** SyscallError: of fcntl, of getsockopt if it is no socket, or of a family that is not known here. */
function adopt(kernel: Kernel, fd: number): AdoptedSocket {
  const sysfd = kernel.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  check('fcntl', sysfd);
  let flags = O_NONBLOCK;
  try {
    flags = setNonBlocking(kernel, sysfd);
    const sotype = getSocketInt(kernel, sysfd, SO_TYPE);
    check('getsockopt', sotype);
    const local = localName(kernel, sysfd)?.slice() ?? null;
    const remote = peerName(kernel, sysfd)?.slice() ?? null;
    const family = local === null ? -1 : decodeSockaddr(local, local.length).family;
    if (local !== null && FAMILIES.has(family))
      return { sysfd, flags, family, sotype, local, remote };
    throw new SyscallError('', -EPROTONOSUPPORT);
  } catch (error) {
    giveBack(kernel, sysfd, flags);
    throw error;
  }
}

/** Others have the file too: a terminal would be spoilt for the shell that waits for it. */
function giveBack(kernel: Kernel, sysfd: number, flags: number): void {
  if ((flags & O_NONBLOCK) === 0) kernel.fcntl(sysfd, F_SETFL, flags);
  kernel.close(sysfd);
}

const FAMILIES: ReadonlySet<number> = new Set([AF_INET, AF_INET6, AF_UNIX]);

/** The flags before. */
function setNonBlocking(kernel: Kernel, sysfd: number): number {
  const flags = kernel.fcntl(sysfd, F_GETFL, 0);
  check('fcntl', flags);
  if ((flags & O_NONBLOCK) === 0) check('fcntl', kernel.fcntl(sysfd, F_SETFL, flags | O_NONBLOCK));
  return flags;
}

function isTCP({ family, sotype }: AdoptedSocket): boolean {
  return family !== AF_UNIX && sotype === SOCK_STREAM;
}

function isUnixStream({ family, sotype }: AdoptedSocket): boolean {
  return family === AF_UNIX && (sotype === SOCK_STREAM || sotype === SOCK_SEQPACKET);
}

function tcpConn(system: System, { sysfd, local, remote }: AdoptedSocket): TCPConn {
  const here = tcpAddrOf(system, local, local.length);
  const there = remote === null ? new TCPAddr('', 0) : tcpAddrOf(system, remote, remote.length);
  const conn = new TCPConn(system, sysfd, 'tcp', here, there);
  conn.register();
  setNoDelay(system.kernel, sysfd, true);
  return conn.guard();
}

function packetConn(system: System, socket: AdoptedSocket): UDPConn | IPConn | UnixConn | null {
  if (!isPacketSocket(socket)) return null;
  if (socket.family === AF_UNIX) return unixConn(system, socket);
  return socket.sotype === SOCK_DGRAM
    ? UDPConn.adopted(packetSocket(system, 'udp', socket, UDPAddr))
    : IPConn.adopted(packetSocket(system, 'ip', socket, IPAddr));
}

function packetSocket<A extends InternetAddr>(
  system: System,
  network: string,
  { sysfd, family, local, remote }: AdoptedSocket,
  type: AddrType<A>,
): PacketSocket<A> {
  const addrOf = (name: Uint8Array | null): A | null =>
    name === null ? null : type.fromSockaddr(name, name.length, (index) => zoneName(system, index));
  return { system, sysfd, network, family, local: addrOf(local), remote: addrOf(remote) };
}

function unixConn(system: System, { sysfd, sotype, local, remote }: AdoptedSocket): UnixConn {
  const network = UNIX_NETWORKS[sotype]!;
  const here = unixAddrOf(local, local.length, network);
  const there = unixAddrOf(remote ?? new Uint8Array(0), remote?.length ?? 0, network);
  const isConnected = network !== 'unixgram' || remote !== null;
  const conn = new UnixConn(system, sysfd, network, here, there, isConnected);
  conn.register();
  return conn.guard();
}
