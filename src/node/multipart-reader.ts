/**
 * The parts of a body multipart/form-data, one by one, as they come: what is not read yet is not received
 * either. RFC 7578, RFC 2046. The cutting is Dicer's, of @fastify/busboy; here are the limits, the fields
 * of a part, and that whatever is malformed is an error with status 400.
 *
 *   body ─chunk─► Dicer ─┬─ part, header ─► queue ─► who iterates
 *                        └─ data ─► the part's own stream; full: no more chunks until it is read
 */
import type { Readable } from 'node:stream';
import type { Dicer } from '@fastify/busboy';
import { HttpError } from '../http/errors.ts';
import type { ServerRequest } from '../http/handler.ts';
import { Header } from '../http/message/header.ts';
import { parseParameters } from '../http/message/parameters.ts';
import { optionalInteger, requireOptions } from '../net/options.ts';
import { MultipartPart, partOf } from './multipart-part.ts';
import { namesOf, refuseUnknown } from '../http/option-names.ts';

/** What exceeds a limit is an error with status 413. */
export interface MultipartOptions {
  /** Of the whole body [256 MiB]. */
  readonly maxBytes?: number | undefined;
  /** Parts [1000]. */
  readonly maxParts?: number | undefined;
  /** Fields at the head of a part [20]. */
  readonly maxHeaders?: number | undefined;
  /** Bytes of the head of a part [16 KiB]. */
  readonly maxHeaderBytes?: number | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<MultipartOptions>({
  maxBytes: true,
  maxParts: true,
  maxHeaders: true,
  maxHeaderBytes: true,
});

const LIMITS: Required<{ [K in keyof MultipartOptions]: number }> = {
  maxBytes: 256 * 1024 * 1024,
  maxParts: 1000,
  maxHeaders: 20,
  maxHeaderBytes: 16 * 1024,
};

type Limits = typeof LIMITS;

/** RFC 2046, section 5.1.1. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/**
 * The parts of a request's body, in order. Each is to be read before the next one is asked for: what is
 * left of it is skipped then. An error with status 415 if the body is of another type, 400 if it is
 * malformed or ends too early, 413 if it exceeds a limit.
 */
export async function* multipartReader(
  r: ServerRequest,
  options: MultipartOptions = {},
): AsyncGenerator<MultipartPart, void, undefined> {
  const limits = checkedLimits(options);
  const boundary = boundaryOf(r);
  const { Dicer: Parser } = await import('@fastify/busboy');
  const { maxHeaders, maxHeaderBytes } = limits;
  const dicer = new Parser({
    boundary,
    // One more of each, so that it can be seen that there are too many.
    ...({ maxHeaderPairs: maxHeaders + 1, maxHeaderSize: maxHeaderBytes + 1 } as object),
  });
  const parts = new PartQueue(dicer, limits);
  void feed(r, dicer, parts, limits.maxBytes);
  try {
    for (;;) {
      const next = await parts.next();
      if (next === null) return;
      yield next.part;
      await next.skip();
    }
  } finally {
    // Not waited for: the next chunk may take its time, and nobody wants it any more.
    parts.stop();
  }
}

/** Never rejects: what goes wrong is the queue's to tell. */
async function feed(
  r: ServerRequest,
  dicer: Dicer,
  parts: PartQueue,
  maxBytes: number,
): Promise<void> {
  try {
    if (r.contentLength > maxBytes) throw tooLarge('body');
    let total = 0;
    for await (const chunk of r.body) {
      total += chunk.length;
      if (total > maxBytes) throw tooLarge('body');
      const written = new Promise<void>((resolve) => {
        dicer.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), () => resolve());
      });
      await Promise.race([written, parts.stopped]);
      if (parts.isStopped) return;
      parts.received(chunk.length);
    }
    dicer.end();
    // It tells a moment later that something is missing.
    await new Promise((resolve) => setImmediate(resolve));
    parts.end();
  } catch (error) {
    parts.fail(error as Error);
  }
}

interface QueuedPart {
  readonly part: MultipartPart;
  /** Settles when the rest of it has been received. */
  skip(): Promise<void>;
}

