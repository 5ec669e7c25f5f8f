/**
 * One part of a multipart form: what its head says, and its bytes, which are read once and as they come.
 */
import type { Readable } from 'node:stream';
import { DEFAULT_COLLECT_LIMIT } from '../http/conn/body.ts';
import { HttpError } from '../http/errors.ts';
import type { Header } from '../http/message/header.ts';
import { parseParameters } from '../http/message/parameters.ts';

export class MultipartPart {
  /** The field's name. */
  readonly name: string;
  /** Of a file, without any folder and without controls; null if the part is a plain value. */
  readonly filename: string | null;
  readonly headers: Header;
  readonly #source: Readable;
  readonly #failure: () => Error | null;
  #stream: ReadableStream<Uint8Array> | null = null;

  /** `failure` is why the whole form is none, if it is. */
  constructor(
    name: string,
    filename: string | null,
    headers: Header,
    source: Readable,
    failure: () => Error | null,
  ) {
    this.#failure = failure;
    this.name = name;
    this.filename = filename;
    this.headers = headers;
    this.#source = source;
  }

  /** Its media type, as the client says; that of text without a word. */
  get type(): string {
    return this.headers.get('Content-Type') ?? 'text/plain';
  }

  /** Its bytes, as they are pulled. */
  get stream(): ReadableStream<Uint8Array> {
    if (this.#stream !== null) return this.#stream;
    const chunks = this[Symbol.asyncIterator]();
    this.#stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await chunks.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => void (await chunks.return(undefined)),
      },
      { highWaterMark: 0 },
    );
    return this.#stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.#source.iterator({ destroyOnReturn: false })) {
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw this.#failure() ?? error;
    }
  }

  /** All of it; an error with status 413 if that is more than `limit` (16 MiB). */
  async bytes(limit: number = DEFAULT_COLLECT_LIMIT): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this) {
      length += chunk.length;
      if (length > limit) {
        const message = `http: multipart form too large: ${JSON.stringify(this.name)}`;
        throw new HttpError(message, 'ERR_HTTP_MULTIPART_TOO_LARGE', 413);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  }

  /** All of it as UTF-8. */
  async text(limit?: number): Promise<string> {
    return new TextDecoder().decode(await this.bytes(limit));
  }

  /** Receives and forgets what is left. Fails only with the whole form. */
  async skip(): Promise<void> {
    if (this.#source.readableEnded) return;
    for await (const chunk of this) void chunk;
  }
}

/** The part with this head. An HttpError with status 400 if it is not one of a form. */
export function partOf(
  headers: Header,
  source: Readable,
  failure: () => Error | null,
): MultipartPart {
  const fields = headers.values('Content-Disposition');
  const said = fields.length === 1 ? parseParameters(fields[0] as string) : null;
  const name = said?.value === 'form-data' ? said.parameters.get('name') : undefined;
  if (name === undefined) {
    const message = 'http: malformed multipart form: a part without a name';
    throw new HttpError(message, 'ERR_HTTP_MULTIPART', 400);
  }
  const filename = safeName(decoded(said?.parameters.get('filename') ?? ''));
  // A file input in which nothing was chosen sends an empty name: a value, as in Go.
  const shown = filename === '' ? null : filename;
  return new MultipartPart(decoded(name), shown, headers, source, failure);
}

/** Bytes of UTF-8 that came as latin1; a browser escapes a quote and line ends in its own way. */
function decoded(text: string): string {
  const utf8 = Buffer.from(text, 'latin1').toString('utf8');
  return utf8.replace(/%(22|0D|0A)/gi, (_, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 16));
  });
}

/** The last name of a path of whatever system, without controls; empty if nothing is left. */
function safeName(path: string): string {
  const name = path
    .slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
    .replace(/\p{Cc}/gu, '')
    .trim();
  return name === '.' || name === '..' ? '' : name;
}
