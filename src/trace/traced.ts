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
import { changesDescriptors } from './call-descriptors.ts';
import { Origins, type StackOptions } from './origins.ts';
import { signatures } from './signatures.ts';

/** Which calls: `(name) => calls.has(name)` of a set that callSet (src/kernel/call-set.ts) has made. */
export type Filter = (name: CallName) => boolean;

export interface TraceOptions {
  /** Which calls are traced; all of them if not given. */
  readonly filter?: Filter;
  /** Milliseconds since the epoch; the machine's if not given. */
  readonly now?: () => number;
  /** Each call is told with where it comes from. Then calls that make descriptors are looked at in any case. */
  readonly stacks?: boolean | StackOptions;
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
  where: string | undefined = undefined;
  subject: string | undefined = undefined;
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

/** What all calls of a traced kernel share. */
interface Shared {
  readonly call: CurrentCall;
  readonly origins: Origins | null;
}

/** Makes whole calls of one kind for {@link Sink.call}. */
class CallMaker implements CallRecorder {
  readonly #name: CallName;
  readonly #sink: Sink;
  readonly #now: () => number;
  readonly #call: CurrentCall;
  readonly #origins: Origins | null;
  readonly #changing: readonly number[];
  #before: readonly Value[] = NOTHING;
  #time = 0;

  constructor(name: CallName, sink: Sink, now: () => number, shared: Shared) {
    this.#name = name;
    this.#sink = sink;
    this.#now = now;
    this.#call = shared.call;
    this.#origins = shared.origins;
    this.#changing = changing(name);
  }

  begin(...args: Value[]): void {
    if (this.#changing.length > 0) {
      const before: Value[] = [];
      for (const i of this.#changing) before[i] = copyOf(args[i]);
      this.#before = before;
    }
    if (this.#sink.entering !== undefined) this.#enter(args);
    this.#time = this.#now();
  }

  #enter(args: readonly Value[]): void {
    const call = this.#call;
    call.name = this.#name;
    call.args = args;
    call.before = this.#before;
    call.result = -1;
    this.#sink.entering!(call);
    call.args = NOTHING;
    call.before = NOTHING;
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
    if (this.#origins !== null) this.#origins.tell(call);
    this.#sink.call(call);
    call.args = NOTHING;
    call.before = NOTHING;
    this.#before = NOTHING;
  }
}

/** Calls that nobody is told of, but that change what is known of descriptors. */
class Follower implements CallRecorder {
  readonly #origins: Origins;
  readonly #call: CurrentCall = new CurrentCall();

  constructor(name: CallName, origins: Origins) {
    this.#call.name = name;
    this.#origins = origins;
  }

  begin(): void {}

  end(result: number, ...args: Value[]): void {
    const call = this.#call;
    call.args = args;
    call.result = result;
    this.#origins.tell(call);
    call.args = NOTHING;
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

/** Who records a call; null: nobody, and it stays the inner kernel's own function. */
function recorderOf(
  name: CallName,
  sink: Sink,
  now: () => number,
  shared: Shared,
  wanted: boolean,
): CallRecorder | null {
  const { origins } = shared;
  if (wanted) {
    const own = origins === null ? sink.recorder?.(name, now) : undefined;
    return own ?? new CallMaker(name, sink, now, shared);
  }
  return origins !== null && changesDescriptors(name) ? new Follower(name, origins) : null;
}

/** `kernel`, whose calls are told to `sink`, one by one, when they are back. */
export function traced(kernel: Kernel, sink: Sink, options: TraceOptions = {}): Kernel {
  const { filter, now = machineNow(), stacks = false } = options;
  const origins = stacks === false ? null : new Origins(kernel, stacks === true ? {} : stacks);
  const shared = { call: new CurrentCall(), origins };
  const methods: Record<string, unknown> = {};
  for (const name of Object.keys(signatures) as CallName[]) {
    const wanted = filter === undefined || filter(name);
    const recorder = recorderOf(name, sink, now, shared, wanted);
    methods[name] = kernel[name];
    if (recorder === null) continue;
    const arity = signatures[name].columns.length;
    methods[name] = (arity < 4 ? few : many)(arity, kernel[name] as unknown as Method, recorder);
  }
  return methods as unknown as Kernel;
}
