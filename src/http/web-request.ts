/**
 * A web-standard Request over an incoming one. Its parts are made when they are asked for; what only a
 * true Request can do (clone, formData, blob, the modes) makes one, with the same body stream.
 * It is an instance of Request as far as instanceof and typing go. WHATWG Fetch, "Request class".
 */
import type { ServerRequest } from './handler.ts';

type Init = RequestInit & { duplex?: 'half' };

export class WebRequest {
  readonly #request: ServerRequest;
  #headers: Headers | null = null;
  #full: Request | null = null;
  #used = false;

  constructor(request: ServerRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    const { host, target } = this.#request;
    if (target.startsWith('/')) return new URL(`http://${host}${target}`).href;
    return target === '*' ? `http://${host}/*` : new URL(target).href;
  }

  get headers(): Headers {
    if (this.#headers === null) {
      this.#headers = new Headers();
      for (const [name, value] of this.#request.header) this.#headers.append(name, value);
      this.#headers.append('Host', this.#request.host);
    }
    return this.#headers;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get #hasBody(): boolean {
    return this.#request.contentLength !== 0;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#full !== null) return this.#full.body;
    return this.#hasBody ? this.#request.body.stream : null;
  }

  get bodyUsed(): boolean {
    return this.#full?.bodyUsed ?? this.#used;
  }

  async bytes(): Promise<Uint8Array> {
    if (this.#full !== null) return new Uint8Array(await this.#full.arrayBuffer());
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    this.#used = true;
    return this.#request.body.bytes();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).slice().buffer as ArrayBuffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  async blob(): Promise<Blob> {
    return this.#makeFull().blob();
  }

  async formData(): Promise<FormData> {
    return this.#makeFull().formData();
  }

  clone(): Request {
    return this.#makeFull().clone();
  }

  /** The true Request, for everything that is rare. */
  #makeFull(): Request {
    if (this.#full === null) {
      if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
      const init: Init = { method: this.method, headers: this.headers, signal: this.signal };
      if (this.#hasBody) Object.assign(init, { body: this.#request.body.stream, duplex: 'half' });
      this.#full = new Request(this.url, init);
    }
    return this.#full;
  }

  get cache(): RequestCache {
    return this.#makeFull().cache;
  }

  get credentials(): RequestCredentials {
    return this.#makeFull().credentials;
  }

  get destination(): RequestDestination {
    return this.#makeFull().destination;
  }

  get integrity(): string {
    return this.#makeFull().integrity;
  }

  get keepalive(): boolean {
    return this.#makeFull().keepalive;
  }

  get mode(): RequestMode {
    return this.#makeFull().mode;
  }

  get redirect(): RequestRedirect {
    return this.#makeFull().redirect;
  }

  get referrer(): string {
    return this.#makeFull().referrer;
  }

  get referrerPolicy(): ReferrerPolicy {
    return this.#makeFull().referrerPolicy;
  }
}

Object.setPrototypeOf(WebRequest.prototype, Request.prototype);

/** The request as a web-standard Request. */
export function webRequest(request: ServerRequest): Request {
  return new WebRequest(request) as unknown as Request; // by its prototype it is one
}
