/**
 * Web-standard handlers: `fetch(request)` gives a Response, as in Bun, Deno and srvx. Bodies stream both
 * ways, and the producer of a response waits while the client does not read. What a handler gives at once
 * is written at once: no promise is made for it.
 */
import { isThenable } from '../../io/thenable.ts';
import { Background } from './background.ts';
import { HttpError } from '../errors.ts';
import type { Handler, ResponseWriter, ServerRequest } from '../handler.ts';
import { Header, KnownField } from '../message/header.ts';
import { sendStream } from './response-body.ts';
import { bodyAllowed } from '../message/status.ts';
import type { TLSConnectionState } from '../tls-state.ts';
import { prepareRequests, webRequest } from './web-request.ts';
import { type ResponseParts, WebResponse } from './web-response.ts';

/**
 * What a fetch handler may know besides the request. It is given twice, so that it is what Hono calls
 * `c.env` and `c.executionCtx` as well.
 */
export interface FetchContext {
  readonly remoteAddr: string;
  readonly localAddr: string;
  /** The request as handlers (w, r) get it. */
  readonly serverRequest: ServerRequest;
  /** Says that `promise` goes on after the response: a shutdown of `serve` waits for it. */
  waitUntil(promise: PromiseLike<unknown>): void;
  /** Does nothing; others have it. */
  passThroughOnException(): void;
  /** Empty; others have it. */
  readonly props: Readonly<Record<string, never>>;
  /** Of a request over https what is known of its TLS; undefined over http. */
  readonly tls?: TLSConnectionState | undefined;
  /** What the server's options baseContext and connContext have made for the connection. */
  readonly context: unknown;
}

/**
 * Answers a request. What it throws is answered with 500, or by {@link FetchHandlers.error}.
 *
 * `request` has all that a Request has, made when it is asked for, and `ip` and `waitUntil` besides; but
 * the platform's own functions look inside a Request and want one of their making. So pass it on as
 * `fetch(request.clone())` and `new Request(request.clone())`, not without `clone()`; or to another URL as
 * `fetch(url, request)` and `new Request(url, request)`.
 */
export type FetchHandler = (
  request: Request,
  context: FetchContext,
  execution: FetchContext,
) => Response | Promise<Response>;

/** Stands before a handler: answers itself, or gives what `next` gives. As in srvx. */
export type FetchMiddleware = (
  request: Request,
  next: () => Response | Promise<Response>,
) => Response | Promise<Response>;

/** What a web-standard app consists of: `fetch`, and what stands before and behind it. */
export interface FetchHandlers {
  readonly fetch: FetchHandler;
  /** Answers for a `fetch` that has thrown; without it that is a 500 and a line in the error log. */
  readonly error?: ((error: unknown) => Response | Promise<Response>) | undefined;
  /** The first one is called first. */
  readonly middleware?: readonly FetchMiddleware[] | undefined;
}

/** Made for every request, and looked at by few handlers. */
class Context implements FetchContext {
  readonly #request: ServerRequest;
  readonly #background: Background;

  constructor(request: ServerRequest, background: Background) {
    this.#request = request;
    this.#background = background;
  }

