/**
 * netfd/trace: the system calls that netfd makes, as strace(1) prints them, counts them, or makes them fail: a Kernel
 * around a Kernel, for `new Stack({ ...linux, kernel: traced(linux.kernel, sink) })`. Nothing here loads the addon.
 */
export { CALL_NAMES, callSet } from './kernel/call-set.ts';
export { type FaultOptions, faulty } from './kernel/faulty.ts';
export type { Kernel } from './kernel/kernel.ts';
export {
  type Call,
  type CallName,
  type CallRecorder,
  keptCall,
  type Sink,
  type Value,
} from './trace/call.ts';
export { ChromeSink, type ChromeSinkOptions } from './trace/chrome-sink.ts';
export { NDJSONSink } from './trace/ndjson-sink.ts';
export { MAX_RECENT, RecentCalls, type RecentCallsOptions } from './trace/recent-calls.ts';
export {
  type SpanAttributes,
  SpanSink,
  type SpanTracer,
  type TraceSpan,
} from './trace/span-sink.ts';
export { type Addresses } from './trace/addresses.ts';
export { plainStyle, type Style } from './trace/style.ts';
export { type SummaryRow, SummarySink, summaryText } from './trace/summary-sink.ts';
export { lineOf as straceLine } from './trace/text.ts';
export { TextSink } from './trace/text-sink.ts';
export { type Filter, traced, type TraceOptions } from './trace/traced.ts';
