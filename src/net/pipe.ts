/**
 * Two connections in memory, each the other's peer: Go's net.Pipe. Unbuffered and synchronous: a write
 * ends when its bytes have been read, however many reads that takes. For tests, and for joining code
 * that speaks over connections; it makes no system call.
 *
 *   write(data) ──► offered ──read──► … until all is taken ──► write settles
 *
 * The one thing that Go's has not: closeWrite, after which the peer reads the end of the stream.
 */
import { settled } from '../io/settled.ts';
import type { Clock } from '../kernel/clock.ts';
import { ErrDeadlineExceeded } from '../poll/errors.ts';
import { requireBytes, requireListener, requirePart } from './arguments.ts';
import type { Addr, Conn, Deadline, ReadyListener } from './conn.ts';
import { toMonotonic } from './deadline.ts';
import { OpError } from './op-error.ts';
import { type PipeErrors, PipeSide } from './pipe-side.ts';
import { chunks, readStreamOf, writeStreamOf } from './web-streams.ts';

const encoder = new TextEncoder();

const ADDR: Addr = { network: 'pipe', toString: () => 'pipe' };

/**
 * A pipe that is closed at this end, or cannot be written to any more. Go: io.ErrClosedPipe.
 *
 * Bare as in Go, so `error === ErrClosedPipe`, unless it ended a write of which something had been read
 * already. There Go returns the count beside it; here such a write fails with an OpError that has the
 * count, this as its cause, and the same `code`. So `bytesWritten` is true of every write: 0 here.
 */
export const ErrClosedPipe: Error & { readonly code: string; readonly bytesWritten: 0 } =
  Object.assign(new Error('io: read/write on closed pipe'), {
    code: 'ERR_CLOSED_PIPE',
    bytesWritten: 0 as const,
  });

/** How the failures of a pipe are called. Those of deadlines name it, as in Go. */
const ERRORS: PipeErrors = {
  readTimeout: () => new OpError('read', 'pipe', null, null, ErrDeadlineExceeded),
  writeTimeout: (taken) => new OpError('write', 'pipe', null, null, ErrDeadlineExceeded, taken),
  writeClosed: (taken) =>
    taken === 0 ? ErrClosedPipe : new OpError('write', 'pipe', null, null, ErrClosedPipe, taken),
};

/** Two ends, whose deadlines are in the time of `clock` and keep the process alive. */
export function pipe(clock: Clock): [PipeConn, PipeConn] {
  const one = new PipeSide(clock, ERRORS);
  const other = new PipeSide(clock, ERRORS);
  return [new PipeConn(one, other, clock), new PipeConn(other, one, clock)];
}

export class PipeConn implements Conn {
  /** What the peer writes and this end reads, and the reverse. */
  readonly #in: PipeSide;
  readonly #out: PipeSide;
  readonly #clock: Clock;
  #closed = false;

  constructor(incoming: PipeSide, outgoing: PipeSide, clock: Clock) {
    this.#in = incoming;
    this.#out = outgoing;
    this.#clock = clock;
  }

  get localAddr(): Addr {
    return ADDR;
  }

  get remoteAddr(): Addr {
    return ADDR;
  }

  async read(buf: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = this.tryRead(buf);
      if (count !== undefined) return count;
      await this.readable();
    }
  }

  tryRead(buf: Uint8Array): number | null | undefined {
    requireBytes('read', 'buf', buf);
    if (this.#closed) throw ErrClosedPipe;
    if (buf.length === 0) return 0;
    if (this.#in.readExpired) throw ERRORS.readTimeout();
    return this.#in.take(buf);
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data;
      requireBytes('write', 'data', bytes);
      this.#requireWritable();
      if (bytes.length === 0) return settled(0);
      return this.#out.offer(bytes);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What a reader that waits now can take. */
  tryWrite(data: Uint8Array, offset = 0, end: number = data?.length): number {
    requirePart(data, offset, end);
    this.#requireWritable();
    return this.#out.tryOffer(data.subarray(offset, end));
  }

  #requireWritable(): void {
    if (this.#closed || this.#out.ended) throw ErrClosedPipe;
    if (this.#out.writeExpired) throw ERRORS.writeTimeout(0);
  }

  readable(): Promise<void> {
    return promiseReady((listener) => this.whenReadable(listener));
  }

  writable(): Promise<void> {
    return promiseReady((listener) => this.whenWritable(listener));
  }

  whenReadable(listener: ReadyListener): void {
    requireListener('whenReadable', listener);
    this.#in.whenReadable(listener);
  }

  forgetReadable(listener: ReadyListener): void {
    this.#in.forgetReader(listener);
  }

  whenWritable(listener: ReadyListener): void {
    requireListener('whenWritable', listener);
    this.#out.whenWritable(listener);
  }

  forgetWritable(listener: ReadyListener): void {
    this.#out.forgetWriter(listener);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Closing a pipe twice is no error. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#in.abandon(ErrClosedPipe);
    this.#out.end(ErrClosedPipe);
  }

  closeRead(): void {
    this.#in.abandon(null);
  }

  closeWrite(): void {
    this.#out.end(null);
  }

  setDeadline(when: Deadline): void {
    this.setReadDeadline(when);
    this.setWriteDeadline(when);
  }

  setReadDeadline(when: Deadline): void {
    if (this.#closed || this.#in.ended) throw ErrClosedPipe;
    this.#in.setReadDeadline(toMonotonic(when, this.#clock));
  }

  setWriteDeadline(when: Deadline): void {
    if (this.#closed || this.#out.ended) throw ErrClosedPipe;
    this.#out.setWriteDeadline(toMonotonic(when, this.#clock));
  }

  /** What waits for a pipe never keeps the process alive; only a deadline does. */
  ref(): void {}

  unref(): void {}

  get readStream(): ReadableStream<Uint8Array> {
    return readStreamOf(this);
  }

  get writeStream(): WritableStream<Uint8Array | string> {
    return writeStreamOf(this);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return chunks(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

function promiseReady(wait: (listener: ReadyListener) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    wait({ ready: (error) => (error === null ? resolve() : reject(error)) });
  });
}
