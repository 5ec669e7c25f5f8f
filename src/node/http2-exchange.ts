/**
 * One stream of HTTP/2, from its head to its end: calls the handler and sends what it wrote. The streams of
 * a connection are served at the same time, and know nothing of one another.
 *
 *   begun ──handler──► finished ──what was written is out──► closed
 *     └─ the client resets it, or goes: the request's signal is aborted, reads and writes fail ─┘
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { Body, type BodySource, NO_BODY, UNTIL_END } from '../http/conn/body.ts';
import type { ConnLimits, ConnOwner } from '../http/conn/conn-owner.ts';
import type { ServedConn } from '../http/conn/served-conn.ts';
import { describe, ErrAbortHandler, HttpError, statusOf } from '../http/errors.ts';
import { Input } from '../http/conn/input.ts';
import type { Pending } from '../http/conn/owner.ts';
import type { RequestSource } from '../http/conn/request.ts';
import { isTargetForm } from '../http/message/request-target.ts';
import { RequestAbort } from '../http/conn/request-abort.ts';
import type { TLSConnectionState } from '../http/tls-state.ts';
import { isThenable } from '../io/thenable.ts';
import type { Addr, Conn, Deadline } from '../net/conn.ts';
import { requireDeadline, toMonotonic } from '../net/deadline.ts';
import { OpError } from '../net/op-error.ts';
import { ErrDeadlineExceeded } from '../poll/errors.ts';
import { DuplexReader } from './duplex-reader.ts';
import { type Http2Head, Http2Request, type RawHeaders } from './http2-request.ts';
import { Http2Response, type ResponseHost } from './http2-response.ts';
import { nodeClock } from './node-clock.ts';

/** What bodies of HTTP/1.1 take first: here nothing has come before they are read. */
const NO_INPUT: Input = new Input({} as Conn);

/** What an exchange needs of its connection. */
export interface ExchangeOwner extends ServedConn {
  readonly owner: ConnOwner;
  readonly tls: TLSConnectionState | undefined;
  /** Sends no further requests to the server. */
  lastOnConnection(): void;
  exchangeEnded(exchange: Http2Exchange): void;
}

export class Http2Exchange implements RequestSource, BodySource, ResponseHost {
  readonly input: Input = NO_INPUT;
  readonly conn: Pick<Conn, 'tryRead' | 'readable'>;
  readonly stream: ServerHttp2Stream;
  readonly #connection: ExchangeOwner;
  readonly #reader: DuplexReader;
  readonly #request: Http2Request;
  readonly #response: Http2Response;
  readonly #body: Body;
  readonly #abort = new RequestAbort();
  #continues: boolean;
  #handled = false;
  #closed = false;
  /** What reads and writes fail with once the client has gone. */
  #gone: Error | null = null;
  #writeTimer: Pending | null = null;

  constructor(
    connection: ExchangeOwner,
    stream: ServerHttp2Stream,
    head: Http2Head,
    hasBody: boolean,
  ) {
    this.#connection = connection;
    this.stream = stream;
    const reader = new DuplexReader(stream, (op, cause) => this.#explain(op, cause), nodeClock);
    this.#reader = reader;
    this.conn = { tryRead: (buf) => this.#tryRead(buf), readable: () => reader.readable() };
    const length = head.contentLength < 0 ? UNTIL_END : head.contentLength;
    this.#body = hasBody ? new Body(this, length) : NO_BODY;
    this.#continues = head.expectContinue && hasBody;
    this.#request = new Http2Request(this, head, this.#body);
    this.#response = new Http2Response(this, head.method);
    // Comes before an "end" that is none: the body is not complete.
    stream.once('aborted', () => this.#reader.fail(this.#goneError()));
    stream.once('close', () => this.#streamClosed());
    stream.once('trailers', (_: unknown, _flags: number, raw: unknown) => {
      this.#request.setTrailer(raw as RawHeaders);
    });
  }

  #tryRead(buf: Uint8Array): number | null | undefined {
    const count = this.#reader.tryRead(buf);
    // A stream that was reset ends like one that is complete.
    if (count === null && this.stream.rstCode !== constants.NGHTTP2_NO_ERROR)
      throw this.#goneError();
    return count;
  }

  #goneError(): Error {
    return (this.#gone ??= new HttpError('http: client gone', 'ERR_HTTP_CLIENT_GONE'));
  }

  get #owner(): ConnOwner {
    return this.#connection.owner;
  }

  #explain(op: string, cause: Error): Error {
    return new OpError(op, this.localAddr.network, this.localAddr, this.remoteAddr, cause);
  }

  get connection(): ServedConn {
    return this.#connection;
  }

  get remoteAddr(): Addr {
    return this.#connection.remoteAddr;
  }

  get localAddr(): Addr {
    return this.#connection.localAddr;
  }

  get tls(): TLSConnectionState | undefined {
    return this.#connection.tls;
  }

  get context(): unknown {
    return this.#owner.contextOf(this.#connection);
  }

  get maxBodyBytes(): number {
    return this.#owner.maxBodyBytes;
  }

  get limits(): ConnLimits {
    return this.#owner.limits;
  }

  get maxUnsentBytes(): number {
    return this.limits.maxUnsentBytes;
  }

  dateLine(): string {
    return this.#owner.dateLine();
  }

  log(message: string): void {
    this.#owner.log(`${message} (${String(this.remoteAddr)})`);
  }

  // ---- the handler

  start(): void {
    const { method, target, contentLength } = this.#request;
    if (!isTargetForm(method, target)) return this.#refuse(400);
    if (contentLength > this.maxBodyBytes) return this.#refuse(413);
    const { readTimeout, writeTimeout } = this.#owner;
    if (readTimeout > 0 && !this.#body.done) this.setReadDeadline(Date.now() + readTimeout);
    if (writeTimeout > 0) this.setWriteDeadline(Date.now() + writeTimeout);
    if (target === '*') return this.#finish();
    let outcome: unknown;
    let isPromised: boolean;
    try {
      outcome = this.#owner.handler.serveHTTP(this.#response, this.#request);
      isPromised = isThenable(outcome);
    } catch (error) {
      return this.#panic(error);
    }
    if (!isPromised) return this.#finish();
    Promise.resolve(outcome).then(
      () => this.#finish(),
      (error) => this.#panic(error),
    );
  }

  #refuse(status: number): void {
    this.#response.refuse(status);
    this.#end();
  }

  #finish(): void {
    try {
      this.#response.finish();
    } catch (error) {
      // Fields that HTTP/2 does not have.
      this.log(`http: ${describe(error)}`);
      this.reset();
    }
    this.#end();
  }

