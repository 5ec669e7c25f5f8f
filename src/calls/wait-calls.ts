/**
 * Calls that wait for several descriptors: select(2), pselect(2), poll(2), ppoll(2). They block the
 * thread; a signal that is handled ends them with EINTR, as in C. So may a process that Node 26 has started
 * synchronously (execFileSync) just before, without any signal: a program that blocks calls again on EINTR.
 */
import { FD_SETSIZE, FdSet } from '../syscall/fd-set.ts';
import {
  encodeSignals,
  encodeTime,
  giveTime,
  integer,
  type Timespec,
  type Timeval,
  word,
} from './arguments.ts';
import { checked } from './failure.ts';
import { MessageCalls } from './message-calls.ts';

/** One descriptor of poll(2). */
export interface PollFd {
  /** Passed over if it is negative. */
  fd: number;
  /** What is asked for: POLLIN, POLLOUT, …. */
  events: number;
  /** What is so, and POLLERR, POLLHUP and POLLNVAL besides; written by poll. */
  revents: number;
}

export class WaitCalls extends MessageCalls {
  /**
   * select(2): waits until a descriptor below `nfds` is ready, and gives how many are; 0 when time is up.
   * The sets say afterwards which; null is none. A `timeout` of null waits without an end; any other
   * holds afterwards what is left of it. EBADF for a closed descriptor in a set, EINVAL for negative
   * numbers; RangeError for `nfds` above FD_SETSIZE, where in C memory would be overwritten.
   */
  select(
    nfds: number,
    readfds: FdSet | null,
    writefds: FdSet | null,
    exceptfds: FdSet | null,
    timeout: Timeval | null,
  ): number {
    const [read, write, except] = setsOf('select', nfds, readfds, writefds, exceptfds);
    const time = encodeTime('select', 'timeout', 'microseconds', timeout);
    const result = this.kernel.select(nfds, read, write, except, time);
    giveTime(timeout, time);
    return checked('select', result, { nfds });
  }

  /**
   * pselect(2): {@link select} with nanoseconds, and with `sigmask`, the numbers of the signals that are
   * blocked meanwhile, instead of the thread's own; null leaves that.
   */
  pselect(
    nfds: number,
    readfds: FdSet | null,
    writefds: FdSet | null,
    exceptfds: FdSet | null,
    timeout: Timespec | null,
    sigmask: readonly number[] | null = null,
  ): number {
    const [read, write, except] = setsOf('pselect', nfds, readfds, writefds, exceptfds);
    const time = encodeTime('pselect', 'timeout', 'nanoseconds', timeout);
    const mask = encodeSignals('pselect', 'sigmask', sigmask);
    const result = this.kernel.pselect6(nfds, read, write, except, time, mask);
    giveTime(timeout, time);
    return checked('pselect', result, { nfds });
  }

  /**
   * poll(2): waits until one of `fds` is ready, and gives how many are; 0 when time is up. `revents` of
   * each is written. `timeout` in milliseconds; -1, or none, waits without an end.
   */
  poll(fds: readonly PollFd[], timeout: number = -1): number {
    const words = encodePollFds('poll', fds);
    const result = checked('poll', this.kernel.poll(words, fds.length, timeout), {
      nfds: fds.length,
    });
    giveEvents(fds, words);
    return result;
  }

  /** ppoll(2): {@link poll} with a timeout in nanoseconds, and `sigmask` as in {@link pselect}. */
  ppoll(
    fds: readonly PollFd[],
    timeout: Timespec | null,
    sigmask: readonly number[] | null = null,
  ): number {
    const words = encodePollFds('ppoll', fds);
    const time = encodeTime('ppoll', 'timeout', 'nanoseconds', timeout);
    const mask = encodeSignals('ppoll', 'sigmask', sigmask);
    const result = this.kernel.ppoll(words, fds.length, time, mask);
    giveTime(timeout, time);
    checked('ppoll', result, { nfds: fds.length });
    giveEvents(fds, words);
    return result;
  }
}

/** The bytes of the sets. TypeError, and RangeError for more descriptors than a set has. */
function setsOf(
  call: string,
  nfds: number,
  readfds: FdSet | null,
  writefds: FdSet | null,
  exceptfds: FdSet | null,
): readonly [Uint8Array | null, Uint8Array | null, Uint8Array | null] {
  integer(call, 'nfds', nfds, -0x80000000, FD_SETSIZE);
  return [
    setOf(call, 'readfds', readfds),
    setOf(call, 'writefds', writefds),
    setOf(call, 'exceptfds', exceptfds),
  ];
}

function setOf(call: string, argument: string, set: FdSet | null): Uint8Array | null {
  if (set === null) return null;
  if (!(set instanceof FdSet)) throw new TypeError(`${call}: ${argument} must be an FdSet or null`);
  return set.bytes;
}

/** struct pollfd[]: the descriptor; events and revents. */
function encodePollFds(call: string, fds: readonly PollFd[]): Int32Array {
  if (!Array.isArray(fds)) throw new TypeError(`${call}: fds must be an array`);
  const words = new Int32Array(2 * fds.length);
  for (const [i, entry] of (fds as readonly PollFd[]).entries()) {
    if (typeof entry !== 'object' || entry === null) {
      throw new TypeError(`${call}: fds[${i}] must be { fd, events, revents }`);
    }
    words[2 * i] = word(call, `fds[${i}].fd`, entry.fd);
    words[2 * i + 1] = integer(call, `fds[${i}].events`, entry.events, 0, 0xffff);
  }
  return words;
}

function giveEvents(fds: readonly PollFd[], words: Int32Array): void {
  for (const [i, entry] of fds.entries()) entry.revents = words[2 * i + 1]! >>> 16;
}
