/** Arguments of calls on files as strace(1) prints them: directories, modes, offsets. */
import { AT_FDCWD } from '../syscall/fcntl.ts';
import { NULL } from './columns.ts';
import { makesFile, modeText, openFlagsText } from './open-flags.ts';
import { quotedBytes } from './quoted.ts';
import type { Column } from './signature.ts';

export const openFlags: Column<number> = { print: (value) => openFlagsText(value) };

export const directory: Column<number> = {
  print: (value, _call, style) =>
    `${value === AT_FDCWD ? 'AT_FDCWD' : value | 0}${style.describe(value | 0)}`,
};

/** Only a call that may create a file has a mode: an umode_t, of 16 bits. */
export const openMode: Column<number> = {
  print: (value, call) => (makesFile(Number(call.args[2])) ? modeText(value & 0xffff) : undefined),
};

/** What a link holds: cut by -s. */
export const linkTarget: Column<Uint8Array> = {
  print: (value, call, style) =>
    call.result < 0
      ? style.addresses.of(value)
      : quotedBytes(value.subarray(0, call.result), style),
};

/** loff_t. */
const OFFSET_BYTES = 8;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, OFFSET_BYTES);
}

/** An offset of sendfile, which strace follows: "[0] => [100]". */
export const movedOffset: Column<Uint8Array | null> = {
  changes: true,
  print(value, call, style) {
    if (value === null) return NULL;
    if (value.length < OFFSET_BYTES) return style.addresses.of(value);
    const before = call.before[call.args.indexOf(value)];
    const is = viewOf(value).getBigUint64(0, true);
    const was = before instanceof Uint8Array ? viewOf(before).getBigUint64(0, true) : is;
    return call.result < 0 || was === is ? `[${was}]` : `[${was}] => [${is}]`;
  },
};

/** An offset of splice: where it began. */
export const givenOffset: Column<Uint8Array | null> = {
  changes: true,
  print(value, call, style) {
    if (value === null) return NULL;
    if (value.length < OFFSET_BYTES) return style.addresses.of(value);
    const before = call.before[call.args.indexOf(value)];
    return `[${viewOf(before instanceof Uint8Array ? before : value).getBigInt64(0, true)}]`;
  },
};
