/**
 * Bytes of a netlink message, and what they are printed as where nothing more is known of them: hex, a string that
 * ends in a zero byte, an array of numbers. Numbers are of the machine's byte order, which is little-endian.
 */
import { quotedBytes } from '../quoted.ts';
import type { Style } from '../style.ts';

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Always in hex: "\x01\x02"..., as many as -s says. */
export function hexBytes(bytes: Uint8Array, style: Style): string {
  return quotedBytes(bytes, { ...style, hex: 'all' });
}

/** A string that should end in a zero byte; "..." behind one that does not. Of more than -s bytes the
 * last that is looked at counts. */
export function terminated(bytes: Uint8Array, style: Style): string {
  const last = Math.min(bytes.length, style.strings) - 1;
  if (bytes[last] === 0) return quotedBytes(bytes.subarray(0, last), style);
  const text = quotedBytes(bytes, style);
  return text.endsWith('...') ? text : `${text}...`;
}

/** "[1, 2]": elements of `size` bytes; after as many as -s says, "...". What is left over is not shown. */
export function arrayOf(
  bytes: Uint8Array,
  size: number,
  element: (bytes: Uint8Array, index: number) => string,
  style: Style,
): string | null {
  const count = Math.floor(bytes.length / size);
  if (count === 0) return null;
  const parts: string[] = [];
  for (let i = 0; i < count && i < style.strings; i += 1) {
    parts.push(element(bytes.subarray(i * size, (i + 1) * size), i));
  }
  if (count > style.strings) parts.push('...');
  return `[${parts.join(', ')}]`;
}
