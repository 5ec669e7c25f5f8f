/**
 * Accepting for a server: takes the connections of one listener as they come, one batch after the other,
 * and rests when descriptors are short. The kernel's queue holds what is not taken yet.
 */
import { AcceptPause } from '../net/accept-pause.ts';
import type { Conn, Listener, ReadyListener } from '../net/conn.ts';
import type { Owner, Pending } from './owner.ts';

/** Connections accepted in a row before those that are open have their turn. */
const ACCEPT_BATCH = 128;

/** What takes the connections. */
export interface Acceptor extends Owner {
  /** Serves `conn`. Does not throw. */
  start(conn: Conn): void;
}

export class AcceptLoop implements ReadyListener {
  readonly listener: Listener;
  readonly #acceptor: Acceptor;
  readonly #again = (): void => {
    this.#pending = null;
    this.#accept();
  };
  /** A pause. */
  #pending: Pending | null = null;
  #resting = 0;
  readonly #pause = new AcceptPause();
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(acceptor: Acceptor, listener: Listener) {
    this.#acceptor = acceptor;
    this.listener = listener;
  }

  /** Accepts until {@link AcceptLoop.close}. Rejects if accepting fails for good. Once. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#accept();
    });
  }

  /** Closes the listener and ends the loop, also in a pause. The acceptor is closing already. */
  close(): void {
    closeListener(this.listener);
    this.#pending?.cancel();
    this.#pending = null;
    this.#resolve();
  }

  /** Whether it keeps the process alive has changed: a pause begins anew, to do so or not. */
  referenceChanged(): void {
    if (this.#pending === null) return;
    this.#pending.cancel();
    this.#rest(this.#resting);
  }

  ready(error: Error | null): void {
    if (error === null) this.#accept();
    else this.#failed(error);
  }

  #accept(): void {
    if (this.#acceptor.closing) return this.#resolve();
    try {
      if (this.listener.whenAcceptable !== undefined) this.#acceptBatch();
      else this.#acceptOne();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #acceptBatch(): void {
    for (let count = 0; count < ACCEPT_BATCH; count++) {
      const conn = this.listener.tryAccept?.(true);
      if (conn === undefined) return this.listener.whenAcceptable?.(this);
      this.#take(conn);
    }
    this.#rest(0);
  }

  #acceptOne(): void {
    this.listener.accept().then(
      (conn) => {
        this.#take(conn);
        this.#accept();
      },
      (error: Error) => this.#failed(error),
    );
  }

  #take(conn: Conn): void {
    this.#pause.reset();
    if (this.#acceptor.closing) conn.close(); // accepted in the moment of closing
    else this.#acceptor.start(conn);
  }

  #failed(error: Error): void {
    if (this.#acceptor.closing) return this.#resolve();
    if ((error as { temporary?: boolean }).temporary !== true) return this.#reject(error);
    const pause = this.#pause.next();
    this.#acceptor.log(`http: Accept error: ${error.message}; retrying in ${pause}ms`);
    this.#rest(pause);
  }

  #rest(milliseconds: number): void {
    this.#resting = milliseconds;
    this.#pending = this.#acceptor.after(milliseconds, this.#again);
  }
}

/** It may have been closed by whoever made it. */
export function closeListener(listener: Listener): void {
  try {
    listener.close();
  } catch {
    // Then that is done.
  }
}
