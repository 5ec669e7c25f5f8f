/** The socket options that net itself sets and asks for, each one call without an object. Programs have `conn.options`. */
import type { Kernel } from '../kernel/kernel.ts';
import { IPPROTO_TCP, IPV6_V6ONLY, SOL_IPV6 } from '../syscall/inet.ts';
import {
  SO_BROADCAST,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOL_SOCKET,
} from '../syscall/socket.ts';
import { TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_NODELAY } from '../syscall/tcp.ts';

const value = new Int32Array(1);
const valueBytes = new Uint8Array(value.buffer);
const valueLength = new Uint32Array(1);

/** Any option that is a number: 0 or -errno. */
export function setSocketInt(
  kernel: Kernel,
  sysfd: number,
  level: number,
  option: number,
  to: number,
): number {
  value[0] = to;
  return kernel.setsockopt(sysfd, level, option, valueBytes, 4);
}

export function setV6Only(kernel: Kernel, sysfd: number, on: boolean): number {
  return setSocketInt(kernel, sysfd, SOL_IPV6, IPV6_V6ONLY, on ? 1 : 0);
}

export function setReuseAddr(kernel: Kernel, sysfd: number): number {
  return setSocketInt(kernel, sysfd, SOL_SOCKET, SO_REUSEADDR, 1);
}

export function setReusePort(kernel: Kernel, sysfd: number): number {
  return setSocketInt(kernel, sysfd, SOL_SOCKET, SO_REUSEPORT, 1);
}

export function setBroadcast(kernel: Kernel, sysfd: number): number {
  return setSocketInt(kernel, sysfd, SOL_SOCKET, SO_BROADCAST, 1);
}

export function setNoDelay(kernel: Kernel, sysfd: number, on: boolean): number {
  return setSocketInt(kernel, sysfd, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

export function setKeepAlive(kernel: Kernel, sysfd: number, on: boolean): number {
  return setSocketInt(kernel, sysfd, SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0);
}

/** Interval and idle time, in that order as Go sets them. The first failure, or 0. */
export function setKeepAlivePeriod(kernel: Kernel, sysfd: number, seconds: number): number {
  const result = setSocketInt(kernel, sysfd, IPPROTO_TCP, TCP_KEEPINTVL, seconds);
  return result < 0 ? result : setSocketInt(kernel, sysfd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
}

export function setReadBuffer(kernel: Kernel, sysfd: number, bytes: number): number {
  return setSocketInt(kernel, sysfd, SOL_SOCKET, SO_RCVBUF, bytes);
}

export function setWriteBuffer(kernel: Kernel, sysfd: number, bytes: number): number {
  return setSocketInt(kernel, sysfd, SOL_SOCKET, SO_SNDBUF, bytes);
}

const linger = new Int32Array(2);
const lingerBytes = new Uint8Array(linger.buffer);

/** struct linger: off if `seconds` is negative. */
export function setLinger(kernel: Kernel, sysfd: number, seconds: number): number {
  linger[0] = seconds < 0 ? 0 : 1;
  linger[1] = Math.max(seconds, 0);
  return kernel.setsockopt(sysfd, SOL_SOCKET, SO_LINGER, lingerBytes, lingerBytes.length);
}

/** An option of SOL_SOCKET that is never negative, such as SO_TYPE: its value, or -errno. */
export function getSocketInt(kernel: Kernel, sysfd: number, option: number): number {
  valueLength[0] = 4;
  const result = kernel.getsockopt(sysfd, SOL_SOCKET, option, valueBytes, valueLength);
  return result < 0 ? result : value[0]!;
}

/** SO_ERROR: the pending error as -errno, 0 if there is none. */
export function takeError(kernel: Kernel, sysfd: number): number {
  return -Math.abs(getSocketInt(kernel, sysfd, SO_ERROR));
}
