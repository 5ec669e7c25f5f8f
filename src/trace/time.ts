/** struct timespec and struct timeval as strace(1) prints them. */
import { orNull } from './columns.ts';
import type { Call } from './call.ts';
import type { Column } from './signature.ts';

/** struct timespec and timeval: two numbers of 64 bits. */
export const SIZEOF_TIME = 16;

function pair(bytes: Uint8Array, fraction: string): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return `{tv_sec=${view.getBigInt64(0, true)}, ${fraction}=${view.getBigUint64(8, true)}}`;
}

export function timespecText(bytes: Uint8Array): string {
  return pair(bytes.subarray(0, SIZEOF_TIME), 'tv_nsec');
}

export function timevalText(bytes: Uint8Array): string {
  return pair(bytes.subarray(0, SIZEOF_TIME), 'tv_usec');
}

/** What it was before the call: the kernel may write what is left of it. */
function given(value: Uint8Array, call: Call): Uint8Array {
  const before = call.before[call.args.indexOf(value)];
  return before instanceof Uint8Array ? before : value;
}

export const timespec: Column<Uint8Array | null> = {
  changes: true,
  print: orNull((value, call, style) =>
    value.length < SIZEOF_TIME ? style.addresses.of(value) : timespecText(given(value, call)),
  ),
};

export const timeval: Column<Uint8Array | null> = {
  changes: true,
  print: orNull((value, call, style) =>
    value.length < SIZEOF_TIME ? style.addresses.of(value) : timevalText(given(value, call)),
  ),
};
