/**
 * What a connection has to send: gathered while a batch of pipelined requests is answered, and given to
 * the kernel in as few writes as possible. Heads and short text are kept as one string until then;
 * bytes are copied if they are few, and lent if they are many.
 *
 * What the kernel does not take stays here; whoever adds more asks `backlog` first and waits.
 */
import { latin1Write } from '../io/latin1.ts';
import type { Conn, ReadyListener } from '../net/conn.ts';

/** The buffer through which everything small goes: one for all connections, used within one turn. */
const scratch = new Uint8Array(64 * 1024);

/** Bytes are copied up to this length, and sent from where they are if longer. */
const COPY_LIMIT = 16 * 1024;

interface Drained {
  resolve(): void;
  reject(error: Error): void;
}

export class Output implements ReadyListener {
  readonly #conn: Conn;
  /** latin1 text that comes after everything in `#queue`. */
  #text = '';
  /** Bytes that have to be sent first, each from its offset on. */
  #queue: Uint8Array[] = [];
  #offset = 0;
  #queued = 0;
  #waiting = false;
  #error: Error | null = null;
  #drained: Drained[] = [];

  constructor(conn: Conn) {
    this.#conn = conn;
  }

  /** Why sending has failed for good, if so. */
  get error(): Error | null {
    return this.#error;
  }

  /** Bytes that the kernel has not taken. */
  get backlog(): number {
    return this.#queued + this.#text.length;
  }

  /** Adds text whose code units are below 256. */
  addText(text: string): void {
    this.#text += text;
    if (this.#text.length > scratch.length) this.#enqueueText();
  }

  /** Adds bytes. Long ones are the output's until it has been drained. */
  addBytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#enqueueText();
    this.#enqueue(bytes.length <= COPY_LIMIT ? bytes.slice() : bytes);
  }

  /** Sends what the kernel takes now. True if that was all. */
  flush(): boolean {
    if (this.#error !== null) return true;
    try {
      if (!this.#flushQueue()) return this.#wait();
      if (this.#text === '') return true;
      return this.#flushText() || this.#wait();
    } catch (error) {
      this.#fail(error as Error);
      return true;
    }
  }

  /** Settles when everything has been sent. */
  drained(): Promise<void> {
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.flush()) return this.#error === null ? Promise.resolve() : Promise.reject(this.#error);
    return new Promise((resolve, reject) => this.#drained.push({ resolve, reject }));
  }

  ready(error: Error | null): void {
    this.#waiting = false;
    if (error !== null) this.#fail(error);
    else this.flush();
    if (!this.#waiting) this.#tell();
  }

  #flushText(): boolean {
    const { length } = this.#text;
    latin1Write(this.#text, scratch, 0);
    this.#text = '';
    const sent = this.#conn.tryWrite(scratch, 0, length);
    if (sent === length) return true;
    this.#enqueue(scratch.slice(sent, length));
    return false;
  }

  #flushQueue(): boolean {
    while (this.#queue.length > 0) {
      const bytes = this.#queue[0]!;
      const sent = this.#conn.tryWrite(bytes, this.#offset);
      this.#offset += sent;
      this.#queued -= sent;
      if (this.#offset < bytes.length) {
        if (sent === 0) return false;
        continue;
      }
      this.#queue.shift();
      this.#offset = 0;
    }
    return true;
  }

  #enqueueText(): void {
    const { length } = this.#text;
    if (length === 0) return;
    const bytes = new Uint8Array(length);
    latin1Write(this.#text, bytes, 0);
    this.#text = '';
    this.#enqueue(bytes);
  }

  #enqueue(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queued += bytes.length;
  }

  #wait(): boolean {
    if (!this.#waiting) {
      this.#waiting = true;
      this.#conn.whenWritable(this);
    }
    return false;
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#text = '';
    this.#queue = [];
    this.#queued = 0;
    this.#tell();
  }

  #tell(): void {
    for (const { resolve, reject } of this.#drained.splice(0)) {
      if (this.#error === null) resolve();
      else reject(this.#error);
    }
  }
}
