/**
 * The server as programs see it: its listeners, its connections, and how it ends. What all connections
 * share is in server-core.ts, what happens on one of them in server-conn.ts. After Go's http.Server.
 *
 *   open ──shutdown──► closing: no new connections, idle ones closed, the others finish ──► closed
 *     └─────close──────────────────────────────────────────────────────────────────────────►
 */
import type { Addr, Listener } from '../net/conn.ts';
import { optionalSignal, requireOptions } from '../net/options.ts';
import type { Stack } from '../net/stack.ts';
import { AcceptLoop, closeListener } from './accept-loop.ts';
import type { Connection } from './connection.ts';
import { ErrServerClosed } from './errors.ts';
import type { Handler, HandlerFunc } from './handler.ts';
import { ServerCore } from './server-core.ts';
import type { ServerOptions } from './server-options.ts';

/** How long a shutdown waits for the request of a connection that has none yet. As in Go. */
const NEW_CONN_GRACE = 5000;

export class Server {
  readonly #stack: Stack;
  readonly #core: ServerCore;
  readonly #loops = new Set<AcceptLoop>();

  constructor(stack: Stack, handler: Handler | HandlerFunc, options: ServerOptions = {}) {
    this.#stack = stack;
    this.#core = new ServerCore(stack, handler, options);
  }

  /** The connections that are open, hijacked ones excepted. */
  get connections(): ReadonlySet<Connection> {
    return this.#core.connections;
  }

  /** The addresses on which it listens. */
  get addrs(): Addr[] {
    return [...this.#loops].map(({ listener }) => listener.addr);
  }

  /** Shutting down, or closed. */
  get closing(): boolean {
    return this.#core.closing;
  }

  /**
   * Serves the connections of `listener` until the server is shut down or closed, which closes the
   * listener and fulfils the promise. Rejects if accepting fails for good, or with ErrServerClosed if
   * the server has ended before. A deadline of the listener that has passed is no end: as in Go,
   * accepting is tried again and again, with a line in the log each time.
   */
  async serve(listener: Listener): Promise<void> {
    for (const method of ['accept', 'close', 'ref', 'unref'] as const) {
      if (typeof (listener as Partial<Listener> | null | undefined)?.[method] === 'function')
        continue;
      throw new TypeError(`serve: listener must have a method ${method}`);
    }
    if (this.closing) {
      closeListener(listener);
      throw ErrServerClosed;
    }
    if (!this.#core.referenced) listener.unref();
    const loop = new AcceptLoop(this.#core, listener);
    this.#loops.add(loop);
    try {
      await loop.run();
    } finally {
      this.#loops.delete(loop);
      if (!listener.closed) closeListener(listener);
    }
  }

  /**
   * Ends gracefully: no new connections, idle ones are closed, the others when their reply is complete.
   * Settles when all are gone. If `signal` aborts first, or has before, it rejects with its reason and
   * leaves the rest as it is; close ends them.
   */
  async shutdown(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    requireOptions('shutdown', options);
    const { signal } = options;
    optionalSignal('shutdown', signal);
    this.#end();
    const { connections } = this.#core;
    for (const conn of connections) if (conn.state !== 'new') conn.closeIfIdle();
    if (connections.size === 0) return;
    signal?.throwIfAborted();
    // A connection that has sent nothing yet, or half a head, may have a request on its way.
    const grace = this.#stack.after(NEW_CONN_GRACE, () => {
      for (const conn of connections) conn.closeUnlessServing();
    });
    let abort = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        this.#core.whenEmpty(resolve);
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
    this.#core.end();
    for (const loop of this.#loops) {
      this.#loops.delete(loop);
      loop.close();
    }
  }

  /** Its listeners and connections, now and later, keep the process alive: the default. */
  ref(): void {
    this.#core.referenced = true;
    for (const loop of this.#loops) {
      loop.listener.ref();
      loop.referenceChanged();
    }
  }

  /** They do not. One that is hijacked stays as it was: its `ref` is for its new owner to call. */
  unref(): void {
    this.#core.referenced = false;
    for (const loop of this.#loops) {
      loop.listener.unref();
      loop.referenceChanged();
    }
  }
}
