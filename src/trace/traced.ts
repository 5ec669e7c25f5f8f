/**
 * A Kernel around a Kernel that tells a sink of each call. It never changes a result, and what it does not
 * trace it does not touch: such a method is the inner kernel's own function.
 *
 * The copy of what a call may change is taken before it is made, of columns that say so; everything else is looked
 * at when the call is back, so what is printed of a buffer is what the kernel has left in it.
 *
 * There is a function for each number of arguments: collecting them in an array costs more than a recorder may.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Call, CallName, CallRecorder, Sink, Value } from './call.ts';
import type { Filter } from './filter.ts';
import { signatures } from './signatures.ts';

export interface TraceOptions {
  /** Which calls are traced; all of them if not given. */
  readonly filter?: Filter;
  /** Milliseconds since the epoch; the machine's if not given. */
  readonly now?: () => number;
}

type Method = (a?: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value) => number;

/** The one call that the sink is shown again and again. */
class CurrentCall implements Call {
  name: CallName = 'close';
  args: readonly Value[] = [];
  before: readonly Value[] = [];
  result = 0;
  time = 0;
  duration = 0;
  number = 0;
}

const NOTHING: readonly Value[] = [];

function copyOf(value: Value): Value {
  return value instanceof Uint8Array || value instanceof Uint32Array ? value.slice() : value;
}

/** The indices of the arguments that a call may change. */
export function changing(name: CallName): readonly number[] {
  const columns: readonly { readonly changes?: boolean }[] = signatures[name].columns;
  return columns.flatMap(({ changes }, i) => (changes === true ? [i] : []));
}

/** Milliseconds since the epoch, to the microsecond; the wall clock being set does not change it. */
function machineNow(): () => number {
  const { timeOrigin } = performance;
  return () => timeOrigin + performance.now();
}

/** Makes whole calls of one kind for {@link Sink.call}. */
class CallMaker implements CallRecorder {
  readonly #name: CallName;
  readonly #sink: Sink;
  readonly #now: () => number;
  readonly #call: CurrentCall;
  readonly #changing: readonly number[];
  #before: readonly Value[] = NOTHING;
  #time = 0;

  constructor(name: CallName, sink: Sink, now: () => number, call: CurrentCall) {
    this.#name = name;
    this.#sink = sink;
    this.#now = now;
    this.#call = call;
    this.#changing = changing(name);
  }

  begin(...args: Value[]): void {
    if (this.#changing.length > 0) {
      const before: Value[] = [];
      for (const i of this.#changing) before[i] = copyOf(args[i]);
      this.#before = before;
    }
    this.#time = this.#now();
  }

  end(result: number, ...args: Value[]): void {
    const call = this.#call;
    call.duration = this.#now() - this.#time;
    call.name = this.#name;
    call.args = args;
    call.before = this.#before;
    call.result = result;
    call.time = this.#time;
    call.number += 1;
    this.#sink.call(call);
    call.args = NOTHING;
    call.before = NOTHING;
    this.#before = NOTHING;
  }
}

function few(arity: number, inner: Method, to: CallRecorder): Method {
  switch (arity) {
    case 1:
      return (a) => {
        to.begin(a);
        const result = inner(a);
        to.end(result, a);
        return result;
      };
    case 2:
      return (a, b) => {
        to.begin(a, b);
        const result = inner(a, b);
        to.end(result, a, b);
        return result;
      };
    default:
      return (a, b, c) => {
        to.begin(a, b, c);
        const result = inner(a, b, c);
        to.end(result, a, b, c);
        return result;
      };
  }
}

function many(arity: number, inner: Method, to: CallRecorder): Method {
  switch (arity) {
    case 4:
      return (a, b, c, d) => {
        to.begin(a, b, c, d);
        const result = inner(a, b, c, d);
        to.end(result, a, b, c, d);
        return result;
      };
    case 5:
      return (a, b, c, d, e) => {
        to.begin(a, b, c, d, e);
        const result = inner(a, b, c, d, e);
        to.end(result, a, b, c, d, e);
        return result;
      };
    default:
      return (a, b, c, d, e, f) => {
        to.begin(a, b, c, d, e, f);
        const result = inner(a, b, c, d, e, f);
        to.end(result, a, b, c, d, e, f);
        return result;
      };
  }
}

/** `kernel`, whose calls are told to `sink`, one by one, when they are back. */
export function traced(kernel: Kernel, sink: Sink, options: TraceOptions = {}): Kernel {
  const { filter, now = machineNow() } = options;
  const call = new CurrentCall();
  const methods: Record<string, unknown> = {};
  for (const name of Object.keys(signatures) as CallName[]) {
    methods[name] = kernel[name];
    if (filter !== undefined && !filter(name)) continue;
    const recorder = sink.recorder?.(name, now) ?? new CallMaker(name, sink, now, call);
    const arity = signatures[name].columns.length;
    methods[name] = (arity < 4 ? few : many)(arity, kernel[name] as unknown as Method, recorder);
  }
  return methods as unknown as Kernel;
}
