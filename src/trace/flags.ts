/** The flags and names of calls, in strace's order. */
import * as eventfd from '../syscall/eventfd.ts';
import * as epoll from '../syscall/epoll.ts';
import * as socket from '../syscall/socket.ts';
import * as splice from '../syscall/splice.ts';
import { type Names, namesOf } from './names.ts';

const MESSAGE: Names = namesOf(socket, 'MSG_???', [
  'MSG_OOB',
  'MSG_PEEK',
  'MSG_DONTROUTE',
  'MSG_CTRUNC',
  'MSG_TRUNC',
  'MSG_DONTWAIT',
  'MSG_EOR',
  'MSG_WAITALL',
  'MSG_FIN',
  'MSG_SYN',
  'MSG_CONFIRM',
  'MSG_RST',
  'MSG_ERRQUEUE',
  'MSG_NOSIGNAL',
  'MSG_MORE',
  'MSG_WAITFORONE',
  'MSG_BATCH',
  'MSG_ZEROCOPY',
  'MSG_FASTOPEN',
  'MSG_CMSG_CLOEXEC',
]);

/** The kernel's own flags, which no header of programs has, and a name that strace prefers to MSG_PROXY. */
const KERNEL_FLAGS = [
  [0x10, 'MSG_PROBE'],
  [0x20000, 'MSG_SENDPAGE_NOTLAST'],
  [0x80000, 'MSG_NO_SHARED_FRAGS'],
  [0x80000000, 'MSG_CMSG_COMPAT'],
] as const;

/** In the order of their bits. */
export const MSG_FLAGS: Names = {
  unknown: MESSAGE.unknown,
  rows: [...MESSAGE.rows, ...KERNEL_FLAGS].toSorted(([a], [b]) => a - b),
};

export const SOCKET_FLAGS: Names = namesOf(socket, 'SOCK_???', ['SOCK_CLOEXEC', 'SOCK_NONBLOCK']);

export const SHUTDOWN: Names = namesOf(socket, 'SHUT_???', ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']);

export const EPOLL_OPERATIONS: Names = namesOf(epoll, 'EPOLL_CTL_???', [
  'EPOLL_CTL_ADD',
  'EPOLL_CTL_DEL',
  'EPOLL_CTL_MOD',
]);

export const EPOLL_FLAGS: Names = namesOf(epoll, 'EPOLL_???', ['EPOLL_CLOEXEC']);

export const EVENTFD_FLAGS: Names = namesOf(eventfd, 'EFD_???', [
  'EFD_SEMAPHORE',
  'EFD_CLOEXEC',
  'EFD_NONBLOCK',
]);

export const SPLICE_FLAGS: Names = namesOf(splice, 'SPLICE_F_???', [
  'SPLICE_F_MOVE',
  'SPLICE_F_NONBLOCK',
  'SPLICE_F_MORE',
  'SPLICE_F_GIFT',
]);
