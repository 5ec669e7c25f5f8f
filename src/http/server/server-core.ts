/**
 * What the connections and accept loops of a server share: its handler and limits, its clock, its log,
 * and the set of the connections that are open. Where it listens, and how it ends, is in server.ts.
 */
import { isThenable } from '../../io/thenable.ts';
import type { Conn, Listener } from '../../net/conn.ts';
import type { Stack } from '../../net/stack.ts';
import type { Acceptor } from './accept-loop.ts';
import { ConnLimit, type WaitingLoop } from './conn-limit.ts';
import type { ConnLimits, ConnOwner } from '../conn/conn-owner.ts';
import type { Connection, ConnState } from '../connection.ts';
import { DateLine } from '../message/date.ts';
import { ErrorLog } from '../error-log.ts';
import { describe } from '../errors.ts';
import type { Handler, HandlerFunc } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { HeadCache } from '../message/head-cache.ts';
import type { Pending } from '../conn/owner.ts';
import { isProtocolConn, type ServedConn } from '../conn/served-conn.ts';
import { ServerConn } from '../conn/server-conn.ts';
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
  lastReplies = false;
  keepsIdle = true;
  answersFollowing = false;
  readonly #stack: Stack;
  readonly #onState: ((conn: Connection, state: ConnState) => void) | undefined;
  readonly #baseContext: ((listener: Listener) => unknown) | undefined;
  readonly #connContext: ((context: unknown, conn: Conn) => unknown) | undefined;
  /** Null without the options that make them. */
  readonly #contexts: WeakMap<ServedConn, unknown> | null;
  readonly #limit: ConnLimit | null;
  readonly #log: ErrorLog;
  readonly #conns = new Set<ServedConn>();
  /** In its first turn: not among the others yet. */
  #newest: ServedConn | null = null;
  readonly #date = new DateLine();
  #dateLine = '';
  #tick = 0;
  #draining = false;
  #closing = false;
  #over = false;
  #keepAlives = true;
  #pressed = false;
  #referenced = true;
  /** Told each time when the last of the connections has gone. */
  onEmpty: () => void = () => {};

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
    this.#baseContext = options.baseContext;
    this.#connContext = options.connContext;
    const hasContexts = (options.baseContext ?? options.connContext) !== undefined;
    this.#contexts = hasContexts ? new WeakMap() : null;
    const { maxConnections } = checked;
    this.#limit = maxConnections < Infinity ? new ConnLimit(maxConnections, this) : null;
    this.#log = new ErrorLog(options.errorLog);
  }

  // ---- how it ends

  get draining(): boolean {
    return this.#draining;
  }

  get closing(): boolean {
    return this.#closing;
  }

  get over(): boolean {
    return this.#over;
  }

  /** From now on replies say that they are the last ones. */
  drain(): void {
    this.#draining = this.answersFollowing = true;
    this.#update();
  }

  /** From now on nothing new is begun, but what has come already. */
  end(): void {
    this.#draining = this.#closing = true;
    this.#update();
  }

  /** From now on nothing that has come is begun, either. */
  endGrace(): void {
    this.answersFollowing = false;
  }

  /** From now on a connection that is still accepted is closed. */
  finish(): void {
    this.#over = true;
  }

  set keepAlives(enabled: boolean) {
    this.#keepAlives = enabled;
    this.#update();
  }

  pressed(on: boolean): void {
    this.#pressed = on;
    this.#update();
  }

  #update(): void {
    this.keepsIdle = this.#keepAlives && !this.#closing;
    this.lastReplies = !this.keepsIdle || this.#draining || this.#pressed;
  }

  // ---- what everybody needs

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

  /** What the requests on a listener have as their context. Throws what the program throws. */
  contextOn(listener: Listener): unknown {
    return this.#baseContext?.(listener);
  }

  contextOf(conn: ServedConn): unknown {
    return this.#contexts?.get(conn);
  }

  start(conn: Conn, context?: unknown): void {
    this.#remember();
    if (!this.#referenced) conn.unref();
    const served = isProtocolConn(conn) ? conn.serveBy(this) : new ServerConn(this, conn);
    if (this.#contexts !== null && !this.#setContext(this.#contexts, served, context)) return;
    this.#newest = served;
    served.start();
    // Most of those that ask once and close are gone by now, and need not be remembered.
    if (this.#newest === served) this.#remember();
  }

  /** False if there is none, and the connection is closed. */
  #setContext(contexts: WeakMap<ServedConn, unknown>, to: ServedConn, base: unknown): boolean {
    try {
      contexts.set(to, this.#connContext === undefined ? base : this.#connContext(base, to.conn));
      return true;
    } catch (error) {
      this.#failed('connContext', error);
      if (!to.conn.closed) to.conn.close();
      return false;
    }
  }

  // ---- the limit of connections

  get full(): boolean {
    return this.#limit?.full === true;
  }

  makeRoom(): boolean {
    return this.#limit?.makeRoom() !== false;
  }

  waitForRoom(loop: WaitingLoop, pressing: boolean): void {
    this.#limit?.wait(loop, pressing);
  }

  forgetRoom(loop: WaitingLoop): void {
    this.#limit?.forget(loop);
  }

  #remember(): void {
    if (this.#newest !== null) this.#conns.add(this.#newest);
    this.#newest = null;
  }

  stateChanged(conn: ServedConn, state: ConnState): void {
    this.#limit?.stateChanged(conn, state);
    const gone = state === 'closed' || state === 'hijacked';
    if (gone && conn === this.#newest) this.#newest = null;
    else if (gone) this.#conns.delete(conn);
    if (this.#onState !== undefined) {
      try {
        this.watch('connState', this.#onState(conn, state));
      } catch (error) {
        this.#failed('connState', error);
      }
    }
    if (gone && this.#closing && this.connections.size === 0) this.onEmpty();
  }

  /** What the program's `what` has given: a promise that is rejected is told, and nothing more. */
  watch(what: string, result: unknown): void {
    if (!isThenable(result)) return;
    Promise.resolve(result).catch((error: unknown) => this.#failed(what, error));
  }

  /** Calls what is the program's: what it throws, or rejects with, is told and nothing more. */
  run(what: string, call: () => unknown): void {
    try {
      this.watch(what, call());
    } catch (error) {
      this.#failed(what, error);
    }
  }

  #failed(what: string, error: unknown): void {
    this.log(`http: ${what}: ${describe(error)}`);
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
