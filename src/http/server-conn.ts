/**
 * One connection of a server, from accept to close. It reads heads, calls the handler and sends what it
 * wrote, one request after the other in the order in which they came.
 *
 *            ┌────────────── the reply is out, the connection stays ──────────────┐
 *            ▼                                                                    │
 *   new ─► reading ──whole head──► handling ──returned──► finishing (body left? read it) ──► closing
 *            │  ▲ a later byte                                                               ▲
 *            └──┘                     malformed, too large, too slow: answered ──────────────┘
 *
 * The walk of one turn: `ready` (the poller saw bytes) → `#run` → Input.fill → HeadParser.parse →
 * `#serve` → the handler → Response.finish → Output.flush. It makes no promise unless the handler does.
 */
import type { Addr, Conn, ReadyListener } from '../net/conn.ts';
import { Body, type BodySource, NO_BODY } from './body.ts';
import { ErrAbortHandler, HttpError } from './errors.ts';
import type { Handler, Hijacked } from './handler.ts';
import type { HeadCache } from './head-cache.ts';
import {
  COMPLETE,
  HeadParser,
  INCOMPLETE,
  type HeadLimits,
  MAX_EMPTY_LINES,
} from './head-parser.ts';
import { Input } from './input.ts';
import { Linger } from './linger.ts';
import { Output } from './output.ts';
import { IncomingRequest, isTargetForm, type RequestSource } from './request.ts';
import { Response, type ResponseSink } from './response.ts';
import { statusLine, statusText } from './status.ts';

export type ConnState = 'new' | 'active' | 'idle' | 'hijacked' | 'closed';

/** What a connection needs of its server. */
export interface ConnOwner extends HeadLimits {
  readonly handler: Handler;
  readonly maxBodyBytes: number;
  readonly readHeaderTimeout: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly idleTimeout: number;
  readonly closing: boolean;
  readonly heads: HeadCache;
  now(): number;
  /** Changes about once a second. */
  readonly tick: number;
  /** Calls `callback` when other work has had its turn. */
  later(callback: () => void): void;
  dateLine(): string;
  stateChanged(conn: ServerConn, state: ConnState): void;
  log(message: string): void;
}

/** Bytes of replies that may wait before further requests have to. */
const MAX_BACKLOG = 256 * 1024;

/** An unread body is read to its end if that is not longer, so that the connection can stay. As in Go. */
const MAX_DISCARD = 256 * 1024;

/** Batches read in one turn before other connections have theirs. */
const MAX_TURNS = 8;

const CR = 13;
const LF = 10;

/** From this length on an idle timeout is kept with less care, and cost. */
const COARSE_TIMEOUT = 10_000;
const COARSE = 1000;

/** Parses for all connections: what it has found is used within the turn. */
const head = new HeadParser();

export class ServerConn implements ReadyListener, RequestSource, ResponseSink, BodySource {
  readonly conn: Conn;
  readonly input: Input;
  readonly output: Output;
  readonly #owner: ConnOwner;
  #state: ConnState = 'new';
  /** A handler runs, or what follows it: no new request is looked at. */
  #busy = false;
  #running = false;
  /** whenReadable was called and has not told. */
  #waiting = false;
  /** The owner's tick at which the idle deadline was set; -1 if another one is set. */
  #idleSince = -1;
  /** The read deadline is that of a head which has begun. */
  #headTimed = false;
  /** Bytes of an incomplete head that were parsed in vain. */
  #tried = 0;
  #request: IncomingRequest | null = null;
  #response: Response | null = null;
  #continues = false;
  #finishing = false;
  #abort: AbortController | null = null;
  /** Requests that have been begun. */
  requests = 0;

  constructor(owner: ConnOwner, conn: Conn) {
    this.#owner = owner;
    this.conn = conn;
    this.input = new Input(conn);
    this.output = new Output(conn);
  }

  get state(): ConnState {
    return this.#state;
  }

  get remoteAddr(): Addr {
    return this.conn.remoteAddr;
  }

  get localAddr(): Addr {
    return this.conn.localAddr;
  }

  get maxBodyBytes(): number {
    return this.#owner.maxBodyBytes;
  }

  get heads(): HeadCache {
    return this.#owner.heads;
  }

  dateLine(): string {
    return this.#owner.dateLine();
  }

  log(message: string): void {
    this.#owner.log(`${message} (${String(this.remoteAddr)})`);
  }

