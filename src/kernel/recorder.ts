/**
 * A Kernel that keeps its calls until somebody comes who shows them, and hands over to him. Knows nothing of what
 * calls mean: of every argument there is a copy from before and one from after. What is kept is bounded; what is
 * too much is made, but not kept, and counted.
 *
 *   recording ──goOn──► passing on to another kernel
 *       └───────stop──► passing on to the inner one
 */
import { CALL_NAMES, type CallName } from './call-set.ts';
import type { Kernel } from './kernel.ts';

/** Calls that are kept, and bytes of theirs. */
const MAX_CALLS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

export interface RecordedCall {
  readonly name: CallName;
  readonly args: readonly unknown[];
  readonly before: readonly unknown[];
  readonly result: number;
  /** Milliseconds since the epoch, and milliseconds. */
  readonly time: number;
  readonly duration: number;
  readonly number: number;
}

/** Shows what has been recorded, and gives the kernel that goes on. `missing` were not kept. */
export type GoOn = (kernel: Kernel, calls: readonly RecordedCall[], missing: number) => Kernel;

type Method = (...args: unknown[]) => number;

export class Recorder {
  readonly kernel: Kernel;
  readonly #inner: Kernel;
  #next: Kernel | null = null;
  #calls: RecordedCall[] = [];
  #bytes = 0;
  #made = 0;

  constructor(inner: Kernel) {
    this.#inner = inner;
    const methods: Record<string, Method> = {};
    for (const name of CALL_NAMES) methods[name] = this.#method(name);
    this.kernel = methods as unknown as Kernel;
  }

  #method(name: CallName): Method {
    const inner = this.#inner[name] as unknown as Method;
    return (...args) => {
      if (this.#next !== null) return (this.#next[name] as unknown as Method)(...args);
      this.#made += 1;
      if (this.#calls.length >= MAX_CALLS || this.#bytes >= MAX_BYTES) return inner(...args);
      const before = args.map(this.#copy);
      const time = performance.timeOrigin + performance.now();
      const result = inner(...args);
      const duration = performance.timeOrigin + performance.now() - time;
      const after = args.map(this.#copy);
      this.#calls.push({ name, args: after, before, result, time, duration, number: this.#made });
      return result;
    };
  }

  readonly #copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(this.#copy);
    if (!ArrayBuffer.isView(value)) return value;
    this.#bytes += value.byteLength;
    return (value as Uint8Array).slice();
  };

  goOn(show: GoOn): void {
    const calls = this.#calls;
    this.stop();
    this.#next = show(this.#inner, calls, this.#made - calls.length);
  }

  stop(): void {
    this.#next = this.#inner;
    this.#calls = [];
  }

  /** How many calls have been made before somebody came. */
  get made(): number {
    return this.#made;
  }
}
