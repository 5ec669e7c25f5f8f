/**
 * Closing while the client may still be sending: half-close, then read and forget until it has seen the
 * reply. A plain close would answer its data with a reset, and a reset destroys what it has not read.
 * RFC 9112, section 9.6. Bounded in time and bytes.
 */
import type { Conn, ReadyListener } from '../../net/conn.ts';

export interface LingerLimits {
  /** How long the client has, in milliseconds. */
  readonly lingerTimeout: number;
  /** Bytes that are read in the meantime at most. */
  readonly maxLingerBytes: number;
}

/** Read and forgotten: one buffer for all. */
const sink = new Uint8Array(64 * 1024);

export class Linger implements ReadyListener {
  readonly #conn: Conn;
  readonly #done: () => void;
  #left: number;

  constructor(conn: Conn, clock: { now(): number }, limits: LingerLimits, done: () => void) {
    this.#conn = conn;
    this.#done = done;
    this.#left = limits.maxLingerBytes;
    try {
      conn.closeWrite();
      conn.setReadDeadline(clock.now() + limits.lingerTimeout);
    } catch {
      this.#end();
      return;
    }
    this.ready(null);
  }

  ready(error: Error | null): void {
    if (error !== null) return this.#end();
    try {
      for (let turn = 0; turn < 8; turn++) {
        const count = this.#conn.tryRead(sink);
        if (count === undefined) break;
        if (count === null || (this.#left -= count) < 0) return this.#end();
      }
      this.#conn.whenReadable(this);
    } catch {
      this.#end();
    }
  }

  #end(): void {
    this.#done();
  }
}
