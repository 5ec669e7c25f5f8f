/** Sockets for the tests of netfd/syscall, closed when a test ends; and how errors are to look. */
import { readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import {
  accept,
  AF_INET,
  AF_UNIX,
  bind,
  close,
  connect,
  getsockname,
  isSockaddrInet,
  isSockaddrUnix,
  listen,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
  type SockaddrInet,
  type SockaddrUnix,
  socket,
  socketpair,
  SyscallError,
} from '../../src/syscall.ts';

/** Closes descriptors when the test ends, those that it has not closed itself. */
export function closing<T extends readonly number[]>(t: TestContext, ...fds: T): T {
  t.after(() => {
    for (const fd of fds) {
      try {
        close(fd);
      } catch (error) {
        if (!(error instanceof SyscallError) || error.code !== 'EBADF') throw error;
      }
    }
  });
  return fds;
}

/** A port of 127.0.0.1; 0 to be chosen. */
export function inet(port: number): SockaddrInet {
  return { family: AF_INET, addr: Uint8Array.of(127, 0, 0, 1), port };
}

export function unix(path: string): SockaddrUnix {
  return { family: AF_UNIX, path: new TextEncoder().encode(path) };
}

/** The port that a socket is bound to. */
export function portOf(fd: number): number {
  const addr = getsockname(fd);
  if (!isSockaddrInet(addr)) throw new Error('not an IPv4 socket');
  return addr.port;
}

export function pathOf(addr: { readonly family: number } | null): string | null {
  if (addr === null || !isSockaddrUnix(addr as SockaddrUnix)) return null;
  return new TextDecoder().decode((addr as SockaddrUnix).path);
}

/** Two connected unix sockets, blocking. */
export function unixPair(t: TestContext, type: number = SOCK_STREAM): [number, number] {
  const pair = socketpair(AF_UNIX, type | SOCK_CLOEXEC);
  closing(t, ...pair);
  return pair;
}

/** A TCP socket that listens, and its port. */
export function listening(t: TestContext): [number, number] {
  const fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC);
  closing(t, fd);
  bind(fd, inet(0));
  listen(fd);
  return [fd, portOf(fd)];
}

/** Two ends of a TCP connection, blocking. */
export function tcpPair(t: TestContext): [number, number] {
  const [listener, port] = listening(t);
  const client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC);
  closing(t, client);
  connect(client, inet(port));
  const { fd } = accept(listener);
  closing(t, fd);
  return [client, fd];
}

/** A UDP socket on a port of 127.0.0.1. */
export function udp(t: TestContext): [number, number] {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC);
  closing(t, fd);
  bind(fd, inet(0));
  return [fd, portOf(fd)];
}

export function text(bytes: Uint8Array, length: number = bytes.length): string {
  return Buffer.from(bytes.subarray(0, length)).toString('latin1');
}

/** What assert.throws compares a SyscallError with: its text, code, and these properties. */
export function failure(syscall: string, code: string, details: object = {}): object {
  return { name: 'SyscallError', syscall, code, ...details };
}

/** How many descriptors this process has. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
