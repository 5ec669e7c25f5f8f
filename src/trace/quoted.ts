/**
 * Bytes as strace(1) prints them: a C string, cut at -s bytes, "..." behind what is cut.
 *
 * A byte that does not print is an octal escape, as short as what follows allows: "\0" before a letter, "\0001"
 * before an octal digit. With -x a string that has such bytes is in hex, with -xx every one is.
 */
import { wholeLength } from './cut.ts';
import type { Style } from './style.ts';

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
]);

/** One that would be read as part of an octal escape before it. */
function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37;
}

function isPlain(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
}

function escaped(byte: number, next: number | undefined): string {
  const known = ESCAPES.get(byte);
  if (known !== undefined) return known;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${isDigit(next) ? byte.toString(8).padStart(3, '0') : byte.toString(8)}`;
}

function hexed(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** The characters between the quotes, for the first `length` bytes. */
function characters(bytes: Uint8Array, length: number, style: Pick<Style, 'hex'>): string {
  let text = '';
  const part = bytes.subarray(0, length);
  const inHex = style.hex === 'all' || (style.hex === 'non-ascii' && !part.every(isPlain));
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i]!;
    text += inHex ? hexed(byte) : escaped(byte, i + 1 < length ? bytes[i + 1] : undefined);
  }
  return text;
}

/** Bytes of a known length: what read(2) and write(2) carry. */
export function quotedBytes(bytes: Uint8Array, style: Style): string {
  const length = Math.min(bytes.length, style.strings);
  return `"${characters(bytes, length, style)}"${length < bytes.length ? '...' : ''}`;
}

/** Bytes of a known length that are not cut, whatever -s says: what is in a struct. */
export function quotedWhole(bytes: Uint8Array, style: Style): string {
  return `"${characters(bytes, bytes.length, style)}"`;
}

/** Bytes that are no text, whatever -x says: "\\x00\\x01". */
export function quotedHex(bytes: Uint8Array): string {
  return `"${Array.from(bytes, hexed).join('')}"`;
}

/** What is longer cannot be the name of a file, its zero byte included: <linux/limits.h>. */
const PATH_MAX = 4096;

/** A string that ends at its first zero byte: a path, which strace cuts only where the kernel refuses it. */
export function quotedPath(bytes: Uint8Array, style: Style): string {
  const end = bytes.indexOf(0);
  const length = end < 0 ? bytes.length : end;
  if (end < 0 && wholeLength(bytes) > length) return `"${characters(bytes, length, style)}"...`;
  if (length < PATH_MAX) return `"${characters(bytes, length, style)}"`;
  return `"${characters(bytes, PATH_MAX - 1, style)}"...`;
}

/** The characters between quotes that stand in a word of strace's own. */
export function quotedWithin(bytes: Uint8Array, hex: Style['hex']): string {
  return characters(bytes, bytes.length, { hex });
}

/** Where a descriptor leads, between "<" and ">", which are escaped in it. */
export function quotedLink(bytes: Uint8Array, hex: Style['hex']): string {
  const text = quotedWithin(bytes, hex);
  return text.replaceAll('<', '\\74').replaceAll('>', '\\76');
}