class PartQueue {
  readonly stopped: Promise<void>;
  readonly #limits: Limits;
  readonly #queue: QueuedPart[] = [];
  #count = 0;
  /** The part that is being received, and whether its head has been. */
  #stream: Readable | null = null;
  #hasHead = true;
  #headBytes = 0;
  #ended = false;
  #failure: Error | null = null;
  #isStopped = false;
  #stop!: () => void;
  #wake: (() => void) | null = null;

  constructor(dicer: Dicer, limits: Limits) {
    this.#limits = limits;
    this.stopped = new Promise((resolve) => (this.#stop = resolve));
    dicer.on('part', (stream) => this.#begin(stream));
    dicer.on('error', () => this.fail(malformed('unexpected end')));
    // All is there and read. It takes no more then: what follows the last part is the server's.
    dicer.on('finish', () => {
      this.end();
      this.stop();
    });
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Nobody asks any more. */
  stop(): void {
    this.#isStopped = true;
    this.#stop();
  }

  /** The next part, or null after the last one. */
  async next(): Promise<QueuedPart | null> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const next = this.#queue.shift();
      if (next !== undefined) return next;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** So many bytes were received, and are where they belong. */
  received(count: number): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#hasHead) return;
    this.#headBytes += count;
    // The bytes of the chunk in which it began may have been another part's.
    if (this.#headBytes - count > this.#limits.maxHeaderBytes) throw tooLarge('head of a part');
  }

  end(): void {
    if (!this.#hasHead) return this.fail(malformed('a part without its head'));
    this.#ended = true;
    this.#tell();
  }

  fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#stream?.destroy(error);
    this.stop();
    this.#tell();
  }

  #tell(): void {
    this.#wake?.();
    this.#wake = null;
  }

  #begin(stream: Readable): void {
    // Whoever reads it hears of it; if nobody does, that is no reason for the process to end.
    stream.on('error', () => {});
    if (this.#failure !== null) return void stream.resume();
    if (!this.#hasHead) return this.fail(malformed('a part without its head'));
    this.#stream = stream;
    this.#hasHead = false;
    this.#headBytes = 0;
    if (++this.#count > this.#limits.maxParts) return this.fail(tooLarge('number of parts'));
    stream.on('header', (fields: Record<string, string[]>) => {
      try {
        const part = partOf(this.#headerOf(fields), stream, () => this.#failure);
        this.#hasHead = true;
        this.#queue.push({ part, skip: () => part.skip() });
        this.#tell();
      } catch (error) {
        this.fail(error as Error);
      }
    });
  }

  #headerOf(fields: Record<string, string[]>): Header {
    const header = new Header();
    let bytes = 0;
    try {
      for (const name of Object.keys(fields)) {
        for (const value of fields[name] as string[]) {
          header.add(name, value);
          bytes += name.length + value.length + 4;
        }
      }
    } catch {
      throw malformed('a field at the head of a part');
    }
    if (header.size > this.#limits.maxHeaders || bytes > this.#limits.maxHeaderBytes) {
      throw tooLarge('head of a part');
    }
    return header;
  }
}

function boundaryOf(r: ServerRequest): string {
  const field = r.header.get('Content-Type') ?? '';
  const type = parseParameters(field);
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(field)) {
    const message = 'http: the body is not multipart/form-data';
    throw new HttpError(message, 'ERR_HTTP_NOT_MULTIPART', 415);
  }
  const boundary = type?.parameters.get('boundary') ?? '';
  if (!BOUNDARY.test(boundary)) throw malformed('no good boundary');
  return boundary;
}

function checkedLimits(options: MultipartOptions): Limits {
  requireOptions('multipartReader', options);
  refuseUnknown('multipartReader', options, KNOWN);
  const limits = { ...LIMITS };
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    const value = options[name];
    optionalInteger('multipartReader', name, value, 1, Number.MAX_SAFE_INTEGER);
    if (value !== undefined) limits[name] = value;
  }
  return limits;
}

/** The form is not as it should be: what, in a few words. */
export function malformed(what: string): HttpError {
  return new HttpError(`http: malformed multipart form: ${what}`, 'ERR_HTTP_MULTIPART', 400);
}

/** The form is larger than allowed: what of it. */
export function tooLarge(what: string): HttpError {
  const message = `http: multipart form too large: ${what}`;
  return new HttpError(message, 'ERR_HTTP_MULTIPART_TOO_LARGE', 413);
}
