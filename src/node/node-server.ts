/**
 * An http.Server over our server: `createServer(listener).listen(port)` as with node:http, with its
 * methods, properties and events, for code that was written for that. What it is not: an instance of
 * http.Server or net.Server; it has no handle that could be sent to another process.
 *
 *   new ──listen──► opening ──► listening ──close──► closing: what has begun is completed ──► closed
 *    ▲                 └── 'error'                                                             │
 *    └────────────────────────────── it may listen again ──────────────────────────────────────┘
 *
 * Source: the documentation of node:http and node:net, "Class: http.Server", "Class: net.Server".
 */
import type { Server as NodeHttpServer } from 'node:http';
import type { Connection, ConnState } from '../http/connection.ts';
import { Server } from '../http/server/server.ts';
import type { Listener } from '../net/conn.ts';
import type { Stack } from '../net/stack.ts';
import { DiagnosedHandler, diagnosedOptions } from './diagnostics.ts';
import type { Exchange } from './node-exchange.ts';
import {
  type ExchangeSocket,
  exchangeSocketOf,
  type SocketAddress,
  socketAddress,
} from './exchange-socket.ts';
import { type ListenPlace, listenPlace } from './listen-place.ts';
import { NodeHandler, type NodeListener } from './node-handler.ts';
import { type NodeServerOptions, type Settings, settingsOf } from './node-server-options.ts';

/** One time of listening, from the call to its end. */
interface Listening {
  /** Null until it listens. */
  server: Server | null;
  listener: Listener | null;
  closed: boolean;
}

export class NodeServer extends NodeHandler {
  /** Between two requests of a connection, in milliseconds; 0 is no limit. Read when it listens. */
  keepAliveTimeout: number;
  /** For the head of a request, in milliseconds; 0 is no limit. Read when it listens. */
  headersTimeout: number;
  /** For a whole request, in milliseconds; 0 is no limit. Read when it listens. */
  requestTimeout: number;
  /** Of silence on a connection, in milliseconds; 0 is no limit. */
  timeout = 0;
  /** Fields of a request; null is our server's limit. Read when it listens. */
  maxHeadersCount: number | null = null;
  /** Connections at a time; those beyond are closed at once, with the event 'drop'. */
  maxConnections: number | undefined = undefined;
  /** Requests on one connection; 0 is no limit. */
  maxRequestsPerSocket = 0;
  readonly #stack: Stack;
  readonly #settings: Settings;
  #current: Listening | null = null;
  /** The one before, whose connections are still being served. */
  #closing: Server | null = null;
  #referenced = true;

  constructor(stack: Stack, options: NodeServerOptions, listener?: NodeListener) {
    super(listener);
    this.#stack = stack;
    this.#settings = settingsOf(options);
    this.keepAliveTimeout = this.#settings.keepAliveTimeout;
    this.headersTimeout = this.#settings.headersTimeout;
    this.requestTimeout = this.#settings.requestTimeout;
    this.maxRequestsPerSocket = this.#settings.maxRequestsPerSocket;
  }

  get listening(): boolean {
    return this.server !== null;
  }

  /** The server below; null while it does not listen. */
  get server(): Server | null {
    return this.#current?.server ?? null;
  }

  /**
   * As net.Server's: (port, host, backlog, callback), (path, …), (options, callback); or with a Listener
   * of netfd, such as one of TLS. Emits 'listening', or 'error'. The address is known from 'listening' on,
   * not before.
   */
  listen(...args: unknown[]): this {
    const { place, callback } = listenPlace(args);
    if (this.#current !== null) {
      const error = new Error('Listen method has been called more than once without closing.');
      throw Object.assign(error, { code: 'ERR_SERVER_ALREADY_LISTEN' });
    }
    if (callback !== null) this.once('listening', callback);
    const listening: Listening = { server: null, listener: null, closed: false };
    this.#current = listening;
    // By a tick of its own: what a listener throws then is an uncaught exception, as with node:http.
    void this.#open(place, listening).then((event) => process.nextTick(event));
    return this;
  }

