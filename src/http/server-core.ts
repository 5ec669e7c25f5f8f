/**
 * What the connections and accept loops of a server share: its handler and limits, its clock, its log,
 * and the set of the connections that are open. Where it listens, and how it ends, is in server.ts.
 */
import type { Conn } from '../net/conn.ts';
import type { Stack } from '../net/stack.ts';
import type { Acceptor } from './accept-loop.ts';
import type { ConnLimits, ConnOwner } from './conn-owner.ts';
import type { Connection, ConnState } from './connection.ts';
import { DateLine } from './date.ts';
import { ErrorLog } from './error-log.ts';
import { describe } from './errors.ts';
import type { Handler, HandlerFunc } from './handler.ts';
import { asHandler } from './handler-func.ts';
import { HeadCache } from './head-cache.ts';
import type { Pending } from './owner.ts';
import { isProtocolConn, type ServedConn } from './served-conn.ts';
import { ServerConn } from './server-conn.ts';
import { checkOptions, type ServerOptions } from './server-options.ts';

export class ServerCore implements ConnOwner, Acceptor {
  readonly handler: Handler;
  readonly maxHeaderBytes: number;
  readonly maxRequestLine: number;
  readonly maxHeaders: number;
  readonly maxBodyBytes: number;
  readonly readHeaderTimeout: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly idleTimeout: number;
  readonly limits: ConnLimits;
  readonly heads: HeadCache = new HeadCache();
  readonly #stack: Stack;
  readonly #onState: ((conn: Connection, state: ConnState) => void) | undefined;
  readonly #log: ErrorLog;
  readonly #conns = new Set<ServedConn>();
  /** In its first turn: not among the others yet. */
  #newest: ServedConn | null = null;
  readonly #date = new DateLine();
  #dateLine = '';
  #tick = 0;
  #closing = false;
  #referenced = true;
  #onEmpty: (() => void)[] = [];

  /** TypeError that names what is wrong. */
  constructor(stack: Stack, handler: Handler | HandlerFunc, options: ServerOptions) {
    const checked = checkOptions(options);
    this.#stack = stack;
    this.handler = asHandler('Server', handler);
    this.limits = checked;
    this.maxHeaderBytes = checked.maxHeaderBytes;
    this.maxRequestLine = checked.maxRequestLine;
    this.maxHeaders = checked.maxHeaders;
    this.maxBodyBytes = checked.maxBodyBytes;
    this.readHeaderTimeout = checked.readHeaderTimeout;
    this.readTimeout = checked.readTimeout;
    this.writeTimeout = checked.writeTimeout;
    this.idleTimeout = checked.idleTimeout;
    this.#onState = options.connState;
    this.#log = new ErrorLog(options.errorLog);
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** From now on nothing new is begun. */
  end(): void {
    this.#closing = true;
  }

  get tick(): number {
    return this.#tick;
  }

  now(): number {
    return this.#stack.now();
  }

  after(milliseconds: number, callback: () => void): Pending {
    return this.#stack.after(milliseconds, callback, this.#referenced);
  }

  log(message: string): void {
    this.#log.log(message);
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

  // ---- connections

  /** Those that are open, hijacked ones excepted. */
  get connections(): ReadonlySet<ServedConn> {
    this.#remember();
    return this.#conns;
  }

  start(conn: Conn): void {
    this.#remember();
    if (!this.#referenced) conn.unref();
    const served = isProtocolConn(conn) ? conn.serveBy(this) : new ServerConn(this, conn);
    this.#newest = served;
    served.start();
    // Most of those that ask once and close are gone by now, and need not be remembered.
    if (this.#newest === served) this.#remember();
  }

  #remember(): void {
    if (this.#newest !== null) this.#conns.add(this.#newest);
    this.#newest = null;
  }

  stateChanged(conn: ServedConn, state: ConnState): void {
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

  #forget(conn: ServedConn): void {
    this.#conns.delete(conn);
    if (this.#conns.size > 0 || this.#onEmpty.length === 0) return;
    for (const tell of this.#onEmpty.splice(0)) tell();
  }

  /** Calls `tell` once when the last of the connections has gone. */
  whenEmpty(tell: () => void): void {
    this.#onEmpty.push(tell);
  }

  /** Whether what connections wait for keeps the process alive: those of now, and all that come. */
  get referenced(): boolean {
    return this.#referenced;
  }

  set referenced(value: boolean) {
    this.#referenced = value;
    for (const { conn } of this.connections) {
      if (value) conn.ref();
      else conn.unref();
    }
  }
}
