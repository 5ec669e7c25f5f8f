/**
 * A response as the handler writes it. The head is sent as late as possible: if the whole body is known
 * by then, its length stands in the head; else the body is chunked, or, for HTTP/1.0, ends the connection.
 *
 *   buffering ──more than BUFFER bytes, or flush──► head sent: length | chunked | until close
 *       └──────── handler has returned ──► head with Content-Length, body ──► finished
 *
 * RFC 9110, 9112; what is decided when is Go's (net/http/server.go).
 */
import { isAscii } from '../io/latin1.ts';
import { settled } from '../io/settled.ts';
import { HttpError } from './errors.ts';
import type { Hijacked, ResponseWriter } from './handler.ts';
import type { HeadCache } from './head-cache.ts';
import { Header, KnownField } from './header.ts';
import type { Output } from './output.ts';
import { detectContentType, sniffText } from './sniff.ts';
import { bodyAllowed, statusLine, statusText } from './status.ts';

/** Body bytes that are held back while the length may still become known. As in Go. */
const BUFFER = 2048;

/** Bytes that are gathered before they are sent without a flush. */
const GATHER = 4096;

/** A writer waits while more than this is not sent. */
const HIGH_WATER = 64 * 1024;

const encoder = new TextEncoder();

/** What a response needs of its connection. */
export interface ResponseSink {
  readonly output: Output;
  readonly heads: HeadCache;
  /** The Date field, as a line. */
  dateLine(): string;
  /** Told before the head is made: nothing may be sent after this response if true. */
  closesAfter(): boolean;
  hijack(): Hijacked;
  log(message: string): void;
}

type Framing = 'none' | 'length' | 'chunked' | 'close';

export class Response implements ResponseWriter {
  readonly #sink: ResponseSink;
  readonly #isHead: boolean;
  readonly #minor: 0 | 1;
  readonly #wantsKeepAlive: boolean;
  #header: Header | null = null;
  #status = 0;
  /** The phrase of the status line; empty for the usual one. */
  #reason = '';
  #headSent = false;
  #framing: Framing = 'none';
  /** Body that waits for the head. Strings are ASCII. */
  #body: string | Uint8Array | null = null;
  #moreBody: (string | Uint8Array)[] | null = null;
  #pending = 0;
  #written = 0;
  #declared = -1;
  #ended = false;
  #close = false;

  /** `wantsKeepAlive`: the client leaves the connection open after this response. */
  constructor(sink: ResponseSink, isHead: boolean, minor: number, wantsKeepAlive: boolean) {
    this.#sink = sink;
    this.#isHead = isHead;
    this.#minor = minor === 0 ? 0 : 1;
    this.#wantsKeepAlive = wantsKeepAlive;
  }

