/**
 * How long to rest after an accept that failed for lack of descriptors: 5 ms, then twice as long each
 * time, up to a second; the connection waits in the kernel's queue meanwhile. After Go's http.Server.
 */
const FIRST = 5;
const LONGEST = 1000;

export class AcceptPause {
  #last = 0;

  /** In milliseconds. */
  next(): number {
    this.#last = this.#last === 0 ? FIRST : Math.min(2 * this.#last, LONGEST);
    return this.#last;
  }

  /** An accept has succeeded. */
  reset(): void {
    this.#last = 0;
  }
}
