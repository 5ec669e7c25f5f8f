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
 * The walk of one turn, whose steps are conn-turns.ts's: `ready` (the poller saw bytes) → `run` →
 * Input.fill → HeadReader.read → `serve` → the handler → Response.finish → Output.flush. It makes no
 * promise unless the handler does.
 */
import { showAs } from '../../io/inspect.ts';
import { StreamConn } from '../../net/stream-conn.ts';
import type { Addr, Deadline } from '../../net/conn.ts';
import { Body, type BodySource, NO_BODY } from './body.ts';
import { ConnTurns } from './conn-turns.ts';
import type { ConnLimits } from './conn-owner.ts';
import type { Connection, ConnState } from '../connection.ts';
import { describe, ErrAbortHandler, HttpError, statusOf } from '../errors.ts';
import type { Hijacked } from '../handler.ts';
import type { HeadCache } from '../message/head-cache.ts';
import type { HeadReader } from './head-reader.ts';
import { Linger } from './linger.ts';
import { refusal } from './refusal.ts';
import { IncomingRequest, type RequestSource } from './request.ts';
import { RequestAbort } from './request-abort.ts';
import { Response } from './response.ts';
import type { ResponseSink } from './response-sink.ts';
import type { ServedConn } from './served-conn.ts';
import type { SecureConn, TLSConnectionState } from '../tls-state.ts';

