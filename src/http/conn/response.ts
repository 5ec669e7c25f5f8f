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
import { hasEnded, noBody, tooLong } from '../response-errors.ts';
import { BUFFER, GATHER, HIGH_WATER } from './response-bounds.ts';
import type { ResponseSink } from './response-sink.ts';
import { type Framing, type Unusual, unusual } from './response-unusual.ts';
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

const encoder = new TextEncoder();

// The bits of a response's state. They stand here because the engine looks imported constants up each time.

const HTTP_1_1 = 1;
/** The client leaves the connection open. */
const KEEP_ALIVE = 2;
const HEAD_SENT = 4;
const ENDED = 8;
const HIJACKED = 16;
const CLOSE = 32;

export class Response implements ResponseWriter {
  readonly #sink: ResponseSink;
  /** Of the request. */
  readonly #method: string;
  #state: number;
  #header: Header | null = null;
  #status = 0;
  #framing: Framing = 'none';
  /** The first part of the body that waits for the head. Strings are ASCII. */
  #body: string | Uint8Array | null = null;
  #written = 0;
  #unusual: Unusual | null = null;

  /**
   * The answer to a request of `method` and HTTP/1.`minor`. `wantsKeepAlive`: the client leaves the
   * connection open after it.
   */
  constructor(sink: ResponseSink, method: string, minor: number, wantsKeepAlive: boolean) {
    this.#sink = sink;
    this.#method = method;
    this.#state = (minor === 0 ? 0 : HTTP_1_1) | (wantsKeepAlive ? KEEP_ALIVE : 0);
  }

  /** Of HTTP/1.x. */
  get minor(): 0 | 1 {
    return (this.#state & HTTP_1_1) === 0 ? 0 : 1;
  }

  #makeUnusual(): Unusual {
    return (this.#unusual ??= unusual());
  }

  get #reason(): string {
    return this.#unusual === null ? '' : this.#unusual.reason;
  }

  get #declared(): number {
    return this.#unusual === null ? UNSAID : this.#unusual.declared;
  }

  header(): Header {
    return (this.#header ??= new Header());
  }

  get status(): number {
    return this.#status;
  }

  get headSent(): boolean {
    return (this.#state & HEAD_SENT) !== 0;
  }

  /** Whether the connection must be closed after it. Known once finished. */
  get close(): boolean {
    return (this.#state & CLOSE) !== 0;
  }

  get bytesWritten(): number {
    return this.#written;
  }

  get hijacked(): boolean {
    return (this.#state & HIJACKED) !== 0;
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
    if (reason !== '' && reason !== statusText(statusCode)) this.#makeUnusual().reason = reason;
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
    if ((this.#state & ENDED) === 0) return;
    throw hasEnded();
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const length = this.#add(data);
      if (!this.headSent) return settled(length);
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
    if (this.headSent) this.#send(part);
    else this.#hold(part);
    return length;
  }

  sendFile(file: DiskFile, offset: number, length: number): Promise<number> {
    try {
      checkPart(file, offset, length);
      this.#count(length);
      if (!this.headSent) this.#sendHead(UNSAID);
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
    if (!bodyAllowed(this.#status)) throw noBody();
    if (this.#declared < 0 && !this.headSent && this.#header !== null) {
      this.#declare(declaredLength(this.#header, this));
    }
    if (this.#declared >= 0 && this.#written + length > this.#declared) throw tooLong();
    this.#written += length;
  }

  #hold(part: string | Uint8Array): void {
    // The caller may use its buffer again. Not by slice, which of a Buffer copies nothing.
    const kept = typeof part !== 'string' && this.#written <= BUFFER;
    const own = kept ? new Uint8Array(part) : part;
    if (this.#body === null) this.#body = own;
    else this.#makeUnusual().body.push(own);
    if (this.#written > BUFFER) this.#sendHead(UNSAID);
  }

  flush(): Promise<void> {
    if ((this.#state & ENDED) !== 0) return Promise.resolve();
    if (this.#status === 0) this.#status = 200;
    if (!this.headSent) this.#sendHead(UNSAID);
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
    this.#state |= ENDED | HIJACKED;
    return this.#sink.hijack();
  }

  /** Whoever still has it can do nothing more with it. */
  abandon(): void {
    this.#state |= ENDED;
  }

  /** The handler has returned: completes the response. Once. */
  finish(): void {
    if ((this.#state & ENDED) !== 0) return;
    this.#state |= ENDED;
    if (this.#status === 0) this.#status = 200;
    if (!this.headSent) {
      if (this.#sendAgain()) return;
      this.#sendHead(this.isHead && this.#written === 0 ? UNSAID : this.#written);
    }
    if (this.#framing === 'chunked' && !this.isHead) this.#endChunks();
    this.#checkLength();
  }

  /** The reply before, if this is the same. */
  #sendAgain(): boolean {
    const body = this.#body;
    if (typeof body !== 'string' || this.#unusual !== null) return false;
    if (this.isHead || this.isTunnel) return false;
    const sink = this.#sink;
    const date = sink.dateLine();
    const close = (this.#state & KEEP_ALIVE) === 0 || sink.closesAfter();
    const whole = sink.heads.again(this.#status, this.minor, this.#header, body, close, date);
    if (whole === null) return false;
    sink.output.addBytes(whole);
    this.#state |= close ? HEAD_SENT | CLOSE : HEAD_SENT;
    this.#body = null;
    return true;
  }

  #endChunks(): void {
    const { output } = this.#sink;
    const header = this.#header;
    if (header === null || (header.known & SAYS_TRAILER) === 0) output.addText(LAST_CHUNK);
    else output.addText(lastChunk(header, this.#unusual?.trailers ?? NO_TRAILERS, this));
  }

  #checkLength(): void {
    if (this.#framing !== 'length' || this.isHead) return;
    if (this.#declared >= 0 && this.#written < this.#declared) this.#state |= CLOSE;
  }

  /** `bodyLength` is that of the whole body, or UNSAID if there may be more. */
  #sendHead(bodyLength: number): void {
    this.#state |= HEAD_SENT;
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
    const { close } = this;
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

  #declare(length: number): void {
    if (length !== this.#declared) this.#makeUnusual().declared = length;
  }

  #checkEnd(header: Header, bodyLength: number): number {
    const length = checkEnd(header, bodyLength, this);
    this.#declare(ending.declared);
    if (ending.trailers !== NO_TRAILERS) this.#makeUnusual().trailers = ending.trailers;
    return length;
  }

  #sendBody(): void {
    if (this.#body === null) return;
    this.#send(this.#body);
    this.#body = null;
    if (this.#unusual === null) return;
    for (const part of this.#unusual.body) this.#send(part);
    this.#unusual.body.length = 0;
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
    const close =
      (this.#state & KEEP_ALIVE) === 0 ||
      this.#framing === 'close' ||
      this.#status === Status.SwitchingProtocols ||
      ((known & KnownField.Connection) !== 0 && saysOption(this.#header!, 'close')) ||
      this.#sink.closesAfter();
    if (close) this.#state |= CLOSE;
    else this.#state &= ~CLOSE;
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
