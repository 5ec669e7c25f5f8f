/**
 * What the calls take from people, made what a Kernel takes: text into bytes, one buffer or several,
 * times, signals. What is none of these is a TypeError or RangeError that names call and argument.
 *
 * Numbers and buffers that are passed on as they are get checked by the Kernel, in the same words.
 * Source: time(7), signal(7), <linux/time_types.h>.
 */
import { cString } from '../syscall/c-string.ts';

/** Bytes to be sent; text is sent as UTF-8. */
export type Data = Uint8Array | string;

/** Seconds and microseconds, both integers; what is left of them after select(2). */
export interface Timeval {
  seconds: number;
  microseconds: number;
}

/** Seconds and nanoseconds, both integers; what is left of them after pselect(2) and ppoll(2). */
export interface Timespec {
  seconds: number;
  nanoseconds: number;
}

const encoder = new TextEncoder();

/** The bytes of `data`, which are its own unless it is text. */
export function bytesOf(data: Data): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

/** One buffer or several to be sent, as bytes. */
export function vectorOf(data: Data | readonly Data[]): Uint8Array | readonly Uint8Array[] {
  return Array.isArray(data) ? data.map(bytesOf) : bytesOf(data as Data);
}

/** The length of a buffer, and 0 of what is none, about which the Kernel will complain. */
export function lengthOf(buf: Uint8Array | null): number {
  return buf instanceof Uint8Array ? buf.length : 0;
}

/** A file's path as the kernel takes it. TypeError for what is no text, or has a NUL in it. */
export function pathOf(call: string, path: string): Uint8Array {
  if (typeof path !== 'string' || path.includes('\0')) {
    throw new TypeError(`${call}: path must be a string without a NUL character`);
  }
  return cString(path);
}

/** `value`, if it is an integer from `min` to `max`. TypeError, RangeError. */
export function integer(
  call: string,
  argument: string,
  value: number,
  min: number,
  max: number,
): number {
  if (typeof value !== 'number') throw new TypeError(`${call}: ${argument} must be an integer`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${call}: ${argument} must be an integer in ${min}..${max}`);
  }
  return value;
}

/** `value`, if it is 32 bits, with or without a sign. TypeError, RangeError. */
export function word(call: string, argument: string, value: number): number {
  return integer(call, argument, value, -0x80000000, 0xffffffff);
}

/** `value`, if it is a 64-bit integer. TypeError, RangeError. */
function long(call: string, argument: string, value: number | bigint): bigint {
  if (typeof value !== 'bigint') {
    const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;
    return BigInt(integer(call, argument, value, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER));
  }
  if (BigInt.asIntN(64, value) !== value) {
    throw new RangeError(`${call}: ${argument} must be a 64-bit integer`);
  }
  return value;
}

/** What the kernel reads and writes where C passes a pointer to an offset; null for null. */
export function offsetOf(
  call: string,
  argument: string,
  offset: number | bigint | null,
): Uint8Array | null {
  if (offset === null) return null;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, long(call, argument, offset), true);
  return bytes;
}

/** The number in the bytes of {@link offsetOf}, exact up to 2**53. */
export function readOffset(bytes: Uint8Array | null): number | null {
  if (bytes === null) return null;
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
}

const FRACTIONS = ['microseconds', 'nanoseconds'] as const;

/**
 * A struct timeval or timespec; null for null. Any integers are taken: the kernel says which make no
 * time. TypeError for what is neither, RangeError for fractions.
 */
export function encodeTime(
  call: string,
  argument: string,
  fraction: (typeof FRACTIONS)[number],
  time: Timeval | Timespec | null,
): Uint8Array | null {
  if (time === null) return null;
  if (typeof time !== 'object' || !(fraction in time)) {
    throw new TypeError(`${call}: ${argument} must be { seconds, ${fraction} } or null`);
  }
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const fields: Partial<Timeval & Timespec> = time;
  for (const [i, field] of (['seconds', fraction] as const).entries()) {
    view.setBigInt64(8 * i, long(call, `${argument}.${field}`, fields[field] as number), true);
  }
  return bytes;
}

/** Says in `time` what the kernel has left of it in `bytes`. An object that is frozen stays as it is. */
export function giveTime(time: Timeval | Timespec | null, bytes: Uint8Array | null): void {
  if (time === null || bytes === null) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const fraction = 'microseconds' in time ? 'microseconds' : 'nanoseconds';
  Reflect.set(time, 'seconds', Number(view.getBigInt64(0, true)));
  Reflect.set(time, fraction, Number(view.getBigInt64(8, true)));
}

/** The kernel's sigset_t of these signals; null for null. TypeError, RangeError for a number above 64. */
export function encodeSignals(
  call: string,
  argument: string,
  signals: readonly number[] | null,
): Uint8Array | null {
  if (signals === null) return null;
  if (!Array.isArray(signals)) {
    throw new TypeError(`${call}: ${argument} must be an array of signal numbers or null`);
  }
  const set = new Uint8Array(8);
  for (const signal of signals) {
    const bit = integer(call, `a signal of ${argument}`, signal, 1, 64) - 1;
    set[bit >> 3]! |= 1 << (bit & 7);
  }
  return set;
}