  /** Gives what is to be told. */
  async #open(place: ListenPlace, listening: Listening): Promise<() => void> {
    const { network, address, fd, signal, listener: given, ...options } = place;
    let listener: Listener;
    try {
      if (given !== null) listener = given;
      else if (fd === null) listener = await this.#stack.listen(network, address, options);
      else listener = this.#stack.fileListener({ fd });
    } catch (error) {
      if (this.#current === listening) this.#current = null;
      return () => this.emit('error', error);
    }
    if (listening.closed) {
      listener.close();
      return () => this.emit('close');
    }
    if (!this.#referenced) listener.unref();
    const server = this.#newServer();
    listening.listener = listener;
    listening.server = server;
    server.serve(listener).catch((error: Error) => this.emit('error', error));
    if (signal?.aborted === true) this.close();
    else signal?.addEventListener('abort', () => this.close(), { once: true });
    return () => {
      if (!listening.closed) this.emit('listening');
    };
  }

  #newServer(): Server {
    const { maxHeadersCount } = this;
    const diagnosed = new DiagnosedHandler('createServer', this);
    diagnosed.server.netfd = this;
    const options = diagnosedOptions({
      ...this.#settings.limits,
      idleTimeout: this.keepAliveTimeout,
      readHeaderTimeout: this.headersTimeout,
      readTimeout: this.requestTimeout,
      ...(maxHeadersCount === null || maxHeadersCount === 0 ? {} : { maxHeaders: maxHeadersCount }),
      connState: (conn: Connection, state: ConnState) => this.#stateChanged(conn, state),
    });
    return new Server(this.#stack, diagnosed, options);
  }

  #stateChanged(conn: Connection, state: ConnState): void {
    if (state !== 'new') return;
    const { maxConnections: most } = this;
    if (most !== undefined && this.#connections.length > most) {
      const local = socketAddress(conn.localAddr);
      const remote = socketAddress(conn.remoteAddr);
      conn.close();
      this.emit('drop', { ...named('local', local), ...named('remote', remote) });
      return;
    }
    if (this.timeout === 0 && this.listenerCount('connection') === 0) return;
    const socket = exchangeSocketOf(conn);
    socket.server = this;
    if (this.timeout > 0) socket.setTimeout(this.timeout);
    this.emit('connection', socket);
  }

  protected override begin(exchange: Exchange): Exchange {
    exchange.socket.server = this;
    const most = this.maxRequestsPerSocket;
    if (most > 0 && exchange.requests >= most) exchange.res.shouldKeepAlive = false;
    return exchange;
  }

  /** Where it listens: as net.Server gives it, a path for a unix socket, null before 'listening'. */
  address(): SocketAddress | string | null {
    const listener = this.#current?.listener;
    if (!listener) return null;
    return socketAddress(listener.addr) ?? String(listener.addr);
  }

  /**
   * Ends as http.Server does: no new connections, idle ones are closed, the others after their reply.
   * Then 'close' is emitted. `callback` gets an error if it did not listen.
   */
  close(callback?: (error?: Error) => void): this {
    const listening = this.#current;
    if (listening === null) {
      if (callback !== undefined) {
        const error = new Error('Server is not running.');
        process.nextTick(callback, Object.assign(error, { code: 'ERR_SERVER_NOT_RUNNING' }));
      }
      return this;
    }
    if (callback !== undefined) this.once('close', callback);
    this.#current = null;
    listening.closed = true;
    const { server } = listening;
    if (server === null) return this;
    this.#closing = server;
    void server.shutdown().then(() => {
      if (this.#closing === server) this.#closing = null;
      process.nextTick(() => this.emit('close'));
    });
    return this;
  }

  /** Those that wait for a request. */
  closeIdleConnections(): void {
    for (const conn of this.#connections) if (conn.state === 'idle') conn.close();
  }

  /** All at once, whatever they do. Those that were handed over are not the server's any more. */
  closeAllConnections(): void {
    for (const conn of this.#connections) conn.close();
  }

  get #connections(): Connection[] {
    return [...(this.server?.connections ?? []), ...(this.#closing?.connections ?? [])];
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections.length);
    return this;
  }

  /** After so many milliseconds of silence on a connection 'timeout' is emitted; see net.Socket. */
  setTimeout(milliseconds: number, callback?: (socket: ExchangeSocket) => void): this {
    this.timeout = milliseconds;
    if (callback !== undefined) this.on('timeout', callback);
    return this;
  }

  protected override failed(error: Error): void {
    this.#settings.log(error);
  }

  ref(): this {
    this.#referenced = true;
    this.server?.ref();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.server?.unref();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#current !== null) await new Promise<void>((resolve) => this.close(() => resolve()));
  }
}

/** A NodeServer, in the type that libraries ask for. */
export type HttpServer = NodeServer & NodeHttpServer;

/** An address as the event 'drop' has it: localAddress, localPort, localFamily. */
function named(end: 'local' | 'remote', addr: SocketAddress | null): Record<string, unknown> {
  if (addr === null) return {};
  return {
    [`${end}Address`]: addr.address,
    [`${end}Port`]: addr.port,
    [`${end}Family`]: addr.family,
  };
}
