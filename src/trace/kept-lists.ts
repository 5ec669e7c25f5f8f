/**
 * Copies of arguments that are several pieces of memory: struct iovec[], and vectors of messages. What is written
 * here is read here, in the same order; how long a piece is follows from what stands before it.
 */
import { MSG_WORDS } from '../kernel/kernel.ts';
import type { Value } from './call.ts';
import { cutOff } from './cut.ts';
import type { KeptSlots } from './kept-slots.ts';

/** Messages of a vector that are kept. */
export const MAX_MESSAGES = 4;

/** Parts that are kept: as many as strace prints; the others are known by their number. */
const MAX_PARTS = 32;

/** What the kernel takes at most; a list that is longer is shown as if it had one more. */
const UIO_MAXIOV = 1024;

/** How far into the memory of a vector its kept messages may lie. */
const MAX_MEMORY = 4 * 1024 * 1024;

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The words of a message: offsets into the memory, and lengths. */
const DATA = 0;
const NAME = 2;
const CONTROL = 4;

/** `most` bytes of each part, of `total` that are data. */
export function keepParts(
  slots: KeptSlots,
  place: number,
  parts: readonly Uint8Array[],
  total: number,
  most: number,
): void {
  // A negative number tells a list from bytes.
  slots.begin(place, -1 - Math.min(parts.length, UIO_MAXIOV + 1));
  let left = total;
  for (let i = 0; i < parts.length && i < MAX_PARTS; i += 1) {
    const part = parts[i]!;
    if (!slots.appendNumber(part.length)) return;
    slots.append(part, 0, Math.min(part.length, most, left));
    left -= part.length;
  }
}

export function isList(slots: KeptSlots, slot: number, place: number): boolean {
  return slots.isMemory(slot, place) && slots.numberOf(slot, place) < 0;
}

export function keptParts(
  slots: KeptSlots,
  slot: number,
  place: number,
  total: number,
  most: number,
): readonly Uint8Array[] {
  const bytes = slots.from(slot, place);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  const count = -1 - slots.numberOf(slot, place);
  let at = 0;
  let left = total;
  while (parts.length < Math.min(count, MAX_PARTS) && at + 4 <= bytes.length) {
    const length = view.getUint32(at, true);
    const kept = Math.max(Math.min(length, most, left, bytes.length - at - 4), 0);
    parts.push(cutOff(bytes.slice(at + 4, at + 4 + kept), length));
    left -= length;
    at = (at + 4 + kept + 3) & ~3;
  }
  while (parts.length < count) parts.push(NO_BYTES);
  return parts;
}

/** Name, control messages and `most` bytes of data of each of the first messages. */
export function keepMessages(
  slots: KeptSlots,
  place: number,
  memory: Uint8Array,
  vector: Uint32Array,
  most: number,
): void {
  slots.begin(place, memory.length);
  for (let i = 0; i < MAX_MESSAGES && (i + 1) * MSG_WORDS <= vector.length; i += 1) {
    const at = i * MSG_WORDS;
    slots.append(memory, vector[at + NAME]!, vector[at + NAME + 1]!);
    slots.append(memory, vector[at + CONTROL]!, vector[at + CONTROL + 1]!);
    slots.append(memory, vector[at + DATA]!, Math.min(vector[at + DATA + 1]!, most));
  }
}

/** Memory in which the kept messages lie where they lay; `vector` is the kept one. */
export function keptMessages(
  slots: KeptSlots,
  slot: number,
  place: number,
  vector: Value,
  most: number,
): Uint8Array {
  if (!(vector instanceof Uint32Array)) return NO_BYTES;
  const size = slots.numberOf(slot, place);
  let end = 0;
  for (let at = 0; at + MSG_WORDS <= vector.length; at += MSG_WORDS) {
    for (const field of [NAME, CONTROL, DATA]) {
      end = Math.max(end, vector[at + field]! + vector[at + field + 1]!);
    }
  }
  const memory = new Uint8Array(Math.min(end, size, MAX_MEMORY));
  let kept = slots.from(slot, place);
  const restore = (start: number, length: number): void => {
    const count = Math.max(Math.min(length, size - start, kept.length), 0);
    const room = Math.max(memory.length - start, 0);
    if (room > 0) memory.set(kept.subarray(0, Math.min(count, room)), start);
    kept = kept.subarray(count);
  };
  for (let at = 0; at + MSG_WORDS <= vector.length; at += MSG_WORDS) {
    restore(vector[at + NAME]!, vector[at + NAME + 1]!);
    restore(vector[at + CONTROL]!, vector[at + CONTROL + 1]!);
    restore(vector[at + DATA]!, Math.min(vector[at + DATA + 1]!, most));
  }
  return memory;
}
