/** From the settings of a trace to the sink that they ask for. */
import { faulty } from '../kernel/faulty.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Call, Sink } from '../trace/call.ts';
import { Marks } from '../trace/marks.ts';
import { originText } from '../trace/origins.ts';
import type { TraceSettings } from '../trace/settings.ts';
import { plainStyle, type Style } from '../trace/style.ts';
import { lineOf } from '../trace/text.ts';

/** A sink, and what is left to be written when no call comes any more. */
export interface TraceSink {
  readonly sink: Sink;
  readonly end: () => string;
}

class Lines implements Sink {
  readonly #write: (text: string) => void;
  readonly #prefix: string;
  readonly #style: Style;
  readonly #column: number;

  constructor(write: (text: string) => void, prefix: string, style: Style, column: number) {
    this.#write = write;
    this.#prefix = prefix;
    this.#style = style;
    // strace counts what stands before the call.
    this.#column = Math.max(0, column - prefix.length);
  }

  call(call: Call): void {
    this.#write(`${this.#prefix}${lineOf(call, this.#style, this.#column)}${originText(call)}\n`);
    this.#style.note(call);
  }
}

/** Text for `write`; questions about descriptors go to `kernel`. Each line begins with `prefix`. */
export function traceSink(
  settings: TraceSettings,
  kernel: Kernel,
  write: (text: string) => void,
  prefix: string,
): TraceSink {
  const { strings, hex, column } = settings;
  const style: Style = { ...plainStyle(kernel), strings, hex };
  return { sink: new Lines(write, prefix, style, column), end: () => '' };
}

/** What is to be traced, with the faults that it is to have, and the sink that is told of them. */
export function withFaults(
  kernel: Kernel,
  rules: readonly string[],
  sink: Sink,
): readonly [Kernel, Sink] {
  if (rules.length === 0) return [kernel, sink];
  const marks = new Marks(sink);
  return [faulty(kernel, rules, { injected: marks.mark }), marks];
}
