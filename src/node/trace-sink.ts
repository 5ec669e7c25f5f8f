/**
 * From the settings of a trace to the sinks that they ask for: text, NDJSON or a Chrome trace, a summary in its place or
 * behind it, explanations, faults.
 */
import { faulty } from '../kernel/faulty.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Call, Sink } from '../trace/call.ts';
import { ChromeSink } from '../trace/chrome-sink.ts';
import { ExplainedSink } from '../trace/explanations.ts';
import { Marks } from '../trace/marks.ts';
import { NDJSONSink } from '../trace/ndjson-sink.ts';
import type { TraceSettings } from '../trace/settings.ts';
import { makeStyle } from '../trace/style.ts';
import { SummarySink } from '../trace/summary-sink.ts';
import { TextSink } from '../trace/text-sink.ts';

/** The thread that is traced. */
export interface TracedThread {
  /** Its number for the kernel; that of the main thread is the pid. */
  readonly tid: number;
  readonly isMain: boolean;
}

/** A sink, and what is to be done when no call comes any more. */
export interface TraceSink {
  readonly sink: Sink;
  readonly end: () => void;
}

type Write = (text: string) => void;

/** Tells two sinks. */
class Both implements Sink {
  readonly entering: Sink['entering'];
  readonly #first: Sink;
  readonly #second: Sink;

  constructor(first: Sink, second: Sink) {
    this.#first = first;
    this.#second = second;
    this.entering = first.entering;
  }

  call(call: Call): void {
    this.#first.call(call);
    this.#second.call(call);
  }
}

function explained(lines: Sink, write: Write): Sink {
  const sink = new ExplainedSink(lines, write);
  return { entering: lines.entering, call: (call) => sink.call(call) };
}

/** The calls themselves; `prefix` is before each line of text. */
function callsSink(
  settings: TraceSettings,
  kernel: Kernel,
  write: Write,
  { tid, isMain }: TracedThread,
): TraceSink {
  const { format, column, explain } = settings;
  const style = makeStyle(settings, kernel);
  const nothing = (): void => {};
  if (format === 'chrome') {
    const sink = new ChromeSink(write, { pid: process.pid, tid, style });
    return { sink, end: () => sink.end() };
  }
  if (format === 'ndjson') {
    const withThread: Write = (line) => write(`{"tid":${tid},${line.slice(1)}`);
    return { sink: new NDJSONSink(isMain ? write : withThread, style), end: nothing };
  }
  const prefix = isMain ? '' : `[pid ${tid}] `;
  // strace counts what stands before the call.
  const layout = { ...settings, column: Math.max(0, column - prefix.length) };
  const lines = new TextSink((line) => write(prefix + line), style, layout);
  return { sink: explain ? explained(lines, write) : lines, end: nothing };
}

/** What writes with `write`; questions about descriptors go to `kernel`. */
export function traceSink(
  settings: TraceSettings,
  kernel: Kernel,
  write: Write,
  thread: TracedThread,
): TraceSink {
  const { summary, format } = settings;
  if (summary === 'none') return callsSink(settings, kernel, write, thread);
  const counts = new SummarySink();
  if (summary === 'only') return { sink: counts, end: () => write(counts.text()) };
  const { sink, end } = callsSink(settings, kernel, write, thread);
  const tell: Write = format === 'text' ? write : (text) => process.stderr.write(text);
  return {
    sink: new Both(sink, counts),
    end: () => {
      end();
      tell(counts.text());
    },
  };
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
