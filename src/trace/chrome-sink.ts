/**
 * A sink that writes the Trace Event Format of Chrome, which ui.perfetto.dev and chrome://tracing open: an array of
 * events, each call a complete event ("ph":"X") with its start and its duration in microseconds.
 *
 * The text is valid JSON whenever `end()` has been called. Before that only the closing "]" is missing, which the format
 * allows: the trace of a process that died opens as well.
 */
import type { Call, Sink } from './call.ts';
import { described } from './described.ts';
import { plainStyle, type Style } from './style.ts';

export interface ChromeSinkOptions {
  /** The process that the events are of; 1 if not given: only the runtime knows its number. */
  readonly pid?: number;
  /** The thread that makes the calls; `pid`, the number of the main thread, if not given. */
  readonly tid?: number;
  /** What the track is called; "netfd" if not given. */
  readonly name?: string;
  readonly style?: Style;
}

/** Microseconds with three digits: what the format calls nanosecond precision. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6) / 1e3;
}

export class ChromeSink implements Sink {
  readonly #write: (text: string) => void;
  readonly #pid: number;
  readonly #tid: number;
  readonly #style: Style;
  #ended = false;

  /** `write` gets text, a whole event at a time; the first is the name of the track. */
  constructor(write: (text: string) => void, options: ChromeSinkOptions = {}) {
    const { pid = 1, tid = pid, name = 'netfd', style = plainStyle() } = options;
    this.#write = write;
    this.#pid = pid;
    this.#tid = tid;
    this.#style = style;
    const event = { name: 'process_name', ph: 'M', pid, tid, args: { name } };
    write(`[\n${JSON.stringify(event)}`);
  }

  call(call: Call): void {
    if (this.#ended) return;
    const { args, outcome, error, fd } = described(call, this.#style);
    const event = {
      name: call.name,
      cat: error === undefined ? 'syscall' : 'syscall,error',
      ph: 'X',
      ts: microseconds(call.time),
      dur: microseconds(call.duration),
      pid: this.#pid,
      tid: this.#tid,
      args: { args, result: outcome, fd },
    };
    // The comma stands before an event, so that there is none too many wherever it ends.
    this.#write(`,\n${JSON.stringify(event)}`);
    this.#style.note(call);
  }

  /** Closes the array. Calls after it are not written. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#write('\n]\n');
  }
}
