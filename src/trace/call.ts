/**
 * One system call as it was made: what a sink is given, and what the columns of a trace are made of.
 *
 * A call is a view of memory that belongs to its caller. It is valid while the sink's method runs; who wants
 * to keep it takes a copy with {@link keptCall}. There is one object for all calls of a traced kernel, so
 * that tracing makes no garbage.
 */
import type { Kernel } from '../kernel/kernel.ts';

export type CallName = keyof Kernel;

/** What may stand in a call: the arguments of every method of {@link Kernel}. */
export type Value =
  | number
  | Uint8Array
  | Int32Array
  | Uint32Array
  | readonly Uint8Array[]
  | null
  | undefined;

export interface Call {
  readonly name: CallName;
  /** As they were passed; the memory they point to is as the call left it. */
  readonly args: readonly Value[];
  /** What was in the arguments before the call that it may have changed; undefined for the others. */
  readonly before: readonly Value[];
  /** What the kernel returned; negative: -errno. */
  readonly result: number;
  /** When it was made, in milliseconds since the epoch, and how long it took. */
  readonly time: number;
  readonly duration: number;
  /** Which call of this kernel it is, from 1. */
  readonly number: number;
  /** What a rule of `faulty` has done to it: "INJECTED", "DELAYED" or both with a space between. */
  readonly injected?: string | undefined;
  /** With `stacks`: the program's line that asked for it, "server.ts:12:5". */
  readonly where?: string | undefined;
  /** With `stacks`: the connection and request that it belongs to, "tcp 127.0.0.1:80->127.0.0.1:9 GET /". */
  readonly subject?: string | undefined;
}

/** Where calls go. It must not throw, nor call the kernel that it traces. */
export interface Sink {
  call(call: Call): void;
  /**
   * The same call before it is made, for who has to look at something then; its result is -1. A sink without
   * it costs nothing there.
   */
  readonly entering?: ((call: Call) => void) | undefined;
  /**
   * A sink that has this is not given calls, but what they are made of: {@link Sink.call} and the object
   * for it cost more than some calls do. `now` as in TraceOptions; it is for the sink to ask, or not to.
   */
  recorder?(name: CallName, now: () => number): CallRecorder;
}

/** Records one kind of call. Both get all arguments; those that the call has not are undefined. */
export interface CallRecorder {
  /** The call is about to be made. If it throws, for bad arguments, there is no end of it. */
  begin(a?: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value): void;
  /** It is back. */
  end(result: number, a?: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value): void;
}

function keptValue(value: Value): Value {
  if (value === null || value === undefined || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map((part: Uint8Array) => part.slice());
  return (value as Uint8Array).slice();
}

/** A copy of a call, and of all memory it points to. */
export function keptCall(call: Call): Call {
  return { ...call, args: call.args.map(keptValue), before: call.before.map(keptValue) };
}
