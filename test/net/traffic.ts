/**
 * Bytes for tests and what is done with them: a stream of pseudo-random bytes that a seed makes, reading
 * to a length or to the end, and pairs that are closed whatever happens.
 */
import type { Conn } from '../../src/net/conn.ts';
import type { Creator } from './creators.ts';

/** The generator of Marsaglia's xorshift32: the same bytes for the same seed, however they are cut. */
export class RandomBytes {
  #state: number;
  #word = 0;
  #left = 0;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  fill(bytes: Uint8Array): Uint8Array {
    let at = 0;
    while (at < bytes.length && this.#left > 0) bytes[at++] = this.#nextByte();
    const whole = (bytes.length - at) & ~3;
    for (const end = at + whole; at < end; at += 4) {
      const word = this.#nextWord();
      bytes[at] = word;
      bytes[at + 1] = word >>> 8;
      bytes[at + 2] = word >>> 16;
      bytes[at + 3] = word >>> 24;
    }
    while (at < bytes.length) bytes[at++] = this.#nextByte();
    return bytes;
  }

  #nextWord(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (this.#state = x);
  }

  #nextByte(): number {
    if (this.#left === 0) {
      this.#word = this.#nextWord();
      this.#left = 4;
    }
    const byte = this.#word & 255;
    this.#word >>>= 8;
    this.#left--;
    return byte;
  }
}

/** Exactly `length` bytes. Throws if the stream ends before. */
export async function readFull(conn: Conn, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const count = await conn.read(bytes.subarray(at));
    if (count === null) throw new Error(`the stream ended after ${at} of ${length} bytes`);
    at += count;
  }
  return bytes;
}

/** What comes until the end of the stream, given piece by piece; the piece is good until then. */
export async function eachRead(
  conn: Conn,
  size: number,
  take: (bytes: Uint8Array) => void,
): Promise<number> {
  const buf = new Uint8Array(size);
  for (let total = 0; ;) {
    const count = await conn.read(buf);
    if (count === null) return total;
    total += count;
    take(buf.subarray(0, count));
  }
}

export async function readToEnd(conn: Conn): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  await eachRead(conn, 64 * 1024, (bytes) => pieces.push(bytes.slice()));
  return Buffer.concat(pieces);
}

/** Gives `use` the two ends of a new connection and closes those that it leaves open. */
export async function withPair(
  creator: Creator,
  use: (one: Conn, other: Conn) => Promise<void>,
): Promise<void> {
  const [one, other] = await creator.connect();
  try {
    await use(one, other);
  } finally {
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  }
}

/** Both ends can still be read and written. */
export async function roundTrip(one: Conn, other: Conn): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const [sent, got] = await Promise.all([from.write('round trip'), readFull(to, 10)]);
    if (sent !== 10 || got.toString() !== 'round trip') throw new Error('the round trip failed');
  }
}
