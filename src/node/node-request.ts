/**
 * A request as listeners of node:http know it: a true http.IncomingMessage, filled from ours. Its body is
 * read when it is pulled, so who does not read makes the client wait.
 *
 * Express puts other prototypes under its requests, whose last is http.IncomingMessage.prototype. So what
 * is ours stands on the object itself, as methods shared by all of them, and none is in a class.
 */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError } from '../http/errors.ts';
import type { RequestBody, ServerRequest } from '../http/handler.ts';
import type { ExchangeSocket } from './exchange-socket.ts';

/** A piece of a body is read into a buffer of this size at most. */
const PIECE = 64 * 1024;

/** Told of what becomes of a body. */
export interface BodyOwner {
  /** Bytes have come. */
  moved(): void;
  /** It has been read to its end, or nobody wants the rest. */
  bodyDone(): void;
  /** It cannot be read on: it is malformed, too large, too slow, or the client has gone. */
  bodyFailed(error: Error): void;
}

/** What node:http keeps in its own messages and does not tell the types of. */
export interface NodeRequest extends IncomingMessage {
  _consuming: boolean;
  _readableState: { readingMore: boolean };
  upgrade: boolean;
  _addHeaderLines(lines: string[], count: number): void;
  _dump(): void;
  [kBody]: BodyReader | null;
}

const kBody: unique symbol = Symbol('netfd.body');

/** `owner` is not told of requests without a body. */
export function nodeRequest(
  r: ServerRequest,
  socket: ExchangeSocket,
  owner: BodyOwner,
): NodeRequest {
  // By what IncomingMessage asks of it, it is one.
  const req = new IncomingMessage(socket as unknown as Socket) as NodeRequest;
  const minor = r.proto === 'HTTP/1.0' ? 0 : 1;
  req.httpVersionMajor = 1;
  req.httpVersionMinor = minor;
  req.httpVersion = minor === 0 ? '1.0' : '1.1';
  req.method = r.method;
  req.url = urlOf(r);
  req.upgrade = false;
  const lines = rawHeadersOf(r);
  // Of HTTP/2 nothing need say that there is a body: parsers of bodies go by what HTTP/1.1 says.
  if (r.contentLength < 0 && r.proto === 'HTTP/2.0') lines.push('transfer-encoding', 'chunked');
  req._addHeaderLines(lines, lines.length);
  const hasBody = r.contentLength !== 0;
  req.complete = !hasBody;
  req[kBody] = hasBody ? new BodyReader(req, r, owner) : null;
  req._read = readBody;
  req._destroy = destroyRequest;
  return req;
}

/** The target; below a prefix that was stripped, what is left of it. */
function urlOf(r: ServerRequest): string {
  const { target } = r;
  if (r.method === 'CONNECT') return target;
  const { rawPath } = r;
  if (target.startsWith(rawPath) || target === '*') return target;
  // A client that speaks as to a proxy names the host as well; node:http leaves that to the listener.
  if (!target.startsWith('/')) return target;
  const query = r.rawQuery;
  return query === '' ? rawPath : `${rawPath}?${query}`;
}

/** Names and values by turns, as they were sent. */
function rawHeadersOf(r: ServerRequest): string[] {
  const text = r.rawFields;
  if (text === undefined) return ['Host', r.host, ...[...r.header].flat()];
  const lines: string[] = [];
  for (let start = 0; start < text.length;) {
    const colon = text.indexOf(':', start);
    const end = text.indexOf('\r\n', colon);
    if (colon < 0 || end < 0) break;
    lines.push(text.slice(start, colon), trimmed(text, colon + 1, end));
    start = end + 2;
  }
  return lines;
}

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function readBody(this: NodeRequest): void {
  if (!this._consuming) {
    this._readableState.readingMore = false;
    this._consuming = true;
  }
  const body = this[kBody];
  if (body === null) this.push(null);
  else body.read();
}

/** As IncomingMessage does, for a body that is ours. An error without a listener is none: as there. */
function destroyRequest(
  this: NodeRequest,
  error: Error | null,
  done: (error?: Error | null) => void,
): void {
  const body = this[kBody];
  if (!this.readableEnded || !this.complete) {
    this.aborted = true;
    this.emit('aborted');
    // A body that has failed is answered by the server, which needs the connection for that.
    if (body?.failed !== true) this.socket.destroy();
  }
  body?.abandon();
  process.nextTick(finishDestroy, this, error, done);
}

function finishDestroy(
  req: NodeRequest,
  error: Error | null,
  done: (error?: Error | null) => void,
): void {
  done(error !== null && req.listenerCount('error') > 0 ? error : null);
}

/** Reads one body for one request. */
class BodyReader {
  readonly #req: NodeRequest;
  readonly #r: ServerRequest;
  readonly #owner: BodyOwner;
  readonly #body: RequestBody;
  #left: number;
  #reading = false;
  #over = false;
  failed = false;

  constructor(req: NodeRequest, r: ServerRequest, owner: BodyOwner) {
    this.#req = req;
    this.#r = r;
    this.#owner = owner;
    this.#body = r.body;
    this.#left = r.contentLength;
  }

  read(): void {
    if (this.#reading || this.#over) return;
    this.#reading = true;
    const size = this.#left < 0 ? PIECE : Math.min(this.#left, PIECE);
    const buf = Buffer.allocUnsafeSlow(size);
    this.#body.read(buf).then(
      (count) => this.#came(buf, count),
      (error: Error) => this.#failed(error),
    );
  }

  /** Nobody wants the rest. */
  abandon(): void {
    this.#over = true;
  }

  #came(buf: Buffer, count: number | null): void {
    this.#reading = false;
    if (this.#over) return;
    this.#owner.moved();
    if (count !== null && this.#left > 0) this.#left -= count;
    if (count === null || this.#left === 0) this.#over = true;
    // A short piece does not keep a long buffer alive.
    const piece = count === null ? null : buf.subarray(0, count);
    if (piece !== null) {
      this.#req.push(piece.length * 2 < buf.length ? Buffer.from(piece) : piece);
    }
    if (this.#over) this.#end();
  }

  #end(): void {
    const req = this.#req;
    req.complete = true;
    const { trailer } = this.#r;
    if (!trailer.isEmpty) {
      const lines = [...trailer].flat();
      req._addHeaderLines(lines, lines.length);
    }
    req.push(null);
    this.#owner.bodyDone();
  }

  #failed(error: Error): void {
    this.#reading = false;
    if (this.#over) return;
    this.#over = this.failed = true;
    const cut = !(error instanceof HttpError) || error.code === 'ERR_HTTP_UNEXPECTED_EOF';
    this.#req.destroy(cut ? aborted() : error);
    this.#owner.bodyFailed(error);
  }
}

/** What node:http says of a client that has gone. */
export function aborted(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
