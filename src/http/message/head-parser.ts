/**
 * The head of a request: from bytes to offsets, in one pass and without a string. Holds no socket and
 * allocates nothing; the results of the last parse stand in the parser's fields.
 *
 *   request-line CRLF ( field-name ":" OWS field-value OWS CRLF )* CRLF        RFC 9112, section 2.1
 *
 * Strict where leniency has let requests be smuggled: CRLF only, no folded lines, no white space around
 * a field's name, one Host, one Content-Length, no Transfer-Encoding but "chunked" alone, and never both
 * of the last two. What is forgiven: empty lines before the request (RFC 9112, 2.2), and bytes of 128 and
 * above in the target and in values.
 */
import { isHost, plainHostEnd } from './head-bytes.ts';
import { usualMethod } from './method.ts';
import { FIELD_VALUE_BYTES, TOKEN_BYTES } from './token.ts';

const CR = 13;
const LF = 10;
const SP = 32;
const HTAB = 9;
const COLON = 58;
const DEL = 127;

/** The head is not complete yet. */
export const INCOMPLETE = 0;
/** The head is complete, and good. */
export const COMPLETE = 1;

export interface HeadLimits {
  /** Of the whole head, in bytes. */
  readonly maxHeaderBytes: number;
  /** Of the request line, in bytes, without its end. */
  readonly maxRequestLine: number;
  readonly maxHeaders: number;
}

/** Bytes of empty lines that may stand before a request. */
export const MAX_EMPTY_LINES = 8;
const MAX_METHOD = 32;
/** Bytes at the end of a line. */
const LINE_END = 2;

export class HeadParser {
  /** Offsets into the bytes that were parsed. */
  start = 0;
  methodEnd = 0;
  /** If it is a usual one; else empty, and to be cut out. */
  method = '';
  targetStart = 0;
  targetEnd = 0;
  fieldsStart = 0;
  /** Where the empty line at the end of the fields begins, and where the body begins. */
  fieldsEnd = 0;
  end = 0;
  hostStart = 0;
  hostEnd = 0;
  /** 0 or 1: of HTTP/1.x. */
  minor = 1;
  hosts = 0;
  /** -1 if there is none. */
  contentLength = -1;
  chunked = false;
  /** Connection: close, keep-alive, upgrade. */
  close = false;
  keepAlive = false;
  expectContinue = false;
  /** Why the parse failed: a status code, and a reason to add to its text, or none. */
  status = 0;
  reason = '';

  #count = 0;

  /** {@link INCOMPLETE}, {@link COMPLETE}, or the status code with which to answer and close. */
  parse(bytes: Uint8Array, start: number, end: number, limits: HeadLimits): number {
    this.#reset();
    // Bytes past the limit are not looked at, so that it does not matter how many have come.
    const tooLong = end - start > limits.maxHeaderBytes;
    const bound = tooLong ? start + limits.maxHeaderBytes : end;
    const result = this.#parseHead(bytes, start, bound, limits);
    if (result !== INCOMPLETE || !tooLong) return result;
    return this.#fail(this.fieldsStart === 0 ? 414 : 431);
  }

