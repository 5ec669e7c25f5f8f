/**
 * The body of a request, read as the handler asks for it: none, of a known length, or chunked. What the
 * connection has received already comes first; the rest goes straight into the handler's buffer.
 * RFC 9112, sections 6 and 7.
 */
import { settled } from '../../io/settled.ts';
import type { Conn } from '../../net/conn.ts';
import { ChunkedDecoder, ChunkError, ChunkEvent, type ChunkLimits } from '../message/chunked.ts';
import { HttpError } from '../errors.ts';
import type { RequestBody } from '../handler.ts';
import { Header } from '../message/header.ts';
import type { Input } from './input.ts';
import { trailersFrom } from '../message/trailer.ts';

/** What bytes, text and json gather at most, unless they are told otherwise. */
export const DEFAULT_COLLECT_LIMIT: number = 16 * 1024 * 1024;

/** In the place of a length: the end of the stream is the end of the body. */
export const UNTIL_END: number = Number.POSITIVE_INFINITY;

/** The buffer of one step where nobody gives one. */
const STEP = 64 * 1024;

const decoder = new TextDecoder();

/** For what is read and forgotten, of all bodies. */
const sink = new Uint8Array(STEP);

/** Where a body comes from. */
export interface BodySource {
  readonly conn: Pick<Conn, 'tryRead' | 'readable'>;
  readonly input: Input;
  /** Of a body, in bytes. */
  readonly maxBodyBytes: number;
  readonly limits: ChunkLimits;
  /** The body is asked for: the client that waits for 100 Continue is told. */
  beforeBody(): void;
  /** The body has been read to its end. */
  afterBody(): void;
  /** The client has gone in the middle of it. */
  bodyFailed(): void;
}

export class Body implements RequestBody {
  readonly #source: BodySource | null;
  readonly #chunks: ChunkedDecoder | null;
  /** Of a body of known length; {@link UNTIL_END} if the end of its stream is its own. */
  #remaining: number;
  #total = 0;
  /** Settles when the last of the reads that wait has ended. */
  #last: Promise<void> | null = null;
  #trailer: Header | null = null;
  #stream: ReadableStream<Uint8Array> | null = null;
  #failure: Error | null = null;

  /** `contentLength` is -1 for a chunked body, {@link UNTIL_END} for one that ends with its stream. */
  constructor(source: BodySource | null, contentLength: number) {
    this.#source = source;
    this.#remaining = Math.max(contentLength, 0);
    this.#chunks = contentLength < 0 ? new ChunkedDecoder(source?.limits) : null;
  }

  /** Whether it has been read to its end. */
  get done(): boolean {
    return this.#chunks === null ? this.#remaining === 0 : this.#chunks.done;
  }

