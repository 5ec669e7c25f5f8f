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
  readonly closed: Error;
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

  set(when: number): void {
    this.#timer?.cancel();
    this.#timer = null;
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
      for (const offer of this.#offers.splice(0)) fail(offer, offer.timeout);
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

  /** Settles when all has been taken. */
  offer(bytes: Uint8Array, timeout: Error, closed: Error): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#offers.push({ bytes, taken: 0, resolve, reject, timeout, closed });
      this.#wakeReaders();
    });
  }

  /** Offers a copy if a reader waits for something. */
  tryOffer(bytes: Uint8Array): number {
    if (bytes.length === 0 || this.#readers.length === 0 || this.#offers.length > 0) return 0;
    const ignored = new Error('unused');
    void this.offer(bytes.slice(), ignored, ignored).catch(() => {});
    return bytes.length;
  }

  readerWait(timeout: Error, closed: Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const ready = (error: Error | null): void => (error === null ? resolve() : reject(error));
      this.whenReadable({ ready }, timeout, closed);
    });
  }

  whenReadable(listener: ReadyListener, timeout: Error, closed: Error): void {
    if (this.readExpired) return listener.ready(timeout);
    if (this.#offers.length > 0 || this.ended) return listener.ready(null);
    this.#readers.push({ listener, timeout, closed });
    const writers = this.#writers.splice(0);
    for (const writer of writers) writer.listener.ready(null);
  }

  forgetReader(listener: ReadyListener): void {
    const at = this.#readers.findIndex((waiting) => waiting.listener === listener);
    if (at >= 0) this.#readers.splice(at, 1);
  }

  whenWritable(listener: ReadyListener, timeout: Error, closed: Error): void {
    if (this.writeExpired) return listener.ready(timeout);
    if (this.ended || (this.#readers.length > 0 && this.#offers.length === 0)) {
      return listener.ready(null);
    }
    this.#writers.push({ listener, timeout, closed });
  }

  /** The writer's end closes. */
  end(): void {
    this.#ended = true;
    for (const offer of this.#offers.splice(0)) fail(offer, offer.closed);
    this.#wakeReaders();
    for (const { listener } of this.#writers.splice(0)) listener.ready(null);
  }

  /** The reader's end closes. */
  abandon(): void {
    this.#abandoned = true;
    for (const offer of this.#offers.splice(0)) fail(offer, offer.closed);
    for (const { listener, closed } of this.#readers.splice(0)) listener.ready(closed);
    for (const { listener } of this.#writers.splice(0)) listener.ready(null);
  }

  #wakeReaders(): void {
    for (const { listener } of this.#readers.splice(0)) listener.ready(null);
  }
}

function fail(offer: Offer, error: Error): void {
  if (offer.taken > 0) Object.assign(error, { bytesWritten: offer.taken });
  offer.reject(error);
}
