/** Time that passes by hand, and a record of what waits for it. */
import type { Clock } from '../../src/kernel/clock.ts';

interface Pending {
  readonly when: number;
  readonly callback: () => void;
  readonly ref: boolean;
}

/** A clock that stands until it is told to go on. */
export class ManualClock implements Clock {
  #time = 1000;
  readonly #timers = new Set<Pending>();

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  at(when: number, callback: () => void, ref = false): { cancel: () => void } {
    const timer: Pending = { when, callback, ref };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** From now to each timer, in milliseconds. */
  get pending(): number[] {
    return [...this.#timers].map(({ when }) => when - this.#time).sort((a, b) => a - b);
  }

  /** Whether there are timers, each of which would keep the process alive. */
  get keepsAlive(): boolean {
    return this.#timers.size > 0 && [...this.#timers].every(({ ref }) => ref);
  }

  /** Fires what is due by then. What is set meanwhile has to wait for the next time. */
  advance(milliseconds: number): void {
    this.#time += milliseconds;
    const due = [...this.#timers].filter(({ when }) => when <= this.#time);
    for (const timer of due) if (this.#timers.delete(timer)) timer.callback();
  }
}
