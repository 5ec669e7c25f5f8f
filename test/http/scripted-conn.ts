/** A connection for unit tests: it reads what it is told to, and takes as many bytes as it is told to. */
import type { Addr, Conn, Deadline, ReadyListener } from '../../src/net/conn.ts';

const addr: Addr = { network: 'script', toString: () => 'script' };

export class ScriptedConn implements Conn {
  readonly localAddr: Addr = addr;
  readonly remoteAddr: Addr = addr;
  /** What comes in: text as latin1, null for the end, or an error. */
  readonly incoming: (string | null | Error)[];
  /** Everything that was written, as latin1. */
  written = '';
  /** How often something was written. */
  writes = 0;
  /** Bytes that are still taken. */
  room: number = Number.POSITIVE_INFINITY;
  /** Thrown by the next write. */
  writeError: Error | null = null;
  /** The read deadlines that were set. */
  readonly readDeadlines: Deadline[] = [];
  #reader: ReadyListener | null = null;
  #writers: ReadyListener[] = [];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(...incoming: (string | null | Error)[]) {
    this.incoming = incoming;
  }

  tryRead(buf: Uint8Array): number | null | undefined {
    const next = this.incoming.shift();
    if (next === undefined || next === null) return next;
    if (next instanceof Error) throw next;
    const count = Math.min(buf.length, next.length);
    for (let i = 0; i < count; i++) buf[i] = next.charCodeAt(i);
    if (count < next.length) this.incoming.unshift(next.slice(count));
    return count;
  }

  async read(buf: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = this.tryRead(buf);
      if (count !== undefined) return count;
      await this.readable();
    }
  }

  /** More comes in, and whoever waits is told. */
  arrive(...more: (string | null | Error)[]): void {
    this.incoming.push(...more);
    const reader = this.#reader;
    this.#reader = null;
    reader?.ready(null);
  }

  tryWrite(data: Uint8Array, offset = 0, end: number = data.length): number {
    if (this.writeError !== null) throw this.writeError;
    const count = Math.min(this.room, end - offset);
    this.room -= count;
    this.writes++;
    this.written += Buffer.from(data.subarray(offset, offset + count)).toString('latin1');
    return count;
  }

  /** One after the other. */
  write(data: Uint8Array | string): Promise<number> {
    const bytes = Buffer.from(data);
    const written = this.#writing.then(async () => {
      for (let at = 0; at < bytes.length;) {
        at += this.tryWrite(bytes, at);
        if (at < bytes.length) await this.writable();
      }
      return bytes.length;
    });
    this.#writing = written.catch(() => {});
    return written;
  }

  /** `room` more bytes are taken, and whoever waits is told. */
  drain(room: number, error: Error | null = null): void {
    this.room += room;
    for (const writer of this.#writers.splice(0)) writer.ready(error);
  }

  get awaited(): boolean {
    return this.#writers.length > 0;
  }

  readable(): Promise<void> {
    return new Promise((resolve) => this.whenReadable({ ready: () => resolve() }));
  }

  writable(): Promise<void> {
    return new Promise((resolve) => this.whenWritable({ ready: () => resolve() }));
  }

  whenReadable(listener: ReadyListener): void {
    this.#reader = listener;
  }

  forgetReadable(): void {
    this.#reader = null;
  }

  whenWritable(listener: ReadyListener): void {
    this.#writers.push(listener);
  }

  forgetWritable(listener: ReadyListener): void {
    const at = this.#writers.indexOf(listener);
    if (at >= 0) this.#writers.splice(at, 1);
  }

  readonly closed: boolean = false;

  close(): void {}

  closeRead(): void {}

  closeWrite(): void {}

  setDeadline(when: Deadline): void {
    this.setReadDeadline(when);
  }

  setReadDeadline(when: Deadline): void {
    this.readDeadlines.push(when);
  }

  setWriteDeadline(_when: Deadline): void {}

  ref(): void {}

  unref(): void {}

  get readStream(): ReadableStream<Uint8Array> {
    throw new Error('ScriptedConn has no streams');
  }

  get writeStream(): WritableStream<Uint8Array | string> {
    throw new Error('ScriptedConn has no streams');
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    throw new Error('ScriptedConn has no iterator');
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
