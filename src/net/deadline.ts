/** From a Deadline as programs give it to a time of the System's monotonic clock. */
import type { Clock } from '../kernel/clock.ts';
import type { Deadline } from './conn.ts';

/** 0 for no deadline. TypeError for what is no point in time. */
export function toMonotonic(when: Deadline, clock: Clock): number {
  const time = requireDeadline(when);
  if (time === Number.POSITIVE_INFINITY) return 0;
  // Never 0, which would mean none.
  return Math.max(clock.monotonic() + (time - clock.now()), Number.MIN_VALUE);
}

/** In milliseconds since 1970, infinity for none. TypeError for what is no point in time. */
export function requireDeadline(when: Deadline): number {
  if (when === null) return Number.POSITIVE_INFINITY;
  const time = when instanceof Date ? when.getTime() : when;
  if (typeof time !== 'number' || Number.isNaN(time)) {
    throw new TypeError(
      'deadline: when must be a number of milliseconds since 1970, a valid Date, or null for none',
    );
  }
  return time;
}
