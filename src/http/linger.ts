/**
 * Closing while the client may still be sending: half-close, then read and forget until it has seen the
 * reply. A plain close would answer its data with a reset, and a reset destroys what it has not read.
 * RFC 9112, section 9.6. Bounded in time and bytes.
 */
import type { Conn, ReadyListener } from '../net/conn.ts';

/** How long the client has. As in Go. */
const LINGER_TIME = 500;

/** Bytes that are read in the meantime at most. */
const LINGER_BYTES = 16 * 1024 * 1024;

/** Read and forgotten: one buffer for all. */
const sink = new Uint8Array(64 * 1024);

export class Linger implements ReadyListener {
  readonly #conn: Conn;
  readonly #done: () => void;
  #left = LINGER_BYTES;

  constructor(conn: Conn, clock: { now(): number }, done: () => void) {
    this.#conn = conn;
    this.#done = done;
    try {
      conn.closeWrite();
      conn.setReadDeadline(clock.now() + LINGER_TIME);
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
