/**
 * Loaded before a program (node --import) or by it, if NETFD_TRACE is set: puts a trace around the kernel of each netfd that
 * the program loads. What the variable says is read once; the program finds the variable as it was, its threads read it
 * themselves, and processes that it starts are told that it is not meant for them.
 *
 * Each thread has a trace of its own. Those of other threads than the first are told apart by "[pid N] " before
 * each line, N being the thread's id for the kernel, as strace -f prints it.
 */
import { readlinkSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Kernel } from '../kernel/kernel.ts';
import type { GoOn, RecordedCall } from '../kernel/recorder.ts';
import type { System } from '../kernel/system.ts';
import type { Call } from '../trace/call.ts';
import { DEFAULT_SETTINGS, type TraceSettings } from '../trace/settings.ts';
import { traced } from '../trace/traced.ts';
import { openTraceOutput, type TraceOutput } from './trace-output.ts';
import { traceSettingsOf } from './trace-settings.ts';
import { nodeStacks } from './trace-stacks.ts';
import { type TracedThread, type TraceSink, traceSink, withFaults } from './trace-sink.ts';

const HOOK: unique symbol = Symbol.for('netfd.system') as never;

/** Signals that end a program by themselves, and leave it no time for what is written at its end. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What this thread's trace is made with, and where it goes. */
interface Here {
  readonly settings: TraceSettings;
  readonly output: TraceOutput;
  readonly thread: TracedThread;
  /** One for all kernels of the thread; made with the first. */
  sink: TraceSink | null;
}

/** /proc/thread-self leads to "1234/task/1240". */
function thisThread(): TracedThread {
  if (isMainThread) return { tid: process.pid, isMain: true };
  return { tid: Number(readlinkSync('/proc/thread-self').split('/').at(-1)), isMain: false };
}

/** A Chrome trace is one array, so that each thread has a file of its own. */
function outputOf({ output, format }: TraceSettings, { tid, isMain }: TracedThread): TraceOutput {
  if (format !== 'chrome' || output === null || isMain) {
    return openTraceOutput(output, { append: !isMain });
  }
  return openTraceOutput(`${output}.${tid}`);
}

function readSettings(): TraceSettings {
  const value = process.env['NETFD_TRACE'] ?? '';
  return value === '' ? DEFAULT_SETTINGS : traceSettingsOf(value);
}

/** Null if there is to be no trace: of a process that a traced one has started, or after a mistake, which is told. */
function begin(): Here | null {
  const of = process.env['NETFD_TRACE_OF'] ?? '';
  if (of !== '' && of !== String(process.pid)) return null;
  try {
    const settings = readSettings();
    const thread = thisThread();
    const output = outputOf(settings, thread);
    process.env['NETFD_TRACE_OF'] = String(process.pid);
    return { settings, output, thread, sink: null };
  } catch (error) {
    const { message } = error as Error;
    process.stderr.write(`netfd: NETFD_TRACE: ${message}; nothing is traced\n`);
    return null;
  }
}

/** Null until the first kernel is to be traced: no file is made for a thread that has none. */
let here: Here | null | undefined = undefined;

function end({ output, sink }: Here): void {
  sink?.end();
  output.last();
}

/** Writes all that there is before the program is gone. A signal that it handles is its own affair. */
function watchEnd(place: Here): void {
  process.on('exit', () => end(place));
  if (!isMainThread) return;
  const abort = process.abort.bind(process);
  process.abort = () => {
    end(place);
    return abort();
  };
  if (place.settings.summary === 'none' && place.settings.format === 'text') return;
  for (const signal of ENDING) {
    const come = (): void => {
      if (process.listenerCount(signal) > 1) return;
      end(place);
      process.off(signal, come);
      process.kill(process.pid, signal);
    };
    process.on(signal, come);
  }
}

function place(): Here | null {
  if (here !== undefined) return here;
  here = begin();
  if (here !== null) watchEnd(here);
  return here;
}

/** `kernel` with what the settings say around it, once what was called before has been shown. */
export const goOn: GoOn = (kernel: Kernel, earlier: readonly RecordedCall[], missing: number) => {
  const now = place();
  if (now === null) return kernel;
  const { settings, output, thread } = now;
  now.sink ??= traceSink(settings, kernel, output.write, thread);
  const { sink } = now.sink;
  for (const call of earlier) if (settings.calls.has(call.name)) sink.call(call as Call);
  if (missing > 0) process.stderr.write(`netfd: NETFD_TRACE: ${missing} calls are not shown\n`);
  const [inner, told] = withFaults(kernel, settings.inject, sink);
  const stacks = settings.stacks && nodeStacks();
  return traced(inner, told, { filter: (name) => settings.calls.has(name), stacks });
};

Object.defineProperty(globalThis, HOOK, {
  configurable: true,
  value: (system: System): System => ({ ...system, kernel: goOn(system.kernel, [], 0) }),
});
