/**
 * Checks of what programs pass as arguments: a mistake is an error that names method and argument. For
 * the members of an options object see options.ts.
 */
import type { ReadyListener } from './conn.ts';

export function requireString(method: string, argument: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${method}: ${argument} must be a string`);
}

export function requireBoolean(method: string, argument: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw new TypeError(`${method}: ${argument} must be true or false`);
}

/** The methods whose data may be text. */
const TAKE_TEXT: ReadonlySet<string> = new Set(['write', 'writeTo']);

export function requireBytes(method: string, argument: string, value: unknown): void {
  if (value instanceof Uint8Array) return;
  const also = TAKE_TEXT.has(method) ? ' or a string' : '';
  throw new TypeError(`${method}: ${argument} must be a Uint8Array${also}`);
}

/** What C has as an int. */
export function requireInt(method: string, argument: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) === ((value as number) | 0)) return;
  throw new TypeError(`${method}: ${argument} must be an integer of 32 bits`);
}

/** A place in a file, or the length of a part of one. */
export function requireOffset(method: string, argument: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new TypeError(`${method}: ${argument} must be an integer from 0 to 2^53 - 1`);
}

/** Of tryWrite: the part of `data` that is to be written. */
export function requirePart(data: Uint8Array, offset: number, end: number): void {
  requireBytes('tryWrite', 'data', data);
  if (Number.isInteger(offset) && Number.isInteger(end)) {
    if (offset >= 0 && offset <= end && end <= data.length) return;
  }
  throw new RangeError(
    `tryWrite: offset and end must be integers, in order, within 0..${data.length}`,
  );
}

export function requireListener(method: string, listener: ReadyListener): void {
  if (typeof (listener as ReadyListener | null | undefined)?.ready === 'function') return;
  throw new TypeError(`${method}: listener must have a method ready`);
}
