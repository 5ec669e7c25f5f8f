/**
 * What is to be kept of each argument of each call, so that it can be printed later: a row for each method of
 * Kernel, complete by its type. How it is kept: kept-slots.ts.
 */
import type { CallName } from './call.ts';

/** A number, null, or what is left out if it is neither: memory that nothing is printed of. */
export const NUMBER = 0;
/** Data that goes out: argument 1, `count` bytes as argument 2 says. */
export const SENT = 1;
/** Data that comes in: argument 1, as many bytes as the call returned. */
export const RECEIVED = 2;
/** The offset of read(2) and write(2) into their buffer. A copy begins there, so it is 0 in it. */
export const OFFSET = 3;
/** A struct: all of it. */
export const STRUCT = 4;
/** A struct that is an array of words: all of it. */
export const WORDS = 5;
/** Control messages, as long as word 1 of argument 4 says. */
export const CONTROL = 6;
/** Buffers that go out, or come in: the beginning of each. */
export const SENT_PARTS = 7;
export const RECEIVED_PARTS = 8;
/** Records of epoll_wait(2): as many as the call returned, and as strace prints. */
export const EVENTS = 9;
/** The first records of a vector of messages, and the memory that they point into. */
export const VECTOR = 10;
export const MEMORY = 11;
/** A path, to its zero byte. */
export const PATH = 12;

export type Kind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

const N = NUMBER;
const MESSAGE_OUT: readonly Kind[] = [N, STRUCT, SENT_PARTS, CONTROL, WORDS, N];
const MESSAGE_IN: readonly Kind[] = [N, STRUCT, RECEIVED_PARTS, CONTROL, WORDS, N];

/** In the order of Kernel. */
export const KINDS: Readonly<Record<CallName, readonly Kind[]>> = {
  socket: [N, N, N],
  socketpair: [N, N, N, WORDS],
  bind: [N, STRUCT, N],
  listen: [N, N],
  accept: [N, STRUCT, WORDS],
  accept4: [N, STRUCT, WORDS, N],
  connect: [N, STRUCT, N],
  shutdown: [N, N],
  getsockname: [N, STRUCT, WORDS],
  getpeername: [N, STRUCT, WORDS],
  setsockopt: [N, N, N, STRUCT, N],
  getsockopt: [N, N, N, STRUCT, WORDS],
  read: [N, RECEIVED, N, OFFSET],
  write: [N, SENT, N, OFFSET],
  pread64: [N, RECEIVED, N, N],
  readv: [N, RECEIVED_PARTS],
  writev: [N, SENT_PARTS],
  recvfrom: [N, RECEIVED, N, N, STRUCT, WORDS],
  sendto: [N, SENT, N, N, STRUCT, N],
  recvmsg: MESSAGE_IN,
  sendmsg: MESSAGE_OUT,
  recvmmsg: [N, MEMORY, VECTOR, N, N, STRUCT],
  sendmmsg: [N, MEMORY, VECTOR, N, N],
  sendfile: [N, N, STRUCT, N],
  splice: [N, STRUCT, N, STRUCT, N, N],
  close: [N],
  dup: [N],
  dup3: [N, N, N],
  fcntl: [N, N, N],
  ioctl: [N, N, STRUCT],
  openat: [N, PATH, N, N],
  openat2: [N, PATH, STRUCT, N],
  unlinkat: [N, PATH, N],
  readlinkat: [N, PATH, STRUCT, N],
  statx: [N, PATH, N, N, STRUCT],
  pipe2: [WORDS, N],
  eventfd2: [N, N],
  select: [N, STRUCT, STRUCT, STRUCT, STRUCT],
  pselect6: [N, STRUCT, STRUCT, STRUCT, STRUCT, STRUCT],
  poll: [WORDS, N, N],
  ppoll: [WORDS, N, STRUCT, STRUCT],
  epoll_create: [N],
  epoll_create1: [N],
  epoll_ctl: [N, N, N, WORDS],
  epoll_wait: [N, EVENTS, N, N],
};

/** Calls that move bytes and wait for nothing: the hot ones, which have the time of the call before. */
export const TRANSFERS: ReadonlySet<CallName> = new Set([
  'read',
  'write',
  'readv',
  'writev',
  'recvfrom',
  'sendto',
  'recvmsg',
  'sendmsg',
  'recvmmsg',
  'sendmmsg',
]);