  get remoteAddr(): string {
    return String(this.#request.remoteAddr);
  }

  get localAddr(): string {
    return String(this.#request.localAddr);
  }

  get serverRequest(): ServerRequest {
    return this.#request;
  }

  waitUntil(promise: PromiseLike<unknown>): void {
    this.#background.waitUntil(promise);
  }

  passThroughOnException(): void {}

  get props(): Readonly<Record<string, never>> {
    return NO_PROPS;
  }

  get tls(): TLSConnectionState | undefined {
    return this.#request.tls;
  }

  get context(): unknown {
    return this.#request.context;
  }
}

const NO_PROPS: Readonly<Record<string, never>> = Object.freeze({});

/** TypeError of `method` for what is neither. */
export function checkFetchHandlers(method: string, handlers: FetchHandlers): void {
  if (typeof (handlers as Partial<FetchHandlers> | null | undefined)?.fetch !== 'function') {
    throw new TypeError(`${method}: option fetch must be a function (request) => Response`);
  }
  if (handlers.error !== undefined && typeof handlers.error !== 'function') {
    throw new TypeError(`${method}: option error must be a function (error) => Response`);
  }
  const { middleware = [] } = handlers;
  if (!Array.isArray(middleware) || !middleware.every((one) => typeof one === 'function')) {
    throw new TypeError(
      `${method}: option middleware must be functions (request, next) => Response`,
    );
  }
}

/**
 * A handler that answers as `fetch` does: for a mux, say, or beside others. `background` takes what goes
 * on after a response.
 */
export function fetchHandler(
  handlers: FetchHandlers,
  background: Background = new Background(),
): Handler {
  checkFetchHandlers('fetchHandler', handlers);
  return new FetchServer(handlers, background);
}

type Answer = Response | Promise<Response>;

class FetchServer implements Handler {
  /** By way of which `fetch` is called, as it may look at its `this`. */
  readonly #handlers: FetchHandlers;
  readonly #background: Background;

  constructor(handlers: FetchHandlers, background: Background) {
    const inner: FetchHandler = (...args) => handlers.fetch(...args);
    const { middleware = [], error } = handlers;
    const outer = middleware.reduceRight<FetchHandler>(behind, inner);
    this.#handlers = middleware.length === 0 ? handlers : { fetch: outer, error };
    this.#background = background;
    prepareRequests();
  }

  serveHTTP(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
    const context = new Context(r, this.#background);
    let answer: Answer;
    try {
      answer = this.#handlers.fetch(webRequest(r, this.#background), context, context);
    } catch (error) {
      return writeResponse(w, r, this.#failed(error));
    }
    if (!isThenable(answer)) return writeResponse(w, r, answer);
    if (this.#handlers.error === undefined) {
      return answer.then((response) => writeResponse(w, r, response));
    }
    return answer
      .then(undefined, (error) => this.#failed(error))
      .then((response) => writeResponse(w, r, response));
  }

  #failed(error: unknown): Answer {
    if (this.#handlers.error === undefined || error instanceof HttpError) throw error;
    return this.#handlers.error(error);
  }
}

function behind(fetch: FetchHandler, middleware: FetchMiddleware): FetchHandler {
  return (request, context, execution) =>
    middleware(request, () => fetch(request, context, execution));
}

function writeResponse(w: ResponseWriter, r: ServerRequest, from: Answer): void | Promise<unknown> {
  if (isThenable(from)) return from.then((response) => writeResponse(w, r, response));
  const parts = partsOf(from);
  if (parts !== null) return writeParts(w, r, parts);
  // One of another realm or package is as good.
  if (typeof from?.status !== 'number' || typeof from.headers?.forEach !== 'function') {
    throw new TypeError('http: fetch must return a Response');
  }
  const header = w.header();
  for (const [name, value] of from.headers) header.add(name, value);
  return writeBody(w, r, from.status, from.statusText, from.body);
}

/** What srvx's own responses offer to a server, so that it need not go through the platform's. */
interface PreparedResponse {
  _toNodeResponse(): {
    readonly status: number;
    readonly statusText: string;
    readonly headers: readonly string[];
    readonly body: unknown;
  };
}

function partsOf(response: unknown): ResponseParts | null {
  if (typeof response !== 'object' || response === null) return null;
  const parts = WebResponse.partsOf(response);
  if (parts !== null) return parts;
  if (typeof (response as Partial<PreparedResponse>)._toNodeResponse !== 'function') return null;
  const prepared = (response as PreparedResponse)._toNodeResponse();
  const { status, statusText, headers, body = null } = prepared;
  const known = body === null || typeof body === 'string' || body instanceof Uint8Array;
  const fields = new Header();
  for (let i = 0; i < headers.length; i += 2) fields.add(headers[i]!, headers[i + 1]!);
  return { status, statusText, fields, type: '', body: known ? body : streamOf(body) };
}

/** A stream of the web, or one of Node's. */
function streamOf(body: unknown): ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream) return body as ReadableStream<Uint8Array>;
  const stream = new Response(body as BodyInit).body;
  if (stream === null) throw new TypeError('http: fetch must return a Response with a body');
  return stream;
}

function writeParts(
  w: ResponseWriter,
  r: ServerRequest,
  { status, statusText, fields, type, body }: ResponseParts,
): void | Promise<unknown> {
  const header = w.header();
  if (fields instanceof Header) header.addAll(fields);
  else if (fields !== null) for (const [name, value] of fields) header.add(name, value);
  if (type !== '' && !header.has('Content-Type')) header.set('Content-Type', type);
  return writeBody(w, r, status, statusText, body);
}

/** Shorter texts need not be told their length: our server finds it out. */
const SHORT = 512;

const encoder = new TextEncoder();

function writeBody(
  w: ResponseWriter,
  r: ServerRequest,
  status: number,
  reason: string,
  body: ResponseParts['body'],
): void | Promise<unknown> {
  // A Response without a type has none.
  w.header().suppress('Content-Type');
  if (body instanceof ReadableStream) return sendStream(w, r, status, reason, body);
  if (body === null || !bodyAllowed(status)) return w.writeHeader(status, reason);
  const data = typeof body === 'string' && body.length > SHORT ? encoder.encode(body) : body;
  const header = w.header();
  const framed = (header.known & (KnownField.ContentLength | KnownField.TransferEncoding)) !== 0;
  if (typeof data !== 'string' && !framed) {
    header.set('Content-Length', data.length);
  }
  w.writeHeader(status, reason);
  if (data.length === 0) return undefined;
  const written = w.write(data);
  return data.length > SHORT ? written : undefined;
}
