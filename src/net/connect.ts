/**
 * Connecting one socket to one address, by Go's sequence of calls (net/fd_unix.go):
 *
 *   connect = -EINPROGRESS   epoll ADD · wait until writable · SO_ERROR · getpeername · getsockname
 *   connect = 0              epoll ADD · getsockname · getpeername
 *   anything else            close, without epoll
 *
 * SO_ERROR may be clear although the connection is not there yet; getpeername tells.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { ErrClosed, ErrDeadlineExceeded } from '../poll/errors.ts';
import type { FD } from '../poll/fd.ts';
import { EAGAIN, EALREADY, EINPROGRESS, EINTR, EISCONN } from '../syscall/errno.ts';
import type { Sockaddr } from '../syscall/sockaddr.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { type Cancellation, type CancelError, timedOut } from './cancellation.ts';
import {
  callControl,
  check,
  type ControlRequest,
  encodeOrInvalid,
  openSocket,
  type SocketKind,
} from './open-stream.ts';
import { takeError } from './socket-options.ts';

/** A connection as far as connecting needs it. */
export interface Connecting {
  readonly fd: FD;
  /** epoll ADD; closes the descriptor if that fails. */
  register(): void;
  /** Whether the socket has a peer: getpeername. */
  hasPeer(): boolean;
  close(): void;
}

export interface ConnectRequest<C> extends SocketKind, ControlRequest {
  readonly local: (() => Sockaddr) | null;
  readonly remote: () => Sockaddr;
  readonly cancellation: Cancellation;
  /** Wraps the descriptor, which it then owns. */
  readonly make: (sysfd: number) => C;
}

/** The connection, and whether its peer has been asked for already. */
export interface Connected<C> {
  readonly conn: C;
  readonly waited: boolean;
}

/** SyscallError, CancelError, or whatever control threw. */
export async function connectSocket<C extends Connecting>(
  system: System,
  request: ConnectRequest<C>,
): Promise<Connected<C>> {
  const { kernel } = system;
  const sysfd = openSocket(kernel, request);
  let result: number;
  try {
    callControl('dial', request, sysfd, kernel);
    if (request.local !== null) {
      const sa = encodeOrInvalid('bind', request.local());
      check('bind', kernel.bind(sysfd, sa, sa.length));
    }
    const sa = encodeOrInvalid('connect', request.remote());
    result = kernel.connect(sysfd, sa, sa.length);
    if (!isUnderWay(result) && result !== -EISCONN) check('connect', result);
    const { error } = request.cancellation;
    if (error !== null) throw error;
  } catch (error) {
    kernel.close(sysfd);
    throw error;
  }
  const conn = request.make(sysfd);
  conn.register();
  if (!isUnderWay(result)) return { conn, waited: false };
  try {
    await waitConnected(conn, request.cancellation);
    return { conn, waited: true };
  } catch (error) {
    if (!conn.fd.closed) conn.close();
    throw error;
  }
}

function isUnderWay(result: number): boolean {
  return result === -EINPROGRESS || result === -EALREADY || result === -EINTR;
}

async function waitConnected(conn: Connecting, cancellation: Cancellation): Promise<void> {
  let cancelled: CancelError | null = null;
  const undo = cancellation.onCancel((error) => {
    cancelled = error;
    if (!conn.fd.closed) conn.close();
  });
  let first = true;
  const attempt = (kernel: Kernel, sysfd: number): number => {
    if (first) {
      first = false;
      return -EAGAIN; // connect has just said that it takes a while
    }
    const error = takeError(kernel, sysfd);
    if (isUnderWay(error)) return -EAGAIN;
    if (error === -EISCONN) return 0;
    return error === 0 && !conn.hasPeer() ? -EAGAIN : error;
  };
  try {
    await conn.fd.call('write', { op: 'dial', syscall: 'connect' }, attempt);
  } catch (error) {
    throw cancelled ?? innermost(error as Error);
  } finally {
    undo();
  }
}

/** The dialer says in its own words what it was doing; here only what failed counts. */
function innermost(error: Error): Error {
  const { cause } = error;
  if (cause === ErrDeadlineExceeded || cause === ErrClosed) return timedOut();
  return cause instanceof SyscallError ? cause : error;
}
