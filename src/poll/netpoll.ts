/**
 * The network poller: one epoll descriptor a System, opened at the first registration and joined to the
 * event loop. It turns events into notifications of PollDescs and knows nothing else.
 *
 * A descriptor is registered once, edge-triggered, for reading and writing at the same time, and taken
 * out just before it is closed. The data word carries the descriptor and a sequence number: an event
 * that was fetched before its descriptor was closed, and perhaps reused, is told by its old number.
 *
 * A descriptor that was accepted is registered when it is first waited for, so that one which is closed
 * before that never is. Until then it stands in the ledger (see Parking), because a thread that is
 * terminated can close only what it finds there or in epoll:
 *
 *   accept4 ──► in the ledger ──first wait──► registered ──► closed
 *                     └──────────────────────────────────────►┘
 *
 * After Go's runtime/netpoll.go and netpoll_epoll.go; epoll(7).
 */
import { EPOLL_EVENT_WORDS, type EpollEvents, type Kernel } from '../kernel/kernel.ts';
import { perSystem } from '../kernel/per-system.ts';
import type { Parking, System } from '../kernel/system.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
} from '../syscall/epoll.ts';
import { EPERM } from '../syscall/errno.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import type { PollDesc } from './poll-desc.ts';

/** Events fetched by one epoll_wait(2): as in Go. */
const MAX_EVENTS = 128;

/** Operations that may be settled at once between two turns of the event loop. */
const TURN_BUDGET = 2048;

/** Of registrations: what the engine keeps without an object of its own. */
const MAX_SEQUENCE = 2 ** 31 - 1;

const INTEREST = (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) >>> 0;

/** Of a System that has none: nothing is in it. */
const NO_LEDGER = new Uint32Array(0);

/** The poller of a System: always the same one. */
export function netpollOf(system: System): Netpoll {
  if (latest === null || latest.system !== system) latest = find(system);
  return latest;
}

/** Asked for last: nearly always the only one. */
let latest: Netpoll | null = null;

const find = perSystem((system) => new Netpoll(system));

export class Netpoll {
  readonly system: System;
  readonly kernel: Kernel;
  readonly #registered: (PollDesc | undefined)[] = [];
  readonly #events: EpollEvents = new Uint32Array(MAX_EVENTS * EPOLL_EVENT_WORDS);
  readonly #event: EpollEvents = new Uint32Array(EPOLL_EVENT_WORDS);
  /** A bit for each descriptor that is open, ours, and not registered: see {@link Parking.ledger}. */
  ledger: Uint32Array = NO_LEDGER;
  #epfd = -1;
  #parking: Parking | null = null;
  #sequence = 0;
  #waiters = 0;
  #budget = TURN_BUDGET;

  constructor(system: System) {
    this.system = system;
    this.kernel = system.kernel;
  }

  /** Registers a descriptor, unless it is of a kind that cannot be waited for. SyscallError. */
  open(pd: PollDesc): void {
    if (this.#epfd < 0) this.#openEpoll();
    const result = this.register(pd);
    if (result < 0 && result !== -EPERM) throw new SyscallError('epoll_ctl', result);
  }

  /** The same where the poller is open already: 0 or -errno. */
  register(pd: PollDesc): number {
    const sequence = (this.#sequence = (this.#sequence % MAX_SEQUENCE) + 1);
    const event = this.#event;
    event[0] = INTEREST;
    event[1] = pd.sysfd;
    event[2] = sequence;
    const result = this.kernel.epoll_ctl(this.#epfd, EPOLL_CTL_ADD, pd.sysfd, event);
    if (result < 0) return result;
    pd.sequence = sequence;
    this.#registered[pd.sysfd] = pd;
    this.#strike(pd.sysfd);
    return 0;
  }

  /** Closes a descriptor; if it is registered, it is taken out first: a copy of it may live on. */
  close(pd: PollDesc): void {
    const { sysfd } = pd;
    if (pd.sequence === 0) this.#strike(sysfd);
    else {
      this.#registered[sysfd] = undefined;
      this.kernel.epoll_ctl(this.#epfd, EPOLL_CTL_DEL, sysfd, null);
    }
    this.kernel.close(sysfd);
  }

  /** Whether an accepted descriptor may do without being registered: the ledger has room for it. */
  isNoted(sysfd: number): boolean {
    return sysfd >>> 5 < this.ledger.length;
  }

  #strike(sysfd: number): void {
    if (this.isNoted(sysfd)) this.ledger[sysfd >>> 5]! &= ~(1 << (sysfd & 31));
  }

  /**
   * Counts an operation whose promise is settled without waiting. False if there were so many in a row
   * that the event loop has to have its turn: a peer that always has something to say would keep it out
   * for as long as it likes. Then the promise is settled by {@link Netpoll.later}.
   */
  spend(): boolean {
    return --this.#budget > 0;
  }

  /** Calls `callback` in a later turn of the event loop. */
  later(callback: () => void): void {
    const { clock } = this.system;
    clock.at(
      clock.monotonic(),
      () => {
        this.#budget = TURN_BUDGET;
        callback();
      },
      true,
    );
  }

  /** One more wait that keeps the process alive. */
  retain(): void {
    if (this.#waiters++ === 0) this.#parking?.ref();
  }

  /** One such wait less. */
  release(): void {
    if (--this.#waiters === 0) this.#parking?.unref();
  }

  #openEpoll(): void {
    const epfd = this.kernel.epoll_create1(EPOLL_CLOEXEC);
    if (epfd < 0) throw new SyscallError('epoll_create1', epfd);
    try {
      this.#parking = this.system.park(epfd, () => this.#dispatch());
    } catch (error) {
      this.kernel.close(epfd);
      throw error;
    }
    this.#epfd = epfd;
    this.ledger = this.#parking.ledger ?? NO_LEDGER;
    if (this.#waiters > 0) this.#parking.ref();
  }

  /** Fetches one batch of events and notifies. True if the batch was full: there may be more. */
  #dispatch(): boolean {
    this.#budget = TURN_BUDGET;
    const events = this.#events;
    const count = this.kernel.epoll_wait(this.#epfd, events, MAX_EVENTS, 0);
    for (let i = 0; i < count; i++) {
      const at = i * EPOLL_EVENT_WORDS;
      const pd = this.#registered[events[at + 1]!];
      if (pd === undefined || pd.sequence !== events[at + 2]) continue;
      try {
        pd.notify(events[at]!);
      } catch (thrown) {
        rethrowLater(thrown);
      }
    }
    return count === MAX_EVENTS;
  }
}

/** Not at once: the other events of the batch would be lost, and they come only once. */
export function rethrowLater(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}
