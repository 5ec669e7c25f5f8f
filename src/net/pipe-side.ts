/**
 * One direction of a pipe: at most one writer's bytes are on offer, other writers wait in order, and a
 * reader takes what it wants of them. Knows no addresses and no error texts: those are passed in.
 */
import type { Clock, Timer } from '../kernel/clock.ts';
import { MAX_OPERATIONS } from '../poll/fd-mutex.ts';
import type { ReadyListener } from './conn.ts';
import { PipeListeners } from './pipe-listeners.ts';
import { PipeQueue } from './pipe-queue.ts';

/** What failures are called. Each is made when it is told, so that what waits costs no error. */
export interface PipeErrors {
  readonly readTimeout: () => Error;
  /** `taken` bytes of the write had been read by then. */
  readonly writeTimeout: (taken: number) => Error;
  /** An end was closed; `taken` bytes of the write had been read by then. */
  readonly writeClosed: (taken: number) => Error;
}

interface Offer {
  readonly bytes: Uint8Array;
  taken: number;
  readonly resolve: (count: number) => void;
  readonly reject: (error: Error) => void;
}

/** A deadline that tells when it passes. */
class Expiry {
  readonly #clock: Clock;
  readonly #passed: () => void;
  #timer: Timer | null = null;
  expired = false;

  constructor(clock: Clock, passed: () => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  /** No timer is left behind; what has passed has passed. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  set(when: number): void {
    this.stop();
    this.expired = when !== 0 && when <= this.#clock.monotonic();
    if (this.expired) this.#passed();
    else if (when !== 0) {
      // Nothing else of a pipe keeps the process alive: it would end instead of waiting for this.
      this.#timer = this.#clock.at(when, () => this.#expire(), true);
    }
  }

  #expire(): void {
    this.expired = true;
    this.#passed();
  }
}

export class PipeSide {
  readonly #errors: PipeErrors;
  /** What tryOffer has taken over: at most one reader's portion, before all offers. */
  #given: Uint8Array | null = null;
  readonly #offers: PipeQueue<Offer> = new PipeQueue();
  readonly #readers: PipeListeners;
  readonly #writers: PipeListeners;
  readonly #readExpiry: Expiry;
  readonly #writeExpiry: Expiry;
  /** The writer's end is closed: what is on offer is withdrawn, and the reader is at the end. */
  #ended = false;
  /** The reader's end is closed. */
  #abandoned = false;
  /** What listeners of an end are told once it is closed as a whole. */
  #readerClosed: Error | null = null;
  #writerClosed: Error | null = null;

  constructor(clock: Clock, errors: PipeErrors) {
    this.#errors = errors;
    this.#readers = new PipeListeners(clock, () => this.#readerFailure());
    this.#writers = new PipeListeners(clock, () => this.#writerFailure());
    this.#readExpiry = new Expiry(clock, () => this.#readers.tellAll());
    this.#writeExpiry = new Expiry(clock, () => {
      this.#withdraw(errors.writeTimeout);
      this.#writers.tellAll();
    });
  }

  // Closing comes before the deadline, as with sockets.
  #readerFailure(): Error | null {
    return this.#readerClosed ?? (this.readExpired ? this.#errors.readTimeout() : null);
  }

  #writerFailure(): Error | null {
    return this.#writerClosed ?? (this.writeExpired ? this.#errors.writeTimeout(0) : null);
  }

  get ended(): boolean {
    return this.#ended || this.#abandoned;
  }

  get readExpired(): boolean {
    return this.#readExpiry.expired;
  }

  get writeExpired(): boolean {
    return this.#writeExpiry.expired;
  }

  setReadDeadline(when: number): void {
    this.#readExpiry.set(when);
  }

  setWriteDeadline(when: number): void {
    this.#writeExpiry.set(when);
  }

  /** Bytes taken into `buf`, null at the end, undefined if nothing is on offer. */
  take(buf: Uint8Array): number | null | undefined {
    if (this.#given !== null) return this.#takeGiven(this.#given, buf);
    const offer = this.#offers.first;
    if (offer === undefined) return this.ended ? null : undefined;
    const count = Math.min(buf.length, offer.bytes.length - offer.taken);
    buf.set(offer.bytes.subarray(offer.taken, offer.taken + count));
    offer.taken += count;
    if (offer.taken === offer.bytes.length) {
      this.#offers.shift();
      offer.resolve(offer.taken);
    }
    return count;
  }

  #takeGiven(given: Uint8Array, buf: Uint8Array): number {
    const count = Math.min(buf.length, given.length);
    buf.set(given.subarray(0, count));
    this.#given = count === given.length ? null : given.subarray(count);
    return count;
  }

  /** Whether there is something to take. */
  get #occupied(): boolean {
    return this.#given !== null || this.#offers.length > 0;
  }

  /** Settles when all has been taken. RangeError if too much waits. */
  offer(bytes: Uint8Array): Promise<number> {
    this.#requireRoom();
    return new Promise((resolve, reject) => {
      this.#offers.push({ bytes, taken: 0, resolve, reject });
      this.#readers.tellAll();
    });
  }

  /**
   * Offers a copy if a reader waits for something. Those bytes count as written, so they are the
   * reader's from now on, whatever becomes of this end.
   */
  tryOffer(bytes: Uint8Array): number {
    if (bytes.length === 0 || this.#readers.waiting === 0 || this.#occupied) return 0;
    // A copy, and not by slice, which of a Buffer copies nothing.
    this.#given = new Uint8Array(bytes);
    this.#readers.tellAll();
    return bytes.length;
  }

  /** RangeError if too much waits. */
  whenReadable(listener: ReadyListener): void {
    this.#requireRoom();
    if (this.readExpired || this.#occupied || this.ended) return this.#readers.tell(listener);
    this.#readers.wait(listener);
    this.#writers.tellAll();
  }

  forgetReader(listener: ReadyListener): void {
    this.#readers.forget(listener);
  }

  /** RangeError if too much waits. */
  whenWritable(listener: ReadyListener): void {
    this.#requireRoom();
    const ready = this.#readers.waiting > 0 && !this.#occupied;
    if (this.writeExpired || ready || this.ended) this.#writers.tell(listener);
    else this.#writers.wait(listener);
  }

  forgetWriter(listener: ReadyListener): void {
    this.#writers.forget(listener);
  }

  /** The writer's end closes, or half of it (null); else `closed` is what its listeners are told. */
  end(closed: Error | null): void {
    this.#ended = true;
    this.#writerClosed ??= closed;
    this.#finish();
  }

  /** The reader's end closes, or half of it (null); else `closed` is what its listeners are told. */
  abandon(closed: Error | null): void {
    this.#abandoned = true;
    this.#readerClosed ??= closed;
    this.#given = null;
    this.#finish();
  }

  /** Nothing can wait here any more, at either end, so no deadline is worth a timer. */
  #finish(): void {
    this.#readExpiry.stop();
    this.#writeExpiry.stop();
    this.#withdraw(this.#errors.writeClosed);
    this.#readers.tellAll();
    this.#writers.tellAll();
  }

  #withdraw(why: (taken: number) => Error): void {
    for (let next = this.#offers.shift(); next !== undefined; next = this.#offers.shift()) {
      next.reject(why(next.taken));
    }
  }

  #requireRoom(): void {
    const count = this.#offers.length + this.#readers.length + this.#writers.length;
    if (count < MAX_OPERATIONS) return;
    throw new RangeError(`too many concurrent operations on a single pipe (max ${MAX_OPERATIONS})`);
  }
}
