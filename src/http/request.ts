/**
 * A request as the handler sees it. The head is one string and a few offsets into it; every part is cut
 * out, decoded or parsed when it is asked for, and most never are.
 */
import type { Addr } from '../net/conn.ts';
import type { Body } from './body.ts';
import type { ServerRequest } from './handler.ts';
import { Header } from './header.ts';
import type { HeadParser } from './head-parser.ts';

/** Where a request came from, and what happens to it. */
export interface RequestSource {
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
  /** Aborted when the client has gone; asking for it begins to watch. */
  signalOf(request: IncomingRequest): AbortSignal;
}

/** Methods by length, so that the usual ones are not cut out of every head. */
const METHODS: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['GET', 'PUT'],
  ['POST', 'HEAD'],
  ['PATCH', 'TRACE'],
  ['DELETE'],
  ['OPTIONS', 'CONNECT'],
];

export class IncomingRequest implements ServerRequest {
  readonly method: string;
  readonly target: string;
  readonly proto: string;
  readonly contentLength: number;
  readonly body: Body;
  pattern = '';
  readonly #source: RequestSource;
  readonly #fieldsText: string;
  readonly #hostField: string;
  #header: Header | null = null;
  #path: string | null = null;
  #query: URLSearchParams | null = null;
  #values: Map<string, string> | null = null;

  /** `text` is the latin1 text of the bytes that `head` was parsed from, beginning at offset `base`. */
  constructor(source: RequestSource, head: HeadParser, text: string, base: number, body: Body) {
    this.#source = source;
    this.method = methodOf(text, head.start - base, head.methodEnd - base);
    this.target = text.slice(head.targetStart - base, head.targetEnd - base);
    this.proto = head.minor === 0 ? 'HTTP/1.0' : 'HTTP/1.1';
    this.contentLength = head.chunked ? -1 : Math.max(head.contentLength, 0);
    this.body = body;
    this.#fieldsText = text.slice(head.fieldsStart - base, head.fieldsEnd - base);
    this.#hostField = text.slice(head.hostStart - base, head.hostEnd - base);
  }

  get rawPath(): string {
    const { target } = this;
    if (this.method === 'CONNECT') return '';
    const start = target.charCodeAt(0) === SLASH ? 0 : pathStart(target);
    const query = target.indexOf('?', start);
    if (query >= 0) return target.slice(start, query) || '/';
    return start === 0 ? target : target.slice(start) || '/';
  }

  get path(): string {
    return (this.#path ??= decodePath(this.rawPath));
  }

  get rawQuery(): string {
    const at = this.target.indexOf('?');
    return at < 0 ? '' : this.target.slice(at + 1);
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.rawQuery));
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
    return (this.#header ??= Header.fromText(this.#fieldsText, 'Host'));
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

  get signal(): AbortSignal {
    return this.#source.signalOf(this);
  }

  pathValue(name: string): string {
    return this.#values?.get(name) ?? '';
  }

  setPathValue(name: string, value: string): void {
    (this.#values ??= new Map()).set(name, value);
  }
}

const SLASH = 47;

function methodOf(text: string, start: number, end: number): string {
  for (const method of METHODS[end - start] ?? []) {
    if (text.startsWith(method, start)) return method;
  }
  return text.slice(start, end);
}

/** Whether a target is of one of the four forms of RFC 9112, section 3.2, that go with the method. */
export function isTargetForm(method: string, target: string): boolean {
  if (target.charCodeAt(0) === SLASH) return method !== 'CONNECT';
  if (method === 'CONNECT') return /^[^/?#@]+:\d{1,5}$/.test(target);
  if (target === '*') return method === 'OPTIONS';
  return /^https?:\/\/[^/?#@]+(?:[/?]|$)/i.test(target);
}

/** Where the path of an absolute-form target begins; 0 in other forms. */
function pathStart(target: string): number {
  const authority = target.indexOf('://');
  if (authority < 0) return 0;
  const end = target.slice(authority + 3).search(/[/?]/);
  return end < 0 ? target.length : authority + 3 + end;
}

const decoder = new TextDecoder();

/** Percent-decodes as UTF-8; what is no valid escape stays as it is. */
function decodePath(raw: string): string {
  let plain = true;
  for (let i = 0; i < raw.length && plain; i++) {
    const unit = raw.charCodeAt(i);
    plain = unit !== 37 && unit < 128;
  }
  if (plain) return raw;
  const bytes: number[] = [];
  for (let i = 0; i < raw.length; i++) {
    const escape = raw.charCodeAt(i) === 37 ? /^[0-9A-Fa-f]{2}/.exec(raw.slice(i + 1, i + 3)) : null;
    if (escape === null) bytes.push(raw.charCodeAt(i));
    else {
      bytes.push(Number.parseInt(escape[0], 16));
      i += 2;
    }
  }
  return decoder.decode(Uint8Array.from(bytes));
}
