/**
 * The body of a request of which at most so many bytes are read, whoever reads it and how: more is an
 * error with status 413. That a length was said that is too large is known before the first byte, so
 * then a client that waits for 100 Continue never sends it. After Go's http.MaxBytesReader.
 */
import { DEFAULT_COLLECT_LIMIT } from '../conn/body.ts';
import { HttpError } from '../errors.ts';
import type { RequestBody } from '../handler.ts';

const TOO_LARGE = 'ERR_HTTP_BODY_TOO_LARGE';

export class LimitedBody implements RequestBody {
  readonly #body: RequestBody;
  readonly #onExceeded: () => void;
  #left: number;
  #failure: HttpError | null = null;
  #stream: ReadableStream<Uint8Array> | null = null;

  /** `declared` is the length that the request says, -1 for none; `onExceeded` is called once. */
  constructor(body: RequestBody, declared: number, limit: number, onExceeded: () => void) {
    this.#body = body;
    this.#left = limit;
    this.#onExceeded = onExceeded;
    if (declared > limit) this.#left = -1;
  }

  async read(buf: Uint8Array): Promise<number | null> {
    this.#check();
    const count = await this.#body.read(buf);
    if (count === null) return null;
    this.#left -= count;
    this.#check();
    return count;
  }

  async bytes(limit: number = DEFAULT_COLLECT_LIMIT): Promise<Uint8Array> {
    return this.#collect(limit, (most) => this.#body.bytes(most));
  }

  async text(limit: number = DEFAULT_COLLECT_LIMIT): Promise<string> {
    return this.#collect(limit, (most) => this.#body.text(most));
  }

  async json(limit: number = DEFAULT_COLLECT_LIMIT): Promise<unknown> {
    return this.#collect(limit, (most) => this.#body.json(most));
  }

  get stream(): ReadableStream<Uint8Array> {
    this.#stream ??= this.#body.stream.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        start: () => this.#check(),
        transform: (chunk, controller) => {
          this.#left -= chunk.length;
          this.#check();
          controller.enqueue(chunk);
        },
      }),
    );
    return this.#stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#check();
    for await (const chunk of this.#body) {
      this.#left -= chunk.length;
      this.#check();
      yield chunk;
    }
  }

  async #collect<T>(limit: number, read: (most: number) => Promise<T>): Promise<T> {
    this.#check();
    const most = Math.min(limit, this.#left);
    try {
      const whole = await read(most);
      this.#left = 0;
      return whole;
    } catch (error) {
      const exceeded = (error as { code?: unknown } | null)?.code === TOO_LARGE;
      throw exceeded && most === this.#left ? this.#exceed() : error;
    }
  }

  #check(): void {
    if (this.#failure === null && this.#left >= 0) return;
    throw this.#failure ?? this.#exceed();
  }

  #exceed(): HttpError {
    if (this.#failure !== null) return this.#failure;
    this.#failure = new HttpError('http: request body too large', TOO_LARGE, 413);
    this.#left = -1;
    this.#onExceeded();
    return this.#failure;
  }
}
