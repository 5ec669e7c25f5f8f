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
 * What is not ready is only known to stay so while the poller watches. So a descriptor that is not
 * registered yet becomes so when somebody first relies on that: epoll tells then what there is already.
 *
 * There is one PollDesc for every open connection: what is true or false is a bit of one number, and there
 * are no private methods, for which the engine would add a field to each object.
 * After Go's internal/poll/fd_poll_runtime.go and the pollDesc of runtime/netpoll.go.
 */
import type { Clock } from '../kernel/clock.ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../syscall/epoll.ts';
import { DeadlineTimer, type Expiring } from './deadline-timer.ts';
import { ErrDeadlineExceeded } from './errors.ts';
import type { Mode } from './fd-mutex.ts';
import type { Netpoll } from './netpoll.ts';

/** Told once: ready (null), or why it will not be. */
export interface Waiter {
  ready(error: Error | null): void;
}

const WAKES_READER = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const WAKES_WRITER = EPOLLOUT | EPOLLHUP | EPOLLERR;
const PEER_FINISHED = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

// The bits of a PollDesc's state.

/** A call may succeed. */
const READ_READY = 1;
const WRITE_READY = 2;
/** A deadline has passed and was not moved since. */
const READ_EXPIRED = 4;
const WRITE_EXPIRED = 8;
const FINISHED = 16;
/** Its waits do not keep the process alive. */
const UNREFERENCED = 32;
/** EPOLLOUT means nothing. */
const HELD = 64;
const LENT = 128;
/** It is registered when that is first needed. */
const DEFERRED = 256;

/** A descriptor as the poller sees it. */
export class PollDesc implements Expiring {
  readonly netpoll: Netpoll;
  readonly sysfd: number;
  /**
   * Tells this registration from earlier ones of the same number; set by {@link Netpoll.register}. 0 if
   * the poller does not know the descriptor.
   */
  sequence = 0;
  #state = READ_READY | WRITE_READY;
  #reader: Waiter | null = null;
  #writer: Waiter | null = null;
  #readDeadline: DeadlineTimer | null = null;
  #writeDeadline: DeadlineTimer | null = null;

  constructor(netpoll: Netpoll, sysfd: number) {
    this.netpoll = netpoll;
    this.sysfd = sysfd;
  }

