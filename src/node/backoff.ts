/** How long to wait before something that died is started again: twice as long each time, up to a bound. */
const SHORTEST = 100;
const LONGEST = 10_000;

/** What has lived so long was well: the next time begins with the shortest wait again. */
const HEALTHY = 60_000;

export class Backoff {
  #next = SHORTEST;
  #startedAt = 0;

  /** It has been started, at `now` in milliseconds. */
  started(now: number): void {
    this.#startedAt = now;
  }

  /** It has died. Milliseconds to wait. */
  died(now: number): number {
    if (now - this.#startedAt >= HEALTHY) this.#next = SHORTEST;
    const wait = this.#next;
    this.#next = Math.min(2 * wait, LONGEST);
    return wait;
  }
}
