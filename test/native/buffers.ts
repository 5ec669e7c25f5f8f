/** Every kind of memory that a typed array may stand on, for the tests of the addon. */

/** An ArrayBuffer that can be resized: newer than the library that this is compiled with. */
export interface ResizableBuffer extends ArrayBuffer {
  resize(length: number): void;
}

type Resizable<T> = new (length: number, options: { readonly maxByteLength: number }) => T;

export function resizable(length: number, maxByteLength: number): ResizableBuffer {
  return new (ArrayBuffer as unknown as Resizable<ResizableBuffer>)(length, { maxByteLength });
}

/** A SharedArrayBuffer that can grow. */
export interface GrowableBuffer extends SharedArrayBuffer {
  grow(length: number): void;
}

export function growable(length: number, maxByteLength: number): GrowableBuffer {
  return new (SharedArrayBuffer as unknown as Resizable<GrowableBuffer>)(length, { maxByteLength });
}

/** Memory of `length` bytes, of each kind. */
export function everyKind(length: number): (ArrayBuffer | SharedArrayBuffer)[] {
  return [
    new ArrayBuffer(length),
    new SharedArrayBuffer(length),
    resizable(length, 4 * length),
    growable(length, 4 * length),
  ];
}

/** Leaves `array` without its memory. */
export function detach<T extends Uint8Array | Uint32Array>(array: T): T {
  structuredClone(null, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** Bytes on memory that has shrunk since, to below where they begin. */
export function shrunkBytes(length: number): Uint8Array {
  const buffer = resizable(2 * length, 2 * length);
  const bytes = new Uint8Array(buffer, length, length);
  buffer.resize(length - 1);
  return bytes;
}
