/** Node's time as a Clock, for what waits for Node's streams. */
import type { Clock, Timer } from '../kernel/clock.ts';

/** The longest that Node's timers know: a later one is looked at again then. */
const MAX_DELAY = 2 ** 31 - 1;

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  at: (when, callback, ref = false) => timerAt(when, callback, ref),
};

/** Whose timers all keep the process alive: for streams in memory, where nothing else does. */
export const keepingClock: Clock = {
  ...nodeClock,
  at: (when, callback) => timerAt(when, callback, true),
};

function timerAt(when: number, callback: () => void, ref: boolean): Timer {
  let timer: NodeJS.Timeout;
  const start = (): void => {
    const delay = Math.max(Math.ceil(when - performance.now()), 0);
    timer = setTimeout(delay > MAX_DELAY ? start : callback, Math.min(delay, MAX_DELAY));
    if (!ref) timer.unref();
  };
  start();
  return { cancel: () => clearTimeout(timer) };
}
