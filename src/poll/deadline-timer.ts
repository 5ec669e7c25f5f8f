/**
 * The deadline of one direction of a descriptor, and the timer that watches it. Made when the first
 * deadline is set: most descriptors never have one.
 *
 * The timer is lazy: one that fires early looks for the present deadline and sets itself again, so moving
 * a deadline forward, as servers do at each request, costs no timer. This file does not know who waits.
 */
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Mode } from './fd-mutex.ts';

/** What a deadline is for. */
export interface Expiring {
  /** The deadline of this direction has passed. */
  expire(mode: Mode): void;
}

export class DeadlineTimer {
  readonly #target: Expiring;
  readonly #mode: Mode;
  /** On the monotonic clock; 0 for none. */
  #when = 0;
  #timer: Timer | null = null;
  #timerAt = 0;

  constructor(target: Expiring, mode: Mode) {
    this.#target = target;
    this.#mode = mode;
  }

  /** `when` is a time of the monotonic clock that has not passed. */
  set(when: number, clock: Clock): void {
    this.#when = when;
    if (this.#timer === null || when < this.#timerAt) this.#start(when, clock);
  }

  /** There is no deadline any more; a timer that is set stays, for the next one. */
  clear(): void {
    this.#when = 0;
  }

  /** No timer is left behind. */
  cancel(): void {
    this.#when = 0;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #start(when: number, clock: Clock): void {
    this.#timer?.cancel();
    this.#timerAt = when;
    this.#timer = clock.at(when, () => this.#fire(clock));
  }

  #fire(clock: Clock): void {
    this.#timer = null;
    const when = this.#when;
    if (when === 0) return;
    if (when > clock.monotonic()) return this.#start(when, clock);
    this.#when = 0;
    this.#target.expire(this.#mode);
  }
}
