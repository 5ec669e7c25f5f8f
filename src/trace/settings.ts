/**
 * What is traced, how it looks and where it goes: all that can be said in options of a command line or of an
 * environment. options.ts reads them.
 */
import { CALL_NAMES } from '../kernel/call-set.ts';
import type { CallName } from './call.ts';

export interface TraceSettings {
  /** -e trace=: the calls that are told. */
  readonly calls: ReadonlySet<CallName>;
  /** -e inject=: rules of faults, as they were written, one after the other. */
  readonly inject: readonly string[];
  /** -s: how many bytes of a string are printed. */
  readonly strings: number;
  /** -x, -xx: which strings are printed in hex. */
  readonly hex: 'none' | 'non-ascii' | 'all';
  /** -y: where a descriptor leads; -yy: also the ends of a socket, and the numbers of a device. */
  readonly descriptors: 'none' | 'paths' | 'all';
  /** -a: the column of results. */
  readonly column: number;
  /** -T: how long each call took. */
  readonly duration: boolean;
  /** -r: the time since the call before. */
  readonly relative: boolean;
  /** -t, -tt, -ttt: the time of day, with microseconds, or as seconds since the epoch. */
  readonly clock: 'none' | 'seconds' | 'microseconds' | 'epoch';
  /** -c: a summary only; -C: behind the calls. */
  readonly summary: 'none' | 'only' | 'also';
  /** -o: the file that the trace goes to; null: standard error. */
  readonly output: string | null;
  readonly format: 'text' | 'ndjson' | 'chrome';
  /** --stacks: the line of the program that made the call. */
  readonly stacks: boolean;
  /** --explain: what each call is for. */
  readonly explain: boolean;
  /** --ring: how many calls are kept, to be read at any time; 0: none. */
  readonly ring: number;
}

export const DEFAULT_STRINGS = 32;

/** strace's -a: where the results stand. */
export const DEFAULT_COLUMN = 40;

/** strace's own, without options. */
export const DEFAULT_SETTINGS: TraceSettings = {
  calls: new Set(CALL_NAMES),
  inject: [],
  strings: DEFAULT_STRINGS,
  hex: 'none',
  descriptors: 'none',
  column: DEFAULT_COLUMN,
  duration: false,
  relative: false,
  clock: 'none',
  summary: 'none',
  output: null,
  format: 'text',
  stacks: false,
  explain: false,
  ring: 0,
};
