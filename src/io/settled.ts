/**
 * Promises that are settled already. An operation that need not wait gives one of these for a small
 * number instead of making a new promise; a settled promise has no state that two callers could share.
 */

const CACHED = 4096;

const numbers: Promise<number>[] = [];

/** The end of a stream, as Reader.read gives it. */
const end: Promise<null> = Promise.resolve(null);

/** A promise of a number, or of the end of a stream. */
export function settled(value: number): Promise<number>;
export function settled(value: number | null): Promise<number | null>;
export function settled(value: number | null): Promise<number | null> {
  if (value === null) return end;
  if (value >= CACHED) return Promise.resolve(value);
  return (numbers[value] ??= Promise.resolve(value));
}
