/**
 * The deadlines of a server's connection: how long it may take to send a head, a body, the next request,
 * and to take a reply. Which one is running changes with each step; a connection has one for reading and
 * one for writing. A connection that is closed already has none, as its next read or write will tell.
 */
import type { Conn, Deadline } from '../../net/conn.ts';
import type { ConnOwner } from './conn-owner.ts';

/** From this length on an idle timeout is kept with less care, and cost. */
const COARSE_TIMEOUT = 10_000;
const COARSE = 1000;

export class ConnDeadlines {
  readonly #conn: Conn;
  readonly #owner: ConnOwner;
  /** The owner's tick at which the idle deadline was set; -1 if another one is set. */
  #idleSince = -1;
  /** The read deadline is that of a head. */
  #head = false;
  /** A handler has set its own. */
  #ownRead = false;
  #ownWrite = false;

  constructor(conn: Conn, owner: ConnOwner) {
    this.#conn = conn;
    this.#owner = owner;
  }

  /** A head is awaited. Its time begins with the connection, later with its first byte. */
  head(): void {
    if (!this.#head) this.#read(this.#owner.readHeaderTimeout);
    this.#head = true;
  }

  /** A head is complete. */
  request(hasBody: boolean): void {
    this.#head = this.#ownRead = false;
    if (hasBody) this.#read(this.#owner.readTimeout);
    this.write();
  }

  /** A reply is to be sent. */
  write(): void {
    const { writeTimeout } = this.#owner;
    if (writeTimeout === 0 && !this.#ownWrite) return;
    this.#ownWrite = false;
    try {
      this.#conn.setWriteDeadline(writeTimeout > 0 ? this.#owner.now() + writeTimeout : null);
    } catch {
      // Closed.
    }
  }

  /** The handler's own one for the body. */
  setRead(when: Deadline): void {
    this.#idleSince = -1;
    this.#ownRead = true;
    try {
      this.#conn.setReadDeadline(when);
    } catch {
      // Closed.
    }
  }

  /** The handler's own one for its reply. */
  setWrite(when: Deadline): void {
    this.#ownWrite = true;
    try {
      this.#conn.setWriteDeadline(when);
    } catch {
      // Closed.
    }
  }

  /** What the handler has left of the body is read. */
  discard(): void {
    if (this.#owner.readTimeout === 0 || this.#ownRead) this.#read(this.#owner.idleTimeout);
  }

  /** The next request is awaited. Long timeouts are set once a second at most: they are late by that. */
  idle(): void {
    const { idleTimeout, tick } = this.#owner;
    if (idleTimeout < COARSE_TIMEOUT) return this.#read(idleTimeout);
    if (this.#idleSince === tick) return;
    this.#read(idleTimeout + COARSE);
    this.#idleSince = tick;
  }

  /** Reading may take as long as it takes. */
  none(): void {
    this.#head = false;
    this.#read(0);
  }

  #read(timeout: number): void {
    this.#idleSince = -1;
    try {
      this.#conn.setReadDeadline(timeout > 0 ? this.#owner.now() + timeout : null);
    } catch {
      // Closed.
    }
  }
}
