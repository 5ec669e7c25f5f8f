/** Times as strace(1) prints them: before a call (-t, -tt, -ttt, -r), and how long it took (-T). */
import type { Call } from './call.ts';
import type { TraceSettings } from './settings.ts';

const MICROSECONDS = 1_000_000;

function micros(milliseconds: number): number {
  return Math.max(0, Math.floor(milliseconds * 1000));
}

function secondsText(count: number, width: number): string {
  const seconds = String(Math.floor(count / MICROSECONDS)).padStart(width);
  return `${seconds}.${String(count % MICROSECONDS).padStart(6, '0')}`;
}

/** "0.000012". `milliseconds` below zero, of a clock that was set, are none. */
export function durationText(milliseconds: number): string {
  return secondsText(micros(milliseconds), 0);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** "14:03:59", where this machine is. */
function dayText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

export class Clock {
  readonly #settings: Pick<TraceSettings, 'relative' | 'clock'>;
  #last = -1;

  constructor(settings: Pick<TraceSettings, 'relative' | 'clock'>) {
    this.#settings = settings;
  }

  /** What stands before a call, with the blank behind it. */
  text(call: Call): string {
    const { relative, clock } = this.#settings;
    if (clock === 'none' && !relative) return '';
    const now = this.#now(call.time);
    if (!relative) return `${now} `;
    const passed = this.#last < 0 ? 0 : micros(call.time) - this.#last;
    this.#last = micros(call.time);
    const text = secondsText(Math.max(0, passed), 6);
    return clock === 'none' ? `${text} ` : `${now} (+${text}) `;
  }

  #now(time: number): string {
    switch (this.#settings.clock) {
      case 'seconds':
        return dayText(time);
      case 'microseconds':
        return `${dayText(time)}.${String(micros(time) % MICROSECONDS).padStart(6, '0')}`;
      case 'epoch':
        return secondsText(micros(time), 0);
      default:
        return '';
    }
  }
}
