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
import type { GoOn } from '../kernel/linux/recorder.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import type { Call } from '../trace/call.ts';
import type { TraceSettings } from '../trace/settings.ts';
import { traced } from '../trace/traced.ts';
import { openTraceOutput, type TraceOutput } from './trace-output.ts';
import { traceSettingsOf } from './trace-settings.ts';
import { traceSink, withFaults } from './trace-sink.ts';
