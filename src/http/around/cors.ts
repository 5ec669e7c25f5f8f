/**
 * Leave for pages of other origins to use a handler: the answers to a browser's preflight requests, and the
 * fields that let a page see a reply. A page that has no leave is stopped by its browser, nobody else is:
 * this is no protection of the server. Source: the Fetch standard, section 3.3.
 */
import { optionalBoolean, optionalInteger, requireOptions } from '../../net/options.ts';
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { Status } from '../message/status.ts';
import { isToken } from '../message/token.ts';
import { namesOf, refuseUnknown } from '../option-names.ts';
import { passUnhandled } from '../unhandled.ts';

/** Which pages of other origins may ask, and for what. */
export interface CorsOptions {
  /** "*" for all [the default], those in an array ("https://example.com"), or those a function approves of. */
  readonly origins?:
    | '*'
    | readonly string[]
    | ((origin: string, r: ServerRequest) => boolean)
    | undefined;
  /** Methods that pages may use, besides GET, HEAD and POST [PUT, PATCH, DELETE]. */
  readonly methods?: readonly string[] | undefined;
  /** Fields that pages may send [those that they ask for]. */
  readonly headers?: readonly string[] | undefined;
  /** Fields of replies that pages may see [the few that all may]. */
  readonly exposed?: readonly string[] | undefined;
  /** Pages may send cookies and credentials; not for the origins "*" [false]. */
  readonly credentials?: boolean | undefined;
  /** Seconds for which a browser may remember the answer to a preflight request [its own idea]. */
  readonly maxAge?: number | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<CorsOptions>({
  origins: true,
  methods: true,
  headers: true,
  exposed: true,
  credentials: true,
  maxAge: true,
});

/** A handler that passes requests on to `handler`, and says who may see the replies. */
export function cors(handler: Handler | HandlerFunc, options: CorsOptions = {}): Handler {
  const inner = asHandler('cors', handler);
  const leave = new Leave(options);
  return {
    unhandled: passUnhandled(inner),
    serveHTTP: (w, r) => {
      if (!leave.answer(w, r)) return inner.serveHTTP(w, r);
      return w.writeHeader(Status.NoContent);
    },
  };
}

class Leave {
  readonly #all: boolean;
  readonly #allows: (origin: string, r: ServerRequest) => boolean;
  readonly #methods: string;
  readonly #headers: string | null;
  readonly #exposed: string;
  readonly #credentials: boolean;
  readonly #maxAge: number | undefined;

  constructor(options: CorsOptions) {
    requireOptions('cors', options);
    refuseUnknown('cors', options, KNOWN);
    const { origins = '*', methods = ['PUT', 'PATCH', 'DELETE'], headers, exposed = [] } = options;
    const { credentials = false, maxAge } = options;
    optionalBoolean('cors', 'credentials', credentials);
    optionalInteger('cors', 'maxAge', maxAge, 0, Number.MAX_SAFE_INTEGER);
    this.#all = origins === '*';
    this.#allows = approver(origins);
    if (this.#all && credentials) {
      throw new TypeError('cors: option credentials is not for the origins "*": name them');
    }
    this.#methods = list('methods', methods);
    this.#headers = headers === undefined ? null : list('headers', headers);
    this.#exposed = list('exposed', exposed);
    this.#credentials = credentials;
    this.#maxAge = maxAge;
  }

  /** Sets the fields that `r` calls for. True if it is a preflight request, to which they are the reply. */
  answer(w: ResponseWriter, r: ServerRequest): boolean {
    const origin = r.header.get('Origin');
    const header = w.header();
    // What is said to one origin is not for a cache to say to another.
    if (!this.#all) header.add('Vary', 'Origin');
    if (origin === undefined) return false;
    const isPreflight = r.method === 'OPTIONS' && r.header.has('Access-Control-Request-Method');
    if (this.#all || this.#allows(origin, r)) {
      header.set('Access-Control-Allow-Origin', this.#all ? '*' : origin);
      if (this.#credentials) header.set('Access-Control-Allow-Credentials', 'true');
      if (isPreflight) this.#allowMore(w, r);
      else if (this.#exposed !== '') header.set('Access-Control-Expose-Headers', this.#exposed);
    }
    return isPreflight;
  }

  #allowMore(w: ResponseWriter, r: ServerRequest): void {
    const header = w.header();
    if (this.#methods !== '') header.set('Access-Control-Allow-Methods', this.#methods);
    const asked = r.header.values('Access-Control-Request-Headers').join(',');
    if (this.#headers === null) header.add('Vary', 'Access-Control-Request-Headers');
    const isGood = asked.split(',').every((name) => isToken(name.trim()));
    const headers = this.#headers ?? (isGood ? asked : '');
    if (headers !== '') header.set('Access-Control-Allow-Headers', headers);
    if (this.#maxAge !== undefined) header.set('Access-Control-Max-Age', this.#maxAge);
  }
}

function approver(
  origins: NonNullable<CorsOptions['origins']>,
): (origin: string, r: ServerRequest) => boolean {
  if (typeof origins === 'function') return (origin, r) => origins(origin, r) === true;
  if (origins === '*') return () => true;
  const isGood = (origin: unknown): boolean =>
    typeof origin === 'string' && /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+|null)$/.test(origin);
  if (!Array.isArray(origins) || !origins.every(isGood)) {
    throw new TypeError(
      'cors: option origins must be "*", a function, or an array of origins ("https://example.com")',
    );
  }
  const allowed: ReadonlySet<string> = new Set<string>(origins);
  return (origin) => allowed.has(origin);
}

function list(option: string, names: readonly string[]): string {
  const isGood = (name: unknown): boolean => typeof name === 'string' && isToken(name);
  if (Array.isArray(names) && names.every(isGood)) return names.join(', ');
  throw new TypeError(`cors: option ${option} must be an array of names`);
}
