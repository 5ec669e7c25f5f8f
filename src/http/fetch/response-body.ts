/**
 * A stream as the body of a response. The producer waits while the client does not read, is cancelled when
 * the client goes, and what it has given is sent before anybody waits for more.
 *
 *   first chunk ──the stream ends──► whole, with its length ──► over
 *       └──────── more comes ──► chunks, each as it comes ──► over
 */
import type { ResponseWriter, ServerRequest } from '../handler.ts';
import { bodyAllowed } from '../message/status.ts';

type Chunk = ReadableStreamReadResult<Uint8Array>;

/**
 * How often other work is let go first until a chunk counts as not there. Bodies that were made of a
 * string or of bytes need 2, streams that are handed through others a few more.
 */
const PATIENCE = 10;

/** Sends `stream` as the body, after a head with this status. Settles when all was taken. */
export async function sendStream(
  w: ResponseWriter,
  r: ServerRequest,
  status: number,
  reason: string,
  stream: ReadableStream<Uint8Array>,
): Promise<void> {
  const body = new BodyReader(stream);
  try {
    await send(w, r, status, reason, body);
  } finally {
    body.cancel();
  }
}

async function send(
  w: ResponseWriter,
  r: ServerRequest,
  status: number,
  reason: string,
  body: BodyReader,
): Promise<void> {
  const first = await body.nextIfThere();
  // Almost always the first chunk is the whole body: then its length can be said.
  const second = first === null || first.done ? first : await body.nextIfThere();
  const header = w.header();
  const framed = header.has('Content-Length') || header.has('Transfer-Encoding');
  if (second?.done === true && bodyAllowed(status) && !framed) {
    header.set('Content-Length', first?.value?.length ?? 0);
  }
  w.writeHeader(status, reason);
  if (!bodyAllowed(status)) return;
  if (first?.value !== undefined) await w.write(first.value);
  if (second?.value !== undefined) await w.write(second.value);
  if (second?.done === true || r.method === 'HEAD') return;
  for (;;) {
    const chunk = (await body.nextIfThere()) ?? (await waitForNext(w, r, body));
    if (chunk.done) return;
    await w.write(chunk.value);
  }
}

/** The producer takes its time: what is here is sent, and from now on it is told if the client goes. */
async function waitForNext(w: ResponseWriter, r: ServerRequest, body: BodyReader): Promise<Chunk> {
  if (!body.hasFailed) await w.flush();
  const { signal } = r;
  body.cancelOn(signal);
  const chunk = await body.next();
  if (chunk.done && signal.aborted) throw signal.reason;
  return chunk;
}

/** The chunks of a body, one after the other, and whether the next one is there. */
class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #read: Promise<Chunk> | null = null;
  #chunk: Chunk | null = null;
  #failed = false;
  #watched = false;
  #over = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The stream has an error, which the next read gives. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** The next chunk, or null if it cannot be had without waiting. */
  async nextIfThere(): Promise<Chunk | null> {
    if (this.#read === null) {
      this.#read = this.#reader.read();
      this.#read.then(
        (chunk) => (this.#chunk = chunk),
        () => (this.#failed = true),
      );
    }
    for (let i = 0; i < PATIENCE && this.#chunk === null && !this.#failed; i++)
      await Promise.resolve();
    return this.#chunk === null ? null : this.next();
  }

  async next(): Promise<Chunk> {
    const chunk = this.#chunk ?? (await (this.#read ?? this.#reader.read()));
    this.#read = this.#chunk = null;
    this.#over = chunk.done;
    return chunk;
  }

  cancelOn(signal: AbortSignal): void {
    if (this.#watched) return;
    this.#watched = true;
    signal.addEventListener('abort', () => this.cancel(signal.reason), { once: true });
    if (signal.aborted) this.cancel(signal.reason);
  }

  /** Tells the producer that no more is wanted. Harmless at the end. */
  cancel(reason?: unknown): void {
    if (!this.#over) this.#reader.cancel(reason).catch(() => {});
  }
}