  closesAfter(): boolean {
    const body = this.#request?.body;
    if (this.#owner.closing) return true;
    if (body === undefined || body.done) return false;
    return this.#continues || (this.#finishing && body.left > MAX_DISCARD);
  }

  start(): void {
    this.#owner.stateChanged(this, 'new');
    this.#run();
  }

  /** Between two requests: closes. Otherwise after the reply. */
  closeIfIdle(): void {
    if (this.#state === 'idle' || (this.#state === 'new' && this.input.length === 0)) this.close();
  }

  close(): void {
    if (this.#state === 'closed' || this.#state === 'hijacked') return;
    this.#setState('closed');
    try {
      this.conn.close();
    } catch {
      // The handler has closed it.
    }
    this.#abort?.abort(new HttpError('http: connection closed', 'ERR_HTTP_CONNECTION_CLOSED'));
  }

  ready(error: Error | null): void {
    this.#waiting = false;
    if (this.#gone) return;
    if (this.#busy) this.#watched(error);
    else if (error === null) this.#run();
    else this.#readFailed(error);
  }

  #setState(state: ConnState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#owner.stateChanged(this, state);
  }

  get #gone(): boolean {
    return this.#state === 'closed' || this.#state === 'hijacked';
  }

  // ---- the turn

  #run(): void {
    if (this.#running || this.#busy || this.#gone) return;
    this.#running = true;
    try {
      this.#turn();
    } finally {
      this.#running = false;
      this.input.settle();
    }
  }

  #turn(): void {
    for (let turns = 0; ; ) {
      if (!this.#serveBatch()) return;
      if (!this.output.flush()) return this.#afterDrain();
      if (this.output.error !== null) return this.close();
      if (turns++ === MAX_TURNS) {
        this.#readDeadline(0);
        return this.#owner.later(() => this.#run());
      }
      let count: number | null | undefined;
      try {
        count = this.input.fill();
      } catch (error) {
        return this.#readFailed(error as Error);
      }
      if (count === null) return this.#ended();
      if (count === undefined) return this.#wait();
    }
  }

  /** Waits for more input, for as long as it may take. */
  #wait(): void {
    const blank = this.#blank;
    if (!blank) this.#setState('active');
    if (!blank || this.#state === 'new') {
      // The time for a head begins with the connection, later with its first byte.
      if (!this.#headTimed) this.#readDeadline(this.#owner.readHeaderTimeout);
      this.#headTimed = true;
    } else if (this.#state === 'active') {
      if (this.#owner.closing) return this.close();
      this.#setState('idle');
      this.#idleDeadline();
    }
    this.#listen();
  }

  /** Whether no request has begun: there is nothing, or empty lines alone. */
  get #blank(): boolean {
    const { bytes, from, to, length } = this.input;
    if (length === 0 || length > MAX_EMPTY_LINES) return length === 0;
    return bytes[from] === CR && (bytes[to - 1] === LF || bytes[to - 1] === CR);
  }

  #listen(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.conn.whenReadable(this);
  }

  #forget(): void {
    this.#waiting = false;
    this.conn.forgetReadable(this);
  }

  /** Long timeouts are only set once a second: they are late by up to that. */
  #idleDeadline(): void {
    const { idleTimeout, tick } = this.#owner;
    if (idleTimeout < COARSE_TIMEOUT) return this.#readDeadline(idleTimeout);
    if (this.#idleSince === tick) return;
    this.#readDeadline(idleTimeout + COARSE);
    this.#idleSince = tick;
  }

  /** Serves the requests that are here. False if the turn is over: busy, or closed. */
  #serveBatch(): boolean {
    const { input } = this;
    while (input.length > 0) {
      if (this.#tried > 0 && !this.#worthParsing()) return true;
      const result = head.parse(input.bytes, input.from, input.to, this.#owner);
      if (result === INCOMPLETE) {
        this.#tried = input.length;
        return true;
      }
      this.#tried = 0;
      if (result !== COMPLETE) return this.#refuse(head.status, head.reason);
      if (!this.#serve()) return false;
      if (this.output.backlog > MAX_BACKLOG && !this.output.flush()) {
        this.#afterDrain();
        return false;
      }
    }
    return true;
  }

  /** A head that came in pieces is parsed again after each line, or when it is twice as long. */
  #worthParsing(): boolean {
    const { bytes, from, to, length } = this.input;
    if (length >= 2 * this.#tried || length > this.#owner.maxHeaderBytes) return true;
    for (let at = from + this.#tried; at < to; at++) if (bytes[at] === LF) return true;
    return false;
  }

  /** Sending comes first; then the turn goes on. */
  #afterDrain(): void {
    this.#busy = true;
    this.output.drained().then(
      () => {
        this.#busy = false;
        if (!this.#gone) this.#run();
      },
      () => this.close(),
    );
  }

  // ---- one request

  /** Calls the handler. True if the reply is complete and the next request may follow. */
  #serve(): boolean {
    const { input } = this;
    const text = input.textFor(head.start, head.end);
    const hasBody = head.chunked || head.contentLength > 0;
    const body = hasBody ? new Body(this, head.chunked ? -1 : head.contentLength) : NO_BODY;
    const request = new IncomingRequest(this, head, text, input.textBase, body);
    if (!isTargetForm(request.method, request.target)) return this.#refuse(400, '');
    if (head.contentLength > this.#owner.maxBodyBytes) return this.#refuse(413, '');
    const keepAlive = head.minor === 0 ? head.keepAlive && !head.close : !head.close;
    const response = new Response(this, request.method === 'HEAD', head.minor, keepAlive);
    this.#continues = head.expectContinue && hasBody && head.minor === 1;
    input.advance(head.end);
    this.requests++;
    this.#setState('active');
    this.#request = request;
    this.#response = response;
    this.#headTimed = false;
    // What comes next is for the body's reader alone.
    if (hasBody && this.#waiting) this.#forget();
    this.#deadlinesOfRequest(hasBody);
    if (request.target === '*') {
      response.header().set('Content-Length', 0);
      return this.#finish(request, response);
    }
    return this.#handle(request, response);
  }

  #handle(request: IncomingRequest, response: Response): boolean {
    let outcome: void | Promise<unknown>;
    try {
      outcome = this.#owner.handler.serveHTTP(response, request);
    } catch (error) {
      return this.#panic(error, response);
    }
    if (typeof outcome?.then !== 'function') return this.#finish(request, response);
    this.#busy = true;
    outcome.then(
      () => this.#resume(() => this.#finish(request, response)),
      (error) => this.#resume(() => this.#panic(error, response)),
    );
    if (request.body.done) this.afterBody();
    // What the handler has sent so far need not wait for the rest; nor do the replies before it.
    this.output.flush();
    return false;
  }

  /** After a handler that took its time: `complete`, and then the turn goes on. */
  #resume(complete: () => boolean): void {
    this.#busy = false;
    let done: boolean;
    try {
      done = complete();
    } catch (error) {
      this.log(`http: ${String(error)}`);
      return this.close();
    }
    if (this.#gone) return;
    if (!done) return void this.output.flush();
    // One that has passed meanwhile was not for what comes now.
    this.#readDeadline(0);
    this.#run();
  }

  /** Completes the reply. True if the next request may follow. */
  #finish(request: IncomingRequest, response: Response): boolean {
    if (this.#gone) return false;
    this.#finishing = true;
    response.finish();
    this.#finishing = false;
    this.#abort?.abort(new HttpError('http: response complete', 'ERR_HTTP_COMPLETE'));
    this.#abort = null;
    this.#request = this.#response = null;
    const { body } = request;
    if (this.output.error !== null) {
      this.close();
      return false;
    }
    if (response.close) {
      this.#closeAfterReply(!body.done || this.input.length > 0);
      return false;
    }
    if (body.done) return true;
    this.#busy = true;
    this.output.flush();
    if (this.#owner.readTimeout === 0) this.#readDeadline(this.#owner.idleTimeout);
    void body.discard(MAX_DISCARD).then((whole) =>
      this.#resume(() => {
        if (!whole) this.#closeAfterReply(true);
        return whole;
      }),
    );
    return false;
  }

  #deadlinesOfRequest(hasBody: boolean): void {
    const { readTimeout, writeTimeout } = this.#owner;
    if (hasBody) this.#readDeadline(readTimeout);
    if (writeTimeout > 0) this.#writeDeadline(writeTimeout);
  }

  #readDeadline(timeout: number): void {
    this.#idleSince = -1;
    try {
      this.conn.setReadDeadline(timeout > 0 ? this.#owner.now() + timeout : null);
    } catch {
      // It is closed, as the next read will tell.
    }
  }

  #writeDeadline(timeout: number): void {
    try {
      this.conn.setWriteDeadline(this.#owner.now() + timeout);
    } catch {
      // It is closed, as the next write will tell.
    }
  }

  beforeBody(): void {
    if (!this.#continues) return;
    this.#continues = false;
    if (this.#response?.headSent) return;
    this.output.addText('HTTP/1.1 100 Continue\r\n\r\n');
    this.output.flush();
  }

  // ---- endings

  /** The handler has thrown. Never the next request: nobody knows what was sent. */
  #panic(error: unknown, response: Response): boolean {
    const quiet = error === ErrAbortHandler || this.#isClientGone(error);
    const status = error instanceof HttpError ? error.status : 500;
    if (!quiet && status >= 500) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#owner.log(`http: panic serving ${String(this.remoteAddr)}: ${stack}`);
    }
    if (this.#gone) return false;
    if (quiet || response.headSent) {
      this.output.flush();
      this.close();
      return false;
    }
    return this.#refuse(status, '');
  }

  /** Whether what a handler has thrown says no more than that its client has gone. */
  #isClientGone(error: unknown): boolean {
    const failure = this.#request?.body.failure ?? null;
    if (error === this.output.error || (error === failure && !(failure instanceof HttpError))) {
      return true;
    }
    const signal = this.#abort?.signal;
    if (signal?.aborted !== true) return false;
    return error === signal.reason || (error as Error | null)?.name === 'AbortError';
  }

  /** Answers what is no good request, and closes in a way that lets the client read the answer. */
  #refuse(status: number, reason: string): boolean {
    if (this.#gone) return false;
    this.#setState('active');
    if (this.#owner.writeTimeout > 0) this.#writeDeadline(this.#owner.writeTimeout);
    const text = `${status} ${statusText(status)}${reason === '' ? '' : `: ${reason}`}`;
    this.output.addText(
      `${statusLine(status)}${this.dateLine()}Content-Length: ${text.length}\r\n` +
        `Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n` +
        (this.#request?.method === 'HEAD' ? '' : text),
    );
    this.#closeAfterReply(true);
    return false;
  }

  /** `unread`: the client may still be sending, and closing at once would destroy the reply. */
  #closeAfterReply(unread: boolean): void {
    this.#busy = true;
    if (this.#waiting) this.#forget();
    this.#abort?.abort(new HttpError('http: connection closed', 'ERR_HTTP_CONNECTION_CLOSED'));
    const end = (): void => {
      if (this.#gone) return;
      if (unread && this.output.error === null) new Linger(this.conn, this.#owner, () => this.close());
      else this.close();
    };
    if (this.output.flush()) end();
    else this.output.drained().then(end, () => this.close());
  }

  #readFailed(error: Error): void {
    if (this.#gone) return;
    const timedOut = (error as { timeout?: boolean }).timeout === true;
    if (timedOut && !this.#blank && !this.#busy) this.#refuse(408, '');
    else this.close();
  }

  /** The client will send no more. */
  #ended(): void {
    if (this.#blank) this.close();
    else this.#refuse(400, 'unexpected EOF');
  }

  // ---- what handlers ask for

  signalOf(request: IncomingRequest): AbortSignal {
    if (this.#request !== request) return AbortSignal.abort();
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (request.body.done) this.afterBody();
      else if (request.body.failure !== null) this.bodyFailed();
    }
    return this.#abort.signal;
  }

  /** From now on it can be noticed that the client goes away while the handler runs. */
  afterBody(): void {
    // A handler that has not given a promise yet is done before anything can come.
    if (this.#abort === null || this.#gone || !this.#busy) return;
    this.#readDeadline(0);
    this.#listen();
  }

  /** The client has gone in the middle of the body. */
  bodyFailed(): void {
    this.#abort?.abort(new HttpError('http: client gone', 'ERR_HTTP_CLIENT_GONE'));
  }

  /** Something came while a handler runs: a later request, which is kept, or the end. */
  #watched(error: Error | null): void {
    if (error === null && this.input.length >= MAX_WATCHED) return;
    let count: number | null | undefined = null;
    try {
      if (error === null) count = this.input.fill();
    } catch {
      // As good as gone.
    }
    this.input.settle();
    if (count !== null) return this.#listen();
    this.#abort?.abort(new HttpError('http: client gone', 'ERR_HTTP_CLIENT_GONE'));
  }

  hijack(): Hijacked {
    if (this.#waiting) this.#forget();
    const buffered = this.input.rest();
    try {
      this.conn.setDeadline(null);
    } catch {
      // It is closed, as its new owner will see.
    }
    this.#setState('hijacked');
    return { conn: this.conn, buffered };
  }
}

/** Bytes of later requests that are read while a client is watched. */
const MAX_WATCHED = 64 * 1024;
