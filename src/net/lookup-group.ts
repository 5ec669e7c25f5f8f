/**
 * Lookups that are under way, each once however many wait for it. After Go's singleflight: who gives up
 * leaves the others waiting, and the last one to leave ends the lookup.
 */
import type { Cancellation } from './cancellation.ts';

interface Flight {
  readonly work: Promise<unknown>;
  readonly abort: AbortController;
  waiters: number;
}

export class LookupGroup {
  readonly #flights = new Map<string, Flight>();

  /**
   * What `work` gives, or what it gives to an earlier caller with the same `key` that still waits: the
   * same key stands for the same type. CancelError when `cancellation` comes before.
   */
  async share<T>(
    key: string,
    cancellation: Cancellation,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (cancellation.error !== null) throw cancellation.error;
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiters++;
    try {
      return await cancellation.race(flight.work as Promise<T>);
    } finally {
      if (--flight.waiters === 0) {
        this.#forget(key, flight);
        flight.abort.abort();
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<unknown>): Flight {
    const abort = new AbortController();
    const flight: Flight = { work: work(abort.signal), abort, waiters: 0 };
    this.#flights.set(key, flight);
    const forget = (): void => this.#forget(key, flight);
    flight.work.then(forget, forget);
    return flight;
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
