/** What the codecs of structs in option-structs.ts and option-multicast.ts share: their fields. */
import { integer, type OptionCodec, writeOnly } from './option-codecs.ts';

/** The codec of a struct that goes only one way: `encode` is given an object. */
export function encoderOnly<T>(encode: (name: string, value: T) => Uint8Array): OptionCodec<T> {
  return { size: 0, encode: (name, value) => encode(name, object(name, value)), decode: writeOnly };
}

/** `data`, with an interface's index as the int at `at`. */
export function withIndex(name: string, data: Uint8Array, at: number, ifindex: number): Uint8Array {
  const index = integer(`${name}: ifindex`, ifindex, 0, 0x7fffffff);
  new DataView(data.buffer).setInt32(at, index, true);
  return data;
}

/** `value`, if it is `size` bytes. */
export function address(name: string, field: string, value: Uint8Array, size: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== size) {
    throw new TypeError(`${name}: ${field} must be a Uint8Array of ${size} bytes`);
  }
  return value;
}

/** `value`, if it is an object. */
export function object<T>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object`);
  return value;
}
