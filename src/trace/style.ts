/** How a trace is to look, in the words of strace(1)'s options. */
import { Addresses } from './addresses.ts';

export interface Style {
  /** -s: how many bytes of a string are printed. */
  readonly strings: number;
  /** -x: strings with bytes that are not ASCII are printed in hex; -xx: all strings. */
  readonly hex: 'none' | 'non-ascii' | 'all';
  /** -y, -yy: what a descriptor is, as "<…>" behind its number; empty without. */
  readonly describe: (fd: number) => string;
  /** Where strace prints a pointer. */
  readonly addresses: Addresses;
  /** The name of a network interface; null: there is none, and its index is printed. */
  readonly interfaceName: (index: number) => string | null;
}

export const DEFAULT_STRINGS = 32;

/** Linux gives the loopback interface this index in every network namespace. */
const LOOPBACK_INDEX = 1;

/** Only what is known without a call. */
function knownInterface(index: number): string | null {
  return index === LOOPBACK_INDEX ? 'lo' : null;
}

/** strace's own, without options. */
export function plainStyle(): Style {
  return {
    strings: DEFAULT_STRINGS,
    hex: 'none',
    describe: () => '',
    addresses: new Addresses(),
    interfaceName: knownInterface,
  };
}
