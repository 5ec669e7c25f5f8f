/**
 * The socket options of a connection or a listener, as properties: see sockopt/socket-options.ts. What the
 * kernel refuses becomes the OpError "set" or "get" of its owner.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Explainer, FD } from '../poll/fd.ts';
import { SocketOptions } from '../sockopt/socket-options.ts';
import { SyscallError } from '../syscall/syscall-error.ts';

export function optionsOf(fd: FD, explainer: Explainer): SocketOptions {
  return new SocketOptions((call, use) =>
    withDescriptor(fd, explainer, call === 'setsockopt' ? 'set' : 'get', use),
  );
}

/** What `use` gives, done while nothing closes the descriptor. A SyscallError is explained as `op`. */
export function withDescriptor<T>(
  fd: FD,
  explainer: Explainer,
  op: string,
  use: (sysfd: number, kernel: Kernel) => T,
): T {
  try {
    return fd.control(op, use);
  } catch (error) {
    throw error instanceof SyscallError ? explainer.explain(op, error) : error;
  }
}
