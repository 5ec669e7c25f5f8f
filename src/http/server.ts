/**
 * The server: its options, its listeners, its connections, and how it ends. What happens on one
 * connection is in server-conn.ts. After Go's http.Server.
 *
 *   open ──shutdown──► closing: no new connections, idle ones closed, the others finish ──► closed
 *     └─────close──────────────────────────────────────────────────────────────────────────►
 */
import type { Addr, Conn, Listener } from '../net/conn.ts';
import type { Stack } from '../net/stack.ts';
import { AcceptLoop, type Acceptor } from './accept-loop.ts';
import { DateLine } from './date.ts';
import { describe, ErrServerClosed } from './errors.ts';
import { HeadCache } from './head-cache.ts';
import type { Handler, HandlerFunc } from './handler.ts';
import { asHandler } from './handler-func.ts';
import { checkOptions, type ServerOptions } from './server-options.ts';
import type { ConnOwner, ConnState } from './conn-owner.ts';
import { ServerConn } from './server-conn.ts';

/** How long a shutdown waits for the request of a connection that has none yet. As in Go. */
const NEW_CONN_GRACE = 5000;

export class Server implements ConnOwner, Acceptor {
  readonly handler: Handler;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  readonly maxBodyBytes: number;
  readonly readHeaderTimeout: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly idleTimeout: number;
  readonly heads: HeadCache = new HeadCache();
  readonly #stack: Stack;
  readonly #onState: ((conn: ServerConn, state: ConnState) => void) | undefined;
  readonly #log: (message: string) => void;
  readonly #listeners = new Set<Listener>();
  readonly #conns = new Set<ServerConn>();
  /** In its first turn: not among the others yet. */
  #newest: ServerConn | null = null;
  readonly #date = new DateLine();
  #dateLine = '';
  #tick = 0;
  #closing = false;
  #allGone: (() => void)[] = [];

  constructor(stack: Stack, handler: Handler | HandlerFunc, options: ServerOptions = {}) {
    const checked = checkOptions(options);
    this.#stack = stack;
    this.handler = asHandler('Server', handler);
    this.maxHeaderBytes = checked.maxHeaderBytes;
    this.maxHeaders = checked.maxHeaders;
    this.maxBodyBytes = checked.maxBodyBytes;
    this.readHeaderTimeout = checked.readHeaderTimeout;
    this.readTimeout = checked.readTimeout;
    this.writeTimeout = checked.writeTimeout;
    this.idleTimeout = checked.idleTimeout;
    this.#onState = options.connState;
    this.#log = options.errorLog ?? ((message) => console.error(message));
  }

  /** The connections that are open, hijacked ones excepted. */
  get connections(): ReadonlySet<ServerConn> {
    this.#remember();
    return this.#conns;
  }

  /** The addresses on which it listens. */
  get addrs(): Addr[] {
    return [...this.#listeners].map(({ addr }) => addr);
  }

  /** Shutting down, or closed. */
  get closing(): boolean {
    return this.#closing;
  }

  get tick(): number {
    return this.#tick;
  }

  now(): number {
    return this.#stack.now();
  }

  after(milliseconds: number, callback: () => void): void {
    this.#stack.after(milliseconds, callback, true);
  }

  log(message: string): void {
    try {
      this.#log(message);
    } catch {
      // A log that fails must not take the server with it.
    }
  }

  /** The Date field, made anew once a second while it is asked for. */
  dateLine(): string {
    if (this.#dateLine !== '') return this.#dateLine;
    const now = this.now();
    this.#dateLine = this.#date.at(now);
    this.#tick++;
    this.#stack.after(1000 - (now % 1000), () => {
      this.#dateLine = '';
    });
    return this.#dateLine;
  }

  stateChanged(conn: ServerConn, state: ConnState): void {
    if (state === 'closed' || state === 'hijacked') {
      if (conn === this.#newest) this.#newest = null;
      else this.#forget(conn);
    }
    try {
      this.#onState?.(conn, state);
    } catch (error) {
      this.log(`http: connState: ${describe(error)}`);
    }
  }

  #forget(conn: ServerConn): void {
    this.#conns.delete(conn);
    if (this.#conns.size > 0 || this.#allGone.length === 0) return;
    for (const tell of this.#allGone.splice(0)) tell();
  }

  /**
   * Serves the connections of `listener` until the server is shut down or closed, which closes the
   * listener and fulfils the promise. Rejects if accepting fails for good, or with ErrServerClosed if
   * the server has ended before.
   */
  async serve(listener: Listener): Promise<void> {
    if (this.#closing) {
      closeListener(listener);
      throw ErrServerClosed;
    }
    this.#listeners.add(listener);
    try {
      await new AcceptLoop(this, listener).run();
    } finally {
      this.#listeners.delete(listener);
      await listener[Symbol.asyncDispose]();
    }
  }

  start(conn: Conn): void {
    this.#remember();
    const served = new ServerConn(this, conn);
    this.#newest = served;
    served.start();
    // Most of those that ask once and close are gone by now, and need not be remembered.
    if (this.#newest === served) this.#remember();
  }

  #remember(): void {
    if (this.#newest !== null) this.#conns.add(this.#newest);
    this.#newest = null;
  }

  /**
   * Ends gracefully: no new connections, idle ones are closed, the others when their reply is complete.
   * Settles when all are gone. If `signal` aborts first it rejects with its reason and leaves the rest
   * as it is; close ends them.
   */
  async shutdown(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#end();
    for (const conn of this.connections) if (conn.state !== 'new') conn.closeIfIdle();
    if (this.#conns.size === 0) return;
    // A connection that has sent nothing yet, or half a head, may have a request on its way.
    const grace = this.#stack.after(NEW_CONN_GRACE, () => {
      for (const conn of this.#conns) conn.closeUnlessServing();
    });
    let abort = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        this.#allGone.push(resolve);
        abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort, { once: true });
      });
    } finally {
      grace.cancel();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends at once: listeners and connections are closed, running handlers see write errors. */
  close(): void {
    this.#end();
    for (const conn of this.connections) conn.close();
  }

  #end(): void {
    this.#closing = true;
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      closeListener(listener);
    }
  }
}

/** It may have been closed by whoever made it. */
function closeListener(listener: Listener): void {
  try {
    listener.close();
  } catch {
    // Then that is done.
  }
}
