/**
 * A Kernel around a Kernel that tells a sink of each call. It never changes a result, and what it does not
 * trace it does not touch: such a method is the inner kernel's own function.
 *
 * The copy of what a call may change is taken before it is made, of columns that say so; everything else is looked
 * at when the call is back, so what is printed of a buffer is what the kernel has left in it.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Call, CallName, Sink, Value } from './call.ts';
import { changesDescriptors } from './call-descriptors.ts';
import type { Filter } from './filter.ts';
import { Origins, type StackOptions } from './origins.ts';
import { signatures } from './signatures.ts';

export interface TraceOptions {
  /** Which calls are traced; all of them if not given. */
  readonly filter?: Filter;
  /** Milliseconds since the epoch; the machine's if not given. */
  readonly now?: () => number;
  /** Each call is told with where it comes from. Then calls that make descriptors are looked at in any case. */
  readonly stacks?: boolean | StackOptions;
}

type Method = (...args: Value[]) => number;

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
function changing(name: CallName): readonly number[] {
  const columns: readonly { readonly changes?: boolean }[] = signatures[name].columns;
  return columns.flatMap(({ changes }, i) => (changes === true ? [i] : []));
}

function machineNow(): number {
  return performance.timeOrigin + performance.now();
}

class Tracer {
  readonly #kernel: Kernel;
  readonly #sink: Sink;
  readonly #now: () => number;
  readonly #origins: Origins | null;
  readonly #call: CurrentCall = new CurrentCall();

  constructor(kernel: Kernel, sink: Sink, now: () => number, origins: Origins | null) {
    this.#kernel = kernel;
    this.#sink = sink;
    this.#now = now;
    this.#origins = origins;
  }

  /** A method that nobody is told of, but that changes what is known of descriptors. */
  followed(name: CallName, origins: Origins): Method {
    const inner = this.#kernel[name] as unknown as Method;
    const call = new CurrentCall();
    call.name = name;
    return (...args) => {
      const result = inner(...args);
      call.args = args;
      call.result = result;
      origins.tell(call);
      call.args = NOTHING;
      return result;
    };
  }

  method(name: CallName): Method {
    const inner = this.#kernel[name] as unknown as Method;
    const changes = changing(name);
    const entering = this.#sink.entering;
    return (...args) => {
      const before: Value[] = [];
      for (const i of changes) before[i] = copyOf(args[i]);
      if (entering !== undefined) this.#enter(entering, name, args, before);
      const time = this.#now();
      const result = inner(...args);
      this.#tell(name, args, changes.length === 0 ? NOTHING : before, result, time);
      return result;
    };
  }

  #enter(
    entering: (call: Call) => void,
    name: CallName,
    args: readonly Value[],
    before: readonly Value[],
  ): void {
    const call = this.#call;
    call.name = name;
    call.args = args;
    call.before = before;
    call.result = -1;
    entering(call);
    call.args = NOTHING;
    call.before = NOTHING;
  }

  #tell(
    name: CallName,
    args: readonly Value[],
    before: readonly Value[],
    result: number,
    time: number,
  ): void {
    const call = this.#call;
    call.name = name;
    call.args = args;
    call.before = before;
    call.result = result;
    call.time = time;
    call.duration = this.#now() - time;
    call.number += 1;
    if (this.#origins !== null) this.#origins.tell(call);
    this.#sink.call(call);
    call.args = NOTHING;
    call.before = NOTHING;
  }
}

/** `kernel`, whose calls are told to `sink`, one by one, when they are back. */
export function traced(kernel: Kernel, sink: Sink, options: TraceOptions = {}): Kernel {
  const { filter, now = machineNow, stacks = false } = options;
  const origins = stacks === false ? null : new Origins(kernel, stacks === true ? {} : stacks);
  const tracer = new Tracer(kernel, sink, now, origins);
  const methods: Record<string, unknown> = {};
  for (const name of Object.keys(signatures) as CallName[]) {
    const wanted = filter === undefined || filter(name);
    if (wanted) methods[name] = tracer.method(name);
    else if (origins === null || !changesDescriptors(name)) methods[name] = kernel[name];
    else methods[name] = tracer.followed(name, origins);
  }
  return methods as unknown as Kernel;
}
