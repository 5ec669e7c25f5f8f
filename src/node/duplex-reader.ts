/**
 * The reading half of a Conn over a Duplex: what its "data" events bring waits here until somebody reads.
 * The Duplex is paused while more than HIGH_WATER waits, and not listened to before the first read.
 *
 *   "data" ──► chunks ──► reads that wait, in order ──► then those who are told
 *   "end", "error", "close" ──► the end or the failure, after the chunks
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import type { ReadyListener } from '../net/conn.ts';
import { PipeListeners } from '../net/pipe-listeners.ts';
import { PipeQueue } from '../net/pipe-queue.ts';
import { ErrClosed, ErrDeadlineExceeded } from '../poll/errors.ts';
import { DuplexDeadline } from './duplex-deadline.ts';
import { nodeClock } from './node-clock.ts';

/** Bytes that may wait here before the Duplex has to. */
const HIGH_WATER = 64 * 1024;

interface WaitingRead {
  readonly buf: Uint8Array;
  readonly resolve: (count: number | null) => void;
  readonly reject: (error: Error) => void;
}

/** Says in its own words what failed. */
export type Explain = (op: 'read' | 'write', cause: Error, bytesWritten?: number) => Error;

export class DuplexReader {
  readonly #stream: Readable;
  readonly #explain: Explain;
  #chunks: Uint8Array[] = [];
  /** How much of the first chunk has been read. */
  #offset = 0;
  #buffered = 0;
  #listening = false;
  #paused = false;
  #ended = false;
  /** Why nothing more will come. */
  #failure: Error | null = null;
  readonly #reads: PipeQueue<WaitingRead> = new PipeQueue();
  readonly #listeners: PipeListeners = new PipeListeners(nodeClock, () => this.#reason());
  readonly #deadline: DuplexDeadline;

  constructor(stream: Readable, explain: Explain, clock: Clock) {
    this.#stream = stream;
    this.#explain = explain;
    this.#deadline = new DuplexDeadline('read', clock, () => this.#advance());
  }

  /** Why no read may begin, if so: closing comes before the deadline. What has come already comes first. */
  #reason(): Error | null {
    if (this.#failure === ErrClosed) return this.#explain('read', ErrClosed);
    if (this.#deadline.passed) return this.#explain('read', ErrDeadlineExceeded);
    return null;
  }

  /** The failure of a read when nothing is left, unless it is the end. */
  #failed(): Error | null {
    return this.#failure === null ? null : this.#explain('read', this.#failure);
  }

  /** Bytes taken, null at the end, undefined if nothing is there, or if others were first. Throws. */
  tryRead(buf: Uint8Array): number | null | undefined {
    const reason = this.#reason();
    if (buf.length === 0) {
      if (this.#failure === ErrClosed) throw reason;
      return 0;
    }
    if (reason !== null) throw reason;
    return this.#reads.length > 0 ? undefined : this.#take(buf);
  }

  read(buf: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const count = this.tryRead(buf);
      if (count === undefined) this.#reads.push({ buf, resolve, reject });
      else resolve(count);
    });
  }

  #take(buf: Uint8Array): number | null | undefined {
    this.#listen();
    const chunk = this.#chunks[0];
    if (chunk === undefined) {
      if (this.#ended) return null;
      const failed = this.#failed();
      if (failed !== null) throw failed;
      return undefined;
    }
    const left = chunk.length - this.#offset;
    const count = Math.min(left, buf.length);
    if (count === left) {
      buf.set(this.#offset === 0 ? chunk : chunk.subarray(this.#offset));
      this.#chunks.shift();
      this.#offset = 0;
    } else {
      buf.set(chunk.subarray(this.#offset, this.#offset + count));
      this.#offset += count;
    }
    this.#buffered -= count;
    if (this.#paused && this.#buffered === 0) {
      this.#paused = false;
      this.#stream.resume();
    }
    return count;
  }

  readable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.whenReadable({ ready: (error) => (error === null ? resolve() : reject(error)) });
    });
  }

  whenReadable(listener: ReadyListener): void {
    this.#listen();
    if (this.#buffered > 0 || this.#over) this.#listeners.tell(listener);
    else this.#listeners.wait(listener);
  }

  forgetReadable(listener: ReadyListener): void {
    this.#listeners.forget(listener);
  }

  get #over(): boolean {
    return this.#ended || this.#failure !== null || this.#deadline.passed;
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const stream = this.#stream;
    stream.on('data', (chunk: Uint8Array | string) => this.#came(chunk));
    if (stream.readableEnded) this.end();
    else stream.once('end', () => this.end());
  }

  #came(data: Uint8Array | string): void {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data;
    // Nobody will read it.
    if (this.#ended || this.#failure !== null || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    this.#advance();
    if (this.#buffered < HIGH_WATER || this.#paused) return;
    this.#paused = true;
    this.#stream.pause();
  }

  /** Something has changed: serves the reads that wait, and tells the others. */
  #advance(): void {
    for (let first = this.#reads.first; first !== undefined; first = this.#reads.first) {
      try {
        const reason = this.#reason();
        if (reason !== null) throw reason;
        const count = this.#take(first.buf);
        if (count === undefined) break;
        this.#reads.shift();
        first.resolve(count);
      } catch (error) {
        this.#reads.shift();
        first.reject(error as Error);
      }
    }
    if (this.#buffered > 0 || this.#over) this.#listeners.tellAll();
  }

  /** No more will come; what has come is still to be read. */
  end(): void {
    if (this.#ended || this.#failure !== null) return;
    this.#ended = true;
    this.#advance();
  }

  /** Nothing will be read any more: it is the end, whatever has come. */
  abandon(): void {
    this.#forgetChunks();
    this.end();
    // What comes is dropped.
    this.#listen();
    this.#stream.resume();
  }

  /** The stream has failed; ErrClosed if it was closed here. */
  fail(cause: Error): void {
    if (cause === ErrClosed) {
      this.#forgetChunks();
      this.#deadline.cancel();
    } else if (this.#ended || this.#failure !== null) return;
    this.#failure = cause;
    this.#advance();
  }

  #forgetChunks(): void {
    this.#chunks = [];
    this.#offset = this.#buffered = 0;
  }

  /** `when` is a time of the clock, or 0 for none. */
  setDeadline(when: number): void {
    this.#deadline.set(when);
  }
}
