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
import { decodeSockaddr, SOCKADDR_ANY_SIZE } from '../syscall/sockaddr.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { descriptorOf, type FileLike, nameOf } from './file-like.ts';
import { check } from './open-stream.ts';
import { OpError } from './op-error.ts';
import { DEFAULT_KEEP_ALIVE } from './options.ts';
import { FILE_NETWORK, fileAddr } from './socket-file.ts';
import { setNoDelay } from './socket-options.ts';
import { tcpAddrOf, unixAddrOf } from './socket-name.ts';
import { TCPConn, TCPListener } from './tcp.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UnixConn, UnixListener } from './unix.ts';
import type { UnixNetwork } from './unix-addr.ts';

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

/** A connection on a copy of `file`: "tcp", "unix" or "unixpacket". OpError "file". */
export function fileConn(system: System, file: FileLike): TCPConn | UnixConn {
  return fromFile(system, 'fileConn', file, (socket) => {
    if (isTCP(socket)) return tcpConn(system, socket);
    return isUnixStream(socket) ? unixConn(system, socket) : null;
  });
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
      return new TCPListener(system, sysfd, 'tcp', addr, DEFAULT_KEEP_ALIVE, true);
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
    const sotype = typeOf(kernel, sysfd);
    const local = nameBytes((addr, length) => kernel.getsockname(sysfd, addr, length));
    const remote = nameBytes((addr, length) => kernel.getpeername(sysfd, addr, length));
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

function typeOf(kernel: Kernel, sysfd: number): number {
  const value = new Int32Array(1);
  const bytes = new Uint8Array(value.buffer);
  check(
    'getsockopt',
    kernel.getsockopt(sysfd, SOL_SOCKET, SO_TYPE, bytes, new Uint32Array([bytes.length])),
  );
  return value[0]!;
}

function nameBytes(call: (addr: Uint8Array, length: Uint32Array) => number): Uint8Array | null {
  const addr = new Uint8Array(SOCKADDR_ANY_SIZE);
  const length = new Uint32Array([addr.length]);
  return call(addr, length) < 0 ? null : addr.subarray(0, length[0]);
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

function unixConn(system: System, { sysfd, sotype, local, remote }: AdoptedSocket): UnixConn {
  const network = UNIX_NETWORKS[sotype]!;
  const here = unixAddrOf(local, local.length, network);
  const there = unixAddrOf(remote ?? new Uint8Array(0), remote?.length ?? 0, network);
  const conn = new UnixConn(system, sysfd, network, here, there);
  conn.register();
  return conn.guard();
}
