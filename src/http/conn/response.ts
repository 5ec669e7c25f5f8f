/**
 * A response as the handler writes it. The head is sent as late as possible: if the whole body is known
 * by then, its length stands in the head; else the body is chunked, or, for HTTP/1.0, ends the connection.
 *
 *   buffering ──more than BUFFER bytes, or flush──► head sent: length | chunked | until close
 *       └──────── handler has returned ──► head with Content-Length, body ──► finished
 *
 * RFC 9110, 9112; what is decided when is Go's (net/http/server.go).
 */
import { unattended } from '../../io/thenable.ts';
import { isAscii } from '../../io/latin1.ts';
import { settled } from '../../io/settled.ts';
import type { Deadline } from '../../net/conn.ts';
import { requireDeadline } from '../../net/deadline.ts';
import type { DiskFile } from '../../net/disk-file.ts';
import { HttpError } from '../errors.ts';
import { checkPart } from './file-body.ts';
import type { Hijacked, ResponseWriter } from '../handler.ts';
import { Header, KnownField } from '../message/header.ts';
import { checkEnd, declaredLength, ending } from '../message/response-framing.ts';
import type { ResponseSink } from './response-sink.ts';
import {
  checkStatusLine,
  CHUNKED,
  composeHead,
  composeInterim,
  SAYS_END,
  SAYS_TYPE,
  saysOption,
  TUNNEL,
  UNSAID,
  UNTIL_CLOSE,
} from '../message/response-head.ts';
import { sniffBody } from '../message/sniff.ts';
import { bodyAllowed, Status, statusText } from '../message/status.ts';
import { LAST_CHUNK, lastChunk, NO_TRAILERS, SAYS_TRAILER } from '../message/trailer.ts';

/** Body bytes that are held back while the length may still become known. As in Go. */
const BUFFER = 2048;

/** Bytes that are gathered before they are sent without a flush. */
const GATHER = 4096;

/** A writer waits while more than this is not sent. */
const HIGH_WATER = 64 * 1024;

const encoder = new TextEncoder();

type Framing = 'none' | 'length' | 'chunked' | 'close';

export class Response implements ResponseWriter {
  readonly #sink: ResponseSink;
  /** Of the request. */
  readonly #method: string;
  /** Of HTTP/1.x. */
  readonly minor: 0 | 1;
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
  #declared = UNSAID;
  /** The names of trailers that the head has announced. */
  #trailers: readonly string[] = NO_TRAILERS;
  #ended = false;
  #hijacked = false;
  #close = false;