  #reset(): void {
    this.hosts = 0;
    this.fieldsStart = 0;
    this.hostStart = this.hostEnd = 0;
    this.contentLength = -1;
    this.chunked = this.close = this.keepAlive = this.expectContinue = false;
    this.status = 0;
    this.reason = '';
    this.#count = 0;
  }

  #fail(status: number, reason = ''): number {
    this.status = status;
    this.reason = reason;
    return status;
  }

  #parseHead(bytes: Uint8Array, from: number, end: number, limits: HeadLimits): number {
    let at = from;
    while (at < end && bytes[at] === CR) {
      if (at + 1 === end) return INCOMPLETE;
      if (bytes[at + 1] !== LF || at - from >= MAX_EMPTY_LINES) return this.#fail(400);
      at += 2;
    }
    // What is behind the longest line is not looked at, so that it does not matter what has come.
    const lineEnd = at + limits.maxRequestLine + LINE_END;
    const line = this.#parseRequestLine(bytes, at, end < lineEnd ? end : lineEnd);
    if (line === INCOMPLETE && end >= lineEnd) return this.#fail(414);
    if (line !== COMPLETE) return line;
    at = this.fieldsStart;
    for (;;) {
      if (at >= end) return INCOMPLETE;
      if (bytes[at] === CR) {
        if (at + 1 === end) return INCOMPLETE;
        if (bytes[at + 1] !== LF) return this.#fail(400);
        this.fieldsEnd = at;
        this.end = at + 2;
        return this.#checkHead();
      }
      if (++this.#count > limits.maxHeaders) return this.#fail(431);
      const next = this.#parseField(bytes, at, end);
      if (next === 0) return this.status === 0 ? INCOMPLETE : this.status;
      at = next;
    }
  }

  #parseRequestLine(bytes: Uint8Array, start: number, end: number): number {
    this.start = start;
    let at = start;
    if (end - start >= 4 && isGet(bytes, start)) {
      this.method = 'GET';
      at += 3;
    } else {
      while (at < end && TOKEN_BYTES[bytes[at]!] === 1) at++;
      if (at - start > MAX_METHOD) return this.#fail(501);
      this.method = at === end ? '' : usualMethod(bytes, start, at);
    }
    if (at >= end) return INCOMPLETE;
    if (at === start || bytes[at] !== SP) return this.#fail(400);
    this.methodEnd = at++;
    this.targetStart = at;
    while (at < end && bytes[at]! > SP && bytes[at] !== DEL) at++;
    if (at === end) return INCOMPLETE;
    if (at === this.targetStart || bytes[at] !== SP) return this.#fail(400);
    this.targetEnd = at++;
    if (isVersion11(bytes, at) && end - at >= VERSION.length) {
      this.minor = 1;
      this.fieldsStart = at + VERSION.length;
      return COMPLETE;
    }
    return this.#parseVersion(bytes, at, end);
  }

  /** "HTTP/" DIGIT "." DIGIT CRLF */
  #parseVersion(bytes: Uint8Array, start: number, end: number): number {
    const available = Math.min(end - start, VERSION.length);
    for (let i = 0; i < available; i++) {
      const byte = bytes[start + i]!;
      const wanted = VERSION.charCodeAt(i);
      const fits = wanted === DIGIT ? byte >= 48 && byte <= 57 : byte === wanted;
      if (!fits) return this.#fail(400);
    }
    if (available < VERSION.length) return INCOMPLETE;
    if (bytes[start + 5] !== 49) return this.#fail(505, 'unsupported protocol version');
    this.minor = bytes[start + 7] === 48 ? 0 : 1;
    this.fieldsStart = start + VERSION.length;
    return COMPLETE;
  }

  /** Where the next line begins; 0 if this one is incomplete, or wrong (then `status` is set). */
  #parseField(bytes: Uint8Array, start: number, end: number): number {
    const afterHost = this.#parsePlainHost(bytes, start, end);
    if (afterHost > 0) return afterHost;
    let at = start;
    while (at < end && TOKEN_BYTES[bytes[at]!] === 1) at++;
    if (at === end) return 0;
    if (at === start || bytes[at] !== COLON) {
      this.#fail(400, 'invalid header name');
      return 0;
    }
    const nameEnd = at++;
    while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++;
    const valueStart = at;
    at = valueEndFrom(bytes, at, end);
    if (at + 1 >= end && (at === end || bytes[at] === CR)) return 0;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) {
      this.#fail(400, 'invalid header value');
      return 0;
    }
    const next = at + 2;
    while (at > valueStart && (bytes[at - 1] === SP || bytes[at - 1] === HTAB)) at--;
    this.#note(bytes, start, nameEnd, valueStart, at);
    return this.status === 0 ? next : 0;
  }

  /** "Host: " and a host, as nearly every request has it, in one pass; 0 for anything else. */
  #parsePlainHost(bytes: Uint8Array, start: number, end: number): number {
    if (this.hosts > 0 || end - start < 8 || !isPlainHost(bytes, start)) return 0;
    const value = start + 6;
    const at = plainHostEnd(bytes, value, end);
    if (at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF) return 0;
    this.hosts = 1;
    this.hostStart = value;
    this.hostEnd = at;
    return at + 2;
  }

  /** Takes what the server itself must know of a field. */
  #note(bytes: Uint8Array, name: number, nameEnd: number, value: number, valueEnd: number): void {
    switch (nameEnd - name) {
      case 4:
        if (matches(bytes, name, 'host')) this.#noteHost(bytes, value, valueEnd);
        return;
      case 6:
        if (matches(bytes, name, 'expect')) this.#noteExpect(bytes, value, valueEnd);
        return;
      case 10:
        if (matches(bytes, name, 'connection')) this.#noteConnection(bytes, value, valueEnd);
        return;
      case 14:
        if (matches(bytes, name, 'content-length')) this.#noteLength(bytes, value, valueEnd);
        return;
      case 17:
        if (matches(bytes, name, 'transfer-encoding')) this.#noteCoding(bytes, value, valueEnd);
        return;
      default:
    }
  }

  #noteHost(bytes: Uint8Array, value: number, end: number): void {
    this.hostStart = value;
    this.hostEnd = end;
    if (++this.hosts > 1) this.#fail(400, 'too many Host headers');
    if (!isHost(bytes, value, end)) this.#fail(400, 'malformed Host header');
  }

  #noteExpect(bytes: Uint8Array, value: number, end: number): void {
    if (equals(bytes, value, end, '100-continue')) this.expectContinue = true;
    else this.#fail(417);
  }

  #noteConnection(bytes: Uint8Array, value: number, end: number): void {
    for (let at = value; at < end;) {
      let comma = at;
      while (comma < end && bytes[comma] !== 44) comma++;
      let last = comma;
      while (at < last && (bytes[at] === SP || bytes[at] === HTAB)) at++;
      while (last > at && (bytes[last - 1] === SP || bytes[last - 1] === HTAB)) last--;
      if (equals(bytes, at, last, 'close')) this.close = true;
      else if (equals(bytes, at, last, 'keep-alive')) this.keepAlive = true;
      at = comma + 1;
    }
  }

  #noteLength(bytes: Uint8Array, value: number, end: number): void {
    let length = 0;
    let good = end > value && this.contentLength < 0;
    for (let at = value; at < end && good; at++) {
      const digit = bytes[at]! - 48;
      length = length * 10 + digit;
      good = digit >= 0 && digit <= 9 && length <= Number.MAX_SAFE_INTEGER;
    }
    if (good) this.contentLength = length;
    else this.#fail(400, 'bad Content-Length');
  }

  #noteCoding(bytes: Uint8Array, value: number, end: number): void {
    if (this.chunked || !equals(bytes, value, end, 'chunked')) {
      this.#fail(501, 'unsupported transfer encoding');
    }
    this.chunked = true;
  }

  /** What only the whole head tells. */
  #checkHead(): number {
    if (this.chunked && this.minor === 0) {
      return this.#fail(400, 'Transfer-Encoding in an HTTP/1.0 request');
    }
    if (this.chunked && this.contentLength >= 0) {
      return this.#fail(400, 'both Transfer-Encoding and Content-Length');
    }
    if (this.hosts === 0 && this.minor === 1) {
      return this.#fail(400, 'missing required Host header');
    }
    return COMPLETE;
  }
}

