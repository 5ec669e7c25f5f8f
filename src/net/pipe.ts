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
import { PipeSide } from './pipe-side.ts';
import { chunks, readStreamOf, writeStreamOf } from './web-streams.ts';

const encoder = new TextEncoder();

const ADDR: Addr = { network: 'pipe', toString: () => 'pipe' };

/** A pipe that is closed at this end, or cannot be written to any more. Go: io.ErrClosedPipe. */
export const ErrClosedPipe: Error & { readonly code: string } = Object.assign(
  new Error('io: read/write on closed pipe'),
  { code: 'ERR_CLOSED_PIPE' },
);

/** The longest time that setTimeout takes; longer ones are reached in several. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * A clock of the runtime, for deadlines. Its timers keep the process alive: nothing else of a pipe
 * does, and without them a program that only waits for a deadline would end.
 */
const runtimeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  at: (when, callback) => {
    let timeout: ReturnType<typeof setTimeout>;
    const start = (): void => {
      const left = Math.max(0, Math.ceil(when - performance.now()));
      timeout = setTimeout(fire, Math.min(left, LONGEST_TIMEOUT));
    };
    const fire = (): void => (performance.now() < when ? start() : callback());
    start();
    return { cancel: () => clearTimeout(timeout) };
  },
};

/** Two ends. `clock` is that of a System, if deadlines are to be in its time. */
export function pipe(clock: Clock = runtimeClock): [PipeConn, PipeConn] {
  const one = new PipeSide(clock);
  const other = new PipeSide(clock);
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
      await this.#in.readerWait(this.#timeoutError('read'));
    }
  }

  tryRead(buf: Uint8Array): number | null | undefined {
    requireBytes('read', 'buf', buf);
    if (this.#closed) throw ErrClosedPipe;
    if (buf.length === 0) return 0;
    if (this.#in.readExpired) throw this.#timeoutError('read');
    return this.#in.take(buf);
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data;
      requireBytes('write', 'data', bytes);
      this.#requireWritable();
      if (bytes.length === 0) return settled(0);
      return this.#out.offer(bytes, this.#timeoutError('write'), ErrClosedPipe);
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
    if (this.#out.writeExpired) throw this.#timeoutError('write');
  }

  readable(): Promise<void> {
    return promiseReady((listener) => this.whenReadable(listener));
  }

  writable(): Promise<void> {
    return promiseReady((listener) => this.whenWritable(listener));
  }

  whenReadable(listener: ReadyListener): void {
    requireListener('whenReadable', listener);
    if (this.#closed) return listener.ready(ErrClosedPipe);
    this.#in.whenReadable(listener, this.#timeoutError('read'));
  }

  forgetReadable(listener: ReadyListener): void {
    this.#in.forgetReader(listener);
  }

  whenWritable(listener: ReadyListener): void {
    requireListener('whenWritable', listener);
    if (this.#closed) return listener.ready(ErrClosedPipe);
    this.#out.whenWritable(listener, this.#timeoutError('write'));
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

  #timeoutError(op: string): OpError {
    return new OpError(op, 'pipe', null, null, ErrDeadlineExceeded);
  }
}

function promiseReady(wait: (listener: ReadyListener) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    wait({ ready: (error) => (error === null ? resolve() : reject(error)) });
  });
}
