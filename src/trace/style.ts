/** How a trace is to look, in the words of strace(1)'s options. */
import type { Kernel } from '../kernel/kernel.ts';
import { Addresses } from './addresses.ts';
import type { Call } from './call.ts';
import { Descriptors } from './descriptors.ts';
import { DescriptorText } from './descriptor-text.ts';
import { DEFAULT_SETTINGS, type TraceSettings } from './settings.ts';

export interface Style {
  /** -s: how many bytes of a string are printed. */
  readonly strings: number;
  /** -x: strings with bytes that are not ASCII are printed in hex; -xx: all strings. */
  readonly hex: 'none' | 'non-ascii' | 'all';
  /** -y, -yy: whether {@link describe} says anything, and then what a call mentions is asked before it, too. */
  readonly descriptors: TraceSettings['descriptors'];
  /** What a descriptor is now, as "<…>" behind its number; AT_FDCWD: the working directory. Empty without -y. */
  readonly describe: (fd: number) => string;
  /** AF_NETLINK and so on; null: no socket, or nobody knows. Asked while the call is shown, not later. */
  readonly familyOf: (fd: number) => number | null;
  /** NETLINK_ROUTE, IPPROTO_TCP and so on; null: nobody knows. */
  readonly protocolOf: (fd: number) => number | null;
  /** The name of an interface by its index, where socket `fd` is; null: there is none, and its index is printed. */
  readonly interfaceName: (index: number, fd?: number) => string | null;
  /** A call has been printed: what is known of descriptors may change. */
  readonly note: (call: Call) => void;
  /** Where strace prints a pointer. */
  readonly addresses: Addresses;
}

/** Linux gives the loopback interface this index in every network namespace. */
const LOOPBACK_INDEX = 1;

/** Only what is known without a call. */
function knownInterface(index: number): string | null {
  return index === LOOPBACK_INDEX ? 'lo' : null;
}

/** What a style needs of all settings. */
export type StyleSettings = Pick<TraceSettings, 'strings' | 'hex' | 'descriptors'>;

/** A style of its own for each trace. Without a kernel to ask, nothing is said of descriptors. */
export function makeStyle(settings: StyleSettings, kernel?: Kernel): Style {
  const descriptors = kernel === undefined ? null : new Descriptors(kernel);
  const { strings, hex } = settings;
  const text =
    kernel === undefined || settings.descriptors === 'none'
      ? null
      : new DescriptorText(kernel, settings);
  return {
    strings,
    hex,
    descriptors: text === null ? 'none' : settings.descriptors,
    describe: (fd) => text?.of(fd) ?? '',
    familyOf: (fd) => descriptors?.familyOf(fd) ?? null,
    protocolOf: (fd) => descriptors?.protocolOf(fd) ?? null,
    interfaceName: (index, fd) =>
      (fd === undefined ? null : descriptors?.interfaceName(fd, index)) ?? knownInterface(index),
    note: (call) => descriptors?.note(call),
    addresses: new Addresses(),
  };
}

/** strace's own, without options. */
export function plainStyle(kernel?: Kernel): Style {
  return makeStyle(DEFAULT_SETTINGS, kernel);
}
