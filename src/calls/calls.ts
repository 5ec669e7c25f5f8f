/**
 * The calls for people, on any Kernel: one method a call under the name of its man page, arguments in its
 * order, values in place of pointers, and a SyscallError where C has -1 and errno.
 *
 * As in C otherwise: a call that has to wait blocks the thread, and all of JavaScript in it, unless the
 * descriptor is nonblocking (EAGAIN); a signal that is handled may end it (EINTR); a new descriptor is
 * yours to close, and other programs that this one starts get it unless it is close-on-exec. Nothing is
 * repeated, nothing is remembered. A wrong argument is a TypeError or RangeError that names call and
 * argument, and then no call was made.
 *
 * The methods stand in files by kind, each a class on top of the one before: descriptors, transfer,
 * sockets, messages, waiting; and epoll, here.
 */
import { EPOLL_EVENT_WORDS } from '../kernel/kernel.ts';
import { integer, word } from './arguments.ts';
import { checked } from './failure.ts';
import { WaitCalls } from './wait-calls.ts';

/** What epoll is to watch a descriptor for. */
export interface EpollEvent {
  /** EPOLLIN, EPOLLOUT, EPOLLET, …. */
  readonly events: number;
  /** 64 bits that come back with each event; the descriptor's number if not given. */
  readonly data?: number | bigint | undefined;
}

/** What epoll has to tell of a descriptor. */
export interface ReadyEvent {
  /** EPOLLIN, EPOLLOUT, EPOLLERR, …. */
  readonly events: number;
  /** The data of the descriptor; exact up to 2**53. */
  readonly data: number;
  /** All 64 bits of it. */
  readonly data64: bigint;
}

/** A bound of our own on the events of one call. */
const MAX_EVENTS = 65_536;

/** The calls of Linux under their C names, on a Kernel: what `netfd/syscall` exports as functions. */
export class Calls extends WaitCalls {
  /** epoll_create(2): an epoll descriptor. `size` must be above 0 (EINVAL), and means nothing. */
  epoll_create(size: number): number {
    return checked('epoll_create', this.kernel.epoll_create(size), { size });
  }

  /** epoll_create1(2): an epoll descriptor. `flags`: EPOLL_CLOEXEC. */
  epoll_create1(flags: number = 0): number {
    return checked('epoll_create1', this.kernel.epoll_create1(flags), { flags });
  }

  /**
   * epoll_ctl(2): adds, changes or removes a descriptor. `op`: EPOLL_CTL_ADD, EPOLL_CTL_MOD, or
   * EPOLL_CTL_DEL, which needs no event. EEXIST, ENOENT, EPERM (a plain file), ELOOP.
   */
  epoll_ctl(epfd: number, op: number, fd: number, event: EpollEvent | null = null): void {
    const record = event === null ? null : encodeEvent(fd, event);
    checked('epoll_ctl', this.kernel.epoll_ctl(epfd, op, fd, record), { epfd, op, fd });
  }

  /**
   * epoll_wait(2): waits for events, and gives at most `maxevents` of them (1 to 65536; 0 and less is the
   * kernel's EINVAL); none when time is up. `timeout` in milliseconds; -1, or none, waits without an end.
   */
  epoll_wait(epfd: number, maxevents: number, timeout: number = -1): ReadyEvent[] {
    integer('epoll_wait', 'maxevents', maxevents, -0x80000000, MAX_EVENTS);
    const records = new Uint32Array(EPOLL_EVENT_WORDS * Math.max(0, maxevents));
    const result = this.kernel.epoll_wait(epfd, records, maxevents, timeout);
    const count = checked('epoll_wait', result, { fd: epfd, epfd, maxevents });
    return Array.from({ length: count }, (_, i) => decodeEvent(records, EPOLL_EVENT_WORDS * i));
  }
}

function encodeEvent(fd: number, event: EpollEvent): Uint32Array {
  if (typeof event !== 'object') {
    throw new TypeError('epoll_ctl: event must be { events, data } or null');
  }
  const events = word('epoll_ctl', 'event.events', event.events);
  const data = event.data ?? (Number.isInteger(fd) && fd > 0 ? fd : 0);
  if (typeof data === 'bigint') {
    if (BigInt.asUintN(64, data) !== data) {
      throw new RangeError('epoll_ctl: event.data must be an integer in 0..2**64-1');
    }
    return Uint32Array.of(events, Number(data & 0xffffffffn), Number(data >> 32n));
  }
  integer('epoll_ctl', 'event.data', data, 0, Number.MAX_SAFE_INTEGER);
  return Uint32Array.of(events, data, Math.floor(data / 2 ** 32));
}

function decodeEvent(records: Uint32Array, at: number): ReadyEvent {
  const [events = 0, low = 0, high = 0] = records.subarray(at, at + EPOLL_EVENT_WORDS);
  return {
    events,
    data: high * 2 ** 32 + low,
    data64: (BigInt(high) << 32n) | BigInt(low),
  };
}
