/** The addresses of a socket's two ends, as the kernel tells them. */
import type { Kernel } from '../kernel/kernel.ts';
import { ENOTCONN } from '../syscall/errno.ts';
import {
  decodeSockaddr,
  isSockaddrUnix,
  SOCKADDR_ANY_SIZE,
  sockaddrIPv4,
  sockaddrPort,
  type SockaddrUnix,
} from '../syscall/sockaddr.ts';
import { AF_UNIX } from '../syscall/socket.ts';
import type { System } from '../kernel/system.ts';
import { TCPAddr } from './tcp-addr.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';
import { zoneName } from './zone.ts';

const buffer = new Uint8Array(SOCKADDR_ANY_SIZE);
const length = new Uint32Array(1);

const ANY = new TCPAddr('', 0);
const UNNAMED: SockaddrUnix = { family: AF_UNIX, path: new Uint8Array(0) };

type NameCall = (kernel: Kernel, sysfd: number) => number;

const sockname: NameCall = (kernel, sysfd) => kernel.getsockname(sysfd, buffer, length);
const peername: NameCall = (kernel, sysfd) => kernel.getpeername(sysfd, buffer, length);

function ask(kernel: Kernel, sysfd: number, call: NameCall): number {
  length[0] = SOCKADDR_ANY_SIZE;
  return call(kernel, sysfd);
}

/** getsockname(2): the bytes of the sockaddr, to be read at once; null if it fails. */
export function localName(kernel: Kernel, sysfd: number): Uint8Array | null {
  return ask(kernel, sysfd, sockname) < 0 ? null : buffer.subarray(0, length[0]);
}

/** getpeername(2), in the same way: null if the socket is not connected. */
export function peerName(kernel: Kernel, sysfd: number): Uint8Array | null {
  return ask(kernel, sysfd, peername) < 0 ? null : buffer.subarray(0, length[0]);
}

/** Whether getpeername(2) says that it is not connected, and not something else that tells nothing. */
export function lacksPeer(kernel: Kernel, sysfd: number): boolean {
  return ask(kernel, sysfd, peername) === -ENOTCONN;
}

/** An address that accept4, getsockname or getpeername has written to `bytes`. */
export function tcpAddrOf(system: System, bytes: Uint8Array, size: number): TCPAddr {
  return TCPAddr.fromSockaddr(bytes, size, (index) => zoneName(system, index)) ?? ANY;
}

export function unixAddrOf(bytes: Uint8Array, size: number, network: UnixNetwork): UnixAddr {
  const sockaddr = decodeSockaddr(bytes, Math.min(size, bytes.length));
  return UnixAddr.fromSockaddr(isSockaddrUnix(sockaddr) ? sockaddr : UNNAMED, network);
}

/** The answer before: that of a listener's connections is nearly always the same. */
let latestLocal: TCPAddr = ANY;
/** Its numbers, if it is an IPv4 address; else -1. */
let latestIPv4 = -1;
let latestPort = -1;

/** getsockname(2); the empty address if it fails. Connections with the same address share one object. */
export function localTCPAddr(system: System, sysfd: number): TCPAddr {
  const result = ask(system.kernel, sysfd, sockname);
  if (result < 0) return ANY;
  const v4 = sockaddrIPv4(buffer, length[0]!);
  const port = sockaddrPort(buffer);
  // Told without making an address to compare.
  if (v4 >= 0 && v4 === latestIPv4 && port === latestPort) return latestLocal;
  const addr = tcpAddrOf(system, buffer, length[0]!);
  if (!addr.equals(latestLocal)) {
    latestLocal = addr;
    latestIPv4 = v4;
    latestPort = port;
  }
  return latestLocal;
}

export function localUnixAddr(system: System, sysfd: number, network: UnixNetwork): UnixAddr {
  const result = ask(system.kernel, sysfd, sockname);
  return unixAddrOf(buffer, result < 0 ? 0 : length[0]!, network);
}

/** getpeername(2): null if the socket is not connected. */
export function remoteTCPAddr(system: System, sysfd: number): TCPAddr | null {
  const result = ask(system.kernel, sysfd, peername);
  return result < 0 ? null : tcpAddrOf(system, buffer, length[0]!);
}

export function remoteUnixAddr(
  system: System,
  sysfd: number,
  network: UnixNetwork,
): UnixAddr | null {
  const result = ask(system.kernel, sysfd, peername);
  return result < 0 ? null : unixAddrOf(buffer, length[0]!, network);
}
