/**
 * A response that is held back until it is known whether it shall be sent: its status and up to MAX_HELD
 * bytes of its body. Released, it is the writer below. Failed, it takes nothing more, and the writer below
 * has the fields again that it had in the beginning. The fields are those of the writer below all along.
 */
import { isAscii } from '../../io/latin1.ts';
import { unattended } from '../../io/thenable.ts';
import type { Hijacked, ResponseWriter } from '../handler.ts';
import { Header } from '../message/header.ts';
import { checkStatusLine } from '../message/response-head.ts';
import { bodyAllowed, Status } from '../message/status.ts';
import { WrappedResponse } from './wrapped-response.ts';

/** Bytes of a body that are held back. */
export const MAX_HELD: number = 1024 * 1024;

const encoder = new TextEncoder();

export class HeldResponse extends WrappedResponse {
  readonly #before: readonly [name: string, value: string][];
  #status = 0;
  #body: (string | Uint8Array)[] = [];
  #length = 0;
  #released = false;
  #failure: Error | null = null;
  /** In the place of the fields of a reply that has failed. */
  #lost: Header | null = null;
  #reason: string | undefined;

  constructor(w: ResponseWriter) {
    super(w);
    this.#before = w.header().isEmpty ? [] : [...w.header()];
  }

  override get status(): number {
    return this.#released ? this.inner.status : this.#status;
  }

  override get bytesWritten(): number {
    return this.#released ? this.inner.bytesWritten : this.#length;
  }

  /** It is no longer held back. */
  get released(): boolean {
    return this.#released;
  }

  get failure(): Error | null {
    return this.#failure;
  }

  override header(): Header {
    return this.#failure === null ? this.inner.header() : (this.#lost ??= new Header());
  }

  override writeHeader(statusCode: number, reason?: string): void {
    if (this.#failure !== null) return;
    // Whoever is to be told that it may not be has to be told now.
    checkStatusLine(statusCode, reason ?? '');
    if (statusCode === Status.SwitchingProtocols) this.release();
    if (this.#released || statusCode < 200) {
      this.inner.writeHeader(statusCode, reason);
    } else if (this.#status === 0) {
      this.#status = statusCode;
      this.#reason = reason;
    }
  }

  override write(data: Uint8Array | string): Promise<number> {
    if (this.#failure !== null) return unattended(Promise.reject(this.#failure));
    if (this.#status === 0) this.#status = 200;
    const isHeld = typeof data === 'string' || data instanceof Uint8Array;
    // What cannot be right is for the writer below to refuse.
    if (this.#released || !isHeld || !bodyAllowed(this.#status)) return this.#pass(data);
    const part = typeof data === 'string' && !isAscii(data) ? encoder.encode(data) : data;
    if (this.#length + part.length > MAX_HELD) return this.#pass(part);
    this.#length += part.length;
    // The caller may use its buffer again.
    this.#body.push(typeof part === 'string' ? part : new Uint8Array(part));
    return Promise.resolve(part.length);
  }

  #pass(data: Uint8Array | string): Promise<number> {
    const error = this.#releaseOr();
    return error === null ? this.inner.write(data) : unattended(Promise.reject(error));
  }

  override flush(): Promise<void> {
    const error = this.#failure ?? this.#releaseOr();
    return error === null ? this.inner.flush() : unattended(Promise.reject(error));
  }

  /** Why the writer below does not take what was held; null if it does. */
  #releaseOr(): Error | null {
    try {
      this.release();
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  override hijack(): Hijacked {
    if (this.#failure !== null) throw this.#failure;
    return this.inner.hijack();
  }

  /**
   * Passes on what was held, and from now on everything. It is little enough not to be waited for. Throws
   * if the writer below refuses the status.
   */
  release(): void {
    if (this.#released || this.#failure !== null || this.inner.hijacked) return;
    this.#released = true;
    if (this.#status !== 0) this.inner.writeHeader(this.#status, this.#reason);
    const body = this.#body;
    this.#body = [];
    for (const part of body) this.inner.write(part).catch(ignore);
  }

  /** Takes nothing more: writes fail with `error`. */
  fail(error: Error): void {
    this.#failure = error;
    this.#body = [];
    if (this.inner.headSent || this.inner.hijacked) return;
    const header = this.inner.header();
    const names = Array.from(header, ([name]) => name);
    for (const name of names) header.delete(name);
    for (const [name, value] of this.#before) header.add(name, value);
  }
}

/** A write that fails is the next one's failure too, and at the end the server sees it. */
function ignore(): void {}
