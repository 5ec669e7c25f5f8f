/**
 * Web-standard handlers: `fetch(request)` gives a Response, as in Bun, Deno and srvx. Bodies stream both
 * ways, and the producer of a response waits while the client does not read.
 */
import { HttpError } from './errors.ts';
import type { Handler, ResponseWriter, ServerRequest } from './handler.ts';
import { bodyAllowed } from './status.ts';
import type { TLSConnectionState } from './tls-state.ts';
import { webRequest } from './web-request.ts';

/** What a fetch handler may know besides the request. */
export interface FetchContext {
  readonly remoteAddr: string;
  readonly localAddr: string;
  /** Of a request over https what is known of its TLS; undefined over http. */
  readonly tls?: TLSConnectionState | undefined;
  /** What the server's options baseContext and connContext have made for the connection. */
  readonly context: unknown;
}

/**
 * Answers a request. What it throws is answered with 500, or by {@link FetchHandlers.error}.
 *
 * `request` has all that a Request has, made when it is asked for; but the platform's own functions look
 * inside a Request and want one of their making. So pass it on as `fetch(request.clone())` and
 * `new Request(request.clone())`, not without `clone()`; or to another URL as `fetch(url, request)` and
 * `new Request(url, request)`.
 */
export type FetchHandler = (
  request: Request,
  context: FetchContext,
) => Response | Promise<Response>;

export interface FetchHandlers {
  readonly fetch: FetchHandler;
  /** Answers for a `fetch` that has thrown; without it that is a 500 and a line in the error log. */
  readonly error?: ((error: unknown) => Response | Promise<Response>) | undefined;
}

/** Made for every request, and looked at by few handlers. */
class Context implements FetchContext {
  readonly #request: ServerRequest;

  constructor(request: ServerRequest) {
    this.#request = request;
  }

  get remoteAddr(): string {
    return String(this.#request.remoteAddr);
  }

  get localAddr(): string {
    return String(this.#request.localAddr);
  }

  get tls(): TLSConnectionState | undefined {
    return this.#request.tls;
  }

  get context(): unknown {
    return this.#request.context;
  }
}

/** TypeError of `method` for what is neither. */
export function checkFetchHandlers(method: string, handlers: FetchHandlers): void {
  if (typeof (handlers as Partial<FetchHandlers> | null | undefined)?.fetch !== 'function') {
    throw new TypeError(`${method}: option fetch must be a function (request) => Response`);
  }
  if (handlers.error !== undefined && typeof handlers.error !== 'function') {
    throw new TypeError(`${method}: option error must be a function (error) => Response`);
  }
}

/** A handler that answers as `fetch` does: for a mux, say, or beside others. */
export function fetchHandler(handlers: FetchHandlers): Handler {
  checkFetchHandlers('fetchHandler', handlers);
  return {
    serveHTTP: async (w, r) => {
      const request = webRequest(r);
      let response: Response;
      try {
        response = await handlers.fetch(request, new Context(r));
      } catch (error) {
        if (handlers.error === undefined || error instanceof HttpError) throw error;
        response = await handlers.error(error);
      }
      await writeResponse(w, r, response);
    },
  };
}

async function writeResponse(w: ResponseWriter, r: ServerRequest, from: Response): Promise<void> {
  // One of another realm or package is as good.
  if (typeof from?.status !== 'number' || typeof from.headers?.forEach !== 'function') {
    throw new TypeError('http: fetch must return a Response');
  }
  const header = w.header();
  for (const [name, value] of from.headers) header.add(name, value);
  if (from.body === null) return w.writeHeader(from.status);
  const body = new BodyReader(from.body);
  try {
    await sendBody(w, r, from.status, body);
  } finally {
    body.cancel();
  }
}

async function sendBody(
  w: ResponseWriter,
  r: ServerRequest,
  status: number,
  body: BodyReader,
): Promise<void> {
  const first = await body.nextIfThere();
  // Almost always the first chunk is the whole body: then its length can be said.
  const second = first === null || first.done ? first : await body.nextIfThere();
  const header = w.header();
  if (second?.done === true && bodyAllowed(status) && !header.has('Content-Length')) {
    header.set('Content-Length', first?.value?.length ?? 0);
  }
  w.writeHeader(status);
  if (!bodyAllowed(status)) return;
  if (first?.value !== undefined) await w.write(first.value);
  if (second?.value !== undefined) await w.write(second.value);
  if (second?.done === true || r.method === 'HEAD') return;
  for (;;) {
    const chunk = (await body.nextIfThere()) ?? (await waitForNext(w, r, body));
    if (chunk.done) return;
    await w.write(chunk.value);
  }
}

/** The producer takes its time: what is here is sent, and from now on it is told if the client goes. */
async function waitForNext(w: ResponseWriter, r: ServerRequest, body: BodyReader): Promise<Chunk> {
  if (!body.hasFailed) await w.flush();
  const { signal } = r;
  body.cancelOn(signal);
  const chunk = await body.next();
  if (chunk.done && signal.aborted) throw signal.reason;
  return chunk;
}

type Chunk = ReadableStreamReadResult<Uint8Array>;

/**
 * How often other work is let go first until a chunk counts as not there. Bodies that were made of a
 * string or of bytes need 2, streams that are handed through others a few more.
 */
const PATIENCE = 10;

/** The chunks of a body, one after the other, and whether the next one is there. */
class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #read: Promise<Chunk> | null = null;
  #chunk: Chunk | null = null;
  #failed = false;
  #watched = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The stream has an error, which the next read gives. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** The next chunk, or null if it cannot be had without waiting. */
  async nextIfThere(): Promise<Chunk | null> {
    if (this.#read === null) {
      this.#read = this.#reader.read();
      this.#read.then(
        (chunk) => (this.#chunk = chunk),
        () => (this.#failed = true),
      );
    }
    for (let i = 0; i < PATIENCE && this.#chunk === null && !this.#failed; i++)
      await Promise.resolve();
    return this.#chunk === null ? null : this.next();
  }

  async next(): Promise<Chunk> {
    const chunk = await (this.#read ?? this.#reader.read());
    this.#read = this.#chunk = null;
    return chunk;
  }

  cancelOn(signal: AbortSignal): void {
    if (this.#watched) return;
    this.#watched = true;
    signal.addEventListener('abort', () => this.cancel(signal.reason), { once: true });
    if (signal.aborted) this.cancel(signal.reason);
  }

  /** Tells the producer that no more is wanted. Harmless at the end. */
  cancel(reason?: unknown): void {
    this.#reader.cancel(reason).catch(() => {});
  }
}