  header(): Header {
    return (this.#header ??= new Header());
  }

  get status(): number {
    return this.#status;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  /** Whether the connection must be closed after it. Known once finished. */
  get close(): boolean {
    return this.#close;
  }

  get bytesWritten(): number {
    return this.#written;
  }

  writeHeader(statusCode: number, reason = ''): void {
    if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 999) {
      throw new RangeError(`writeHeader: statusCode must be an integer in 100..999`);
    }
    if (reason !== '') checkReason(reason);
    if (this.#ended) throw new HttpError('http: response has ended', 'ERR_HTTP_ENDED');
    if (this.#status !== 0) return this.#sink.log('http: superfluous writeHeader call');
    if (statusCode < 200 && statusCode !== 101) return this.#sendInterim(statusCode);
    this.#status = statusCode;
    if (reason !== '' && reason !== statusText(statusCode)) this.#reason = reason;
  }

  #sendInterim(statusCode: number): void {
    if (this.#minor === 0) return;
    const { output } = this.#sink;
    const fields = this.header().clone();
    // Those are of the final response: an interim one has no body.
    fields.delete('Content-Length');
    fields.delete('Transfer-Encoding');
    output.addText(`${fields.appendTo(statusLine(statusCode))}\r\n`);
    output.flush();
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const length = this.#add(data);
      const { output } = this.#sink;
      if (!this.#headSent) return settled(length);
      if (output.backlog >= GATHER) output.flush();
      if (output.error !== null) return unattended(Promise.reject(output.error));
      if (output.backlog < HIGH_WATER && !output.lends) return settled(length);
      return unattended(output.drained().then(() => length));
    } catch (error) {
      // Told in the log too, since small writes need not be awaited.
      if (error instanceof HttpError) this.#sink.log(error.message);
      return unattended(Promise.reject(error));
    }
  }

  /** Adds to the body; how many bytes that were. */
  #add(data: Uint8Array | string): number {
    const part = typeof data === 'string' && !isAscii(data) ? encoder.encode(data) : data;
    if (typeof part !== 'string' && !(part instanceof Uint8Array)) {
      throw new TypeError('write: data must be a Uint8Array or a string');
    }
    if (this.#ended) throw new HttpError('http: response has ended', 'ERR_HTTP_ENDED');
    if (this.#status === 0) this.#status = 200;
    if (!bodyAllowed(this.#status)) {
      throw new HttpError(
        'http: request method or response status code does not allow body',
        'ERR_HTTP_BODY_NOT_ALLOWED',
      );
    }
    const { length } = part;
    if (this.#declared < 0 && !this.#headSent) this.#readDeclared();
    if (this.#declared >= 0 && this.#written + length > this.#declared) {
      throw new HttpError(
        'http: wrote more than the declared Content-Length',
        'ERR_HTTP_CONTENT_LENGTH',
      );
    }
    this.#written += length;
    if (length === 0) return 0;
    if (this.#headSent) this.#send(part);
    else this.#hold(part);
    return length;
  }

  #hold(part: string | Uint8Array): void {
    // The caller may use its buffer again. Not by slice, which of a Buffer copies nothing.
    const kept = typeof part !== 'string' && this.#pending + part.length <= BUFFER;
    const own = kept ? new Uint8Array(part) : part;
    this.#pending += part.length;
    if (this.#body === null) this.#body = own;
    else (this.#moreBody ??= []).push(own);
    if (this.#pending > BUFFER) this.#sendHead(-1);
  }

  #readDeclared(): void {
    const header = this.#header;
    if (header === null || (header.known & KnownField.ContentLength) === 0) return;
    const value = header.get('Content-Length')!;
    if (/^\d{1,15}$/.test(value)) {
      this.#declared = Number(value);
      if (header.values('Content-Length').length > 1) header.set('Content-Length', value);
    } else {
      this.#sink.log(`http: invalid Content-Length of ${JSON.stringify(value)}`);
      header.delete('Content-Length');
    }
  }

  flush(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    if (this.#status === 0) this.#status = 200;
    if (!this.#headSent) this.#sendHead(-1);
    return unattended(this.#sink.output.drained());
  }

  hijack(): Hijacked {
    if (this.#ended) throw new HttpError('http: response has ended', 'ERR_HTTP_ENDED');
    this.#sink.output.handOver();
    this.#ended = true;
    return this.#sink.hijack();
  }

  /** The handler has returned: completes the response. Once. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#status === 0) this.#status = 200;
    if (!this.#headSent) {
      this.#sendHead(this.#isHead && this.#pending === 0 ? -1 : this.#pending);
    }
    if (this.#framing === 'chunked' && !this.#isHead) this.#sink.output.addText('0\r\n\r\n');
    this.#checkLength();
  }

  #checkLength(): void {
    if (this.#framing !== 'length' || this.#isHead) return;
    if (this.#declared >= 0 && this.#written < this.#declared) this.#close = true;
  }

  /** `bodyLength` is that of the whole body, or -1 if there may be more. */
  #sendHead(bodyLength: number): void {
    this.#headSent = true;
    const sink = this.#sink;
    const header = this.#header;
    const known = header === null ? 0 : header.known;
    const length = (known & SAYS_END) === 0 ? bodyLength : this.#checkEnd(header!, bodyLength);
    const said = this.#frame(length);
    const type = this.#body === null || (known & SAYS_TYPE) !== 0 ? '' : sniff(this.#body);
    this.#decideClose(known);
    if (length >= 0) this.#checkLength();
    const { heads, output } = sink;
    const date = sink.dateLine();
    const status = this.#status;
    const minor = this.#minor;
    const close = this.#close;
    const usual = this.#reason === '';
    const place = usual ? heads.find(status, minor, header, said, type, close, date) : -1;
    if (place >= 0 && typeof this.#body === 'string' && length === this.#body.length) {
      const whole = this.#isHead ? null : heads.wholeAt(place, this.#body);
      if (whole !== null) {
        output.addBytes(whole);
        this.#body = null;
        return;
      }
    }
    if (place >= 0) output.addBytes(heads.headAt(place));
    else {
      const head = this.#compose(said, type, date, known);
      if (usual) heads.add({ status, minor, header, length: said, type, close }, date, head);
      output.addText(head);
    }
    this.#sendBody();
  }

  #sendBody(): void {
    if (this.#body === null) return;
    this.#send(this.#body);
    this.#body = null;
    if (this.#moreBody === null) return;
    for (const part of this.#moreBody) this.#send(part);
    this.#moreBody = null;
  }

  /** The handler's own fields that say where the body ends: never two, nor one where none may be. */
  #checkEnd(header: Header, length: number): number {
    const coded = (header.known & KnownField.TransferEncoding) !== 0;
    this.#declared = -1;
    if (this.#status < 200 || this.#status === 204) {
      header.delete('Transfer-Encoding');
      header.delete('Content-Length');
      return coded ? -1 : length;
    }
    const codings = coded ? header.values('Transfer-Encoding').join(', ') : '';
    if (!coded || codings.toLowerCase() === 'identity') {
      if (coded) header.delete('Transfer-Encoding');
      this.#checkDeclared(header);
      return !coded || this.#declared >= 0 ? length : UNTIL_CLOSE;
    }
    this.#keepCodings(header, codings);
    return -1;
  }

  #checkDeclared(header: Header): void {
    this.#readDeclared();
    if (this.#declared < 0 || this.#declared >= this.#written) return;
    this.#sink.log(`http: Content-Length is ${this.#declared}, but more was written`);
    header.delete('Content-Length');
    this.#declared = -1;
  }

  /** What the handler has coded stays said; that it ends in chunks says the server itself. */
  #keepCodings(header: Header, codings: string): void {
    const length = header.get('Content-Length');
    if (length !== undefined) {
      const both = `Transfer-Encoding of ${JSON.stringify(codings)} and a Content-Length of ${length}`;
      this.#sink.log(`http: writeHeader called with both ${both}`);
      header.delete('Content-Length');
    }
    const own = codings.split(/[\s,]+/).filter((coding) => !/^(chunked|identity|)$/i.test(coding));
    const sent = this.#minor === 1 && !this.#isHead && bodyAllowed(this.#status);
    if (sent && own.length > 0) header.set('Transfer-Encoding', own.join(', '));
    else header.delete('Transfer-Encoding');
  }

  /** Decides where the body ends: the length to be said, {@link CHUNKED}, or {@link UNSAID}. */
  #frame(length: number): number {
    if (!bodyAllowed(this.#status)) return UNSAID;
    this.#framing = 'length';
    if (this.#declared >= 0) return UNSAID;
    if (length >= 0) return length;
    const untilClose = length === UNTIL_CLOSE;
    if (this.#isHead && (untilClose || this.#written === 0)) return UNSAID;
    this.#framing = untilClose || this.#minor === 0 ? 'close' : 'chunked';
    return this.#framing === 'close' ? UNSAID : CHUNKED;
  }

  #decideClose(known: number): void {
    this.#close =
      !this.#wantsKeepAlive ||
      this.#framing === 'close' ||
      this.#status === 101 ||
      ((known & KnownField.Connection) !== 0 && saysClose(this.#header!.get('Connection')!)) ||
      this.#sink.closesAfter();
  }

  #compose(length: number, type: string, date: string, known: number): string {
    let head = statusLine(this.#status, this.#minor, this.#reason);
    if (this.#header !== null) head = this.#header.appendTo(head);
    if ((known & KnownField.Date) === 0) head += date;
    if (length >= 0) head += `Content-Length: ${length}\r\n`;
    if (type !== '') head += `Content-Type: ${type}\r\n`;
    // After 101 the connection is not HTTP's any more.
    const says = (known & KnownField.Connection) === 0 && this.#status !== 101;
    if (says && this.#close !== (this.#minor === 0)) {
      head += this.#close ? 'Connection: close\r\n' : 'Connection: keep-alive\r\n';
    }
    if (length === CHUNKED) head += 'Transfer-Encoding: chunked\r\n';
    return `${head}\r\n`;
  }

  #send(part: string | Uint8Array): void {
    if (this.#isHead) return;
    const { output } = this.#sink;
    const chunked = this.#framing === 'chunked';
    if (chunked) output.addText(`${part.length.toString(16)}\r\n`);
    if (typeof part === 'string') output.addText(part);
    else output.addBytes(part);
    if (chunked) output.addText('\r\n');
  }
}

const SAYS_TYPE = KnownField.ContentType | KnownField.ContentEncoding | KnownField.TransferEncoding;

const SAYS_END = KnownField.ContentLength | KnownField.TransferEncoding;

/** In the place of a length. */
const UNSAID = -1;
const CHUNKED = -2;
/** The handler wants it so: no chunks although the length is not known. */
const UNTIL_CLOSE = -3;

/** Handlers need not wait for what they write: that the client has gone is no unhandled rejection. */
function unattended<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** RFC 9112, section 4: what may stand in a reason phrase. */
function checkReason(reason: string): void {
  if (typeof reason === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(reason)) return;
  throw new TypeError('writeHeader: reason must be a string of printable latin1 characters');
}

function saysClose(connection: string): boolean {
  return /(?:^|,)\s*close\s*(?:,|$)/i.test(connection);
}

function sniff(body: string | Uint8Array): string {
  return typeof body === 'string' ? sniffText(body) : detectContentType(body);
}