  /**
   * The answer to a request of `method` and HTTP/1.`minor`. `wantsKeepAlive`: the client leaves the
   * connection open after it.
   */
  constructor(sink: ResponseSink, method: string, minor: number, wantsKeepAlive: boolean) {
    this.#sink = sink;
    this.#method = method;
    this.minor = minor === 0 ? 0 : 1;
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

  get hijacked(): boolean {
    return this.#hijacked;
  }

  /** In the server's log. */
  log(message: string): void {
    this.#sink.log(message);
  }

  get isHead(): boolean {
    return this.#method === 'HEAD';
  }

  writeHeader(statusCode: number, reason = ''): void {
    checkStatusLine(statusCode, reason);
    this.#checkOpen();
    if (this.#status !== 0) return this.log('http: superfluous writeHeader call');
    if (statusCode < 200) return this.#inform(statusCode);
    this.#status = statusCode;
    if (reason !== '' && reason !== statusText(statusCode)) this.#reason = reason;
  }

  #inform(statusCode: number): void {
    if (statusCode === Status.SwitchingProtocols) {
      if (this.minor === 0) {
        throw new HttpError('http: 101 is not for HTTP/1.0', 'ERR_HTTP_UPGRADE', Status.BadRequest);
      }
      this.#status = statusCode;
    } else if (statusCode === Status.Continue) this.#sink.beforeBody();
    else if (this.minor === 1) {
      this.#sink.output.addText(composeInterim(statusCode, this.#header));
      this.#sink.output.flush();
    }
  }

  #checkOpen(): void {
    if (this.#ended) throw new HttpError('http: response has ended', 'ERR_HTTP_ENDED');
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const length = this.#add(data);
      if (!this.#headSent) return settled(length);
      const { output } = this.#sink;
      if (output.backlog >= GATHER) output.flush();
      if (output.error !== null) return unattended(Promise.reject(output.error));
      if (output.backlog < HIGH_WATER && !output.lends) return settled(length);
      return unattended(output.drained().then(() => length));
    } catch (error) {
      // Told in the log too, since small writes need not be awaited.
      if (error instanceof HttpError) this.log(error.message);
      return unattended(Promise.reject(error));
    }
  }

  /** Adds to the body; how many bytes that were. */
  #add(data: Uint8Array | string): number {
    const part = typeof data === 'string' && !isAscii(data) ? encoder.encode(data) : data;
    if (typeof part !== 'string' && !(part instanceof Uint8Array)) {
      throw new TypeError('write: data must be a Uint8Array or a string');
    }
    const { length } = part;
    this.#count(length);
    if (length === 0) return 0;
    if (this.#headSent) this.#send(part);
    else this.#hold(part);
    return length;
  }

  sendFile(file: DiskFile, offset: number, length: number): Promise<number> {
    try {
      checkPart(file, offset, length);
      this.#count(length);
      if (!this.#headSent) this.#sendHead(UNSAID);
      const { output } = this.#sink;
      const chunked = this.#framing === 'chunked';
      if (!this.isHead && length > 0) output.addFile(file, offset, length, chunked);
      if (output.error === null && !output.sendsFile) return settled(length);
      return unattended(output.drained().then(() => length));
    } catch (error) {
      if (error instanceof HttpError) this.log(error.message);
      return unattended(Promise.reject(error));
    }
  }

  /** Counts `length` bytes that are added to the body. Throws if they may not be. */
  #count(length: number): void {
    this.#checkOpen();
    if (this.#status === 0) this.#status = 200;
    if (!bodyAllowed(this.#status)) {
      throw new HttpError(
        'http: request method or response status code does not allow body',
        'ERR_HTTP_BODY_NOT_ALLOWED',
      );
    }
    if (this.#declared < 0 && !this.#headSent && this.#header !== null) {
      this.#declared = declaredLength(this.#header, this);
    }
    if (this.#declared >= 0 && this.#written + length > this.#declared) {
      throw new HttpError(
        'http: wrote more than the declared Content-Length',
        'ERR_HTTP_CONTENT_LENGTH',
      );
    }
    this.#written += length;
  }

  #hold(part: string | Uint8Array): void {
    // The caller may use its buffer again. Not by slice, which of a Buffer copies nothing.
    const kept = typeof part !== 'string' && this.#pending + part.length <= BUFFER;
    const own = kept ? new Uint8Array(part) : part;
    this.#pending += part.length;
    if (this.#body === null) this.#body = own;
    else (this.#moreBody ??= []).push(own);
    if (this.#pending > BUFFER) this.#sendHead(UNSAID);
  }

  flush(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    if (this.#status === 0) this.#status = 200;
    if (!this.#headSent) this.#sendHead(UNSAID);
    return unattended(this.#sink.output.drained());
  }

  setReadDeadline(when: Deadline): void {
    requireDeadline(when);
    this.#checkOpen();
    this.#sink.setReadDeadline(when);
  }

  setWriteDeadline(when: Deadline): void {
    requireDeadline(when);
    this.#checkOpen();
    this.#sink.setWriteDeadline(when);
  }

  enableFullDuplex(): void {
    this.#checkOpen();
    this.#sink.beforeBody();
  }

  hijack(): Hijacked {
    this.#checkOpen();
    this.#sink.output.handOver();
    this.#ended = this.#hijacked = true;
    return this.#sink.hijack();
  }

  /** Whoever still has it can do nothing more with it. */
  abandon(): void {
    this.#ended = true;
  }

  /** The handler has returned: completes the response. Once. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#status === 0) this.#status = 200;
    if (!this.#headSent) {
      if (this.#sendAgain()) return;
      this.#sendHead(this.isHead && this.#pending === 0 ? UNSAID : this.#pending);
    }
    if (this.#framing === 'chunked' && !this.isHead) this.#endChunks();
    this.#checkLength();
  }

  /** The reply before, if this is the same. */
  #sendAgain(): boolean {
    const body = this.#body;
    if (typeof body !== 'string' || this.#moreBody !== null) return false;
    if (this.isHead || this.isTunnel || this.#reason !== '') return false;
    const sink = this.#sink;
    const date = sink.dateLine();
    const close = !this.#wantsKeepAlive || sink.closesAfter();
    const whole = sink.heads.again(this.#status, this.minor, this.#header, body, close, date);
    if (whole === null) return false;
    sink.output.addBytes(whole);
    this.#close = close;
    this.#body = null;
    return (this.#headSent = true);
  }

  #endChunks(): void {
    const { output } = this.#sink;
    const header = this.#header;
    if (header === null || (header.known & SAYS_TRAILER) === 0) output.addText(LAST_CHUNK);
    else output.addText(lastChunk(header, this.#trailers, this));
  }

  #checkLength(): void {
    if (this.#framing !== 'length' || this.isHead) return;
    if (this.#declared >= 0 && this.#written < this.#declared) this.#close = true;
  }

  /** `bodyLength` is that of the whole body, or UNSAID if there may be more. */
  #sendHead(bodyLength: number): void {
    this.#headSent = true;
    const sink = this.#sink;
    const header = this.#header;
    const known = header === null ? 0 : header.known;
    const length = (known & SAYS_END) === 0 ? bodyLength : this.#checkEnd(header!, bodyLength);
    const said = this.#frame(length);
    const sniffs = this.#body !== null && (known & SAYS_TYPE) === 0 && said !== TUNNEL;
    const type = sniffs ? sniffBody(this.#body!) : '';
    this.#decideClose(known);
    if (length >= 0) this.#checkLength();
    const { heads, output } = sink;
    const date = sink.dateLine();
    const status = this.#status;
    const minor = this.minor;
    const close = this.#close;
    const usual = this.#reason === '';
    const place = usual ? heads.find(status, minor, header, said, type, close, date) : -1;
    if (place >= 0 && typeof this.#body === 'string' && length === this.#body.length) {
      const plain = (known & (SAYS_END | KnownField.Connection)) === 0 && !this.isTunnel;
      const whole = this.isHead ? null : heads.wholeAt(place, this.#body, plain);
      if (whole !== null) {
        output.addBytes(whole);
        this.#body = null;
        return;
      }
    }
    if (place >= 0) output.addBytes(heads.headAt(place));
    else {
      const head = composeHead(status, minor, header, said, type, close, date, this.#reason);
      if (usual) heads.add({ status, minor, header, length: said, type, close }, date, head);
      output.addText(head);
    }
    this.#sendBody();
  }

  #checkEnd(header: Header, bodyLength: number): number {
    const length = checkEnd(header, bodyLength, this);
    this.#declared = ending.declared;
    this.#trailers = ending.trailers;
    return length;
  }

  #sendBody(): void {
    if (this.#body === null) return;
    this.#send(this.#body);
    this.#body = null;
    if (this.#moreBody === null) return;
    for (const part of this.#moreBody) this.#send(part);
    this.#moreBody = null;
  }

  /** Whether the connection is the client's from the end of the head on. RFC 9110, section 9.3.6. */
  get isTunnel(): boolean {
    return this.#method === 'CONNECT' && this.#status < 300;
  }

  /** Decides where the body ends: the length to be said, or what stands in its place. */
  #frame(length: number): number {
    if (!bodyAllowed(this.#status)) return this.#status === Status.ResetContent ? 0 : UNSAID;
    if (this.isTunnel) return this.#endsWithConnection(TUNNEL);
    this.#framing = 'length';
    if (this.#declared >= 0) return UNSAID;
    if (length >= 0) return length;
    const untilClose = length === UNTIL_CLOSE;
    if (this.isHead && (untilClose || this.#written === 0)) return UNSAID;
    if (untilClose || this.minor === 0) return this.#endsWithConnection(UNSAID);
    this.#framing = 'chunked';
    return CHUNKED;
  }

  #endsWithConnection(said: number): number {
    this.#framing = 'close';
    if (!this.isHead) this.#sink.endsBody();
    return said;
  }

  #decideClose(known: number): void {
    this.#close =
      !this.#wantsKeepAlive ||
      this.#framing === 'close' ||
      this.#status === Status.SwitchingProtocols ||
      ((known & KnownField.Connection) !== 0 && saysOption(this.#header!, 'close')) ||
      this.#sink.closesAfter();
  }

  #send(part: string | Uint8Array): void {
    if (this.isHead) return;
    const { output } = this.#sink;
    const chunked = this.#framing === 'chunked';
    if (chunked) output.addText(`${part.length.toString(16)}\r\n`);
    if (typeof part === 'string') output.addText(part);
    else output.addBytes(part);
    if (chunked) output.addText('\r\n');
  }
}
