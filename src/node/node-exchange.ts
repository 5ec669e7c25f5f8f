/**
 * One request and its response, between a listener of node:http and our server. It makes the two objects
 * that the listener gets, hands the response on to a ResponseWriter and says when the exchange is over.
 *
 *   open ──res.end──► ended ──all has been given to w──► over: our server may go on
 *     └──────────── the client goes, or something is destroyed ──► broken: 'aborted', 'close'
 *
 * Most listeners answer before they return, or soon after: then nothing is watched, and no promise waits.
 */
import { ErrAbortHandler } from '../http/errors.ts';
import { TRAILER_PREFIX } from '../http/message/field-name.ts';
import type { Header } from '../http/message/header.ts';
import type { ResponseWriter, ServerRequest } from '../http/handler.ts';
import { ExchangeSocket, exchangeSocketOf } from './exchange-socket.ts';
import { aborted, type BodyOwner, nodeRequest, type NodeRequest } from './node-request.ts';
import {
  nodeResponse,
  type NodeResponse,
  type ResponseTarget,
  type SendCallback,
} from './node-response.ts';

/** As many bytes may be on their way to the client before a writer is told to wait for 'drain'. */
const HIGH_WATER = 16 * 1024;

/** As many are given to our server at once; what is beyond waits here. */
const IN_FLIGHT = 64 * 1024;

interface Piece {
  readonly data: Uint8Array | string;
  readonly callback: SendCallback | null;
}

export class Exchange implements ResponseTarget, BodyOwner {
  readonly req: NodeRequest;
  readonly res: NodeResponse;
  readonly socket: ExchangeSocket;
  readonly #w: ResponseWriter;
  readonly #r: ServerRequest;
  /** Bytes that `w` has taken and not sent, and those that wait in the queue. */
  #inFlight = 0;
  #queue: Piece[] | null = null;
  #drainWanted = false;
  #flushing = false;
  #callbacks: SendCallback[] | null = null;
  #ended = false;
  #broken = false;
  #settle: { resolve(): void; reject(error: unknown): void } | null = null;
  #failure: unknown = null;

  constructor(w: ResponseWriter, r: ServerRequest) {
    this.#w = w;
    this.#r = r;
    this.socket = socketOf(r);
    this.req = nodeRequest(r, this.socket, this);
    this.res = nodeResponse(this.req, this.socket, this);
    if (r.proto === HTTP2) sayHTTP2(this.req);
    this.socket._httpMessage = this.res;
    this.socket.current = this;
    this.socket.touch();
  }

  /** How many there have been on this connection, this one included; 0 if that is not known. */
  get requests(): number {
    return this.#r.connection?.requests ?? 0;
  }

