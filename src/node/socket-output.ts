/**
 * What a NodeSocket is sending: the buffers of one write of its stream, given to the connection as it
 * takes them. The stream itself holds back what is written meanwhile.
 */
import type { Conn, ReadyListener } from '../net/conn.ts';

export type WriteCallback = (error?: Error | null) => void;

/** Chunks that were written one by one are joined up to this length, and sent by one call. */
const joined = Buffer.allocUnsafeSlow(160 * 1024);

/** Who is told that bytes have gone. */
export interface SentListener {
  bytesSent(): void;
}

export class SocketOutput implements ReadyListener {
  readonly #listener: SentListener;
  #conn: Conn | null = null;
  #buffers: readonly Buffer[] = [];
  /** Which of them is being sent, and from where on. */
  #index = 0;
  #offset = 0;
  #written: WriteCallback | null = null;
  /** Bytes of the write that has begun, and of all that have. */
  pending = 0;
  dispatched = 0;

  constructor(listener: SentListener) {
    this.#listener = listener;
  }

  /** Sends `buffers` by `conn`, or once there is one; then calls `written`. One at a time. */
  begin(conn: Conn | null, buffers: readonly Buffer[], written: WriteCallback): void {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    this.#buffers = buffers;
    this.#index = this.#offset = 0;
    this.pending = length;
    this.dispatched += length;
    this.#written = written;
    if (conn !== null) this.send(conn);
  }

  /** There is a connection now. */
  send(conn: Conn): void {
    this.#conn = conn;
    if (this.#written !== null) this.#send(conn);
  }

  #send(conn: Conn): void {
    const buffers = this.#buffers;
    try {
      while (this.#index < buffers.length) {
        const sent = this.#sendNext(conn, buffers);
        if (sent === 0) return conn.whenWritable(this);
        if (sent > 0) this.#listener.bytesSent();
      }
      this.#end(null);
    } catch (error) {
      this.#end(asBrokenPipe(error as Error));
    }
  }

  /** Sends once: how many bytes, 0 if they have to wait, negative if there were none. */
  #sendNext(conn: Conn, buffers: readonly Buffer[]): number {
    const length = this.#join(buffers);
    const first = buffers[this.#index]!;
    let sent = -1;
    if (length > 0) sent = conn.tryWrite(joined, 0, length);
    else if (this.#offset < first.length) sent = conn.tryWrite(first, this.#offset);
    this.#skip(buffers, sent);
    return sent;
  }

  /** Joins what comes next, if that is more than one chunk: how many bytes. */
  #join(buffers: readonly Buffer[]): number {
    let length = 0;
    for (let i = this.#index; i < buffers.length; i++) {
      const buffer = buffers[i]!;
      const offset = i === this.#index ? this.#offset : 0;
      if (length + buffer.length - offset > joined.length) return i > this.#index + 1 ? length : 0;
      length += buffer.copy(joined, length, offset);
    }
    return this.#index + 1 < buffers.length ? length : 0;
  }

  #skip(buffers: readonly Buffer[], sent: number): void {
    this.#offset += Math.max(sent, 0);
    while (this.#index < buffers.length && this.#offset >= buffers[this.#index]!.length) {
      this.#offset -= buffers[this.#index++]!.length;
    }
  }

  ready(error: Error | null): void {
    if (this.#written === null || this.#conn === null) return;
    if (error === null) this.#send(this.#conn);
    else this.#end(asBrokenPipe(error));
  }

  #end(error: Error | null): void {
    const written = this.#written;
    this.#written = null;
    this.#buffers = [];
    this.pending = 0;
    written?.(error);
  }
}

/** Of the end of a pipe in memory too: the code that users of streams look for. */
function asBrokenPipe(error: Error): Error {
  if ((error as { code?: unknown }).code !== 'ERR_CLOSED_PIPE') return error;
  return Object.assign(new Error('write EPIPE', { cause: error }), {
    code: 'EPIPE',
    syscall: 'write',
  });
}
