/**
 * The shape of a row of the table of calls: how each argument of a call is printed, and which of them the call
 * may change.
 *
 * A row has a column for each argument of the method of Kernel, by the type of that argument: a row that
 * lacks one, or a call without a row, does not compile. Columns print what strace(1) prints. A
 * column that prints nothing (`hidden`) belongs to an argument that another one prints: a message's buffers.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Call } from './call.ts';
import type { Style } from './style.ts';

/** One argument. `T` is its type in Kernel. */
export interface Column<in T> {
  /** What strace prints for it; undefined: nothing, not even a comma. */
  print(value: T, call: Call, style: Style): string | undefined;
  /** True: the call may change it, so what was there before is kept. */
  readonly changes?: boolean;
}

export type Result = (call: Call, style: Style) => string;

/** A column for each argument. */
type Columns<A extends readonly unknown[]> = { readonly [I in keyof A]: Column<A[I]> };

/** One call: its columns in the order of its arguments. */
export interface Signature<K extends keyof Kernel> {
  readonly columns: Columns<Required<Parameters<Kernel[K]>>>;
  /** How a result that is no error is printed, if not as a decimal number. */
  readonly result?: Result;
}

export type Signatures = { readonly [K in keyof Kernel]: Signature<K> };
