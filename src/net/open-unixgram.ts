/**
 * A unixgram socket that is bound and has no peer, made by exactly Go's sequence of calls:
 *
 *   socket · [control] · bind · epoll ADD · getsockname
 *
 * After Go's net/sock_posix.go (listenDatagram).
 */
import type { System } from '../kernel/system.ts';
import { AF_UNIX, SOCK_DGRAM } from '../syscall/socket.ts';
import { callControl, check, type Control, encodeOrInvalid, openSocket } from './open-stream.ts';
import { UnixConn } from './unix.ts';
import type { UnixAddr } from './unix-addr.ts';

/** SyscallError, or whatever control threw. */
export function openUnixgram(
  system: System,
  method: 'listen' | 'dial',
  addr: UnixAddr,
  control: Control | undefined,
): UnixConn {
  const { kernel } = system;
  const sysfd = openSocket(kernel, { family: AF_UNIX, sotype: SOCK_DGRAM, v6Only: false });
  try {
    const request = { control, controlNetwork: addr.network, address: addr.name };
    callControl(method, request, sysfd, kernel);
    const sa = encodeOrInvalid('bind', addr.toSockaddr());
    check('bind', kernel.bind(sysfd, sa, sa.length));
  } catch (error) {
    kernel.close(sysfd);
    throw error;
  }
  return UnixConn.bound(system, sysfd, addr);
}
