/**
 * The server as programs see it: its listeners, its connections, and how it ends. What all connections
 * share is in server-core.ts, what happens on one of them in conn/server-conn.ts. After Go's http.Server.
 *
 *   open ──shutdown──► draining: as open, but that each reply is the last of its connection
 *     │                    │ the lame duck's time is up (at once without one)
 *     │                    ▼
 *     │                closing: those that wait are accepted, listeners closed, idle connections too; the
 *     │                    │    others finish
 *     └──────close─────────┴──► closed
 */
import type { Addr, Listener } from '../../net/conn.ts';
import { requireOptions } from '../../net/options.ts';
import type { Stack } from '../../net/stack.ts';
import { AcceptLoop, closeListener } from './accept-loop.ts';
import type { Connection } from '../connection.ts';
import { ErrServerClosed } from '../errors.ts';
import type { Handler, HandlerFunc } from '../handler.ts';
import { refuseUnknown } from '../option-names.ts';
import { ServerCore } from './server-core.ts';
import { SERVER_OPTIONS, type ServerOptions } from './server-options.ts';
import { checkShutdown, type ShutdownOptions } from './shutdown-options.ts';

/** How long a shutdown waits for the request of a connection that has none yet. As in Go. */
const NEW_CONN_GRACE = 5000;

export class Server {
  readonly #stack: Stack;
  readonly #core: ServerCore;
  readonly #loops = new Set<AcceptLoop>();
  /** Those that still have somebody to accept, though the server is closing. */
  readonly #finishing = new Set<AcceptLoop>();
  readonly #onShutdown: (() => unknown)[] = [];
  /** Ends of what shutdowns wait for. */
  readonly #lameDucks = new Set<() => void>();
  readonly #gone = new Set<() => void>();

  constructor(stack: Stack, handler: Handler | HandlerFunc, options: ServerOptions = {}) {
    requireOptions('Server', options);
    refuseUnknown('Server', options, SERVER_OPTIONS);
    this.#stack = stack;
    this.#core = new ServerCore(stack, handler, options);
    this.#core.onEmpty = () => this.#checkGone();
  }

  /** The connections that are open, hijacked ones excepted. */
  get connections(): ReadonlySet<Connection> {
    return this.#core.connections;
  }

  /** The addresses on which it listens. */
  get addrs(): Addr[] {
    return [...this.#loops].map(({ listener }) => listener.addr);
  }

  /** Its end has begun: it should get no more requests, though it may still answer them. */
  get draining(): boolean {
    return this.#core.draining;
  }

  /** It does not listen any more, and never will. */
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
    let loop: AcceptLoop | null = null;
    try {
      loop = new AcceptLoop(this.#core, listener, this.#core.contextOn(listener));
      if (!this.#core.referenced) listener.unref();
      this.#loops.add(loop);
      await loop.run();
    } finally {
      if (!listener.closed) closeListener(listener);
      if (loop !== null) this.#forget(loop);
    }
  }

  #forget(loop: AcceptLoop): void {
    this.#loops.delete(loop);
    if (this.#finishing.delete(loop)) this.#checkGone();
  }

  /**
   * Whether connections are kept after a reply, which they are at first. Without, replies say
   * `Connection: close`, and those that are idle now are closed. After Go's SetKeepAlivesEnabled.
   */
  setKeepAlivesEnabled(enabled: boolean): void {
    if (typeof enabled !== 'boolean') {
      throw new TypeError('setKeepAlivesEnabled: enabled must be true or false');
    }
    this.#core.keepAlives = enabled;
    if (!enabled) this.#closeIdle();
  }

  #closeIdle(): void {
    const { connections } = this.#core;
    for (const conn of connections) if (conn.state !== 'new') conn.closeIfIdle();
  }

  /**
   * Has `callback` called when a shutdown has closed the listeners: the place to end what was hijacked,
   * for which it does not wait. What it throws is told to the log. After Go's RegisterOnShutdown.
   */
  registerOnShutdown(callback: () => unknown): void {
    if (typeof callback !== 'function') {
      throw new TypeError('registerOnShutdown: callback must be a function');
    }
    this.#onShutdown.push(callback);
  }

  /**
   * Ends gracefully: no new connections, idle ones are closed, the others when their reply is complete.
   * Who has connected by then is accepted, and what has come is answered. Settles when all are gone. If
   * `signal` aborts first, or has before, it rejects with its reason and leaves the rest as it is; close
   * ends them.
   *
   * With `lameDuck` it goes on for that many milliseconds before, but that each reply says `Connection:
   * close`, and {@link Server.draining} is true: time for load balancers to see it, and for clients to go
   * without the loss of a request. Another shutdown without it, or `signal`, cuts that short.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { signal, lameDuck } = checkShutdown('shutdown', options);
    this.#core.drain();
    if (lameDuck > 0 && signal?.aborted !== true && this.#loops.size > 0) {
      await this.#lameDuck(lameDuck, signal);
    }
    this.#endAccepting();
    if (this.#isGone) return this.#core.finish();
    signal?.throwIfAborted();
    // A connection that has sent nothing yet, or half a head, may have a request on its way.
    const grace = this.#stack.after(NEW_CONN_GRACE, () => this.#endGrace());
    try {
      await this.#untilGone(signal);
    } finally {
      grace.cancel();
    }
  }

  async #lameDuck(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#core.after(milliseconds, () => end());
      const end = (): void => {
        timer.cancel();
        this.#lameDucks.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      this.#lameDucks.add(end);
      signal?.addEventListener('abort', end);
    });
  }

  /** The listeners are closed, now or when all who have connected are accepted; and idle connections. */
  #endAccepting(): void {
    const first = !this.closing;
    this.#core.end();
    for (const end of this.#lameDucks) end();
    for (const loop of this.#loops) {
      this.#loops.delete(loop);
      loop.finish();
      if (!loop.ended) this.#finishing.add(loop);
    }
    if (!first) return;
    this.#closeIdle();
    for (const callback of this.#onShutdown) this.#core.run('onShutdown', callback);
  }

  #endGrace(): void {
    this.#core.endGrace();
    for (const loop of this.#finishing) loop.close();
    for (const conn of this.#core.connections) conn.closeUnlessServing();
  }

  get #isGone(): boolean {
    return this.#finishing.size === 0 && this.connections.size === 0;
  }

  #checkGone(): void {
    if (!this.#isGone) return;
    for (const tell of this.#gone) tell();
    this.#gone.clear();
  }

  /** Rejects if `signal` aborts first. */
  async #untilGone(signal: AbortSignal | undefined): Promise<void> {
    let tell = (): void => {};
    let abort = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        tell = resolve;
        abort = () => reject(signal?.reason as Error);
        this.#gone.add(tell);
        signal?.addEventListener('abort', abort, { once: true });
      });
      this.#core.finish();
    } finally {
      this.#gone.delete(tell);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends at once: listeners and connections are closed, running handlers see write errors. */
  close(): void {
    this.#core.end();
    this.#core.finish();
    for (const end of this.#lameDucks) end();
    for (const loop of [...this.#loops, ...this.#finishing]) {
      this.#loops.delete(loop);
      loop.close();
    }
    for (const conn of this.connections) conn.close();
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