/** Where the bytes end that may stand in a value, searching from `start`. */
function valueEndFrom(bytes: Uint8Array, start: number, end: number): number {
  const near = Math.min(end, start + NEAR);
  let at = start;
  while (at < near && FIELD_VALUE_BYTES[bytes[at]!] === 1) at++;
  if (at < near || at === end) return at;
  for (const words = wordsOf(bytes); at < end;) {
    const word = at & 3;
    // Four bytes at a time, while none of them is a control character.
    if (word === 0 && words !== null) {
      let i = at >> 2;
      for (const last = end >> 2; i < last && !hasControl(words[i]!); i++);
      at = i << 2;
    }
    // Up to the next word, unless the value ends before.
    const stop = Math.min(end, (at & ~3) + 4);
    while (at < stop && FIELD_VALUE_BYTES[bytes[at]!] === 1) at++;
    if (at < stop) return at;
  }
  return at;
}

/** Bytes that are looked at one by one before it is worth looking at four. */
const NEAR = 16;

let wordsFor: Uint8Array | null = null;
let words: Int32Array | null = null;

/** The same bytes by fours, if they are aligned. Kept, since most heads are in the same buffer. */
function wordsOf(bytes: Uint8Array): Int32Array | null {
  if (bytes === wordsFor) return words;
  wordsFor = bytes;
  const aligned = (bytes.byteOffset & 3) === 0;
  words = aligned ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : null;
  return words;
}

/** Whether one of four bytes is below 0x20, or DEL. */
function hasControl(word: number): boolean {
  const low = (word - 0x20202020) & ~word;
  const del = word ^ 0x7f7f7f7f;
  return ((low | ((del - 0x01010101) & ~del)) & 0x80808080) !== 0;
}

/** "GET " */
function isGet(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 71 && bytes[at + 1] === 69 && bytes[at + 2] === 84 && bytes[at + 3] === SP;
}

/** "Host: " or "host: " */
function isPlainHost(bytes: Uint8Array, at: number): boolean {
  return (
    (bytes[at]! | 32) === 104 &&
    bytes[at + 1] === 111 &&
    bytes[at + 2] === 115 &&
    bytes[at + 3] === 116 &&
    bytes[at + 4] === COLON &&
    bytes[at + 5] === SP
  );
}

/** "HTTP/1.1\r\n" */
function isVersion11(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 72 &&
    bytes[at + 1] === 84 &&
    bytes[at + 2] === 84 &&
    bytes[at + 3] === 80 &&
    bytes[at + 4] === 47 &&
    bytes[at + 5] === 49 &&
    bytes[at + 6] === 46 &&
    bytes[at + 7] === 49 &&
    bytes[at + 8] === CR &&
    bytes[at + 9] === LF
  );
}

/** '#' stands for a digit. */
const VERSION = 'HTTP/#.#\r\n';
const DIGIT = 35;

/** `lower` is lower-case, of letters and '-' alone, and as long as the name. */
function matches(bytes: Uint8Array, at: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    if ((bytes[at + i]! | 32) !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Compares without regard to case; `lower` is lower-case, of letters, digits and '-'. */
function equals(bytes: Uint8Array, at: number, end: number, lower: string): boolean {
  return end - at === lower.length && matches(bytes, at, lower);
}
