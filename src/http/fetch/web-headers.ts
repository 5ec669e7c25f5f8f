/**
 * The Headers of an incoming request: what most handlers ask, the value of one field or whether it is
 * there, is answered from the fields as they came; for all else the platform's Headers are made. It is an
 * instance of Headers as far as instanceof and typing go. WHATWG Fetch, "Headers class".
 */
import type { ServerRequest } from '../handler.ts';
import { isToken } from '../message/token.ts';

const Native: typeof Headers = globalThis.Headers;

class WebHeaders {
  readonly #request: ServerRequest;
  #full: Headers | null = null;

  constructor(request: ServerRequest) {
    this.#request = request;
  }

  get(name: string): string | null {
    if (this.#full !== null || !isPlain(name)) return this.full.get(name);
    if (isHost(name)) return this.#request.host;
    const value = this.#request.header.get(name);
    if (value === undefined) return null;
    const values = this.#request.header.values(name);
    return values.length === 1 ? value : this.full.get(name);
  }

  has(name: string): boolean {
    if (this.#full !== null || !isPlain(name)) return this.full.has(name);
    return isHost(name) || this.#request.header.has(name);
  }

  /** The platform's, for everything that is rare. */
  get full(): Headers {
    if (this.#full !== null) return this.#full;
    const full = new Native();
    for (const [name, value] of this.#request.header) full.append(name, value);
    full.append('Host', this.#request.host);
    return (this.#full = full);
  }

  static {
    // What the class does not say itself, it leaves to them.
    for (const key of Reflect.ownKeys(Native.prototype)) {
      const { value } = Object.getOwnPropertyDescriptor(Native.prototype, key) ?? {};
      if (typeof value !== 'function' || Object.hasOwn(WebHeaders.prototype, key)) continue;
      const method = value as (...args: unknown[]) => unknown;
      Object.defineProperty(WebHeaders.prototype, key, {
        value(this: WebHeaders, ...args: unknown[]) {
          return method.apply(this.full, args);
        },
        writable: true,
        configurable: true,
      });
    }
  }
}

Object.setPrototypeOf(WebHeaders.prototype, Native.prototype);

/** What is no name is an error, as the platform puts it. */
function isPlain(name: unknown): name is string {
  return typeof name === 'string' && isToken(name);
}

function isHost(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

/** The fields of a request, Host among them. */
export function webHeaders(request: ServerRequest): Headers {
  return new WebHeaders(request) as unknown as Headers; // by its prototype it is one
}
