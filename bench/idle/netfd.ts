/**
 * netfd with many idle connections: one object each, that is told when bytes have come. They are read
 * into one buffer for all.
 */
import { listen } from '../../src/index.ts';
import type { Conn, ReadyListener } from '../../src/index.ts';
import { settleOnSignal } from './settle.ts';

const port = process.argv[2] ?? '8080';
const buffer = new Uint8Array(65536);
settleOnSignal();

class Echo implements ReadyListener {
  readonly #conn: Conn;

  constructor(conn: Conn) {
    this.#conn = conn;
    conn.whenReadable(this);
  }

  ready(error: Error | null): void {
    if (error === null && this.#echo()) this.#conn.whenReadable(this);
    else if (!this.#conn.closed) this.#conn.close();
  }

  /** False if the connection is at its end; so is one whose peer does not read what it has sent. */
  #echo(): boolean {
    try {
      const count = this.#conn.tryRead(buffer);
      if (count === undefined) return true;
      return count !== null && this.#conn.tryWrite(buffer, 0, count) === count;
    } catch {
      return false;
    }
  }
}

const listener = await listen('tcp', `127.0.0.1:${port}`);
console.log(`listening ${port}`);
for await (const conn of listener) new Echo(conn);
