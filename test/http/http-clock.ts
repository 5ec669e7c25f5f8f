/** Time that passes by hand, for a server over real sockets. */
import { ManualClock } from '../net/manual-clock.ts';

/** Timers of no time come by themselves. Deadlines, which have the machine's clock, are far away. */
export class HttpClock extends ManualClock {
  override now(): number {
    return 2e12 + super.now();
  }

  override at(when: number, callback: () => void, ref = false): { cancel: () => void } {
    if (when > this.monotonic()) return super.at(when, callback, ref);
    const soon = setImmediate(callback);
    return { cancel: () => clearImmediate(soon) };
  }

  /** Whether somebody looks for clients that have stalled. */
  get looks(): boolean {
    return this.pending.some((left) => left > 1000);
  }
}