  /** Nothing if the exchange is over already; else a promise that settles when it is. */
  completion(): Promise<void> | undefined {
    if (this.#failure !== null) throw this.#failure;
    if (this.#isOver) return undefined;
    const over = new Promise<void>((resolve, reject) => (this.#settle = { resolve, reject }));
    if (this.socket.destroyed || !this.#watch()) this.socketGone();
    return over;
  }

  #watch(): boolean {
    const r = this.#r;
    const tell = (): void => this.socketGone();
    if (r.watch !== undefined) return r.watch(tell);
    r.signal.addEventListener('abort', tell, { once: true });
    return !r.signal.aborted;
  }

  /** The client has gone, or the listener has had enough of it. */
  socketGone(): void {
    if (!this.#isOver) this.#break(ErrAbortHandler);
  }

  /** The listener has thrown: what it writes from now on is nobody's. */
  abandon(): void {
    this.#broken = true;
    this.#dropQueue();
  }

  #dropQueue(): void {
    for (const { callback } of this.#queue ?? []) tellUnsent(aborted(), callback);
    this.#queue = this.#callbacks = null;
  }

  get #isOver(): boolean {
    if (this.#broken) return true;
    return this.#ended && this.#queue === null && !this.#bodyIsRead;
  }

  /** The listener reads on after it has answered: the next request has to wait for that. */
  get #bodyIsRead(): boolean {
    const { req } = this;
    return req._consuming && !req.complete && !req.destroyed;
  }

  #complete(): void {
    const settle = this.#settle;
    if (settle === null || !this.#isOver || this.#broken) return;
    this.#settle = null;
    settle.resolve();
  }

  // ---- the response

  header(): Header {
    return this.#w.header();
  }

  head(statusCode: number, reason: string): void {
    // A listener that answers late need not know that the client has gone: as in node:http.
    if (!this.#broken) this.#w.writeHeader(statusCode, reason);
  }

  interim(statusCode: number, fields: readonly (readonly [string, string])[]): void {
    if (this.#broken) return;
    // That one has no fields.
    if (statusCode === 100) return this.#w.writeHeader(statusCode);
    const header = this.#w.header();
    for (const [name, value] of fields) header.add(name, value);
    this.#w.writeHeader(statusCode);
    for (const [name] of fields) header.delete(name);
  }

  trailer(name: string, value: string): void {
    this.#w.header().add(TRAILER_PREFIX + name, value);
  }

  body(data: Uint8Array | string, callback: SendCallback | null): boolean {
    if (this.#broken) return false;
    const size = data.length;
    this.res.outputSize += size;
    if (this.#queue !== null || this.#inFlight > IN_FLIGHT)
      (this.#queue ??= []).push({ data, callback });
    else this.#give(data, callback);
    if (!this.res.finished) this.#flushSoon();
    if (this.res.outputSize < HIGH_WATER) return true;
    this.#drainWanted = true;
    return false;
  }

  #give(data: Uint8Array | string, callback: SendCallback | null): void {
    const size = data.length;
    this.#inFlight += size;
    this.#w.write(data).then(
      () => this.#gave(size, callback),
      // The client has gone, or more was written than was said.
      () => {
        this.#break(ErrAbortHandler);
        tellUnsent(aborted(), callback);
      },
    );
  }

  #gave(size: number, callback: SendCallback | null): void {
    this.#inFlight -= size;
    this.res.outputSize -= size;
    this.socket.touch();
    callback?.(null);
    const queue = this.#queue;
    while (queue !== null && queue.length > 0 && this.#inFlight <= IN_FLIGHT) {
      const piece = queue.shift()!;
      this.#give(piece.data, piece.callback);
    }
    if (queue?.length === 0) {
      this.#queue = null;
      this.#complete();
    }
    if (this.res.outputSize === 0) this.#drained();
  }

  #drained(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = null;
    if (callbacks !== null) for (const callback of callbacks) callback(null);
    if (!this.#drainWanted || this.res.finished) return;
    this.#drainWanted = false;
    // Node's own end of the wait: the state is set back, and 'drain' emitted.
    this.res._flush();
  }

  /** What is written in one go goes out together, as node:http corks it. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(flushNow, this);
  }

  flushNow(): void {
    this.#flushing = false;
    if (!this.res.finished && !this.#broken) void this.#w.flush();
  }

  flush(): void {
    if (!this.#broken) void this.#w.flush();
  }

  sent(callback: SendCallback): void {
    if (this.#broken) return;
    if (this.res.outputSize > 0) (this.#callbacks ??= []).push(callback);
    else process.nextTick(callback);
  }

  ended(): void {
    this.#ended = true;
    // The rest of the body may be long in coming: the client has its answer before.
    if (this.#bodyIsRead) this.flush();
    this.#complete();
  }

  finished(): void {
    const { req, res, socket } = this;
    if (socket._httpMessage === res) {
      socket._httpMessage = null;
      socket.current = null;
    }
    (res as { socket: unknown }).socket = null;
    // Who listens for the end of a request that nobody reads gets it now.
    const heard = req.listenerCount('end') > 0 || req.listenerCount('close') > 0;
    if (heard && !req._consuming) {
      // What has no body has an end to be pulled before it can be emitted.
      if (req.complete) req.read(0);
      req._dump();
    }
    process.nextTick(closeResponse, res);
  }

  // ---- the body of the request

  moved(): void {
    this.socket.touch();
  }

  bodyDone(): void {
    this.#complete();
  }

  /** Our server answers it, if it is the client's mistake, and closes. */
  bodyFailed(error: Error): void {
    this.#break(error, true);
  }

  // ---- endings

  /** Nobody is there any more to answer. Our server is told why, and `keep` leaves it the connection. */
  #break(why: unknown, keep = false): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#dropQueue();
    const { req, res, socket } = this;
    if (!keep) socket.destroy();
    if (!req.destroyed && !(req.readableEnded && req.complete)) req.destroy(aborted());
    process.nextTick(closeResponse, res);
    this.#failure = why;
    this.#settle?.reject(why);
    this.#settle = null;
  }
}

const HTTP2 = 'HTTP/2.0';

function socketOf(r: ServerRequest): ExchangeSocket {
  const { connection, tls } = r;
  // The streams of HTTP/2 come and go on their own.
  const alone = connection === undefined || r.proto === HTTP2;
  const socket = alone ? new ExchangeSocket(r) : exchangeSocketOf(connection);
  if (tls !== undefined && !socket.encrypted) socket.secure(tls);
  return socket;
}

/** Not before the response is made: to that it is a request like one of HTTP/1.1. */
function sayHTTP2(req: NodeRequest): void {
  req.httpVersionMajor = 2;
  req.httpVersionMinor = 0;
  req.httpVersion = '2.0';
}

function closeResponse(res: NodeResponse): void {
  res.destroyed = true;
  if (res._closed) return;
  res._closed = true;
  res.emit('close');
}

/** Whoever waits for a piece that is never sent would wait for ever. */
function tellUnsent(error: Error, callback: SendCallback | null): void {
  if (callback !== null) process.nextTick(callback, error);
}

function flushNow(exchange: Exchange): void {
  exchange.flushNow();
}
