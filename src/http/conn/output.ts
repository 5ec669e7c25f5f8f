/**
 * What a connection has to send: gathered while a batch of pipelined requests is answered, and given to
 * the kernel in as few writes as possible.
 *
 *   addText, addBytes ──► gathered, in a buffer that all connections share ──flush──► tryWrite
 *                              │ another connection needs the buffer, or the kernel is full
 *                              ▼
 *                         queue, in buffers of its own ──when writable──► tryWrite
 *
 * A part of a file waits in the queue too (file-body.ts), and is sent while nothing else is.
 *
 * What the kernel does not take stays here; whoever adds more asks `backlog` first and waits. Whoever does
 * not is stopped by MAX_UNSENT: where Go's writer would be blocked, ours has to say that it waits.
 */
import { latin1Write } from '../../io/latin1.ts';
import type { Conn, ReadyListener } from '../../net/conn.ts';
import type { DiskFile } from '../../net/disk-file.ts';
import { HttpError } from '../errors.ts';
import { FileBody, readPart, sendPart } from './file-body.ts';

/** The shared buffer, and whose bytes are in it. */
const gathered = new Uint8Array(64 * 1024);
let owner: Output | null = null;

/** Bytes are copied up to this length, and sent from where they are if longer. */
const COPY_LIMIT = 16 * 1024;

/**
 * A file up to this length goes in one packet with the head. In front of a longer one the head would
 * move each page of it off its place in the packets, which costs more than a packet.
 */
const JOIN_LIMIT = 128 * 1024;

type Copy = (this: Uint8Array, from: Uint8Array, at: number) => void;

/** Uint8Array's `set`. Kept, since the engine would look for it anew at each call. */
const copyTo: Copy = Reflect.get(Uint8Array.prototype, 'set') as Copy;

/** Up to this length a loop is faster than a call into the engine. */
const SHORT_TEXT = 24;

const MIB = 1024 * 1024;

/** See {@link OverflowListener}, where there is none. */
const MAX_UNSENT: number = 16 * MIB;

/** Parts of files that may wait. More are the same error. */
const MAX_FILES = 1024;

/** What a waiting file counts as in {@link Output.backlog}: no further request is served before it is sent. */
const FILE_WEIGHT = 1024 * 1024;

/** Promises of {@link Output.drained} that may wait. More are the same error. */
const MAX_WAITERS = 64 * 1024;

/** Who is told of such a writer, and of a file that has become shorter than was said. */
export interface OverflowListener {
  /**
   * Bytes that may wait to be sent, the last long write not counted: a body in one write is never too
   * long. More are an error, and the end of the connection.
   */
  readonly maxUnsentBytes: number;
  /** Nothing more is sent from now on, and nothing is kept. Called when whoever has added is done. */
  overflowed(error: Error): void;
  /** The kernel is full: what is to be sent has to wait for the client. Called each time. */
  waits?(): void;
}

interface Drained {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Output implements ReadyListener {
  readonly #conn: Conn;
  readonly #listener: OverflowListener | null;
  /** Bytes in the shared buffer, if this is its owner. They come after the queue. */
  #gathered = 0;
  /** Bytes that have to be sent first; the first of them from `#offset` on. */
  #queue: (Uint8Array | FileBody)[] | null = null;
  #offset = 0;
  #queued = 0;
  /** Parts of files in the queue. */
  #files = 0;
  /** The last bytes in the queue that belong to a writer. */
  #lent: Uint8Array | null = null;
  #waiting = false;
  /** A write is under way. */
  #sending = false;
  #error: Error | null = null;
  #drained: Drained[] | null = null;

  constructor(conn: Conn, listener: OverflowListener | null = null) {
    this.#conn = conn;
    this.#listener = listener;
  }

  /** Why sending has failed for good, if so. */
  get error(): Error | null {
    return this.#error;
  }

  /** Bytes that the kernel has not taken; far more than any limit while a file is being sent. */
  get backlog(): number {
    return this.#queued + this.#gathered + (this.#files > 0 ? FILE_WEIGHT : 0);
  }

  /** Whether a part of a file is still to be sent. */
  get sendsFile(): boolean {
    return this.#files > 0;
  }

  /** Whether bytes that belong to a writer are still to be sent. */
  get lends(): boolean {
    return this.#lent !== null;
  }