export class ServerConn
  extends ConnTurns
  implements ServedConn, RequestSource, ResponseSink, BodySource
{
  #request: IncomingRequest | null = null;
  /** Of a client that waits to be told to send the body. */
  #response: Response | null = null;
  #continues = false;
  #finishing = false;
  /** What has been sent of a reply ends with the connection, and is not all: only a reset tells. */
  #partial = false;
  readonly #abort = new RequestAbort();
  #whenGone: (() => void)[] | null = null;
  /** Requests that have been begun. */
  requests = 0;

  static {
    showAs(ServerConn, ({ remoteAddr, state, requests }) => {
      return `${String(remoteAddr)}, ${state}, ${requests} requests`;
    });
  }

  get remoteAddr(): Addr {
    return this.conn.remoteAddr;
  }

  get localAddr(): Addr {
    return this.conn.localAddr;
  }

  get connection(): Connection {
    return this;
  }

  get tls(): TLSConnectionState | undefined {
    return (this.conn as Partial<SecureConn>).tls;
  }

  get context(): unknown {
    return this.owner.contextOf(this);
  }

  get maxBodyBytes(): number {
    return this.owner.maxBodyBytes;
  }

  get limits(): ConnLimits {
    return this.owner.limits;
  }

  get heads(): HeadCache {
    return this.owner.heads;
  }

  dateLine(): string {
    return this.owner.dateLine();
  }

  log(message: string): void {
    this.owner.log(`${message} (${String(this.remoteAddr)})`);
  }

  closesAfter(): boolean {
    const body = this.#request?.body;
    if (this.owner.lastReplies && !this.isFollowed(body)) return true;
    if (body === undefined || body.done) return false;
    if (this.#continues || body.failure !== null) return true;
    return this.#finishing && body.left > this.limits.maxDiscardBytes;
  }

  start(): void {
    this.changed('new');
    this.run();
  }

  protected changed(state: ConnState): void {
    this.owner.stateChanged(this, state);
  }

  /** Between two requests: closes, unless something has come. Otherwise after the reply. */
  closeIfIdle(): void {
    const idle = this.state === 'idle' || (this.state === 'new' && this.input.length === 0);
    if (idle && this.conn.readableNow?.() !== true) this.close();
  }

  /** Closes unless a handler is at work on a request or its reply is being sent. */
  closeUnlessServing(): void {
    if (this.#request === null && !this.busy) this.close();
  }

  close(): void {
    if (this.state === 'closed' || this.state === 'hijacked') return;
    this.setState('closed');
    try {
      if (this.#partial) this.conn.setLinger?.(0);
      this.conn.close();
    } catch {
      // The handler has closed it.
    }
    this.#abort.because('connection closed');
    this.#tellGone();
  }

  whenGone(tell: () => void): void {
    if (this.gone) tell();
    else (this.#whenGone ??= []).push(tell);
  }

  #tellGone(): void {
    if (this.#whenGone === null) return;
    const all = this.#whenGone;
    this.#whenGone = null;
    for (const tell of all) {
      try {
        tell();
      } catch (error) {
        this.log(`http: ${describe(error)}`);
      }
    }
  }

  // ---- one request

  /** Calls the handler. True if the reply is complete and the next request may follow. */
  protected serve(heads: HeadReader): boolean {
    const { head } = heads;
    const { contentLength } = head;
    const hasBody = contentLength !== 0;
    if (!head.isTargetForm) return this.refuse(400, '');
    if (contentLength > this.owner.maxBodyBytes) return this.refuse(413, '');
    const body = hasBody ? new Body(this, contentLength) : NO_BODY;
    const request = new IncomingRequest(this, head, body);
    const response = new Response(this, head.method, head.minor, head.keepAlive);
    this.#continues = head.expectContinue && hasBody && head.minor === 1;
    this.input.advance(heads.end);
    this.requests++;
    this.setState('active');
    this.#request = request;
    if (this.#continues) this.#response = response;
    // What comes next is for the body's reader alone.
    if (hasBody) this.forget();
    this.deadlines.request(hasBody);
    if (head.target === '*') {
      response.header().set('Content-Length', 0);
      return this.#finish(request, response);
    }
    return this.#handle(request, response);
  }

  #handle(request: IncomingRequest, response: Response): boolean {
    let outcome: void | Promise<unknown>;
    try {
      outcome = this.owner.handler.serveHTTP(response, request);
    } catch (error) {
      return this.#panic(error, response);
    }
    if (typeof outcome?.then !== 'function') return this.#finish(request, response);
    this.busy = true;
    // By a promise of our own: what calls itself one may call back at once, or twice, or throw.
    Promise.resolve(outcome).then(
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
    this.busy = false;
    let done: boolean;
    try {
      done = complete();
    } catch (error) {
      this.log(`http: ${describe(error)}`);
      return this.close();
    }
    if (this.gone) return;
    if (!done) return void this.output.flush();
    // One that has passed meanwhile was not for what comes now.
    this.deadlines.none();
    this.run();
  }

  /** Completes the reply. True if the next request may follow. */
  #finish(request: IncomingRequest, response: Response): boolean {
    if (this.gone) return false;
    this.#finishing = true;
    response.finish();
    this.#finishing = false;
    if (this.#abort.wanted) this.#abort.end();
    this.#request = this.#response = null;
    const { body } = request;
    if (this.output.error !== null) {
      this.close();
      return false;
    }
    if (response.close) {
      this.#closeAfterReply(!body.done || this.input.length > 0 || this.hasMore());
      return false;
    }
    if (body.done) return true;
    this.busy = true;
    this.output.flush();
    this.deadlines.discard();
    void body.discard(this.limits.maxDiscardBytes).then((whole) =>
      this.#resume(() => {
        if (!whole) this.#closeAfterReply(true);
        return whole;
      }),
    );
    return false;
  }

  endsBody(): void {
    this.#partial = true;
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
    const status = statusOf(error);
    if (!quiet && status >= 500) {
      this.owner.log(`http: panic serving ${String(this.remoteAddr)}: ${describe(error)}`);
    }
    response.abandon();
    if (this.gone) return false;
    if (!quiet && !response.headSent) return this.refuse(status, '');
    // What was answered before is not taken back.
    this.deadlines.write();
    this.#closeAfterReply(false, this.#partial);
    return false;
  }

  /** Whether what a handler has thrown says no more than that its client has gone. */
  #isClientGone(error: unknown): boolean {
    const failure = this.#request?.body.failure ?? null;
    if (error === this.output.error) return true;
    if (error === failure && !(failure instanceof HttpError)) return true;
    return this.#abort.causes(error);
  }

  /** Answers what is no good request, and closes in a way that lets the client read the answer. */
  protected refuse(status: number, reason: string): boolean {
    if (this.gone) return false;
    this.setState('active');
    this.deadlines.write();
    this.output.addText(refusal(status, reason, this.dateLine(), this.#request?.method === 'HEAD'));
    this.#closeAfterReply(true);
    return false;
  }

  /**
   * `unread`: the client may still be sending, and closing at once would destroy the reply. `partial`: it
   * could take what it gets for all of it.
   */
  #closeAfterReply(unread: boolean, partial = false): void {
    this.busy = true;
    this.forget();
    this.#abort.because('connection closed');
    if (this.output.flush()) this.#end(unread, partial);
    else
      this.output.drained().then(
        () => this.#end(unread, partial),
        () => this.close(),
      );
  }

  /** What there is of the reply is out, or cannot be sent. */
  #end(unread: boolean, partial: boolean): void {
    if (this.gone) return;
    const { error } = this.output;
    if (error === null) this.#partial = partial;
    if (unread && error === null && this.limits.lingerTimeout > 0) {
      new Linger(this.conn, this.owner, this.limits, () => this.close());
    } else this.close();
  }

  overflowed(error: Error): void {
    this.log(error.message);
    this.close();
  }

  // ---- what handlers ask for

  setReadDeadline(when: Deadline): void {
    if (this.#request?.body.done === false) this.deadlines.setRead(when);
  }

  setWriteDeadline(when: Deadline): void {
    this.deadlines.setWrite(when);
  }

  signalOf(request: IncomingRequest): AbortSignal {
    if (this.#request !== request) return AbortSignal.abort();
    const watched = this.#abort.wanted;
    const { signal } = this.#abort;
    if (watched) return signal;
    if (request.body.done) this.afterBody();
    else if (request.body.failure !== null) this.bodyFailed();
    return signal;
  }

  watch(request: IncomingRequest, tell: () => void): boolean {
    if (this.#request !== request || this.gone) return false;
    const watched = this.#abort.wanted;
    this.#abort.listener = tell;
    // Of a body that has failed its reader is told.
    if (!watched && request.body.done) this.afterBody();
    return true;
  }

  /** From now on it can be noticed that the client goes away while the handler runs. */
  afterBody(): void {
    // A handler that has not given a promise yet is done before anything can come.
    if (!this.#abort.wanted || this.gone || !this.busy) return;
    this.deadlines.none();
    this.listen();
  }

  /** The client has gone in the middle of the body. */
  bodyFailed(): void {
    this.#abort.because('client gone');
  }

  /** Something came while a handler runs: a later request, which is kept, or the end. */
  protected watched(error: Error | null): void {
    if (error === null && this.input.length >= MAX_WATCHED) return;
    const count = error === null ? this.input.fillOrEnd() : null;
    this.input.settle();
    if (count !== null) return this.listen();
    this.#abort.because('client gone');
  }

  hijack(): Hijacked {
    this.forget();
    const buffered = this.input.rest();
    try {
      this.conn.setDeadline(null);
    } catch {
      // It is closed, as its new owner will see.
    }
    this.setState('hijacked');
    // Nobody keeps track of it any more.
    if (this.conn instanceof StreamConn) this.conn.guard();
    this.#tellGone();
    return { conn: this.conn, buffered };
  }
}

/** Bytes of later requests that are read while a client is watched. */
const MAX_WATCHED = 64 * 1024;
