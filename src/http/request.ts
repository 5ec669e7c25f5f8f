/**
 * A request as the handler sees it. The head is one string and a few offsets into it; every part is cut
 * out, decoded or parsed when it is asked for, and most never are.
 */
import type { Addr } from '../net/conn.ts';
import type { Body } from './body.ts';
import type { Connection } from './connection.ts';
import type { ServerRequest } from './handler.ts';
import { Header } from './header.ts';
import type { HeadParser } from './head-parser.ts';
import { decodePath } from './request-path.ts';
import type { TLSConnectionState } from './tls-state.ts';

/** Where a request came from, and what happens to it. */
export interface RequestSource {
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
  /** Itself, where it is one that programs may see. */
  readonly connection?: Connection;
  readonly tls?: TLSConnectionState | undefined;
  /** Aborted when the client has gone; asking for it begins to watch. */
  signalOf(request: IncomingRequest): AbortSignal;
  /** The same without a signal: `tell` is called once if the client goes. False if it has gone. */
  watch?(request: IncomingRequest, tell: () => void): boolean;
}

/** Where the parts of a head are in its text, as {@link HeadParser} finds them. */
export type RequestHead = Pick<
  HeadParser,
  | ('start' | 'method' | 'methodEnd' | 'targetStart' | 'targetEnd' | 'minor')
  | ('chunked' | 'contentLength')
  | ('fieldsStart' | 'fieldsEnd' | 'hostStart' | 'hostEnd')
>;

/** The parts that most requests are never asked for. */
interface Parsed {
  header: Header | null;
  path: string | null;
  query: URLSearchParams | null;
  values: Map<string, string> | null;
}

export class IncomingRequest implements ServerRequest {
  readonly method: string;
  readonly target: string;
  readonly contentLength: number;
  readonly body: Body;
  pattern = '';
  readonly #source: RequestSource;
  readonly #text: string;
  readonly #fieldsStart: number;
  readonly #fieldsEnd: number;
  readonly #hostStart: number;
  readonly #hostEnd: number;
  readonly #minor: number;
  #more: Parsed | null = null;

  /** `text` is the latin1 text of the bytes that `head` was parsed from, from its start on. */
  constructor(source: RequestSource, head: RequestHead, text: string, body: Body) {
    const base = head.start;
    this.#source = source;
    this.#text = text;
    this.method = head.method || text.slice(0, head.methodEnd - base);
    this.target = targetOf(text, head.targetStart - base, head.targetEnd - base);
    this.contentLength = head.chunked ? -1 : Math.max(head.contentLength, 0);
    this.body = body;
    this.#minor = head.minor;
    this.#fieldsStart = head.fieldsStart - base;
    this.#fieldsEnd = head.fieldsEnd - base;
    this.#hostStart = head.hostStart - base;
    this.#hostEnd = head.hostEnd - base;
  }

  get proto(): string {
    return this.#minor === 0 ? 'HTTP/1.0' : 'HTTP/1.1';
  }

