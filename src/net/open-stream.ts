/**
 * The sockets under stream listeners and connections, made by Go's sequence of calls:
 *
 *   listen   socket · IPV6_V6ONLY · SO_REUSEADDR · [control] · bind · [what connections inherit] · listen ·
 *            epoll ADD · getsockname
 *   dial     socket · IPV6_V6ONLY · [control] · [bind] · connect · epoll ADD · … (connect.ts)
 *
 * (The last two of each are done by their listener or connection.) Whatever fails after socket(2)
 * closes the socket. After Go's net/sock_posix.go and net/sock_linux.go.
 */
import { ignore, isThenable } from '../io/thenable.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { perSystem } from '../kernel/per-system.ts';
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { EINVAL } from '../syscall/errno.ts';
import { encodeSockaddr, type Sockaddr } from '../syscall/sockaddr.ts';
import { AF_INET6, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { setReuseAddr, setReusePort, setV6Only } from './socket-options.ts';

/**
 * Called with the bare descriptor before bind or connect: to set options that nothing else sets. What
 * it throws fails the listen or dial. `network` has its family: "tcp4", "tcp6", "unix". The descriptor
 * is not to be closed. After Go's ListenConfig.Control and Dialer.Control.
 *
 * Synchronous: all is done when it returns, and a promise is refused. Hence the type of what it returns,
 * to which, other than to `void` alone, no function that returns a promise can be assigned.
 */
export type Control = (
  network: string,
  address: string,
  fd: number,
  kernel: Kernel,
) => void | undefined;

/** What is told to a Control, and the option itself. */
export interface ControlRequest {
  readonly control: Control | undefined;
  /** With the family's suffix. */
  readonly controlNetwork: string;
  readonly address: string;
}

/** Has the option `control` of `method` do its work. TypeError, or whatever it throws. */
export function callControl(
  method: 'listen' | 'dial',
  request: ControlRequest,
  sysfd: number,
  kernel: Kernel,
): void {
  const { control, controlNetwork, address } = request;
  let result: unknown;
  try {
    result = control?.(controlNetwork, address, sysfd, kernel);
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    throw new TypeError(`${method}: option control threw what is no Error`, { cause: thrown });
  }
  if (!isThenable(result)) return;
  ignore(result); // its descriptor is gone when it ends
  throw new TypeError(`${method}: option control must not be asynchronous`);
}

export interface SocketKind {
  readonly family: number;
  readonly sotype: number;
  readonly v6Only: boolean;
}

/** A new non-blocking socket. SyscallError. */
export function openSocket(kernel: Kernel, kind: SocketKind): number {
  const sysfd = kernel.socket(kind.family, kind.sotype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (sysfd < 0) throw new SyscallError('socket', sysfd);
  // Kernels without the option, or that fix it, are as good: Go ignores the answer too.
  if (kind.family === AF_INET6) setV6Only(kernel, sysfd, kind.v6Only);
  return sysfd;
}

export interface ListenRequest extends SocketKind, ControlRequest {
  readonly sockaddr: () => Sockaddr;
  readonly backlog: number | undefined;
  readonly reusePort: boolean;
  /** Sets what the connections are to inherit: those that come after listen(2) do. */
  readonly beforeListen?: (sysfd: number) => void;
}

/** A socket that listens. SyscallError, or whatever control threw. */
export function openListening(system: System, request: ListenRequest): number {
  const { kernel } = system;
  const sysfd = openSocket(kernel, request);
  try {
    const backlog = request.backlog ?? defaultBacklog(system);
    check('setsockopt', setReuseAddr(kernel, sysfd));
    if (request.reusePort) check('setsockopt', setReusePort(kernel, sysfd));
    callControl('listen', request, sysfd, kernel);
    const sa = encodeOrInvalid('bind', request.sockaddr());
    check('bind', kernel.bind(sysfd, sa, sa.length));
    request.beforeListen?.(sysfd);
    check('listen', kernel.listen(sysfd, backlog));
    return sysfd;
  } catch (error) {
    kernel.close(sysfd);
    throw error;
  }
}

/** Throws the SyscallError of a negative result. */
export function check(syscall: string, result: number): void {
  if (result < 0) throw new SyscallError(syscall, result);
}

/** A path too long for a sockaddr is what the kernel would call an invalid argument. */
export function encodeOrInvalid(syscall: string, sockaddr: Sockaddr): Uint8Array {
  try {
    return encodeSockaddr(sockaddr);
  } catch (cause) {
    const error = new SyscallError(syscall, -EINVAL);
    error.cause = cause;
    throw error;
  }
}

/** The kernel's own upper limit, read once; SOMAXCONN of old if it cannot be read. */
const defaultBacklog = perSystem(({ kernel }) => {
  const text = readTextFile(kernel, '/proc/sys/net/core/somaxconn') ?? '';
  return Number.parseInt(text, 10) || 128;
});
