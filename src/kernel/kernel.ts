/**
 * The narrow waist: the system calls, and nothing else.
 *
 * One method a call, under the call's own name and with its arguments in the man page's order. Numbers
 * and byte arrays go in, one number comes out: what the kernel returned, so a negative result is
 * `-errno` (never -1, never an exception). An out-parameter is a buffer of the caller; nothing is kept
 * after the call returns. Where C passes a pointer into the middle of a buffer, an `offset` comes last.
 *
 * An argument of the wrong type, or one that would reach past the end of its buffer, is a mistake of
 * the program and not an answer of the kernel: a TypeError or RangeError that names call and argument.
 *
 * Everything above is written against this interface, so Linux (linux.ts), a simulated kernel and a
 * wrapper that prints every call are the same to it. Source: man section 2.
 */
export interface Kernel {
  /** socket(2): a new descriptor. `type` may carry SOCK_NONBLOCK and SOCK_CLOEXEC. */
  socket(domain: number, type: number, protocol: number): number;
  /** socketpair(2): two connected descriptors, written into `sv` (length ≥ 2). */
  socketpair(domain: number, type: number, protocol: number, sv: Int32Array): number;
  /** bind(2). `addr` holds a sockaddr of `addrlen` bytes. */
  bind(sockfd: number, addr: Uint8Array, addrlen: number): number;
  /** listen(2). */
  listen(sockfd: number, backlog: number): number;
  /**
   * accept4(2): the descriptor of the next connection. The peer's sockaddr goes into `addr`;
   * `addrlen[0]` is its capacity before the call and the address's true length after it.
   */
  accept4(
    sockfd: number,
    addr: Uint8Array | null,
    addrlen: Uint32Array | null,
    flags: number,
  ): number;
  /** connect(2). */
  connect(sockfd: number, addr: Uint8Array, addrlen: number): number;
  /** shutdown(2). `how` is SHUT_RD, SHUT_WR or SHUT_RDWR. */
  shutdown(sockfd: number, how: number): number;
  /** getsockname(2). `addrlen` as in {@link Kernel.accept4}. */
  getsockname(sockfd: number, addr: Uint8Array, addrlen: Uint32Array): number;
  /** getpeername(2). `addrlen` as in {@link Kernel.accept4}. */
  getpeername(sockfd: number, addr: Uint8Array, addrlen: Uint32Array): number;
  /**
   * setsockopt(2). `optval` holds `optlen` bytes in the machine's byte order. RangeError for an option whose
   * value holds an address.
   */
  setsockopt(
    sockfd: number,
    level: number,
    optname: number,
    optval: Uint8Array,
    optlen: number,
  ): number;
  /**
   * getsockopt(2). `optlen[0]` is the capacity before the call and the length after it. RangeError for an
   * option with which the kernel would write elsewhere, or further.
   */
  getsockopt(
    sockfd: number,
    level: number,
    optname: number,
    optval: Uint8Array,
    optlen: Uint32Array,
  ): number;
  /** read(2) of at most `count` bytes into `buf` from `offset` (0 if not given). */
  read(fd: number, buf: Uint8Array, count: number, offset?: number): number;
  /** write(2) of `count` bytes of `buf` from `offset` (0 if not given). */
  write(fd: number, buf: Uint8Array, count: number, offset?: number): number;
  /** close(2). Not to be repeated on -EINTR: on Linux the descriptor is gone. */
  close(fd: number): number;
  /** fcntl(2), for the commands whose argument is a number or absent; RangeError for others. */
  fcntl(fd: number, cmd: number, arg: number): number;
  /** openat(2). `path` ends in a NUL byte. */
  openat(dirfd: number, path: Uint8Array, flags: number, mode: number): number;
  /** unlinkat(2). `path` ends in a NUL byte. */
  unlinkat(dirfd: number, path: Uint8Array, flags: number): number;
  /** statx(2) into `statxbuf`, a struct statx of 256 bytes. `path` ends in a NUL byte. */
  statx(dirfd: number, path: Uint8Array, flags: number, mask: number, statxbuf: Uint8Array): number;
  /** pipe2(2): read end and write end, written into `pipefd` (length ≥ 2). */
  pipe2(pipefd: Int32Array, flags: number): number;
  /** epoll_create1(2). */
  epoll_create1(flags: number): number;
  /** epoll_ctl(2). `event` is one {@link EpollEvents} record, or null for EPOLL_CTL_DEL. */
  epoll_ctl(epfd: number, op: number, fd: number, event: EpollEvents | null): number;
  /**
   * epoll_wait(2): how many records were written to `events` (at most `maxevents`).
   * A `timeout` of -1 blocks the thread, 0 never does; otherwise milliseconds.
   */
  epoll_wait(epfd: number, events: EpollEvents, maxevents: number, timeout: number): number;
}

/**
 * Records of three 32-bit words: the events bits, then the low and the high half of `data`. That is
 * struct epoll_event as x86-64 packs it; where a machine pads the struct, the kernel's side converts.
 */
export type EpollEvents = Uint32Array;

/** The words of one {@link EpollEvents} record. */
export const EPOLL_EVENT_WORDS = 3;
