/**
 * Bytes on their way into a Writable, one write at a time: what is added meanwhile is gathered, and goes
 * as one write when the stream has passed on the one before. So a stream of TLS is given whole records in
 * few calls, and joins nothing itself.
 *
 *   take ──nothing is being written──► write ──passed on──► write what was gathered, if anything
 *     └────── else ──► gathered, BLOCK at most ─────────────────▲
 *
 * Long writes to a socket of Node, TLS or plain, are in buffers of BLOCK that are used again: new memory for
 * each costs more than the copy. Such a socket has done with the bytes when it says so. Other streams may
 * have passed them on as they are, and whoever has them then keeps them for as long as he likes: for those
 * each write has memory of its own.
 */
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Of one write, in bytes: eight records of TLS. Twice as much may be on its way. */
const BLOCK = 128 * 1024;

/** Up to this length a buffer is new, and no longer than it has to be. */
const SHORT = 16 * 1024;

/** Buffers that wait to be used again, by whatever stream. */
const MAX_FREE = 16;
const free: Buffer[] = [];

export class DuplexOutput {
  readonly #stream: Writable;
  readonly #passed: () => void;
  /** The stream keeps nothing that it has passed on. */
  readonly #lends: boolean;
  /** Writes that the stream has not passed on: more than one only after a flush. */
  #writing = 0;
  #gathered: Buffer | null = null;
  /** Bytes in it. */
  #length = 0;

  /** `passed` is called whenever there may be room again. */
  constructor(stream: Writable, passed: () => void) {
    this.#stream = stream;
    this.#passed = passed;
    this.#lends = stream instanceof Socket;
  }

  get hasRoom(): boolean {
    return this.#length < BLOCK;
  }

  /** Copies as much of data[offset, end) as there is room for: how many bytes. */
  take(data: Uint8Array, offset: number, end: number): number {
    const isIdle = this.#writing === 0;
    const first = isIdle ? Math.min(end - offset, BLOCK) : 0;
    const rest = Math.min(end - offset - first, BLOCK - this.#length);
    // Before the write, from within which more may be added.
    const block = first > 0 ? this.#bufferOf(first) : null;
    block?.set(data.subarray(offset, offset + first));
    if (isIdle) this.#writing++;
    if (rest > 0) this.#gather(data.subarray(offset + first, offset + first + rest));
    if (block !== null) this.#send(block, first);
    else if (isIdle) this.#writing--;
    return first + rest;
  }

  #gather(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    let gathered = this.#gathered;
    if (gathered === null || gathered.length < length) {
      // It grows once: what a slow client makes wait is short most of the time.
      const larger = length <= SHORT ? Buffer.allocUnsafeSlow(SHORT) : this.#bufferOf(length);
      if (gathered !== null) larger.set(gathered.subarray(0, this.#length));
      this.#gathered = gathered = larger;
    }
    gathered.set(bytes, this.#length);
    this.#length = length;
  }

  #send(block: Buffer, length: number): void {
    const bytes = block.length === length ? block : block.subarray(0, length);
    this.#stream.write(bytes, (error) => {
      this.#writing--;
      // Of one that has failed nobody knows who still looks at it.
      const isFree = !error && this.#lends && block.length === BLOCK;
      if (isFree && free.length < MAX_FREE) free.push(block);
      if (this.#writing === 0) this.#sendGathered();
      this.#passed();
    });
  }

  #sendGathered(): void {
    const gathered = this.#gathered;
    const length = this.#length;
    if (gathered === null) return;
    this.#gathered = null;
    this.#length = 0;
    this.#writing++;
    this.#send(gathered, length);
  }

  /** Gives the stream all that there is, as nothing will be added. */
  flush(): void {
    this.#sendGathered();
  }

  /** A buffer for `length` bytes, BLOCK at most. */
  #bufferOf(length: number): Buffer {
    if (length <= SHORT) return Buffer.allocUnsafe(length);
    return (this.#lends ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(BLOCK);
  }
}
