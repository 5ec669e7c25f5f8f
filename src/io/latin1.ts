/**
 * Between bytes and strings of the same code units (ISO 8859-1): how protocol text travels. Where the
 * runtime has Buffer its native routines are used; elsewhere plain loops do the same.
 */

type Slice = (this: Uint8Array, start: number, end: number) => string;
type Write = (this: Uint8Array, text: string, offset: number, length: number) => number;

interface NativeMethods {
  readonly latin1Slice?: Slice;
  readonly latin1Write?: Write;
}

const native: NativeMethods =
  (globalThis as { Buffer?: { prototype: NativeMethods } }).Buffer?.prototype ?? {};

const nativeSlice: Slice | undefined = native.latin1Slice;
const nativeWrite: Write | undefined = native.latin1Write;

/** How many code units String.fromCharCode is given at a time. */
const PIECE = 4096;

function slowSlice(this: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += PIECE) {
    text += String.fromCharCode(...this.subarray(at, Math.min(at + PIECE, end)));
  }
  return text;
}

function slowWrite(this: Uint8Array, text: string, offset: number, length: number): number {
  for (let i = 0; i < length; i++) this[offset + i] = text.charCodeAt(i);
  return length;
}

const slice: Slice = nativeSlice ?? slowSlice;
const write: Write = nativeWrite ?? slowWrite;

/** The bytes from `start` to `end` as a string, one code unit a byte. */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return slice.call(bytes, start, end);
}

/** Writes `text`, whose code units are all below 256, at `offset`, where there must be room for it. */
export function latin1Write(text: string, bytes: Uint8Array, offset: number): void {
  write.call(bytes, text, offset, text.length);
}

/** Text of a size from which a search by the engine is faster than a loop. */
const LONG = 64;

/** Whether all code units are below 128, so that the text is the same in UTF-8. */
export function isAscii(text: string): boolean {
  if (text === lastAscii) return true;
  if (!isAsciiText(text)) return false;
  if (text.length <= LONG) lastAscii = text;
  return true;
}

/** The text asked about last, if it was short, and ASCII: it is often the same. */
let lastAscii = '';

function isAsciiText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (text.length > LONG) return !/[^\x00-\x7f]/.test(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