  get #hostField(): string {
    return this.#text.slice(this.#hostStart, this.#hostEnd);
  }

  get #parsed(): Parsed {
    return (this.#more ??= { header: null, path: null, query: null, values: null });
  }

  get rawPath(): string {
    const { target } = this;
    if (this.method === 'CONNECT') return '';
    if (target === lastTarget) return (lastRawPath ??= this.#cutPath(target));
    return this.#cutPath(target);
  }

  #cutPath(target: string): string {
    const start = target.charCodeAt(0) === SLASH ? 0 : pathStart(target);
    const query = target.indexOf('?', start);
    if (query >= 0) return target.slice(start, query) || '/';
    return start === 0 ? target : target.slice(start) || '/';
  }

  get path(): string {
    return (this.#parsed.path ??= decodePath(this.rawPath));
  }

  get rawQuery(): string {
    const at = this.target.indexOf('?');
    return at < 0 ? '' : this.target.slice(at + 1);
  }

  get query(): URLSearchParams {
    return (this.#parsed.query ??= new URLSearchParams(this.rawQuery));
  }

  get host(): string {
    const { target } = this;
    if (this.method === 'CONNECT') return target;
    if (target.charCodeAt(0) === SLASH || target === '*') return this.#hostField;
    const start = target.indexOf('://') + 3;
    const end = target.slice(start).search(/[/?]/);
    return end < 0 ? target.slice(start) : target.slice(start, start + end);
  }

  get header(): Header {
    return (this.#parsed.header ??= Header.fromText(this.rawFields, 'Host'));
  }

  /** The field lines as they came, Host among them, each with its line end. */
  get rawFields(): string {
    return this.#text.slice(this.#fieldsStart, this.#fieldsEnd);
  }

  get trailer(): Header {
    return this.body.trailer;
  }

  get remoteAddr(): Addr {
    return this.#source.remoteAddr;
  }

  get localAddr(): Addr {
    return this.#source.localAddr;
  }

  /** Known of requests that came over a connection of a server. */
  get connection(): Connection | undefined {
    return this.#source.connection;
  }

  get tls(): TLSConnectionState | undefined {
    return this.#source.tls;
  }

  get signal(): AbortSignal {
    return this.#source.signalOf(this);
  }

  /**
   * Calls `tell` once if the client goes before the response is complete: `signal` without its cost. One
   * may be told. False if it has gone already, or true.
   */
  watch(tell: () => void): boolean {
    if (this.#source.watch !== undefined) return this.#source.watch(this, tell);
    this.signal.addEventListener('abort', tell, { once: true });
    return !this.signal.aborted;
  }

  pathValue(name: string): string {
    return this.#more?.values?.get(name) ?? '';
  }

  setPathValue(name: string, value: string): void {
    (this.#parsed.values ??= new Map()).set(name, value);
  }
}

const SLASH = 47;

/**
 * The target of the request before, of whatever connection, and its path: it is often the same one, and
 * then its string has been made, and its hash computed, already.
 */
let lastTarget = '';
let lastRawPath: string | null = null;

/** Longer ones are not looked at twice. */
const MAX_LAST_TARGET = 64;

function targetOf(text: string, start: number, end: number): string {
  const { length } = lastTarget;
  if (length === end - start) {
    let at = 0;
    while (at < length && text.charCodeAt(start + at) === lastTarget.charCodeAt(at)) at++;
    if (at === length) return lastTarget;
  }
  const target = text.slice(start, end);
  if (target.length > MAX_LAST_TARGET) return target;
  lastRawPath = null;
  return (lastTarget = target);
}

/** Whether a target is of one of the four forms of RFC 9112, section 3.2, that go with the method. */
export function isTargetForm(method: string, target: string): boolean {
  if (target.charCodeAt(0) === SLASH) return method !== 'CONNECT';
  if (method === 'CONNECT') return isHostPort(target);
  if (target === '*') return method === 'OPTIONS';
  return ABSOLUTE.test(target);
}

/** A host as in a Host field (head-bytes.ts), but not empty. */
const HOST = "(?:\\[[\\w!$%&'()*+,\\-.:;=~]+\\]|(?:[\\w!$&'()*+,\\-.;=~]|%[\\da-f]{2})+)";
const ABSOLUTE = new RegExp(`^https?://${HOST}(?::\\d*)?(?:[/?]|$)`, 'i');
const HOST_PORT = new RegExp(`^${HOST}:(\\d{1,5})$`, 'i');
const MAX_PORT = 65_535;

function isHostPort(target: string): boolean {
  const port = HOST_PORT.exec(target)?.[1];
  return port !== undefined && Number(port) <= MAX_PORT;
}

/** Where the path of an absolute-form target begins; 0 in other forms. */
function pathStart(target: string): number {
  const authority = target.indexOf('://');
  if (authority < 0) return 0;
  const end = target.slice(authority + 3).search(/[/?]/);
  return end < 0 ? target.length : authority + 3 + end;
}
