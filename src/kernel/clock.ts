/**
 * Time as an argument: what the layers above know of time comes from a Clock, so that a simulated one
 * can stand in its place. Times are in milliseconds and may have fractions.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC: the wall clock, which may jump. */
  now(): number;
  /** Milliseconds since some fixed point: never goes back. */
  monotonic(): number;
  /**
   * Calls `callback` once when {@link Clock.monotonic} has reached `when`, never from within this call.
   * A timer does not keep the process alive unless `ref` is true.
   */
  at(when: number, callback: () => void, ref?: boolean): Timer;
}

/** A pending {@link Clock.at}. */
export interface Timer {
  /** The callback will not be called any more. Harmless when it already was. */
  cancel(): void;
}