  /** Bytes that are still to be read at least. */
  get left(): number {
    if (this.#chunks !== null) return this.#chunks.remaining;
    return this.#remaining === UNTIL_END ? 0 : this.#remaining;
  }

  /** Why nothing more can be read, if so. */
  get failure(): Error | null {
    return this.#failure;
  }

  get trailer(): Header {
    if (this.#chunks?.done !== true) return new Header();
    return (this.#trailer ??= trailersFrom(this.#chunks.trailer));
  }

  read(buf: Uint8Array): Promise<number | null> {
    if (!(buf instanceof Uint8Array)) {
      return Promise.reject(new TypeError('read: buf must be a Uint8Array'));
    }
    if (this.#source === null) return settled(null);
    if (this.#last !== null) return this.#queue(this.#source, buf);
    try {
      const count = this.#step(this.#source, buf);
      return count === undefined ? this.#queue(this.#source, buf) : settled(count);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** One read after the other: each begins where the one before has ended. */
  #queue(source: BodySource, buf: Uint8Array): Promise<number | null> {
    const read = this.#readLater(source, buf, this.#last);
    const last: Promise<void> = read.then(
      () => this.#dequeue(last),
      () => this.#dequeue(last),
    );
    this.#last = last;
    return read;
  }

  #dequeue(last: Promise<void>): void {
    if (this.#last === last) this.#last = null;
  }

  async #readLater(
    source: BodySource,
    buf: Uint8Array,
    before: Promise<void> | null,
  ): Promise<number | null> {
    if (before !== null) await before;
    for (;;) {
      const count = this.#step(source, buf);
      if (count !== undefined) return count;
      try {
        await source.conn.readable();
      } catch (error) {
        throw this.#fail(source, error as Error);
      }
    }
  }

  /** What there is: as {@link read}, but undefined if that is nothing yet. */
  #step(source: BodySource, buf: Uint8Array): number | null | undefined {
    if (this.#failure !== null) throw this.#failure;
    if (this.done) return null;
    if (buf.length === 0) return 0;
    source.beforeBody();
    try {
      const chunks = this.#chunks;
      const count =
        chunks === null ? this.#takeLength(source, buf) : takeChunks(source, chunks, buf);
      if (count === undefined) return undefined;
      this.#total += count ?? 0;
      if (this.#total > source.maxBodyBytes) throw tooLarge();
      if (this.done) source.afterBody();
      return count;
    } catch (error) {
      throw this.#fail(source, error as Error);
    }
  }

  #fail(source: BodySource, error: Error): Error {
    this.#failure = failureOf(error);
    if (this.#failure === error && !isTooLarge(error)) source.bodyFailed();
    return this.#failure;
  }

  #takeLength({ input, conn }: BodySource, buf: Uint8Array): number | null | undefined {
    const room = buf.length > this.#remaining ? buf.subarray(0, this.#remaining) : buf;
    const count = input.length > 0 ? input.take(room) : conn.tryRead(room);
    if (count === null) {
      if (this.#remaining !== UNTIL_END) throw unexpectedEnd();
      this.#remaining = 0;
    } else if (count !== undefined) this.#remaining -= count;
    return count;
  }

  async bytes(limit: number = DEFAULT_COLLECT_LIMIT): Promise<Uint8Array> {
    if (this.left > limit) throw (this.#failure = tooLarge());
    // A length that was only claimed costs no memory.
    if (this.#chunks === null && this.#remaining <= DEFAULT_COLLECT_LIMIT) {
      const whole = new Uint8Array(this.#remaining);
      for (let at = 0; at < whole.length;) {
        const count = await this.read(whole.subarray(at));
        if (count === null) throw unexpectedEnd();
        at += count;
      }
      return whole;
    }
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of this) {
      length += part.length;
      if (length > limit) throw (this.#failure = tooLarge());
      parts.push(part);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  async text(limit?: number): Promise<string> {
    return decoder.decode(await this.bytes(limit));
  }

  /** A body that is no JSON is an error with status 400. */
  async json(limit?: number): Promise<unknown> {
    const text = await this.text(limit);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new HttpError(`http: ${(error as Error).message}`, 'ERR_HTTP_JSON', 400);
    }
  }

  get stream(): ReadableStream<Uint8Array> {
    if (this.#source === null) return emptyStream();
    this.#stream ??= new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const buf = this.#room();
          const count = await this.read(buf);
          if (count === null) controller.close();
          else controller.enqueue(buf.subarray(0, count));
        },
      },
      { highWaterMark: 0 },
    );
    return this.#stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const buf = this.#room();
    for (;;) {
      const count = await this.read(buf);
      if (count === null) return;
      yield buf.slice(0, count);
    }
  }

  /** A buffer for one step, no larger than what can come. */
  #room(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#chunks === null ? Math.min(STEP, this.#remaining) : STEP);
  }

  /** Reads and forgets what is left. False if that is more than `limit`, or fails. */
  async discard(limit: number): Promise<boolean> {
    if (this.#failure !== null || this.left > limit) return false;
    try {
      for (let left = limit; left >= 0;) {
        const count = await this.read(sink);
        if (count === null) return true;
        left -= count;
      }
    } catch {
      // The connection will be closed, whatever it was.
    }
    return false;
  }
}

/** As {@link Body.read}, of a chunked body; undefined if nothing has come yet. */
function takeChunks(
  { input, conn }: BodySource,
  chunks: ChunkedDecoder,
  buf: Uint8Array,
): number | null | undefined {
  for (;;) {
    if (input.length > 0) {
      const end = Math.min(input.to, input.from + buf.length);
      const event = chunks.decode(input.bytes, input.from, end);
      const { dataStart, dataEnd, position } = chunks;
      if (event === ChunkEvent.Data) buf.set(input.bytes.subarray(dataStart, dataEnd));
      input.advance(position);
      if (event === ChunkEvent.Data) return dataEnd - dataStart;
      if (event === ChunkEvent.End) return null;
    } else if (chunks.remaining > 0) {
      // Past the connection's own buffer, to where it belongs.
      const count = conn.tryRead(buf.subarray(0, Math.min(buf.length, chunks.remaining)));
      if (count === null) throw unexpectedEnd();
      if (count !== undefined) chunks.skip(count);
      return count;
    } else {
      const count = input.fill();
      input.settle();
      if (count === null) throw unexpectedEnd();
      if (count === undefined) return undefined;
    }
  }
}

/** The body of a request that has none. It has no state, so one serves all. */
export const NO_BODY: Body = new Body(null, 0);

function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

/** What the handler is told: what is the client's mistake has a status. */
function failureOf(error: Error): Error {
  if (error instanceof ChunkError) {
    return new HttpError(error.message, 'ERR_HTTP_CHUNKS', error.status);
  }
  if ((error as { timeout?: boolean }).timeout !== true) return error;
  return Object.assign(new HttpError(error.message, 'ERR_HTTP_BODY_TIMEOUT', 408), {
    cause: error,
  });
}

function unexpectedEnd(): HttpError {
  return new HttpError('unexpected EOF', 'ERR_HTTP_UNEXPECTED_EOF', 400);
}

const TOO_LARGE = 'ERR_HTTP_BODY_TOO_LARGE';

function tooLarge(): HttpError {
  return new HttpError('http: request body too large', TOO_LARGE, 413);
}

function isTooLarge(error: unknown): boolean {
  return (error as { code?: unknown }).code === TOO_LARGE;
}
