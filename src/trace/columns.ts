/** The columns that many calls have: descriptors, numbers, names, bytes. */
import type { Call } from './call.ts';
import { flagsOf, nameOf, type Names } from './names.ts';
import { quotedBytes, quotedPath } from './quoted.ts';
import type { Column } from './signature.ts';
import type { Style } from './style.ts';

/** An argument that another column prints. */
export const hidden: Column<unknown> = { print: () => undefined };

export const fd: Column<number> = {
  print(value, _call, style) {
    const number = value | 0;
    return number < 0 ? String(number) : `${number}${style.describe(number)}`;
  },
};

/** A signed number of 32 bits. */
export const int: Column<number> = { print: (value) => String(value | 0) };

/** A number of 32 bits without a sign. */
export const unsigned: Column<number> = { print: (value) => String(value >>> 0) };

/** A length or an offset of up to 2**53. */
export const size: Column<number> = { print: String };

export function name(names: Names): Column<number> {
  return { print: (value) => nameOf(value, names) };
}

export function flags(names: Names): Column<number> {
  return { print: (value) => flagsOf(value, names) };
}

/** A path that ends at its first zero byte. */
export const path: Column<Uint8Array> = {
  print: (value, _call, style) => quotedPath(value, style),
};

export const NULL = 'NULL';

/** What a null pointer is, or what it points to. */
export function orNull<T>(
  print: (value: T, call: Call, style: Style) => string,
): (value: T | null, call: Call, style: Style) => string {
  return (value, call, style) => (value === null ? NULL : print(value, call, style));
}

function numberAt(call: Call, index: number): number {
  const value = call.args[index];
  return typeof value === 'number' ? value : 0;
}

/** Bytes that go out: as many as argument `length` says, from argument `offset` on. */
export function sent(length: number, offset: number = -1): Column<Uint8Array | null> {
  return {
    print: orNull((buf, call, style) => {
      const start = offset < 0 ? 0 : numberAt(call, offset);
      return quotedBytes(buf.subarray(start, start + numberAt(call, length)), style);
    }),
  };
}

/** Bytes that came in: as many as the call returned (MSG_TRUNC: more than `size`). Failed: their address. */
export function received(offset: number = -1): Column<Uint8Array | null> {
  return {
    print: orNull((buf, call, style) => {
      if (call.result < 0) return style.addresses.of(buf);
      const start = offset < 0 ? 0 : numberAt(call, offset);
      return quotedBytes(
        buf.subarray(start, start + Math.min(call.result, numberAt(call, 2))),
        style,
      );
    }),
  };
}