  /** Adds text whose code units are below 256. */
  addText(text: string): void {
    const { length } = text;
    if (length > COPY_LIMIT) {
      const bytes = new Uint8Array(length);
      latin1Write(text, bytes, 0);
      return this.addBytes(bytes);
    }
    const at = this.#room(length);
    if (length > SHORT_TEXT) latin1Write(text, gathered, at);
    else for (let i = 0; i < length; i++) gathered[at + i] = text.charCodeAt(i);
  }

  /** Adds bytes. Long ones are the output's until it has been drained. */
  addBytes(bytes: Uint8Array): void {
    if (bytes.length <= COPY_LIMIT) {
      const at = this.#room(bytes.length);
      copyTo.call(gathered, bytes, at);
    } else if (this.#error === null) {
      this.#spill();
      this.#lent = bytes;
      this.#enqueue(bytes);
    }
  }

  /** Adds `length` bytes of a file, perhaps as a chunk. It may be closed then: it is held while it is sent. */
  addFile(file: DiskFile, offset: number, length: number, chunked: boolean): void {
    if (chunked) this.addText(`${length.toString(16)}\r\n`);
    this.#addPart(file, offset, length);
    if (chunked) this.addText('\r\n');
  }

  #addPart(file: DiskFile, offset: number, length: number): void {
    if (this.#error !== null) return;
    let sent = 0;
    try {
      if (length <= COPY_LIMIT) {
        const at = this.#room(length);
        return readPart(file, gathered.subarray(at, at + length), offset);
      }
      if (this.#queue === null && !this.#sending && this.#flushGathered(length <= JOIN_LIMIT)) {
        sent = sendPart(this.#conn, file, offset, length);
      }
    } catch (error) {
      return this.#failFile(error as Error);
    }
    if (sent === length || this.#error !== null) return;
    this.#spill();
    if (++this.#files > MAX_FILES) this.#overflow();
    else (this.#queue ??= []).push(new FileBody(file, offset + sent, length - sent));
    this.flush();
  }

  /** Sends what the kernel takes now. True if that was all. */
  flush(): boolean {
    if (this.#error !== null) return true;
    // From within a write, by a peer in this process: what was added goes out after what is going.
    if (this.#sending) return false;
    // Not within it: whoever waits may be told at once, and sends on.
    if (!this.#sendAll()) return this.#wait();
    this.#tell();
    return true;
  }

  #sendAll(): boolean {
    this.#sending = true;
    try {
      while (this.#queue !== null || this.#gathered > 0) {
        if (this.#queue !== null && !this.#flushQueue()) return false;
        if (this.#gathered > 0 && !this.#flushGathered()) return false;
      }
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#sending = false;
    }
    return true;
  }

  /** Leaves what is not sent yet to the connection: from now on somebody else writes to it. */
  handOver(): void {
    if (this.flush()) return;
    if (this.#files > 0) {
      throw new HttpError('hijack: a file is being sent: await sendFile', 'ERR_HTTP_NOT_AWAITED');
    }
    this.#spill();
    const queue = (this.#queue ?? []) as Uint8Array[];
    this.#queue = this.#lent = null;
    this.#queued = 0;
    for (const [i, bytes] of queue.entries()) {
      this.#conn.write(i === 0 ? bytes.subarray(this.#offset) : bytes).catch(() => {});
    }
    this.#offset = 0;
  }

  /** Settles when everything has been sent. */
  drained(): Promise<void> {
    if (this.flush()) return this.#error === null ? Promise.resolve() : Promise.reject(this.#error);
    const drained = (this.#drained ??= []);
    if (drained.length === MAX_WAITERS) return Promise.reject(this.#overflow());
    return new Promise((resolve, reject) => drained.push({ resolve, reject }));
  }

  ready(error: Error | null): void {
    this.#waiting = false;
    if (error !== null) this.#fail(error);
    else this.flush();
  }

  /** Makes room in the shared buffer: where to put `length` bytes, which count as added. */
  #room(length: number): number {
    if (owner !== this) {
      if (owner !== null) owner.#spill();
      takeOver(this);
    }
    if (this.#gathered + length > gathered.length) this.#spill();
    if (this.#error !== null) return 0; // written to, and never sent
    const at = this.#gathered;
    this.#gathered += length;
    takeOver(this); // spilling gives it up
    return at;
  }

  /** Moves what is gathered to the queue. */
  #spill(): void {
    const count = this.#gathered;
    this.#gathered = 0;
    if (owner === this) owner = null;
    if (count > 0) this.#enqueue(gathered.slice(0, count));
  }

  /** `more`: something follows at once. */
  #flushGathered(more = false): boolean {
    const count = this.#gathered;
    if (count === 0) return true;
    // Before the write: a peer in this process may be told of it at once, and answer.
    this.#gathered = 0;
    owner = null;
    const sent = this.#conn.tryWrite(gathered, 0, count, more);
    if (sent === count) return true;
    this.#enqueue(gathered.slice(sent, count));
    return false;
  }

  #flushQueue(): boolean {
    const queue = this.#queue ?? [];
    while (queue.length > 0) {
      const bytes = queue[0]!;
      if (bytes instanceof FileBody) return this.#flushFile(bytes);
      const sent = this.#conn.tryWrite(bytes, this.#offset);
      if (this.#error !== null) return true; // it has failed from within
      this.#offset += sent;
      this.#queued -= sent;
      if (this.#offset < bytes.length) {
        if (sent === 0) return false;
        continue;
      }
      queue.shift();
      this.#offset = 0;
      if (bytes === this.#lent) this.#lent = null;
    }
    this.#queue = null;
    return true;
  }

  /** Nothing else is sent until it is. */
  #flushFile(body: FileBody): boolean {
    if (body.begun) return false;
    this.#listener?.waits?.();
    body.finish(this.#conn).then(
      () => {
        body.release();
        if (this.#error !== null) return;
        this.#files--;
        this.#queue?.shift();
        if (this.#queue?.length === 0) this.#queue = null;
        this.flush();
      },
      (error) => this.#failFile(error as Error),
    );
    return false;
  }

  /** A file that has become shorter is somebody's mistake; that the client has gone is not. */
  #failFile(error: Error): void {
    this.#fail(error);
    if (error instanceof HttpError) queueMicrotask(() => this.#listener?.overflowed(error));
  }

  #enqueue(bytes: Uint8Array): void {
    if (this.#error !== null) return;
    (this.#queue ??= []).push(bytes);
    this.#queued += bytes.length;
    const limit = this.#maxUnsent;
    if (this.#queued > limit && this.#queued - this.#lentLeft > limit) this.#overflow();
  }

  get #maxUnsent(): number {
    return this.#listener?.maxUnsentBytes ?? MAX_UNSENT;
  }

  /** How much of the lent bytes is not sent. */
  get #lentLeft(): number {
    const lent = this.#lent;
    if (lent === null) return 0;
    return lent === this.#queue?.[0] ? lent.length - this.#offset : lent.length;
  }

  #overflow(): Error {
    const limit = this.#maxUnsent;
    const amount = limit % MIB === 0 ? `${limit / MIB} MiB` : `${limit} bytes`;
    const error = new HttpError(
      `http: more than ${amount} wait to be sent: await what write returns`,
      'ERR_HTTP_NOT_AWAITED',
    );
    this.#fail(error);
    // Others may be in the middle of adding something, to this output or to another.
    queueMicrotask(() => this.#listener?.overflowed(error));
    return error;
  }

  #wait(): boolean {
    const first = this.#queue?.[0];
    if (first instanceof FileBody && first.begun) return false; // it goes on by itself
    if (!this.#waiting) this.#spill();
    if (this.#error !== null) return true;
    if (this.#waiting) return false;
    this.#waiting = true;
    this.#listener?.waits?.();
    this.#conn.whenWritable(this);
    return false;
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#gathered = 0;
    if (owner === this) owner = null;
    for (const piece of this.#queue ?? []) if (piece instanceof FileBody) piece.release();
    this.#queue = null;
    this.#queued = this.#files = 0;
    this.#lent = null;
    this.#tell();
  }

  #tell(): void {
    const drained = this.#drained;
    if (drained === null) return;
    this.#drained = null;
    for (const { resolve, reject } of drained) {
      if (this.#error === null) resolve();
      else reject(this.#error);
    }
  }
}

function takeOver(output: Output): void {
  owner = output;
}