  /** Whether it can be waited for: the poller knows the descriptor, or will. */
  get pollable(): boolean {
    return this.sequence !== 0 || (this.#state & DEFERRED) !== 0;
  }

  /** Leaves it to {@link PollDesc.watched} to register it. Of sockets that the poller has noted. */
  defer(): void {
    this.#state |= DEFERRED;
  }

  /** The poller watches it from now on at the latest: 0, or -errno if it cannot. */
  watched(): number {
    return this.sequence === 0 ? this.netpoll.register(this) : 0;
  }

  /** Whether a call may succeed. */
  isReady(mode: Mode): boolean {
    return (this.#state & (mode === 'read' ? READ_READY : WRITE_READY)) !== 0;
  }

  /** Whether no call can succeed before the next edge, and the edge will be seen. */
  isDry(mode: Mode): boolean {
    return !this.isReady(mode) && this.pollable && this.watched() === 0;
  }

  /** Whether an operation that begins now would wait, without a call: nothing is there, nothing has passed. */
  isQuiet(mode: Mode): boolean {
    const loud = mode === 'read' ? READ_READY | READ_EXPIRED : WRITE_READY | WRITE_EXPIRED;
    return (this.#state & loud) === 0 && this.sequence !== 0;
  }

  /** No call can succeed before the next edge. */
  drained(mode: Mode): void {
    this.#state &= ~(mode === 'read' ? READ_READY : WRITE_READY);
  }

  /** A read may succeed: the kernel has said so before the event was fetched. */
  replenished(): void {
    this.#state |= READ_READY;
  }

  /** A deadline has passed and was not moved since. */
  isExpired(mode: Mode): boolean {
    return (this.#state & (mode === 'read' ? READ_EXPIRED : WRITE_EXPIRED)) !== 0;
  }

  /** Somebody else has the descriptor, and may set options of it, or make a copy. */
  lend(): void {
    this.#state |= LENT;
  }

  /** Whether somebody else has had the descriptor. */
  get lent(): boolean {
    return (this.#state & LENT) !== 0;
  }

  /** It is not ready for writing, whatever epoll says, before {@link PollDesc.unhold}. */
  hold(): void {
    this.#state = (this.#state | HELD) & ~WRITE_READY;
  }

  /** Ends {@link PollDesc.hold}: it is ready for writing, and a waiter is told. */
  unhold(): void {
    if ((this.#state & HELD) === 0) return;
    this.#state = (this.#state & ~HELD) | WRITE_READY;
    this.wake('write', null);
  }

  /** The peer will send no more, or the descriptor has an error: a short read empties nothing. */
  get peerFinished(): boolean {
    return (this.#state & FINISHED) !== 0;
  }

  /** `waiter` is told at the next edge, when the deadline passes, or by {@link PollDesc.wake}. */
  wait(mode: Mode, waiter: Waiter): void {
    if (mode === 'read') this.#reader = waiter;
    else this.#writer = waiter;
    if ((this.#state & UNREFERENCED) === 0) this.netpoll.retain();
  }

  /** As {@link PollDesc.wait}, but it ends when the event loop has had its turn at the latest. */
  waitTurn(mode: Mode, waiter: Waiter): null {
    this.wait(mode, waiter);
    this.netpoll.later(() => {
      if (this.forget(mode, waiter)) waiter.ready(null);
    });
    return null;
  }

  /** Ends the wait, if there is one. */
  wake(mode: Mode, error: Error | null): void {
    const waiter = mode === 'read' ? this.#reader : this.#writer;
    if (waiter === null) return;
    this.forget(mode, waiter);
    waiter.ready(error);
  }

  /** Ends the wait of this very waiter without telling it. False if it does not wait here. */
  forget(mode: Mode, waiter: Waiter): boolean {
    if (waiter !== (mode === 'read' ? this.#reader : this.#writer)) return false;
    if (mode === 'read') this.#reader = null;
    else this.#writer = null;
    if ((this.#state & UNREFERENCED) === 0) this.netpoll.release();
    return true;
  }

  /** Whether waits keep the process alive. */
  set referenced(value: boolean) {
    if (value === ((this.#state & UNREFERENCED) === 0)) return;
    this.#state ^= UNREFERENCED;
    for (const waiter of [this.#reader, this.#writer]) {
      if (waiter === null) continue;
      if (value) this.netpoll.retain();
      else this.netpoll.release();
    }
  }

  /** `when` is a time of the monotonic clock, or 0 for no deadline. */
  setDeadline(mode: Mode, when: number, clock: Clock): void {
    this.#state &= ~(mode === 'read' ? READ_EXPIRED : WRITE_EXPIRED);
    let deadline = mode === 'read' ? this.#readDeadline : this.#writeDeadline;
    if (when === 0 || when <= clock.monotonic()) {
      deadline?.clear();
      if (when !== 0) this.expire(mode);
      return;
    }
    deadline ??= new DeadlineTimer(this, mode);
    deadline.set(when, clock);
    if (mode === 'read') this.#readDeadline = deadline;
    else this.#writeDeadline = deadline;
  }

  expire(mode: Mode): void {
    this.#state |= mode === 'read' ? READ_EXPIRED : WRITE_EXPIRED;
    this.wake(mode, ErrDeadlineExceeded);
  }

  /** The poller saw these events (EPOLLIN and so on). Waiters are called from within. */
  notify(seen: number): void {
    const events = (this.#state & HELD) === 0 ? seen : seen & ~EPOLLOUT;
    if ((events & PEER_FINISHED) !== 0) this.#state |= FINISHED;
    if ((events & WAKES_WRITER) !== 0) this.#state |= WRITE_READY;
    if ((events & WAKES_READER) !== 0) {
      this.#state |= READ_READY;
      this.wake('read', null);
    }
    if ((events & WAKES_WRITER) !== 0) this.wake('write', null);
  }

  /** Cancels the timers; the waiters stay. */
  close(): void {
    this.#readDeadline?.cancel();
    this.#writeDeadline?.cancel();
  }
}
