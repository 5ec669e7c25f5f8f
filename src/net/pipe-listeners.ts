/**
 * Who waits at one end of one direction of a pipe, and how they are told: each one once and in order,
 * whatever another one throws, until it is forgotten.
 *
 *   wait ──► waiting ──tellAll──► due ──told──► gone
 *                tell ─────────────▲
 *
 * Listeners are told at once. One that reads or writes from within tells those of the peer, and so on
 * down the stack: when that is too deep, whoever is due is told in a later turn of the event loop.
 */
import type { Clock } from '../kernel/clock.ts';
import { rethrowLater } from '../poll/netpoll.ts';
import type { ReadyListener } from './conn.ts';
import { PipeQueue } from './pipe-queue.ts';

/** How deep listeners are that were told from within one another, whatever pipe they belong to. */
let nesting = 0;
export const MAX_NESTING = 32;

export class PipeListeners {
  readonly #clock: Clock;
  readonly #failure: () => Error | null;
  readonly #waiting: PipeQueue<ReadyListener> = new PipeQueue();
  readonly #due: PipeQueue<ReadyListener> = new PipeQueue();
  /** The turn in which the rest is told is on its way. */
  #postponed = false;

  /** `failure` is what somebody is told now: a new error for each, or null while there is none. */
  constructor(clock: Clock, failure: () => Error | null) {
    this.#clock = clock;
    this.#failure = failure;
  }

  /** How many wait for something to happen. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many have not been told yet. */
  get length(): number {
    return this.#waiting.length + this.#due.length;
  }

  wait(listener: ReadyListener): void {
    this.#waiting.push(listener);
  }

  /** Takes `listener` out without telling it. Harmless if it is not here. */
  forget(listener: ReadyListener): void {
    // What is due came first.
    if (!this.#due.remove(listener)) this.#waiting.remove(listener);
  }

  /** Tells one that does not have to wait. */
  tell(listener: ReadyListener): void {
    this.#due.push(listener);
    this.#tellDue();
  }

  /** Tells all who wait. One that waits again from within is not told a second time. */
  tellAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#due.push(next);
    }
    this.#tellDue();
  }

  #tellDue(): void {
    // No more than are due now: who is told may be due again, and then it would never end.
    for (let left = this.#due.length; left > 0; left--) {
      if (nesting === MAX_NESTING) return this.#postpone();
      const next = this.#due.shift();
      if (next === undefined) return; // told or forgotten from within
      nesting++;
      try {
        next.ready(this.#failure());
      } catch (thrown) {
        rethrowLater(thrown);
      } finally {
        nesting--;
      }
    }
  }

  #postpone(): void {
    if (this.#postponed) return;
    this.#postponed = true;
    const turn = (): void => {
      this.#postponed = false;
      this.#tellDue();
    };
    this.#clock.at(this.#clock.monotonic(), turn, true);
  }
}
