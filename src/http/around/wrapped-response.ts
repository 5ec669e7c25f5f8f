/**
 * A response writer in front of another one, which it passes everything on to: the base of those that
 * change something of it, a compressor, a limit of time, a counter. After the embedding of a
 * ResponseWriter in Go, save that nothing is hidden by it: flush, hijack and the deadlines are here too.
 */
import type { Deadline } from '../../net/conn.ts';
import type { Hijacked, ResponseWriter } from '../handler.ts';
import type { Header } from '../message/header.ts';

/** Passes everything on to `inner`: override what is to be different. */
export class WrappedResponse implements ResponseWriter {
  protected readonly inner: ResponseWriter;

  constructor(inner: ResponseWriter) {
    this.inner = inner;
  }

  get status(): number {
    return this.inner.status;
  }

  get bytesWritten(): number {
    return this.inner.bytesWritten;
  }

  get headSent(): boolean {
    return this.inner.headSent;
  }

  get hijacked(): boolean {
    return this.inner.hijacked;
  }

  header(): Header {
    return this.inner.header();
  }

  writeHeader(statusCode: number, reason?: string): void {
    this.inner.writeHeader(statusCode, reason);
  }

  write(data: Uint8Array | string): Promise<number> {
    return this.inner.write(data);
  }

  /** There if the other one has it, unless this one's own `write` has to see all that is sent. */
  get sendFile(): ResponseWriter['sendFile'] {
    const { inner } = this;
    if (this.write !== WrappedResponse.prototype.write || inner.sendFile === undefined) {
      return undefined;
    }
    return (file, offset, length) => inner.sendFile!(file, offset, length);
  }

  flush(): Promise<void> {
    return this.inner.flush();
  }

  setReadDeadline(when: Deadline): void {
    this.inner.setReadDeadline(when);
  }

  setWriteDeadline(when: Deadline): void {
    this.inner.setWriteDeadline(when);
  }

  enableFullDuplex(): void {
    this.inner.enableFullDuplex();
  }

  hijack(): Hijacked {
    return this.inner.hijack();
  }
}
