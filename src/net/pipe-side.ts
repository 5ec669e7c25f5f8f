/**
 * One direction of a pipe: at most one writer's bytes are on offer, other writers wait in order, and a
 * reader takes what it wants of them. Knows no addresses and no error texts: those are passed in.
 */
import type { Clock, Timer } from '../kernel/clock.ts';
import type { ReadyListener } from './conn.ts';

interface Offer {
  readonly bytes: Uint8Array;
  taken: number;
  readonly resolve: (count: number) => void;
  readonly reject: (error: Error) => void;
  readonly timeout: Error;
  readonly closed: Error;
}

interface Waiting {
  readonly listener: ReadyListener;
  readonly timeout: Error;
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
      this.#timer = this.#clock.at(when, () => {
        this.expired = true;
        this.#passed();
      });
    }
  }
}

export class PipeSide {
  /** What tryOffer has taken over: at most one reader's portion, before all offers. */
  #given: Uint8Array | null = null;
  readonly #offers: Offer[] = [];
  readonly #readers: Waiting[] = [];
  readonly #writers: Waiting[] = [];
  readonly #readExpiry: Expiry;
  readonly #writeExpiry: Expiry;
  /** The writer's end is closed: what is on offer is withdrawn, and the reader is at the end. */
  #ended = false;
  /** The reader's end is closed. */
  #abandoned = false;

  constructor(clock: Clock) {
    this.#readExpiry = new Expiry(clock, () => {
      for (const { listener, timeout } of this.#readers.splice(0)) listener.ready(timeout);
    });
    this.#writeExpiry = new Expiry(clock, () => {
      for (const { taken, timeout, reject } of this.#offers.splice(0)) {
        reject(taken > 0 ? Object.assign(timeout, { bytesWritten: taken }) : timeout);
      }
      for (const { listener, timeout } of this.#writers.splice(0)) listener.ready(timeout);
    });
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
    const [offer] = this.#offers;
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

  /** Settles when all has been taken. */
  offer(bytes: Uint8Array, timeout: Error, closed: Error): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#offers.push({ bytes, taken: 0, resolve, reject, timeout, closed });
      this.#wakeReaders(null);
    });
  }

  /**
   * Offers a copy if a reader waits for something. Those bytes count as written, so they are the
   * reader's from now on, whatever becomes of this end.
   */
  tryOffer(bytes: Uint8Array): number {
    if (bytes.length === 0 || this.#readers.length === 0 || this.#occupied) return 0;
    // A copy, and not by slice, which of a Buffer copies nothing.
    this.#given = new Uint8Array(bytes);
    this.#wakeReaders(null);
    return bytes.length;
  }

  readerWait(timeout: Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const ready = (error: Error | null): void => (error === null ? resolve() : reject(error));
      this.whenReadable({ ready }, timeout);
    });
  }

  whenReadable(listener: ReadyListener, timeout: Error): void {
    if (this.readExpired) return listener.ready(timeout);
    if (this.#occupied || this.ended) return listener.ready(null);
    this.#readers.push({ listener, timeout });
    this.#wakeWriters(null);
  }

  forgetReader(listener: ReadyListener): void {
    const at = this.#readers.findIndex((waiting) => waiting.listener === listener);
    if (at >= 0) this.#readers.splice(at, 1);
  }

  whenWritable(listener: ReadyListener, timeout: Error): void {
    if (this.writeExpired) return listener.ready(timeout);
    if (this.ended || (this.#readers.length > 0 && !this.#occupied)) {
      return listener.ready(null);
    }
    this.#writers.push({ listener, timeout });
  }

  /** The writer's end closes, or half of it; `error` is what its waiting listeners are told. */
  end(error: Error | null): void {
    this.#ended = true;
    this.#writeExpiry.stop();
    for (const offer of this.#offers.splice(0)) offer.reject(offer.closed);
    this.#wakeReaders(null);
    this.#wakeWriters(error);
  }

  /** The reader's end closes, or half of it; `error` is what its waiting listeners are told. */
  abandon(error: Error | null): void {
    this.#abandoned = true;
    this.#given = null;
    this.#readExpiry.stop();
    for (const offer of this.#offers.splice(0)) offer.reject(offer.closed);
    this.#wakeReaders(error);
    this.#wakeWriters(null);
  }

  #wakeReaders(error: Error | null): void {
    for (const { listener } of this.#readers.splice(0)) listener.ready(error);
  }

  #wakeWriters(error: Error | null): void {
    for (const { listener } of this.#writers.splice(0)) listener.ready(error);
  }
}
