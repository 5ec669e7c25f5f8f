/**
 * Looks whether a client still takes what is sent to it, while sending has to wait: if it accepts not a
 * byte for the option stallTimeout, it is given up. A reply may take as long as it takes, as long as it
 * moves. After nginx's send_timeout.
 *
 *   none ──sending has to wait──► looking, four times in that time ──all is sent──► none
 *                                     └─ four times in a row nothing has moved ──► given up
 *
 * What moves is what the client has acknowledged, which the kernel tells of TCP, below TLS too. That a socket has become
 * writable does not do: the kernel says so only when a good part of its buffer is free, and of a slow
 * client that may take minutes. Nothing is asked, and there is no timer, until sending has to wait.
 */
import type { Conn } from '../../net/conn.ts';
import { TCPConn } from '../../net/tcp.ts';
import type { Pending } from './owner.ts';
import type { SecureConn } from '../tls-state.ts';

/** How often in the time of the option. */
const LOOKS = 4;

/** What it needs of the server. */
interface StallOwner {
  after(milliseconds: number, callback: () => void): Pending;
  readonly limits: { readonly stallTimeout: number };
}

/** What is to be sent: see output.ts. */
interface Unsent {
  readonly backlog: number;
  readonly sendsFile: boolean;
}

export class StallWatch {
  readonly #owner: StallOwner;
  /** What the kernel knows: under TLS, what is below that. */
  readonly #conn: Conn;
  readonly #unsent: Unsent;
  readonly #stalled: () => void;
  #timer: Pending | null = null;
  /** How often sending had to wait: it had gone on before. */
  #waits = 0;
  #seen = 0;
  /** Looks in a row that have seen the same. */
  #still = 0;

  constructor(owner: StallOwner, conn: Conn, unsent: Unsent, stalled: () => void) {
    this.#owner = owner;
    this.#conn = (conn as Partial<SecureConn>).netConn ?? conn;
    this.#unsent = unsent;
    this.#stalled = stalled;
  }

  /** Sending has to wait, for the first time or again. */
  waits(): void {
    this.#waits++;
    if (this.#timer !== null) return;
    this.#still = 0;
    this.#seen = this.#progress();
    this.#start();
  }

  /** Closing the connection throws away what the client has not taken; its writes fail with a timeout. */
  static giveUp(conn: Conn): void {
    try {
      ((conn as Partial<SecureConn>).netConn ?? conn).setLinger?.(0);
      // Before it is closed, or that would be what they fail with.
      conn.setWriteDeadline(1);
    } catch {
      // Closed.
    }
  }

  /** No timer is left behind. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #start(): void {
    const { stallTimeout } = this.#owner.limits;
    this.#timer = this.#owner.after(stallTimeout / LOOKS, () => this.#look());
  }

  #look(): void {
    this.#timer = null;
    if (this.#unsent.backlog === 0) return;
    const progress = this.#progress();
    this.#still = progress === this.#seen ? this.#still + 1 : 0;
    this.#seen = progress;
    if (this.#still >= LOOKS) this.#stalled();
    else this.#start();
  }

  /** A number that changes when the client takes something. */
  #progress(): number {
    try {
      if (this.#conn instanceof TCPConn)
        return Number(this.#conn.options.TCP_INFO.tcpi_bytes_acked);
    } catch {
      // Closed, as the next write will tell.
    }
    // How far a file has come is not known here: then it moves.
    return this.#unsent.sendsFile ? ++this.#waits : this.#waits;
  }
}
