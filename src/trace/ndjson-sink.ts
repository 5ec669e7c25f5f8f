/**
 * A sink that writes one JSON object a line (NDJSON), for jq and for whatever collects logs:
 *
 *   {"time":1700000000000.123,"duration":0.004,"name":"close","fd":7,"args":"7","result":-1,"error":"EBADF"}
 *
 * `time` is in milliseconds since the epoch, `duration` in milliseconds, both to the microsecond. `args` is
 * what strace(1) prints between the parentheses. `result` is -1 for a call that failed, as strace has it, and
 * `error` is there only then; `fd` only if the call has one.
 */
import type { Call, Sink } from './call.ts';
import { described } from './described.ts';
import { plainStyle, type Style } from './style.ts';

/** Milliseconds, with what is smaller than a microsecond cut off: it is noise. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

export class NDJSONSink implements Sink {
  readonly #write: (line: string) => void;
  readonly #style: Style;

  /** `write` gets each line with its end. */
  constructor(write: (line: string) => void, style: Style = plainStyle()) {
    this.#write = write;
    this.#style = style;
  }

  call(call: Call): void {
    const { args, error, fd } = described(call, this.#style);
    const line = JSON.stringify({
      time: toMicroseconds(call.time),
      duration: toMicroseconds(call.duration),
      name: call.name,
      fd,
      args,
      result: error === undefined ? call.result : -1,
      error,
    });
    this.#write(`${line}\n`);
    this.#style.note(call);
  }
}
