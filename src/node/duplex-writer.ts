/**
 * The writing half of a Conn over a Duplex: writes that wait in order, and those who are told when there
 * is room. What the Duplex has not passed on is bounded by DuplexOutput, whatever its own high-water mark.
 */
import type { Writable } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import type { ReadyListener } from '../net/conn.ts';
import { PipeListeners } from '../net/pipe-listeners.ts';
import { PipeQueue } from '../net/pipe-queue.ts';
import { ErrClosed, ErrDeadlineExceeded } from '../poll/errors.ts';
import { DuplexDeadline } from './duplex-deadline.ts';
import { DuplexOutput } from './duplex-output.ts';
import type { Explain } from './duplex-reader.ts';
import { nodeClock } from './node-clock.ts';

interface WaitingWrite {
  readonly data: Uint8Array;
  written: number;
  readonly resolve: (count: number) => void;
  readonly reject: (error: Error) => void;
}

export class DuplexWriter {
  readonly #stream: Writable;
  readonly #explain: Explain;
  readonly #output: DuplexOutput;
  #ended = false;
  #failure: Error | null = null;
  readonly #writes: PipeQueue<WaitingWrite> = new PipeQueue();
  readonly #listeners: PipeListeners = new PipeListeners(nodeClock, () => this.#reason());
  readonly #deadline: DuplexDeadline;

  constructor(stream: Writable, explain: Explain, clock: Clock) {
    this.#stream = stream;
    this.#explain = explain;
    this.#output = new DuplexOutput(stream, () => this.#advance());
    this.#deadline = new DuplexDeadline('write', clock, () => this.#advance());
  }

  /** Why no write may begin or go on, if so. */
  #reason(bytesWritten = 0): Error | null {
    const cause = this.#cause();
    return cause === null ? null : this.#explain('write', cause, bytesWritten);
  }

  #cause(): Error | null {
    if (this.#failure !== null) return this.#failure;
    if (this.#deadline.passed) return ErrDeadlineExceeded;
    return this.#ended ? brokenPipe() : null;
  }

  /** Bytes taken of data[offset, end), 0 if there is no room, or if others were first. Throws. */
  tryWrite(data: Uint8Array, offset: number, end: number): number {
    const reason = this.#reason();
    if (reason !== null) throw reason;
    return this.#writes.length > 0 ? 0 : this.#output.take(data, offset, end);
  }

  write(data: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      const { length } = data;
      const written = this.tryWrite(data, 0, length);
      if (written === length && this.#reason() === null) resolve(length);
      else {
        this.#writes.push({ data, written, resolve, reject });
        this.#advance();
      }
    });
  }

  #advance(): void {
    for (let first = this.#writes.first; first !== undefined; first = this.#writes.first) {
      const reason = this.#reason(first.written);
      if (reason === null) {
        first.written += this.#output.take(first.data, first.written, first.data.length);
        if (first.written < first.data.length) return;
      }
      this.#writes.shift();
      if (reason === null) first.resolve(first.written);
      else first.reject(reason);
    }
    if (this.#isReady) this.#listeners.tellAll();
  }

  get #isReady(): boolean {
    return this.#output.hasRoom || this.#cause() !== null;
  }

  whenWritable(listener: ReadyListener): void {
    if (this.#cause() !== null || (this.#isReady && this.#writes.length === 0)) {
      this.#listeners.tell(listener);
    } else this.#listeners.wait(listener);
  }

  forgetWritable(listener: ReadyListener): void {
    this.#listeners.forget(listener);
  }

  /** No more will be written: the stream is ended when it has passed on what it has. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#advance();
    this.#output.flush();
    if (this.#stream.writable) this.#stream.end();
  }

  /** The stream has failed; ErrClosed if it was closed here. */
  fail(cause: Error): void {
    if (cause === ErrClosed) {
      this.#deadline.cancel();
      this.#output.flush();
    } else if (this.#failure !== null) return;
    this.#failure = cause;
    this.#advance();
  }

  /** `when` is a time of the clock, or 0 for none. */
  setDeadline(when: number): void {
    this.#deadline.set(when);
  }
}

/** What write(2) says after shutdown(2). */
function brokenPipe(): Error {
  return Object.assign(new Error('write: broken pipe'), { code: 'EPIPE', syscall: 'write' });
}
