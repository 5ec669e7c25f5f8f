/**
 * The head of a request, when it has been parsed: its text, what was found in it, and where. It does not
 * change, so requests that were sent with the same bytes share one: see conn/head-reader.ts.
 */
import type { HeadParser } from './head-parser.ts';
import { hostIn, isTargetForm, rawPathOf } from './request-target.ts';

/** What has been found in the text of a head, and where, as {@link HeadParser} finds it. */
export type ParsedHead = Pick<
  HeadParser,
  | ('start' | 'method' | 'methodEnd' | 'targetStart' | 'targetEnd' | 'minor')
  | ('chunked' | 'contentLength' | 'close' | 'keepAlive' | 'expectContinue')
  | ('fieldsStart' | 'fieldsEnd' | 'hostStart' | 'hostEnd')
>;

export class RequestHead {
  readonly method: string;
  readonly target: string;
  /** 0 or 1: of HTTP/1.x. */
  readonly minor: number;
  /** Bytes of the body; -1 if it comes in chunks. */
  readonly contentLength: number;
  /** The client leaves the connection open after the reply. */
  readonly keepAlive: boolean;
  readonly expectContinue: boolean;
  /** The target is of a form that goes with the method. */
  readonly isTargetForm: boolean;
  readonly #text: string;
  readonly #fieldsStart: number;
  readonly #fieldsEnd: number;
  readonly #hostStart: number;
  readonly #hostEnd: number;
  #rawPath: string | null = null;
  #host: string | null = null;

  /** `text` is the latin1 text of the bytes that `parser` has parsed, from its start on. */
  constructor(parser: ParsedHead, text: string) {
    const base = parser.start;
    this.#text = text;
    this.method = parser.method || text.slice(0, parser.methodEnd - base);
    this.target = targetOf(text, parser.targetStart - base, parser.targetEnd - base);
    this.minor = parser.minor;
    this.contentLength = parser.chunked ? -1 : Math.max(parser.contentLength, 0);
    this.keepAlive = (parser.keepAlive || parser.minor === 1) && !parser.close;
    this.expectContinue = parser.expectContinue;
    this.isTargetForm = isTargetForm(this.method, this.target);
    this.#fieldsStart = parser.fieldsStart - base;
    this.#fieldsEnd = parser.fieldsEnd - base;
    this.#hostStart = parser.hostStart - base;
    this.#hostEnd = parser.hostEnd - base;
  }

  /** The lines of the fields. */
  get fields(): string {
    return this.#text.slice(this.#fieldsStart, this.#fieldsEnd);
  }

  get host(): string {
    return (this.#host ??= this.#cutHost());
  }

  get rawPath(): string {
    return (this.#rawPath ??= this.#cutPath());
  }

  #cutHost(): string {
    const { target } = this;
    const named = hostIn(this.method, target);
    if (named !== null) return named;
    const host = sameOrCut(lastHost, this.#text, this.#hostStart, this.#hostEnd);
    if (host.length <= MAX_LAST) lastHost = host;
    return host;
  }

  #cutPath(): string {
    const { method, target } = this;
    if (target !== lastTarget || method === 'CONNECT') return rawPathOf(method, target);
    return (lastRawPath ??= rawPathOf(method, target));
  }
}

/**
 * The target of the head before, of whatever connection, and its path: it is often the same one, and
 * then its string has been made, and its hash computed, already.
 */
let lastTarget = '';
let lastRawPath: string | null = null;

/** The Host of the head before that was asked for it. */
let lastHost = '';

/** Longer ones are not looked at twice. */
const MAX_LAST = 64;

function targetOf(text: string, start: number, end: number): string {
  const target = sameOrCut(lastTarget, text, start, end);
  if (target === lastTarget || target.length > MAX_LAST) return target;
  lastRawPath = null;
  return (lastTarget = target);
}

/** The text from `start` to `end`: `last` itself, if it is the same. */
function sameOrCut(last: string, text: string, start: number, end: number): string {
  const { length } = last;
  if (length === end - start) {
    let at = 0;
    while (at < length && text.charCodeAt(start + at) === last.charCodeAt(at)) at++;
    if (at === length) return last;
  }
  return text.slice(start, end);
}
