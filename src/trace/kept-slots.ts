/**
 * Memory for calls, made once: a slot each, used again in turn. A slot has numbers (an argument that is one, or
 * how many bytes there were of one that is memory), marks (what an argument is, where its copy is and
 * how long), and bytes for the copies. What does not fit is cut off: `wholeLength` tells of data, not of structs.
 *
 * Writing makes no garbage; reading makes new objects. A call with its arguments as they are kept: kept-arguments.ts.
 */
import type { Value } from './call.ts';
import { cutOff } from './cut.ts';

/** Six arguments, and what they were before the call. */
export const PLACES = 12;

/** Numbers of a slot: those of its places, then its result, time and number. */
const NUMBERS = 16;
const RESULT = 12;
const TIME = 13;
const ORDINAL = 14;

/** What a place has; in a mark above where its copy is and its length, in bytes, with 14 bits each. */
const IS_NUMBER = 0;
const IS_NULL = 1;
const IS_ABSENT = 2;
const IS_BYTES = 3;
const IS_WORDS = 4;
const IS_INTEGERS = 5;
const KIND_SHIFT = 28;
const START_SHIFT = 14;
const MASK = 0x3fff;

export const MAX_SLOT: number = MASK & ~7;

export type Memory = Uint8Array | Uint32Array | Int32Array;

export class KeptSlots {
  readonly #numbers: Float64Array;
  readonly #marks: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #size: number;
  /** The first places of the slot that is written, and where its bytes are. */
  #number = 0;
  #mark = 0;
  #start = 0;
  /** Where the next copy goes, and the end of the slot. */
  #at = 0;
  #end = 0;

  /** `size` bytes for copies in each slot: a multiple of 8, at most {@link MAX_SLOT}. */
  constructor(slots: number, size: number) {
    this.#size = size;
    this.#numbers = new Float64Array(slots * NUMBERS);
    this.#marks = new Uint32Array(slots * PLACES);
    this.#bytes = new Uint8Array(slots * size);
    this.#words = new Uint32Array(this.#bytes.buffer);
  }

  /** Begins a call in a slot, which forgets the one it had. */
  open(slot: number): void {
    this.#number = slot * NUMBERS;
    this.#mark = slot * PLACES;
    this.#start = slot * this.#size;
    this.#at = this.#start;
    this.#end = this.#start + this.#size;
  }

  head(result: number, time: number, ordinal: number): void {
    this.#numbers[this.#number + RESULT] = result;
    this.#numbers[this.#number + TIME] = time;
    this.#numbers[this.#number + ORDINAL] = ordinal;
  }

  number(place: number, value: number): void {
    this.#numbers[this.#number + place] = value;
    this.#marks[this.#mark + place] = IS_NUMBER << KIND_SHIFT;
  }

  /** null, or what is not there or is not kept. */
  nothing(place: number, value: unknown): void {
    this.#marks[this.#mark + place] = (value === null ? IS_NULL : IS_ABSENT) << KIND_SHIFT;
  }

  /** `length` bytes of `from`, of which there were `whole`. */
  bytes(place: number, from: Uint8Array, start: number, length: number, whole: number): void {
    const at = this.#at;
    const count = this.append(from, start, length);
    this.#numbers[this.#number + place] = whole;
    this.#marks[this.#mark + place] =
      ((IS_BYTES << KIND_SHIFT) | ((at - this.#start) << START_SHIFT) | count) >>> 0;
  }

  /** As many of the first `length` words as there is room for, in whole records of `record` words. */
  words(place: number, from: Uint32Array | Int32Array, length: number, record: number): void {
    this.align();
    const at = this.#at;
    const room = Math.floor((this.#end - at) / (4 * record)) * record;
    const count = Math.max(Math.min(length, from.length, room), 0);
    const first = at >> 2;
    for (let i = 0; i < count; i += 1) this.#words[first + i] = from[i]!;
    this.#at = at + 4 * count;
    this.#numbers[this.#number + place] = 4 * count;
    const kind = from instanceof Int32Array ? IS_INTEGERS : IS_WORDS;
    this.#marks[this.#mark + place] =
      ((kind << KIND_SHIFT) | ((at - this.#start) << START_SHIFT) | (4 * count)) >>> 0;
  }

  /** A place that {@link KeptSlots.append} fills; it begins where the last copy ended. */
  begin(place: number, value: number): void {
    this.align();
    this.#numbers[this.#number + place] = value;
    this.#marks[this.#mark + place] =
      ((IS_BYTES << KIND_SHIFT) | ((this.#at - this.#start) << START_SHIFT)) >>> 0;
  }

  /** Copies; gives how many bytes there was room for. */
  append(from: Uint8Array, start: number, length: number): number {
    const at = this.#at;
    const count = Math.max(Math.min(length, from.length - start, this.#end - at), 0);
    const bytes = this.#bytes;
    for (let i = 0; i < count; i += 1) bytes[at + i] = from[start + i]!;
    this.#at = at + count;
    return count;
  }

  /** A number between copies; false: there is no room. */
  appendNumber(value: number): boolean {
    this.align();
    if (this.#end - this.#at < 4) return false;
    this.#words[this.#at >> 2] = value;
    this.#at += 4;
    return true;
  }

  align(): void {
    this.#at = Math.min((this.#at + 3) & ~3, this.#end);
  }

  result(slot: number): number {
    return this.#numbers[slot * NUMBERS + RESULT]!;
  }

  time(slot: number): number {
    return this.#numbers[slot * NUMBERS + TIME]!;
  }

  ordinal(slot: number): number {
    return this.#numbers[slot * NUMBERS + ORDINAL]!;
  }

  /** The number of a place: its value, or how long its memory was. */
  numberOf(slot: number, place: number): number {
    return this.#numbers[slot * NUMBERS + place]!;
  }

  /** The slot's bytes from a place's copy on; what follows belongs to other places. Not a copy. */
  from(slot: number, place: number): Uint8Array {
    const start = (this.#marks[slot * PLACES + place]! >>> START_SHIFT) & MASK;
    return this.#bytes.subarray(slot * this.#size + start, (slot + 1) * this.#size);
  }

  /** A place as it can be printed: new memory. `data`: it may have been cut, and is to say so. */
  value(slot: number, place: number, data: boolean): Value {
    const mark = this.#marks[slot * PLACES + place]!;
    const kind = mark >>> KIND_SHIFT;
    if (kind === IS_NUMBER) return this.numberOf(slot, place);
    if (kind === IS_NULL) return null;
    if (kind === IS_ABSENT) return undefined;
    const copy = this.from(slot, place).slice(0, mark & MASK);
    if (kind === IS_WORDS) return new Uint32Array(copy.buffer);
    if (kind === IS_INTEGERS) return new Int32Array(copy.buffer);
    return data ? cutOff(copy, this.numberOf(slot, place)) : copy;
  }

  isMemory(slot: number, place: number): boolean {
    return this.#marks[slot * PLACES + place]! >>> KIND_SHIFT >= IS_BYTES;
  }
}
