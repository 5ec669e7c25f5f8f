/**
 * The fields that structs are made of: checked when written, copied when read. For the codecs beside
 * it; an error names the struct and the field. `struct` is the C name.
 */

/** A struct sockaddr of `size` bytes, which begins with its family. */
export function withFamily(family: number, size: number): Uint8Array {
  unsigned('sockaddr', 'family', 16, family);
  const buf = new Uint8Array(size);
  buf[0] = family & 0xff;
  buf[1] = family >>> 8;
  return buf;
}

export function viewOf(buf: Uint8Array): DataView {
  return new DataView(buf.buffer, buf.byteOffset, buf.length);
}

/** `value`, if it is an integer of that many bits without a sign. */
export function unsigned(struct: string, field: string, bits: number, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new RangeError(`${struct}: ${field} ${value} is not ${article(bits)} ${bits}-bit number`);
  }
  return value;
}

/** `value`, if it is an int of C. */
export function int32(struct: string, field: string, value: number): number {
  if (!Number.isInteger(value) || (value | 0) !== value) {
    throw new RangeError(`${struct}: ${field} ${value} is not a signed 32-bit number`);
  }
  return value;
}

/** `value`, if it is so many bytes. */
export function fixedBytes(
  struct: string,
  field: string,
  value: Uint8Array,
  length: number,
): Uint8Array {
  if (anyBytes(struct, field, value).length !== length) {
    throw new RangeError(`${struct}: ${field} has ${value.length} bytes, not ${length}`);
  }
  return value;
}

/** `value`, if it is bytes at all. */
export function anyBytes(struct: string, field: string, value: Uint8Array): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`${struct}: ${field} must be a Uint8Array`);
  }
  return value;
}

/** The 16 bits at `offset`, lowest byte first; 0 for what is past the end. */
export function word(buf: Uint8Array, offset: number): number {
  return (buf[offset] ?? 0) | ((buf[offset + 1] ?? 0) << 8);
}

/** Bytes of their own. Not by slice, which of a Buffer copies nothing. */
export function copyOf(buf: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(buf.subarray(start, end));
}

function article(bits: number): string {
  return bits === 8 ? 'an' : 'a';
}
