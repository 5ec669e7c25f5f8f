/** struct open_how of openat2(2) as strace(1) prints it: what it does not know of it in hex, if it is not 0. */
import * as fcntl from '../syscall/fcntl.ts';
import { SIZEOF_OPEN_HOW } from '../syscall/fcntl.ts';
import { NULL } from './columns.ts';
import { type Names, namesOf } from './names.ts';
import { makesFile, modeText, wideOpenFlags } from './open-flags.ts';
import type { Column } from './signature.ts';
import { quotedBytes } from './quoted.ts';
import type { Style } from './style.ts';
import { wideFlagsOf } from './wide-names.ts';

const RESOLVE: Names = namesOf(fcntl, 'RESOLVE_???', [
  'RESOLVE_NO_XDEV',
  'RESOLVE_NO_MAGICLINKS',
  'RESOLVE_NO_SYMLINKS',
  'RESOLVE_BENEATH',
  'RESOLVE_IN_ROOT',
  'RESOLVE_CACHED',
]);

/** strace looks no further: a page. */
const MAX_SIZE = 4096;

/** What lies behind the struct. */
function restText(rest: Uint8Array, style: Style): readonly string[] {
  if (rest.every((byte) => byte === 0)) return [];
  const end = SIZEOF_OPEN_HOW + rest.length - 1;
  const text = quotedBytes(rest, { ...style, hex: 'all' });
  return [`/* bytes ${SIZEOF_OPEN_HOW}..${end} */ ${text}`];
}

/** Its length is the argument after it. */
export const openHow: Column<Uint8Array | null> = {
  print(value, call, style) {
    if (value === null) return NULL;
    const size = Math.min(value.length, Number(call.args[3]), MAX_SIZE);
    if (!(size >= SIZEOF_OPEN_HOW)) return style.addresses.of(value);
    const view = new DataView(value.buffer, value.byteOffset, size);
    const flags = view.getBigUint64(0, true);
    const mode = view.getBigUint64(8, true);
    const hasMode = mode !== 0n || makesFile(view.getUint32(0, true));
    const parts = [
      `flags=${wideOpenFlags(flags)}`,
      ...(hasMode ? [`mode=${modeText(mode)}`] : []),
      `resolve=${wideFlagsOf(view.getBigUint64(16, true), RESOLVE)}`,
      ...restText(value.subarray(SIZEOF_OPEN_HOW, size), style),
    ];
    return `{${parts.join(', ')}}`;
  },
};
