/**
 * A web-standard Request over an incoming one. Its parts are made when they are asked for; what only a
 * true Request can do (body, clone, the modes) makes one, with the same body stream. What collects a
 * whole body (bytes, text, json, blob, formData) takes up to 128 MiB, then fails with status 413; a stream may
 * be as long as the server's option maxBodyBytes allows.
 *
 * It is an instance of Request as far as instanceof and typing go. What looks inside, as `fetch(request)`
 * and `new Request(request)` do, needs a true one: `request.clone()`. As the second argument, in
 * `fetch(url, request)`, it is as good as any. WHATWG Fetch, "Request class".
 */
import type { Background } from './background.ts';
import { JSONError } from '../errors.ts';
import type { ServerRequest } from '../handler.ts';
import { platformClass, standFor } from './platform.ts';
import { urlOf } from './request-url.ts';
import { webHeaders } from './web-headers.ts';

/** Collected in memory at most; as in Bun. */
const COLLECT_LIMIT = 128 * 1024 * 1024;

const RUNTIME = { name: 'netfd' } as const;

type Init = RequestInit & { duplex?: 'half' };

class WebRequest {
  readonly #request: ServerRequest;
  readonly #background: Background;
  #url: string | null = null;
  #headers: Headers | null = null;
  #full: Request | null = null;
  #used = false;

  constructor(request: ServerRequest, background: Background) {
    this.#request = request;
    this.#background = background;
  }

  /** The address of the client, without its port: undefined over a unix socket. As in srvx. */
  get ip(): string | undefined {
    const { remoteAddr } = this.#request;
    return (remoteAddr as { ip?: string }).ip;
  }

  /** As in srvx: it may be taken off the request. See {@link Background.waitUntil}. */
  get waitUntil(): Background['waitUntil'] {
    return this.#background.waitUntil;
  }

  /** As in srvx: frameworks look what they run on. */
  get runtime(): { readonly name: 'netfd' } {
    return RUNTIME;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return (this.#url ??= urlOf(this.#request));
  }

  get headers(): Headers {
    return (this.#headers ??= webHeaders(this.#request));
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get #hasBody(): boolean {
    return this.#request.contentLength !== 0;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (!this.#hasBody) return null;
    // What fetch does not allow to have a body may come with one all the same.
    return this.#used || this.#isBodiless ? this.#request.body.stream : this.#makeFull().body;
  }

  get #isBodiless(): boolean {
    return this.method === 'GET' || this.method === 'HEAD';
  }

  get bodyUsed(): boolean {
    return this.#used || this.#full?.bodyUsed === true;
  }

  async bytes(): Promise<Uint8Array> {
    if (this.#full?.body) return new Uint8Array(await this.#full.arrayBuffer());
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    this.#used = true;
    return this.#request.body.bytes(COLLECT_LIMIT);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    // They are in a buffer of their own.
    return (await this.bytes()).buffer as ArrayBuffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new JSONError((error as Error).message);
    }
  }

  async blob(): Promise<Blob> {
    const type = this.headers.get('Content-Type') ?? '';
    return new Blob([await this.arrayBuffer()], { type });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get('Content-Type') ?? '';
    return new Response(await this.arrayBuffer(), { headers: { 'Content-Type': type } }).formData();
  }

  clone(): Request {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    return this.#makeFull().clone();
  }

  /** The true Request, for everything that is rare. */
  #makeFull(): Request {
    if (this.#full === null) {
      const init: Init = { method: this.method, headers: this.headers, signal: this.signal };
      const hasBody = this.#hasBody && !this.#isBodiless && !this.#used;
      if (hasBody) Object.assign(init, { body: this.#request.body.stream, duplex: 'half' });
      this.#full = new (platformClass('Request'))(this.url, init);
    }
    return this.#full;
  }

  /** For `fetch(url, request)`, which asks for it where there is a body. */
  get duplex(): 'half' {
    return 'half';
  }

  /** Once, before the first of them: from then on they are instances of Request. */
  static link(): void {
    standFor(WebRequest, platformClass('Request'), (request) => request.#makeFull());
  }
}

let linked = false;

/** Has what {@link webRequest} gives be ready, which takes its time when it is called first. */
export function prepareRequests(): void {
  if (linked) return;
  linked = true;
  WebRequest.link();
}

/** The request as a web-standard Request. After {@link prepareRequests}. */
export function webRequest(request: ServerRequest, background: Background): Request {
  return new WebRequest(request, background) as unknown as Request; // by its prototype it is one
}
