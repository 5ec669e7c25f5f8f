/**
 * What a connection has received and nobody has taken yet: a window of bytes.
 *
 * Almost always a batch of whole requests arrives, is answered, and nothing is left. So the bytes are
 * read into one buffer that all connections share, and are moved to one of the connection's own only if
 * some are left when the turn ends; an idle connection owns no buffer.
 */
import type { Conn } from '../../net/conn.ts';
import { MAX_EMPTY_LINES } from '../message/head-parser.ts';

const CR = 13;
const LF = 10;

/** Bytes read at once. */
const RECEIVE_SIZE = 64 * 1024;

/** Of a partial head. It grows by doubling. */
const FIRST_OWN_SIZE = 1024;

const NOTHING = new Uint8Array(0);

/** Null while it is lent. */
let shared: Uint8Array | null = new Uint8Array(RECEIVE_SIZE);

export class Input {
  readonly #conn: Conn;
  #bytes: Uint8Array = NOTHING;
  #from = 0;
  #to = 0;
  #borrowed = false;

  constructor(conn: Conn) {
    this.#conn = conn;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  get length(): number {
    return this.#to - this.#from;
  }

  /** Whether no request has begun: there is nothing, or empty lines alone. */
  get blank(): boolean {
    const { length } = this;
    if (length === 0 || length > MAX_EMPTY_LINES) return length === 0;
    const last = this.#bytes[this.#to - 1];
    return this.#bytes[this.#from] === CR && (last === LF || last === CR);
  }

  /** What ends among the bytes after the first `count`: an empty line, and so a head; any line; nothing. */
  endsAfter(count: number): 'head' | 'line' | null {
    const bytes = this.#bytes;
    let found: 'line' | null = null;
    for (let at = this.#from + count; at < this.#to; at++) {
      if (bytes[at] !== LF) continue;
      const before = bytes[at - 1] === CR ? at - 2 : at - 1;
      if (before >= this.#from && bytes[before] === LF) return 'head';
      found = 'line';
    }
    return found;
  }

  /** Bytes up to `position` have been used. */
  advance(position: number): void {
    this.#from = position;
  }

  /** Reads more, without waiting: as Conn.tryRead. Throws as that does. */
  fill(): number | null | undefined {
    if (this.#from === this.#to) this.#borrow();
    else if (this.#to === this.#bytes.length) this.#grow();
    const room = this.#to === 0 ? this.#bytes : this.#bytes.subarray(this.#to, this.#bytes.length);
    const count = this.#conn.tryRead(room);
    if (typeof count === 'number') this.#to += count;
    return count;
  }

  /** As {@link fill}, of a connection that may be broken, which is as good as its end. */
  fillOrEnd(): number | null | undefined {
    try {
      return this.fill();
    } catch {
      return null;
    }
  }

  /** Moves bytes to `target`; how many. */
  take(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    target.set(this.#bytes.subarray(this.#from, this.#from + count));
    this.#from += count;
    return count;
  }

  /** The turn ends: the shared buffer goes back, and what is left moves to an own one. */
  settle(): void {
    if (!this.#borrowed) {
      if (this.#from === this.#to) this.#reset(NOTHING, 0);
      return;
    }
    const lent = this.#bytes;
    this.#borrowed = false;
    const { length } = this;
    if (length === 0) this.#reset(NOTHING, 0);
    else {
      const own = new Uint8Array(Math.max(length, FIRST_OWN_SIZE));
      own.set(lent.subarray(this.#from, this.#to));
      this.#reset(own, length);
    }
    shared ??= lent;
  }

  /** What is left, for whoever takes the connection over. */
  rest(): Uint8Array {
    return this.#bytes.slice(this.#from, this.#to);
  }

  #reset(bytes: Uint8Array, length: number): void {
    this.#bytes = bytes;
    this.#from = 0;
    this.#to = length;
  }

  #borrow(): void {
    if (this.#borrowed) return this.#reset(this.#bytes, 0);
    // Lent already if a handler has set off another connection's turn within its own.
    this.#reset(shared ?? new Uint8Array(RECEIVE_SIZE), 0);
    shared = null;
    this.#borrowed = true;
  }

  #grow(): void {
    const { length } = this;
    const larger = new Uint8Array(Math.max(2 * length, FIRST_OWN_SIZE));
    larger.set(this.#bytes.subarray(this.#from, this.#to));
    if (this.#borrowed) {
      shared ??= this.#bytes;
      this.#borrowed = false;
    }
    this.#reset(larger, length);
  }
}
