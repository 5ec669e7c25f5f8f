/**
 * Accepting for a server: takes the connections of one listener as they come, one batch after the other,
 * and rests when descriptors are short or the server has as many connections as it may. The kernel's queue
 * holds what is not taken yet.
 *
 *   accepting ◄──► waiting: for the next one, for room, or for a pause to be over
 *        │  └──finish──► accepting those that wait already ──the queue is empty──┐
 *        └──close────────────────────────────────────────────────────────────────┴──► ended
 */
import { AcceptPause } from '../../net/accept-pause.ts';
import type { Conn, Listener, ReadyListener } from '../../net/conn.ts';
import type { WaitingLoop } from './conn-limit.ts';
import type { Owner, Pending } from '../conn/owner.ts';

/** Connections accepted in a row before those that are open have their turn. */
const ACCEPT_BATCH = 128;

/** Accepted at the end at most: of a socket that others share, new ones may come without an end. */
const MAX_LAST = 4096;

/** What accept4 may fail with although the next one may succeed, beside what is `temporary`. */
const PASSING: ReadonlySet<string> = new Set(
  // Short of memory, and of what the poller may have. Then errors of the connection that would have been
  // accepted: accept(2), "Error handling".
  `ENOBUFS ENOMEM ENOSPC ECONNABORTED ENETDOWN EPROTO ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH
  EOPNOTSUPP ENETUNREACH EPERM`.split(/\s+/),
);

/** What takes the connections. */
export interface Acceptor extends Owner {
  /** Serves `conn`. Does not throw. */
  start(conn: Conn, context: unknown): void;
  /** Nothing is served any more. */
  readonly over: boolean;
  /** There are as many connections as may be. */
  readonly full: boolean;
  /** Closes one that rests, if there is one that may be. True if there is room. */
  makeRoom(): boolean;
  /** Calls `loop.roomMade` when there may be room. `pressing`: somebody waits in its queue. */
  waitForRoom(loop: WaitingLoop, pressing: boolean): void;
  forgetRoom(loop: WaitingLoop): void;
}

export class AcceptLoop implements ReadyListener, WaitingLoop {
  readonly listener: Listener;
  readonly #acceptor: Acceptor;
  readonly #context: unknown;
  readonly #again = (): void => {
    this.#pending = null;
    this.#accept();
  };
  /** A pause. */
  #pending: Pending | null = null;
  #resting = 0;
  readonly #pause = new AcceptPause();
  /** Those that may still be accepted; infinity but at the end. */
  #left = Infinity;
  #ended = false;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(acceptor: Acceptor, listener: Listener, context?: unknown) {
    this.#acceptor = acceptor;
    this.listener = listener;
    this.#context = context;
  }

  /** It accepts no more, and the listener is closed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Accepts until {@link AcceptLoop.close}. Rejects if accepting fails for good. Once. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#accept();
    });
  }

  /** Closes the listener and ends the loop, also in a pause. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#acceptor.forgetRoom(this);
    closeListener(this.listener);
    this.#cancelPause();
    this.#resolve();
  }

  /**
   * Accepts those that wait in the kernel's queue, and then closes the listener, which would reset them.
   * Nobody joins them meanwhile, unless the socket is shared.
   */
  finish(): void {
    if (this.#ended || this.#left < Infinity) return;
    this.#left = MAX_LAST;
    this.#cancelPause();
    this.#acceptor.forgetRoom(this);
    const { listener } = this;
    if (listener.whenAcceptable === undefined || listener.closed) return this.close();
    listener.forgetAcceptable?.(this);
    listener.seal?.();
    this.#accept();
  }

  /** Whether it keeps the process alive has changed: a pause begins anew, to do so or not. */
  referenceChanged(): void {
    if (this.#pending === null) return;
    this.#pending.cancel();
    this.#rest(this.#resting);
  }

  #cancelPause(): void {
    this.#pending?.cancel();
    this.#pending = null;
  }

  ready(error: Error | null): void {
    if (error === null) this.#accept();
    else this.#failed(error);
  }

  roomMade(): void {
    this.listener.forgetAcceptable?.(this);
    this.#accept();
  }

  #accept(): void {
    if (this.#ended) return;
    try {
      if (this.listener.whenAcceptable !== undefined) this.#acceptBatch();
      else if (this.#acceptor.full) this.#waitForRoom();
      else this.#acceptOne();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #acceptBatch(): void {
    const { listener } = this;
    // What is known of the queue may be old, and there is no next time.
    if (this.#isLast && listener.acceptableNow?.() === false) return this.close();
    for (let count = 0; count < ACCEPT_BATCH; count++) {
      if (this.#acceptor.full && !this.#findRoom()) return;
      const conn = this.#left-- > 0 ? listener.tryAccept?.(true) : undefined;
      if (conn === undefined) {
        if (this.#isLast) return this.close();
        return listener.whenAcceptable?.(this);
      }
      this.#take(conn);
      if (this.#ended) return;
    }
    this.#rest(0);
  }

  /** At its end, and nobody is on the way who might still be accepted. */
  get #isLast(): boolean {
    if (this.#left === Infinity) return false;
    return this.#left <= 0 || this.listener.arriving !== true;
  }

  /** At the limit. False if it has to be waited for. */
  #findRoom(): boolean {
    if (this.listener.acceptableNow?.() === false) {
      // Nobody wants it, up to now.
      this.#acceptor.waitForRoom(this, false);
      this.listener.whenAcceptable?.(this);
      return false;
    }
    return this.#acceptor.makeRoom() || this.#waitForRoom();
  }

  #waitForRoom(): false {
    this.#acceptor.waitForRoom(this, true);
    return false;
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
    if (this.#acceptor.over) conn.close(); // accepted in the moment of closing
    else this.#acceptor.start(conn, this.#context);
  }

  #failed(error: Error): void {
    if (this.#ended) return;
    const { temporary, timeout, code } = error as Partial<OpErrorLike>;
    if (temporary !== true && !PASSING.has(code ?? '')) return this.#fail(error);
    // A deadline of the listener's own is no reason to wait for what would not come.
    if (timeout === true && this.#left < Infinity) return this.close();
    const pause = this.#pause.next();
    this.#acceptor.log(`http: Accept error: ${error.message}; retrying in ${pause}ms`);
    this.#rest(pause);
  }

  #fail(error: Error): void {
    if (this.#left < Infinity) return this.close();
    this.#ended = true;
    this.#acceptor.forgetRoom(this);
    this.#reject(error);
  }

  #rest(milliseconds: number): void {
    this.#resting = milliseconds;
    this.#pending = this.#acceptor.after(milliseconds, this.#again);
  }
}

/** What errors of accept tell. */
interface OpErrorLike {
  readonly temporary: boolean;
  readonly timeout: boolean;
  readonly code: string | undefined;
}

/** It may have been closed by whoever made it. */
export function closeListener(listener: Listener): void {
  try {
    listener.close();
  } catch {
    // Then that is done.
  }
}