  /** The handler has thrown. */
  #panic(error: unknown): void {
    const quiet = error === ErrAbortHandler || this.#isClientGone(error);
    const status = statusOf(error);
    if (!quiet && status >= 500) {
      this.#owner.log(`http: panic serving ${String(this.remoteAddr)}: ${describe(error)}`);
    }
    if (quiet || this.#response.headSent) this.reset();
    else this.#response.refuse(status);
    this.#response.abandon();
    this.#end();
  }

  #isClientGone(error: unknown): boolean {
    const { failure } = this.#body;
    if (error === failure && !(failure instanceof HttpError)) return true;
    return (this.#closed && error === this.#gone) || this.#abort.causes(error);
  }

  /**
   * The client must not take what it has got for all. Not by `close`, which ends the stream in good order
   * before it resets it.
   */
  reset(): void {
    if (!this.stream.destroyed)
      this.stream.destroy(new Error('http: the response is not complete'));
  }

  /** Nobody is at work on it any more. */
  #end(): void {
    this.#handled = true;
    this.#abort.because('response complete');
    if (this.#closed) return this.#forget();
    if (this.#body.done) return;
    // What is left of the body is not wanted: the client may save itself the trouble.
    const leave = (): void => this.#leave();
    if (this.stream.writableFinished) leave();
    else this.stream.once('finish', () => setImmediate(leave));
  }

  #leave(): void {
    if (!this.stream.destroyed) this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  // ---- the stream

  #streamClosed(): void {
    this.#closed = true;
    const gone = this.#goneError();
    if (!this.#body.done) this.#reader.fail(gone);
    this.#response.fail(gone);
    this.#writeTimer?.cancel();
    if (!this.#handled) this.#abort.because('client gone');
    else this.#forget();
  }

  #forget(): void {
    this.#reader.setDeadline(0);
    this.#connection.exchangeEnded(this);
  }

  beforeBody(): void {
    if (!this.#continues) return;
    this.#continues = false;
    if (this.#response.headSent || this.stream.destroyed || this.stream.closed) return;
    this.stream.additionalHeaders({ ':status': 100 });
  }

  afterBody(): void {}

  bodyFailed(): void {
    this.#abort.because('client gone');
  }

  signalOf(): AbortSignal {
    const { signal } = this.#abort;
    if (this.#closed && !signal.aborted) this.#abort.because('client gone');
    return signal;
  }

  lastOnConnection(): void {
    this.#connection.lastOnConnection();
  }

  setReadDeadline(when: Deadline): void {
    if (!this.#body.done) this.#reader.setDeadline(toMonotonic(when, nodeClock));
  }

  setWriteDeadline(when: Deadline): void {
    this.#writeTimer?.cancel();
    this.#writeTimer = null;
    const left = requireDeadline(when) - Date.now();
    if (left === Number.POSITIVE_INFINITY || this.#closed) return;
    this.#writeTimer = this.#owner.after(Math.max(left, 0), () => {
      this.#response.fail(this.#explain('write', ErrDeadlineExceeded));
      this.reset();
    });
  }
}
