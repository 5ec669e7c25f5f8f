/**
 * The writing half of a Conn over a Duplex: writes that wait in order, and those who are told when there
 * is room. What the Duplex has not passed on is bounded by LIMIT, whatever its own high-water mark is.
 */
import type { Writable } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import type { ReadyListener } from '../net/conn.ts';
import { PipeListeners } from '../net/pipe-listeners.ts';
import { PipeQueue } from '../net/pipe-queue.ts';
import { DeadlineTimer } from '../poll/deadline-timer.ts';
import { ErrClosed, ErrDeadlineExceeded } from '../poll/errors.ts';
import type { Explain } from './duplex-reader.ts';
import { nodeClock } from './node-clock.ts';

/** Bytes that the Duplex may have taken and not passed on. */
const LIMIT = 256 * 1024;

interface WaitingWrite {
  readonly data: Uint8Array;
  written: number;
  readonly resolve: (count: number) => void;
  readonly reject: (error: Error) => void;
}

export class DuplexWriter {
  readonly #stream: Writable;
  readonly #explain: Explain;
  readonly #clock: Clock;
  /** Bytes that the stream has taken and not passed on. */
  #inFlight = 0;
  /** Told when the stream has passed on what it had. */
  #drained: (() => void) | null = null;
  #ended = false;
  #failure: Error | null = null;
  #expired = false;
  readonly #writes: PipeQueue<WaitingWrite> = new PipeQueue();
  readonly #listeners: PipeListeners = new PipeListeners(nodeClock, () => this.#reason());
  #timer: DeadlineTimer | null = null;

  constructor(stream: Writable, explain: Explain, clock: Clock) {
    this.#stream = stream;
    this.#explain = explain;
    this.#clock = clock;
  }

  /** Why no write may begin or go on, if so. */
  #reason(bytesWritten = 0): Error | null {
    const cause = this.#cause();
    return cause === null ? null : this.#explain('write', cause, bytesWritten);
  }

  #cause(): Error | null {
    if (this.#failure !== null) return this.#failure;
    if (this.#expired) return ErrDeadlineExceeded;
    return this.#ended ? brokenPipe() : null;
  }

  /** Bytes taken of data[offset, end), 0 if there is no room, or if others were first. Throws. */
  tryWrite(data: Uint8Array, offset: number, end: number): number {
    const reason = this.#reason();
    if (reason !== null) throw reason;
    return this.#writes.length > 0 ? 0 : this.#pass(data, offset, end);
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

  /** A copy goes on to the stream: it may keep it for as long as it likes. */
  #pass(data: Uint8Array, offset: number, end: number): number {
    const count = Math.min(end - offset, LIMIT - this.#inFlight);
    if (count <= 0) return 0;
    const copy = Buffer.allocUnsafe(count);
    copy.set(data.subarray(offset, offset + count));
    this.#inFlight += count;
    this.#stream.write(copy, () => this.#passed(count));
    return count;
  }

  #passed(count: number): void {
    this.#inFlight -= count;
    if (this.#inFlight === 0) {
      const drained = this.#drained;
      this.#drained = null;
      drained?.();
    }
    // Half of it at a time: not a write for each small piece.
    if (this.#inFlight <= LIMIT / 2) this.#advance();
  }

  #advance(): void {
    for (let first = this.#writes.first; first !== undefined; first = this.#writes.first) {
      const reason = this.#reason(first.written);
      if (reason === null) {
        first.written += this.#pass(first.data, first.written, first.data.length);
        if (first.written < first.data.length) return;
      }
      this.#writes.shift();
      if (reason === null) first.resolve(first.written);
      else first.reject(reason);
    }
    if (this.#isReady) this.#listeners.tellAll();
  }

  get #isReady(): boolean {
    return this.#inFlight < LIMIT || this.#cause() !== null;
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
    if (this.#stream.writable) this.#stream.end();
  }

  /** The stream has failed; ErrClosed if it was closed here. */
  fail(cause: Error): void {
    if (cause === ErrClosed) this.#timer?.cancel();
    else if (this.#failure !== null) return;
    this.#failure = cause;
    this.#advance();
  }

  /** Calls `tell` when the stream has passed on all that it has taken; at once if so. */
  whenDrained(tell: () => void): void {
    if (this.#inFlight === 0) tell();
    else this.#drained = tell;
  }

  /** `when` is a time of the clock, or 0 for none. */
  setDeadline(when: number): void {
    this.#expired = when !== 0 && when <= this.#clock.monotonic();
    if (this.#expired || when === 0) {
      this.#timer?.clear();
      if (this.#expired) this.#advance();
      return;
    }
    this.#timer ??= new DeadlineTimer({ expire: () => this.#expire() }, 'write');
    this.#timer.set(when, this.#clock);
  }

  #expire(): void {
    this.#expired = true;
    this.#advance();
  }
}

/** What write(2) says after shutdown(2). */
function brokenPipe(): Error {
  return Object.assign(new Error('write: broken pipe'), { code: 'EPIPE', syscall: 'write' });
}
