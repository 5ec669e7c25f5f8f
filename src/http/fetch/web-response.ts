/**
 * A web-standard Response that costs what it says: the status, the fields and a body of text or bytes are
 * kept as they were given and sent so, and a true Response of the platform is made only for what needs
 * one. It is an instance of Response as far as instanceof and typing go. WHATWG Fetch, "Response class".
 *
 * The platform's own makes a stream of every body, whose reading alone takes longer than the rest of a
 * request. Bytes are not copied: they are not to be changed before they are sent.
 */
import { Header } from '../message/header.ts';

/** The platform's, whatever a program puts in its place later. */
const Native: typeof Response = globalThis.Response;

/** What a server sends of a response. */
export interface ResponseParts {
  readonly status: number;
  readonly statusText: string;
  /** Names and values; null for none. */
  readonly fields: Iterable<readonly [name: string, value: string]> | null;
  /** Said where the fields have no Content-Type; empty for none. */
  readonly type: string;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | null;
}

const TEXT = 'text/plain;charset=UTF-8';
const JSON_TYPE = 'application/json';
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

export class WebResponse {
  readonly #status: number;
  readonly #statusText: string;
  /** What was given; once somebody has asked for `headers` those count. */
  #fields: Header | null = null;
  #headers: Headers | null = null;
  #type = '';
  #simple: string | Uint8Array | null = null;
  #full: Response | null = null;
  #used = false;

  constructor(body?: BodyInit | null, init?: ResponseInit) {
    this.#status = init?.status === undefined ? 200 : checkedStatus(init.status);
    this.#statusText = init?.statusText === undefined ? '' : checkedText(init.statusText);
    if (init?.headers !== undefined) this.#fields = headerOf(init.headers);
    if (body === null || body === undefined) return;
    if (NULL_BODY.has(this.#status)) {
      throw new TypeError(`Response: one with status ${this.#status} has no body`);
    }
    if (typeof body === 'string') {
      this.#simple = body;
      this.#type = TEXT;
    } else if (body instanceof Uint8Array) this.#simple = body;
    else if (body instanceof ArrayBuffer) this.#simple = new Uint8Array(body);
    else {
      this.#full = new Native(body, init);
      this.#headers = this.#full.headers;
    }
  }

  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) throw new TypeError('Response.json: data has no JSON');
    const response = new WebResponse(text, init);
    response.#type = JSON_TYPE;
    return response as unknown as Response; // by its prototype it is one
  }

  static redirect(url: string | URL, status?: number): Response {
    return Native.redirect(url, status);
  }

  static error(): Response {
    return Native.error();
  }

  /** What to send of it, if it is one of these; else null. TypeError if it was read already. */
  static partsOf(response: object): ResponseParts | null {
    if (!(#simple in response)) return null;
    if (response.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    return {
      status: response.#status,
      statusText: response.#statusText,
      fields: response.#headers ?? response.#fields,
      type: response.#headers === null ? response.#type : '',
      body: response.#full === null ? response.#simple : response.#full.body,
    };
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  get headers(): Headers {
    if (this.#headers !== null) return this.#headers;
    const headers = new Headers();
    if (this.#fields !== null)
      for (const [name, value] of this.#fields) headers.append(name, value);
    if (this.#type !== '' && !headers.has('Content-Type')) headers.set('Content-Type', this.#type);
    return (this.#headers = headers);
  }

  /** Of one that has been made into a Response of the platform: that one's stream. */
  get body(): ReadableStream<Uint8Array> | null {
    return this.#simple === null && this.#full === null ? null : this.#makeFull().body;
  }

  get bodyUsed(): boolean {
    return this.#used || this.#full?.bodyUsed === true;
  }

  clone(): Response {
    return this.#makeFull().clone();
  }

  async text(): Promise<string> {
    const simple = this.#take();
    if (simple === undefined) return this.#makeFull().text();
    return typeof simple === 'string' ? simple : new TextDecoder().decode(simple ?? undefined);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#makeFull().arrayBuffer();
  }

  async blob(): Promise<Blob> {
    return this.#makeFull().blob();
  }

  async formData(): Promise<FormData> {
    return this.#makeFull().formData();
  }

  /** The body, for reading; undefined if the platform has to do it. */
  #take(): string | Uint8Array | null | undefined {
    if (this.#full !== null || this.#used) return undefined;
    this.#used = this.#simple !== null;
    return this.#simple;
  }

  /** The true Response, for everything that is rare. */
  #makeFull(): Response {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read');
    if (this.#full !== null) return this.#full;
    const { headers } = this;
    const init = { status: this.#status, statusText: this.#statusText, headers };
    return (this.#full = new Native(this.#simple as BodyInit | null, init));
  }

  static {
    // All else that this runtime's Response has, from a true one.
    for (const name of Object.getOwnPropertyNames(Native.prototype)) {
      const described = Object.getOwnPropertyDescriptor(Native.prototype, name);
      if (described?.get === undefined || Object.hasOwn(WebResponse.prototype, name)) continue;
      Object.defineProperty(WebResponse.prototype, name, {
        get(this: WebResponse) {
          return Reflect.get(this.#makeFull(), name) as unknown;
        },
      });
    }
  }
}

Object.setPrototypeOf(WebResponse.prototype, Native.prototype);
Object.setPrototypeOf(WebResponse, Native);

function checkedStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new RangeError('Response: status must be an integer in 200..599');
}

function checkedText(text: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text;
  throw new TypeError('Response: statusText must be printable latin1');
}

/** TypeError for names and values that are none. */
function headerOf(init: HeadersInit): Header | null {
  const header = new Header();
  if (typeof (init as Partial<Headers>)[Symbol.iterator] === 'function') {
    for (const [name, value] of init as Iterable<[string, string]>) header.add(name, value);
  } else {
    const record = init as Readonly<Record<string, unknown>>;
    for (const name in record) header.add(name, String(record[name]));
  }
  return header;
}
