/**
 * Attributes as strace(1) prints them: "[[{nla_len=8, nla_type=IFLA_MTU}, 1500], {nla_len=4, nla_type=IFLA_XDP}]".
 *
 * One attribute stands alone, several stand in brackets, one with data has its own. After as many as -s says comes
 * "...". Lengths are not believed: what is too short for a header is printed in hex, and so is what a printer
 * does not take.
 */
import { NLA_F_NESTED, NLA_F_NET_BYTEORDER } from '../../syscall/netlink.ts';
import { NLA_HDRLEN } from '../../syscall/netlink-message.ts';
import type { Names } from '../names.ts';
import { arrayOf, hexBytes, terminated, viewOf } from './bytes.ts';
import type { Context } from './context.ts';
import { flagged, named } from './names.ts';
import { addressText, type Field, fieldsText, interfaceText, sizeOf } from './struct.ts';

/** Null: not what this printer prints. */
export type Printer = (data: Uint8Array, context: Context) => string | null;

export interface Attributes {
  readonly names: Names;
  readonly printers: Readonly<Record<number, Printer>>;
}

const TYPE = 0x3fff;

function typeText(type: number, names: Names): string {
  const nested = (type & NLA_F_NESTED) === 0 ? '' : 'NLA_F_NESTED|';
  const order = (type & NLA_F_NET_BYTEORDER) === 0 ? '' : 'NLA_F_NET_BYTEORDER|';
  return `${nested}${order}${named(type & TYPE, names)}`;
}

function attributeText(
  bytes: Uint8Array,
  { names, printers }: Attributes,
  context: Context,
): string {
  const view = viewOf(bytes);
  const length = view.getUint16(0, true);
  const type = view.getUint16(2, true);
  const header = `{nla_len=${length}, nla_type=${typeText(type, names)}}`;
  const data = bytes.subarray(NLA_HDRLEN, Math.min(length, bytes.length));
  if (length <= NLA_HDRLEN || data.length === 0) return header;
  const text = printers[type & TYPE]?.(data, context) ?? hexBytes(data, context.style);
  return `[${header}, ${text}]`;
}

export function attributesText(bytes: Uint8Array, of: Attributes, context: Context): string {
  const parts: string[] = [];
  let rest = bytes;
  for (;;) {
    if (rest.length < NLA_HDRLEN) {
      parts.push(hexBytes(rest, context.style));
      break;
    }
    if (parts.length === context.style.strings) {
      parts.push('...');
      break;
    }
    parts.push(attributeText(rest, of, context));
    const length = viewOf(rest).getUint16(0, true);
    if (length < NLA_HDRLEN) break;
    rest = rest.subarray((length + 3) & ~3);
    if (rest.length === 0) break;
  }
  return parts.length === 1 ? parts[0]! : `[${parts.join(', ')}]`;
}

export function nested(of: Attributes): Printer {
  return (data, context) => (data.length < NLA_HDRLEN ? null : attributesText(data, of, context));
}

/** A struct that may be longer than its fields. */
export function struct(fields: readonly Field[]): Printer {
  const least = sizeOf(fields);
  return (data, context) => (data.length < least ? null : `{${fieldsText(fields, data, context)}}`);
}

/** A field that stands alone. */
export function value(field: (name: string) => Field): Printer {
  const [, size, print] = field('');
  return (data, context) => (data.length < size ? null : print(viewOf(data), 0, context));
}

/** Structs one behind the other; `of` prints the whole element. */
export function array(size: number, of: (bytes: Uint8Array, index: number) => string): Printer {
  return (data, { style }) => arrayOf(data, size, of, style);
}

/** A string that ends at its first zero byte. */
export const word: Printer = (data, { style }) => {
  const end = data.indexOf(0);
  return terminated(end < 0 ? data : data.subarray(0, end + 1), style);
};

export const text: Printer = (data, { style }) => terminated(data, style);

export const address: Printer = (data, { family }) => addressText(data, 0, family);

export const index: Printer = (data, context) =>
  data.length < 4 ? null : interfaceText(viewOf(data).getUint32(0, true), context);

/** One of a set, or flags, of `size` bytes. A shorter value is in hex. */
function number(data: Uint8Array, size: number): number | null {
  if (data.length < size) return null;
  const view = viewOf(data);
  if (size === 1) return view.getUint8(0);
  return size === 2 ? view.getUint16(0, true) : view.getUint32(0, true);
}

export function choice(size: number, names: Names): Printer {
  return (data) => {
    const found = number(data, size);
    return found === null ? null : named(found, names);
  };
}

export function bits(size: number, names: Names): Printer {
  return (data) => {
    const found = number(data, size);
    return found === null ? null : flagged(found, names);
  };
}

/** Of a value that is longer than any number, strace shows bytes. */
export function upTo8(printer: Printer): Printer {
  return (data, context) => (data.length > 8 ? null : printer(data, context));
}

/** A hardware address: "02:fc:00:00:00:05". strace shows at most `most` bytes of one. */
export function hardware(most: number): Printer {
  return (data) => {
    if (data.length > 32) return null;
    const shown = data.subarray(0, most);
    return Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join(':');
  };
}
