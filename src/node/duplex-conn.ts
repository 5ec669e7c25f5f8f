/**
 * A Conn over any Duplex of bytes: a TLSSocket, a net.Socket, the stream of another library. What waits
 * and what fails is the same as of a socket; only what the stream has taken counts as written, so closing
 * lets it pass that on first, for CLOSE_GRACE at most.
 */
import type { Duplex } from 'node:stream';
import { showAs } from '../io/inspect.ts';
import { requireBytes, requireListener, requirePart } from '../net/arguments.ts';
import type { Addr, Conn, Deadline, ReadyListener } from '../net/conn.ts';
import { toMonotonic } from '../net/deadline.ts';
import { OpError } from '../net/op-error.ts';
import { chunks, readStreamOf, writeStreamOf } from '../net/web-streams.ts';
import { ErrClosed } from '../poll/errors.ts';
import { DuplexReader } from './duplex-reader.ts';
import { DuplexWriter } from './duplex-writer.ts';
import { keepingClock, nodeClock } from './node-clock.ts';

/** How long a stream that is closed may take to pass on what was written before, in milliseconds. */
const CLOSE_GRACE = 30_000;

const encoder = new TextEncoder();

export class DuplexConn implements Conn {
  readonly network: string;
  readonly localAddr: Addr;
  readonly remoteAddr: Addr;
  readonly #duplex: Duplex;
  readonly #reader: DuplexReader;
  readonly #writer: DuplexWriter;
  #closed = false;

  constructor(duplex: Duplex, network: string, localAddr: Addr, remoteAddr: Addr) {
    this.network = network;
    this.localAddr = localAddr;
    this.remoteAddr = remoteAddr;
    this.#duplex = duplex;
    const explain = this.#explain.bind(this);
    const clock = 'ref' in duplex ? nodeClock : keepingClock;
    this.#reader = new DuplexReader(duplex, explain, clock);
    this.#writer = new DuplexWriter(duplex, explain, clock);
    // Which half ends when is for whoever has the connection to say.
    duplex.allowHalfOpen = true;
    duplex.on('error', (error: Error) => this.#fail(error));
    duplex.once('close', () => this.#streamClosed());
    if (duplex.destroyed) this.#streamClosed();
  }

  /** The stream below. */
  get duplex(): Duplex {
    return this.#duplex;
  }

  #explain(op: string, cause: Error, bytesWritten = 0): Error {
    return new OpError(op, this.network, this.localAddr, this.remoteAddr, cause, bytesWritten);
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    const cause = error instanceof OpError ? error.cause : error;
    this.#reader.fail(cause);
    this.#writer.fail(cause);
  }

  #streamClosed(): void {
    this.#fail(
      Object.assign(new Error('stream was closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
    );
  }

  tryRead(buf: Uint8Array): number | null | undefined {
    requireBytes('read', 'buf', buf);
    return this.#reader.tryRead(buf);
  }

  read(buf: Uint8Array): Promise<number | null> {
    try {
      requireBytes('read', 'buf', buf);
      return this.#reader.read(buf);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readable(): Promise<void> {
    return this.#reader.readable();
  }

  whenReadable(listener: ReadyListener): void {
    requireListener('whenReadable', listener);
    this.#reader.whenReadable(listener);
  }

  forgetReadable(listener: ReadyListener): void {
    this.#reader.forgetReadable(listener);
  }

  tryWrite(data: Uint8Array, offset = 0, end: number = data?.length): number {
    requirePart(data, offset, end);
    return this.#writer.tryWrite(data, offset, end);
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data;
      requireBytes('write', 'data', bytes);
      return this.#writer.write(bytes);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  writable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.whenWritable({ ready: (error) => (error === null ? resolve() : reject(error)) });
    });
  }

  whenWritable(listener: ReadyListener): void {
    requireListener('whenWritable', listener);
    this.#writer.whenWritable(listener);
  }

  forgetWritable(listener: ReadyListener): void {
    this.#writer.forgetWritable(listener);
  }

  get closed(): boolean {
    return this.#closed;
  }

  #requireOpen(op: string): void {
    if (this.#closed)
      throw new OpError(op, this.network, this.localAddr, this.remoteAddr, ErrClosed);
  }

  close(): void {
    this.#requireOpen('close');
    this.#closed = true;
    this.#reader.fail(ErrClosed);
    this.#writer.fail(ErrClosed);
    this.#endStream();
  }

  /** The stream passes on what it has, and what ends it, before it is destroyed. */
  #endStream(): void {
    const duplex = this.#duplex;
    if (duplex.destroyed) return;
    const ending = duplex.writable || duplex.writableEnded;
    if (!ending || duplex.writableFinished) return void duplex.destroy();
    const destroy = (): void => void duplex.destroy();
    const grace = setTimeout(destroy, CLOSE_GRACE).unref();
    duplex.once('finish', destroy);
    duplex.once('close', () => clearTimeout(grace));
    if (!duplex.writableEnded) duplex.end();
  }

  closeRead(): void {
    this.#requireOpen('close');
    this.#reader.abandon();
  }

  closeWrite(): void {
    this.#requireOpen('close');
    this.#writer.end();
  }

  setDeadline(when: Deadline): void {
    this.setReadDeadline(when);
    this.setWriteDeadline(when);
  }

  setReadDeadline(when: Deadline): void {
    this.#requireOpen('set');
    this.#reader.setDeadline(toMonotonic(when, nodeClock));
  }

  setWriteDeadline(when: Deadline): void {
    this.#requireOpen('set');
    this.#writer.setDeadline(toMonotonic(when, nodeClock));
  }

  ref(): void {
    (this.#duplex as Partial<{ ref(): void }>).ref?.();
  }

  unref(): void {
    (this.#duplex as Partial<{ unref(): void }>).unref?.();
  }

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
    if (!this.#closed) this.close();
  }

  static {
    showAs(DuplexConn, ({ localAddr, remoteAddr, closed }) => {
      return `${String(localAddr)} -> ${String(remoteAddr)}${closed ? ' (closed)' : ''}`;
    });
  }
}
