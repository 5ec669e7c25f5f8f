/**
 * Waiting for one descriptor: for each direction what is known of its readiness, who waits for it, and
 * until when. This file holds no loop and makes no system call.
 *
 *             notify: an edge                       wait
 *   ready ◄───────────────────── not ready ──────────────────► waiting ──edge──► ready, waiter told
 *     │    EAGAIN, or a short read   ▲                            │
 *     └──────────────────────────────┘        deadline or close: waiter told the error
 *
 * "Ready" means: a call may succeed, so try it. A descriptor starts ready in both directions. After
 * EAGAIN, and after a short read of a stream (which empties the queue), nothing is to be had before
 * the next edge, so the next operation waits without a call. Not so when the peer has finished: the end
 * of the stream may have come with the same edge as the last data, and no other edge would follow.
 *
 * Deadlines are kept lazily: a timer that fires early looks for the present deadline and sets itself
 * again, so moving a deadline forward, as servers do at each request, costs no timer.
 *
 * After Go's internal/poll/fd_poll_runtime.go and the pollDesc of runtime/netpoll.go.
 */
import type { Clock, Timer } from '../kernel/clock.ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../syscall/epoll.ts';
import { ErrDeadlineExceeded } from './errors.ts';
import type { Netpoll } from './netpoll.ts';

/** Told once: ready (null), or why it will not be. */
export interface Waiter {
  ready(error: Error | null): void;
}

const WAKES_READER = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const WAKES_WRITER = EPOLLOUT | EPOLLHUP | EPOLLERR;
const PEER_FINISHED = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** One direction of a PollDesc. */
export class Direction {
  readonly #netpoll: Netpoll;
  /** Whether a call may succeed. */
  ready = true;
  /** A deadline has passed and was not moved since. */
  expired = false;
  #waiter: Waiter | null = null;
  #referenced = true;
  /** On the monotonic clock; 0 for none. */
  #deadline = 0;
  #timer: Timer | null = null;
  #timerAt = 0;

  constructor(netpoll: Netpoll) {
    this.#netpoll = netpoll;
  }

  /** `waiter` is told at the next edge, when the deadline passes, or by {@link Direction.wake}. */
  wait(waiter: Waiter): void {
    this.#waiter = waiter;
    if (this.#referenced) this.#netpoll.retain();
  }

  /** Ends the wait, if there is one. */
  wake(error: Error | null): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
    if (this.#referenced) this.#netpoll.release();
    waiter.ready(error);
  }

  /** Ends the wait of this very waiter without telling it. False if it does not wait here. */
  forget(waiter: Waiter): boolean {
    if (this.#waiter !== waiter) return false;
    this.#waiter = null;
    if (this.#referenced) this.#netpoll.release();
    return true;
  }

  set referenced(value: boolean) {
    if (value === this.#referenced) return;
    this.#referenced = value;
    if (this.#waiter === null) return;
    if (value) this.#netpoll.retain();
    else this.#netpoll.release();
  }

  /** `when` is a time of the monotonic clock, or 0 for no deadline. */
  setDeadline(when: number, clock: Clock): void {
    this.#deadline = when;
    this.expired = false;
    if (when === 0) return;
    if (when <= clock.monotonic()) this.#expire();
    else if (this.#timer === null || when < this.#timerAt) this.#startTimer(when, clock);
  }

  /** No timer is left behind. */
  close(): void {
    this.#deadline = 0;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #startTimer(when: number, clock: Clock): void {
    this.#timer?.cancel();
    this.#timerAt = when;
    this.#timer = clock.at(when, () => {
      this.#timer = null;
      if (this.#deadline === 0 || this.expired) return;
      if (this.#deadline <= clock.monotonic()) this.#expire();
      else this.#startTimer(this.#deadline, clock);
    });
  }

  #expire(): void {
    this.expired = true;
    this.wake(ErrDeadlineExceeded);
  }
}

/** A descriptor as the poller sees it. */
export class PollDesc {
  readonly netpoll: Netpoll;
  readonly sysfd: number;
  readonly reader: Direction;
  readonly writer: Direction;
  /** Tells this registration from earlier ones of the same number; set by {@link Netpoll.open}. */
  sequence = 0;
  /** The peer will send no more, or the descriptor has an error: a short read empties nothing. */
  peerFinished = false;

  constructor(netpoll: Netpoll, sysfd: number) {
    this.netpoll = netpoll;
    this.sysfd = sysfd;
    this.reader = new Direction(netpoll);
    this.writer = new Direction(netpoll);
  }

  /** The poller saw `events` (EPOLLIN and so on). Waiters are called from within. */
  notify(events: number): void {
    if ((events & PEER_FINISHED) !== 0) this.peerFinished = true;
    if ((events & WAKES_WRITER) !== 0) this.writer.ready = true;
    if ((events & WAKES_READER) !== 0) {
      this.reader.ready = true;
      this.reader.wake(null);
    }
    if ((events & WAKES_WRITER) !== 0) this.writer.wake(null);
  }

  /** Cancels the timers; the waiters stay. */
  close(): void {
    this.reader.close();
    this.writer.close();
  }
}
