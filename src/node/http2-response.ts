/**
 * A response over a stream of HTTP/2: what handlers see is the same as of HTTP/1.1. The head is sent as
 * late there as here, so a short body has its length said; there are no chunks, and of the fields those
 * that are about a connection are left out. RFC 9113, sections 8.2.2 and 8.3.2.
 */
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { HttpError } from '../http/errors.ts';
import { hasEnded, noBody, tooLong } from '../http/response-errors.ts';
import type { Hijacked, ResponseWriter } from '../http/handler.ts';
import { Header, KnownField } from '../http/message/header.ts';
import { checkEnd, declaredLength, ending } from '../http/message/response-framing.ts';
import { SAYS_END, SAYS_TYPE, UNSAID } from '../http/message/response-head.ts';
import { detectContentType } from '../http/message/sniff.ts';
import { bodyAllowed, Status, statusText } from '../http/message/status.ts';
import { SAYS_TRAILER, trailersOf, withoutTrailers } from '../http/message/trailer.ts';
import { settled } from '../io/settled.ts';
import { unattended } from '../io/thenable.ts';
import type { Deadline } from '../net/conn.ts';
import { requireDeadline } from '../net/deadline.ts';
import { fieldsOf } from './http2-fields.ts';

/** Body bytes that are held back while the length may still become known. */
const BUFFER = 2048;

/** A writer waits while more than this is not sent. */
const HIGH_WATER = 64 * 1024;

/** From this length on a writer's bytes are sent from where they are, and it waits until they have been. */
const COPY_LIMIT = 16 * 1024;

/** For respond: node:http2 adds none of its own, which it would where there is to be none. */
const NO_DATE = { sendDate: false };

/** What a response needs of what it answers. */
export interface ResponseHost {
  readonly stream: ServerHttp2Stream;
  readonly maxUnsentBytes: number;
  /** The Date field, as a line. */
  dateLine(): string;
  /** The body is wanted: a client that waits to be told so is told. */
  beforeBody(): void;
  /** No further requests are wanted on this connection. */
  lastOnConnection(): void;
  setReadDeadline(when: Deadline): void;
  setWriteDeadline(when: Deadline): void;
  /** Ends the stream so that the client knows that something is missing. */
  reset(): void;
  log(message: string): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Http2Response implements ResponseWriter {
  /** As those ask who frame a response: chunks are possible, and nothing is a tunnel. */
  readonly minor = 1;
  readonly isHead: boolean;
  readonly isTunnel: boolean = false;
  readonly hijacked: boolean = false;
  readonly #host: ResponseHost;
  readonly #stream: ServerHttp2Stream;
  readonly #header: Header = new Header();
  #status = 0;
  #headSent = false;
  #held: Buffer[] = [];
  #pending = 0;
  #written = 0;
  #declared: number = UNSAID;
  #trailers: readonly string[] = [];
  #ended = false;
  #error: Error | null = null;
  #waiting: Waiting[] = [];
  /** Bytes of a writer's own that are on their way. */
  #lent = 0;
  readonly #passed = (): void => {
    if (this.#waiting.length > 0 && this.#isDrained) this.#tell();
  };

  constructor(host: ResponseHost, method: string) {
    this.#host = host;
    this.#stream = host.stream;
    this.isHead = method === 'HEAD';
  }

  header(): Header {
    return this.#header;
  }

  get status(): number {
    return this.#status;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  get bytesWritten(): number {
    return this.#written;
  }

  /** The response is complete, or as complete as it will be. */
  get ended(): boolean {
    return this.#ended;
  }

  log(message: string): void {
    this.#host.log(message);
  }

  writeHeader(statusCode: number): void {
    if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
      throw new RangeError(`writeHeader: statusCode must be an integer in 100..599 over HTTP/2`);
    }
    this.#checkOpen();
    if (this.#status !== 0) return this.log('http: superfluous writeHeader call');
    if (statusCode >= 200) this.#status = statusCode;
    else this.#inform(statusCode);
  }

  #inform(statusCode: number): void {
    if (statusCode === Status.Continue) return this.#host.beforeBody();
    if (statusCode === Status.SwitchingProtocols) {
      throw new HttpError('http: 101 is not for HTTP/2', 'ERR_HTTP_UPGRADE', Status.BadRequest);
    }
    if (this.#headSent || this.#isGone) return;
    const fields = withoutTrailers(this.#header).clone();
    for (const name of ['Content-Length', 'Trailer']) fields.delete(name);
    this.#stream.additionalHeaders({ ':status': statusCode, ...fieldsOf(fields) });
  }

  get #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #checkOpen(): void {
    if (this.#ended) throw hasEnded();
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const { length } = this.#add(data);
      if (this.#error !== null) return unattended(Promise.reject(this.#error));
      if (!this.#headSent || (this.#backlog < HIGH_WATER && this.#lent === 0)) {
        return settled(length);
      }
      return unattended(this.#drained().then(() => length));
    } catch (error) {
      if (error instanceof HttpError) this.log(error.message);
      return unattended(Promise.reject(error as Error));
    }
  }

  /** Adds to the body. */
  #add(data: Uint8Array | string): Buffer {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError('write: data must be a Uint8Array or a string');
    }
    this.#checkOpen();
    if (this.#status === 0) this.#status = 200;
    if (!bodyAllowed(this.#status)) {
      throw noBody();
    }
    // What is not waited for may be used again by its writer.
    const isOwn = typeof data === 'string' || data.length <= COPY_LIMIT;
    const part = isOwn ? Buffer.from(data) : asBuffer(data);
    this.#count(part.length);
    if (part.length === 0) return part;
    if (this.#headSent) this.#send(part, isOwn);
    else this.#hold(part, isOwn);
    return part;
  }

  #count(length: number): void {
    if (this.#declared < 0 && !this.#headSent) {
      this.#declared = declaredLength(this.#header, this);
    }
    if (this.#declared >= 0 && this.#written + length > this.#declared) {
      throw tooLong();
    }
    this.#written += length;
  }

  #hold(part: Buffer, isOwn: boolean): void {
    if (this.#pending + part.length > BUFFER) {
      this.#sendHead(UNSAID, this.#held[0] ?? part);
      return this.#send(part, isOwn);
    }
    this.#pending += part.length;
    this.#held.push(part);
  }

  #send(part: Buffer, isOwn = true): void {
    if (this.isHead || this.#isGone) return;
    if (isOwn) this.#stream.write(part, this.#passed);
    else {
      this.#lent++;
      this.#stream.write(part, () => {
        this.#lent--;
        this.#passed();
      });
    }
    const most = this.#host.maxUnsentBytes;
    if (this.#backlog - (isOwn ? 0 : part.length) > most) this.#overflow(most);
  }

  get #isDrained(): boolean {
    return this.#backlog === 0 && this.#lent === 0;
  }

