/** Signals and sets of them as strace(1) prints them: "SIGINT", "[INT TERM]", "~[KILL STOP]". */
import { NULL } from './columns.ts';
import type { Column } from './signature.ts';

/** From 1 on, as x86-64 and arm64 number them: signal(7). */
const NAMES: readonly string[] = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP ' +
  'TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/** The kernel's first real-time signal, and its last. */
const RTMIN = 32;
const LAST = 64;

/** A set of this many signals is printed as those that it lacks. */
const MANY = 42;

/** sigset_t of the kernel. */
const SIGSET_BYTES = 8;

function shortName(signal: number): string {
  if (signal < RTMIN) return NAMES[signal - 1]!;
  return signal === RTMIN ? 'RTMIN' : `RT_${signal - RTMIN}`;
}

/** "SIGINT"; what is none is a number. */
export function signalText(signal: number): string {
  return signal > 0 && signal <= LAST ? `SIG${shortName(signal)}` : String(signal);
}

function sigsetText(set: Uint8Array): string {
  const inside: string[] = [];
  const outside: string[] = [];
  for (let signal = 1; signal <= LAST; signal += 1) {
    const bit = (set[(signal - 1) >> 3]! >> ((signal - 1) & 7)) & 1;
    (bit === 1 ? inside : outside).push(shortName(signal));
  }
  return inside.length < MANY ? `[${inside.join(' ')}]` : `~[${outside.join(' ')}]`;
}

function textOf(set: Uint8Array | null): string {
  return set === null ? NULL : sigsetText(set);
}

/** Of ppoll(2): the set, and the length of a set, which Kernel does not show. */
export const signalsAndSize: Column<Uint8Array | null> = {
  print: (set) => `${textOf(set)}, ${SIGSET_BYTES}`,
};

/** Of pselect6(2), which has both in a struct. */
export const signalsStruct: Column<Uint8Array | null> = {
  print: (set) => `{sigmask=${textOf(set)}, sigsetsize=${SIGSET_BYTES}}`,
};
