/**
 * The narrow waist: the system calls, and nothing else.
 *
 * One method a call, under the call's own name and with its arguments in the man page's order. Numbers
 * and byte arrays go in, one number comes out: what the kernel returned, so a negative result is
 * `-errno` (never -1, never an exception). An out-parameter is a buffer of the caller; nothing is kept
 * after the call returns. Where C passes a pointer into the middle of a buffer, an `offset` comes last. A null
 * where a buffer is expected is a null pointer.
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
  /** accept(2): {@link Kernel.accept4} without flags. */
  accept(sockfd: number, addr: Uint8Array | null, addrlen: Uint32Array | null): number;
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
   * setsockopt(2). `optval` holds `optlen` bytes in the machine's byte order. Of SO_ATTACH_FILTER and
   * SO_ATTACH_REUSEPORT_CBPF it is the instructions, 8 bytes each, in place of the struct sock_fprog that
   * points to them. RangeError for any other option whose value holds an address.
   */
  setsockopt(
    sockfd: number,
    level: number,
    optname: number,
    optval: Uint8Array,
    optlen: number,
  ): number;
  /**
   * getsockopt(2). `optlen[0]` is the capacity before the call and the length after it, also of
   * SO_GET_FILTER, where C counts instructions. RangeError for an option with which the kernel would write
   * elsewhere, or further.
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
  /** pread64(2), which is pread(2) of the C library: `count` bytes of a file from `offset` on. */
  pread64(fd: number, buf: Uint8Array, count: number, offset: number): number;
  /** readv(2): into the first buffer until it is full, then into the next. At most 1024. */
  readv(fd: number, iov: Iov): number;
  /** writev(2): the buffers one after the other. */
  writev(fd: number, iov: Iov): number;
  /**
   * recvfrom(2) of at most `size` bytes. The sender's sockaddr goes into `addr`; `addrlen` as in
   * {@link Kernel.accept4}.
   */
  recvfrom(
    sockfd: number,
    buf: Uint8Array | null,
    size: number,
    flags: number,
    addr: Uint8Array | null,
    addrlen: Uint32Array | null,
  ): number;
  /** sendto(2) of `size` bytes; `addr` is null on a connected socket. */
  sendto(
    sockfd: number,
    buf: Uint8Array | null,
    size: number,
    flags: number,
    addr: Uint8Array | null,
    addrlen: number,
  ): number;
  /**
   * recvmsg(2): struct msghdr as `name`, `iov`, `control` and `lengths`, which holds msg_namelen,
   * msg_controllen and msg_flags, in that order: capacities before the call, what was received after it.
   */
  recvmsg(
    sockfd: number,
    name: Uint8Array | null,
    iov: Iov,
    control: Uint8Array | null,
    lengths: Uint32Array,
    flags: number,
  ): number;
  /** sendmsg(2), with the arguments of {@link Kernel.recvmsg}; `lengths` is not changed. */
  sendmsg(
    sockfd: number,
    name: Uint8Array | null,
    iov: Iov,
    control: Uint8Array | null,
    lengths: Uint32Array,
    flags: number,
  ): number;
  /**
   * recvmmsg(2): how many of the `vlen` messages of `msgvec` were received, at most 1024 in one call.
   * `timeout` is a struct timespec, or null; it is looked at after each message only (man page, "Bugs").
   */
  recvmmsg(
    sockfd: number,
    memory: Uint8Array,
    msgvec: MsgVec,
    vlen: number,
    flags: number,
    timeout: Uint8Array | null,
  ): number;
  /** sendmmsg(2): how many of the messages were sent; an error is only that of the first. */
  sendmmsg(sockfd: number, memory: Uint8Array, msgvec: MsgVec, vlen: number, flags: number): number;
  /**
   * sendfile(2) of at most `count` bytes. `offset`, a 64-bit integer, is where to begin and afterwards
   * where it ended; null: the file's own offset.
   */
  sendfile(out_fd: number, in_fd: number, offset: Uint8Array | null, count: number): number;
  /** splice(2): one of the two is a pipe. Offsets as in {@link Kernel.sendfile}. */
  splice(
    fd_in: number,
    off_in: Uint8Array | null,
    fd_out: number,
    off_out: Uint8Array | null,
    size: number,
    flags: number,
  ): number;
  /** close(2). Not to be repeated on -EINTR: on Linux the descriptor is gone. */
  close(fd: number): number;
  /** dup(2). */
  dup(oldfd: number): number;
  /** dup3(2): `newfd` is closed first, silently, if it is open. `flags` is O_CLOEXEC or 0. */
  dup3(oldfd: number, newfd: number, flags: number): number;
  /** fcntl(2), for the commands whose argument is a number or absent; RangeError for others. */
  fcntl(fd: number, cmd: number, arg: number): number;
  /**
   * ioctl(2). `arg` is what the request reads and writes (at least as long), or a number where C passes
   * one by value, 0 if there is none. RangeError for a request that is not known to hold no address.
   */
  ioctl(fd: number, request: number, arg: Uint8Array | number | null): number;
  /** openat(2). `path` ends in a NUL byte. */
  openat(dirfd: number, path: Uint8Array, flags: number, mode: number): number;
  /** openat2(2). `path` ends in a NUL byte, `how` is a struct open_how of `size` bytes. */
  openat2(dirfd: number, path: Uint8Array, how: Uint8Array, size: number): number;
  /** unlinkat(2). `path` ends in a NUL byte. */
  unlinkat(dirfd: number, path: Uint8Array, flags: number): number;
  /**
   * readlinkat(2): how many bytes of what the link holds were written to `buf`, at most `bufsiz`, without a
   * NUL byte behind them. `path` ends in a NUL byte.
   */
  readlinkat(dirfd: number, path: Uint8Array, buf: Uint8Array, bufsiz: number): number;
  /** statx(2) into `statxbuf`, a struct statx of 256 bytes. `path` ends in a NUL byte. */
  statx(dirfd: number, path: Uint8Array, flags: number, mask: number, statxbuf: Uint8Array): number;
  /** pipe2(2): read end and write end, written into `pipefd` (length ≥ 2). */
  pipe2(pipefd: Int32Array, flags: number): number;
  /** eventfd2(2), which is eventfd(2) of the C library: a counter that starts at `initval`. */
  eventfd2(initval: number, flags: number): number;
  /**
   * select(2). The sets have a bit for each descriptor below `nfds`, in whole words of 64, and tell
   * afterwards which are ready. `timeout` is a struct timeval, of which Linux leaves what is left over; null
   * blocks. {@link FdSet} of the vocabulary makes such sets.
   */
  select(
    nfds: number,
    readfds: Uint8Array | null,
    writefds: Uint8Array | null,
    exceptfds: Uint8Array | null,
    timeout: Uint8Array | null,
  ): number;
  /** pselect6(2), which is pselect(2) of the C library: a struct timespec, and the signals blocked meanwhile. */
  pselect6(
    nfds: number,
    readfds: Uint8Array | null,
    writefds: Uint8Array | null,
    exceptfds: Uint8Array | null,
    timeout: Uint8Array | null,
    sigmask: Uint8Array | null,
  ): number;
  /**
   * poll(2). `fds` has two words for each of the `nfds` descriptors: the descriptor (negative: passed
   * over), then events in the low half and revents in the high half. `timeout` in milliseconds, -1 blocks.
   */
  poll(fds: Int32Array | null, nfds: number, timeout: number): number;
  /** ppoll(2): {@link Kernel.poll} with a struct timespec (null blocks), and the signals blocked meanwhile. */
  ppoll(
    fds: Int32Array | null,
    nfds: number,
    timeout: Uint8Array | null,
    sigmask: Uint8Array | null,
  ): number;
  /** epoll_create(2). `size` must be above 0, and means nothing. */
  epoll_create(size: number): number;
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

/** struct iovec[]: one buffer, or several. */
export type Iov = Uint8Array | readonly Uint8Array[];

/**
 * struct mmsghdr[], each with one buffer, as records of eight words: offset and length of the data, of the
 * name and of the control messages, then msg_flags and msg_len. Offsets are into the `memory` beside it. The
 * lengths are capacities before recvmmsg, and what was received after it; a length of 0 is none, and a
 * negative one of a name is the kernel's to refuse.
 */
export type MsgVec = Uint32Array;

/** The words of one {@link MsgVec} record. */
export const MSG_WORDS = 8;

/**
 * Records of three 32-bit words: the events bits, then the low and the high half of `data`. That is
 * struct epoll_event as x86-64 packs it; where a machine pads the struct, the kernel's side converts.
 */
export type EpollEvents = Uint32Array;

/** The words of one {@link EpollEvents} record. */
export const EPOLL_EVENT_WORDS = 3;