  get #backlog(): number {
    return this.#stream.writableLength;
  }

  #overflow(most: number): never {
    const error = new HttpError(
      `http: more than ${most} bytes wait to be sent: await what write returns`,
      'ERR_HTTP_NOT_AWAITED',
    );
    this.fail(error);
    this.#host.reset();
    throw error;
  }

  flush(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    if (this.#status === 0) this.#status = 200;
    try {
      if (!this.#headSent) this.#sendHead(UNSAID, this.#held[0]);
    } catch (error) {
      this.log((error as Error).message);
      return unattended(Promise.reject(error as Error));
    }
    return unattended(this.#drained());
  }

  #drained(): Promise<void> {
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#isDrained || this.isHead) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #tell(): void {
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.#error === null) resolve();
      else reject(this.#error);
    }
  }

  /** Nothing more can be sent. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#held = [];
    this.#tell();
  }

  setReadDeadline(when: Deadline): void {
    requireDeadline(when);
    this.#checkOpen();
    this.#host.setReadDeadline(when);
  }

  setWriteDeadline(when: Deadline): void {
    requireDeadline(when);
    this.#checkOpen();
    this.#host.setWriteDeadline(when);
  }

  enableFullDuplex(): void {
    this.#checkOpen();
    this.#host.beforeBody();
  }

  hijack(): Hijacked {
    this.#checkOpen();
    throw new HttpError('http: a stream of HTTP/2 cannot be hijacked', 'ERR_HTTP_HIJACK');
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
    if (!this.#headSent) this.#sendHead(this.#pending, this.#held[0]);
    if (this.#isGone) return;
    const short = !this.isHead && this.#declared >= 0 && this.#written < this.#declared;
    if (short) this.#host.reset();
    else if (!this.#stream.writableEnded) this.#stream.end();
  }

  /** In the place of what the handler would have answered. */
  refuse(status: number): void {
    this.#ended = true;
    if (this.#headSent || this.#isGone) return;
    const text = `${status} ${statusText(status)}`;
    this.#stream.respond({
      ':status': status,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': text.length,
      ...this.#date(),
    });
    if (!this.#stream.writableEnded) this.#stream.end(text);
  }

  /** `bodyLength` is that of the whole body, or UNSAID; `first` is where it begins. */
  #sendHead(bodyLength: number, first: Buffer | undefined): void {
    this.#headSent = true;
    const header = this.#header;
    const status = this.#status;
    const known = header.known;
    const length = (known & SAYS_END) === 0 ? bodyLength : this.#checkEnd(header, bodyLength);
    const fields = fieldsOf((known & SAYS_TRAILER) === 0 ? header : withoutTrailers(header));
    const says = bodyAllowed(status) && this.#declared < 0 && length >= 0;
    if (says && !(this.isHead && this.#written === 0)) fields['content-length'] = length;
    if (first !== undefined && (known & SAYS_TYPE) === 0) {
      fields['content-type'] = detectContentType(first);
    }
    if ((known & KnownField.Date) === 0) Object.assign(fields, this.#date());
    if (/\bclose\b/i.test(header.get('Connection') ?? '')) this.#host.lastOnConnection();
    if (this.#isGone) return;
    const waitForTrailers = this.#trailers.length > 0 || (known & SAYS_TRAILER) !== 0;
    if (waitForTrailers) this.#stream.once('wantTrailers', () => this.#sendTrailers());
    const endStream = length === 0 && !waitForTrailers && this.#ended;
    const options = { waitForTrailers, endStream, ...NO_DATE };
    try {
      this.#stream.respond({ ':status': status, ...fields }, options);
    } catch (error) {
      throw this.#refused(error as Error);
    }
    for (const part of this.#held.splice(0)) this.#send(part);
  }

  #date(): OutgoingHttpHeaders {
    return { date: this.#host.dateLine().slice('Date: '.length, -2) };
  }

  #checkEnd(header: Header, bodyLength: number): number {
    const length = checkEnd(header, bodyLength, this);
    this.#declared = ending.declared;
    this.#trailers = ending.trailers;
    return length;
  }

  /** Within an event of the stream: whatever is thrown here nobody could catch. */
  #sendTrailers(): void {
    if (this.#isGone) return;
    try {
      this.#stream.sendTrailers(fieldsOf(trailersOf(this.#header, this.#trailers, this)));
    } catch (error) {
      this.log(this.#refused(error as Error).message);
    }
  }

  /** The handler's fields are such that node:http2 does not send them: two of one that may be there once. */
  #refused({ message }: Error): Error {
    const error = new HttpError(`http: ${message}`, 'ERR_HTTP_FIELDS');
    this.fail(error);
    this.#host.reset();
    return error;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
