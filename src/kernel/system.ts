import type { Clock } from './clock.ts';
import type { Kernel } from './kernel.ts';
import type { NameService } from './name-service.ts';

/**
 * What a process runs on: the system calls, a clock, a way to wait, and the few things that a program
 * asks of its surroundings. It is passed in and never global; `linux` is one System, a simulated host
 * is another. The members are independent functions, so a System can be made from another one:
 * `{ ...linux, kernel: traced(linux.kernel) }`.
 */
export interface System {
  /** For messages: "linux", or the name of a simulated host. */
  readonly name: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  /**
   * Watches an epoll descriptor: whenever it has events, `ready` is called from the event loop, with
   * every microtask run after it. `ready` takes the events with epoll_wait(2) and returns true to be
   * called again at once (a bounded number of times) because it may have left some. Starts unreferenced.
   */
  readonly park: (epfd: number, ready: () => boolean) => Parking;
  /** What is known of names beyond the files of this machine. */
  readonly names: NameService;
  /** Tells the programmer of a mistake that is nobody's exception, such as a leaked connection. */
  readonly warn: (message: string) => void;
}

/** A watched epoll descriptor. */
export interface Parking {
  /** The wait keeps the process alive. */
  ref(): void;
  /** The wait does not keep the process alive. */
  unref(): void;
  /** Stops watching; the descriptor stays open. Safe to call twice. */
  close(): void;
  /**
   * One bit for each descriptor that is ours but not registered with epoll, that of descriptor n in word
   * n >> 5. If this thread is terminated, those are closed besides what is registered. Where there is none,
   * everything has to be registered.
   */
  readonly ledger?: Uint32Array;
}
