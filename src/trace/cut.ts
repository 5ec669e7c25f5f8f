/**
 * Copies that are shorter than what they are copies of: a trace that keeps calls keeps the first bytes of their data,
 * and how long it was. Columns that print a length, or "...", ask here.
 */
const wholes: WeakMap<Uint8Array, number> = new WeakMap();

/** How many bytes there were in what `bytes` is the beginning of; its own length, if it is all. */
export function wholeLength(bytes: Uint8Array): number {
  return wholes.get(bytes) ?? bytes.length;
}

/** `bytes`, as the beginning of `length` bytes. */
export function cutOff(bytes: Uint8Array, length: number): Uint8Array {
  if (length > bytes.length) wholes.set(bytes, length);
  return bytes;
}
