/**
 * The head of a request, when it has been parsed: its text, what was found in it, and where. It does not
 * change, so requests that were sent with the same bytes share one: see head-reader.ts.
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
    return hostIn(this.method, this.target) ?? this.#text.slice(this.#hostStart, this.#hostEnd);
  }

  get rawPath(): string {
    return (this.#rawPath ??= this.#cutPath());
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
