import type { Reader, Writer } from '../io/stream.ts';
import type { FileLike } from './file-like.ts';
import type { Datagram, Received } from './packet-message.ts';

/** What is sent of a file. */
export interface SendfileOptions {
  /** Where in the file to begin; the file's own offset, which then moves, if not given. */
  readonly offset?: number | undefined;
  /** How many bytes at most; to the end of the file if not given. */
  readonly length?: number | undefined;
}

/** A network address. `String(addr)` is the form that listen and dial take. After Go's net.Addr. */
export interface Addr {
  /** "tcp", "unix", …: the network without its family suffix. */
  readonly network: string;
  toString(): string;
}

/**
 * A point in time: milliseconds since 1970 as Date.now gives them, a Date, or null for never. 0 is 1970,
 * and so has passed: Go's zero Time is null here.
 */
export type Deadline = number | Date | null;

/** Told once when a connection is ready, or why it never will be. */
export interface ReadyListener {
  /**
   * `error` is null when ready; else a deadline has passed or the connection was closed. Called at once,
   * before the call that asked returns, if that is known already. "Ready" means that a try is worth its
   * while, not that it will succeed. What this throws becomes an uncaught exception.
   */
  ready(error: Error | null): void;
}

/**
 * A stream connection. After Go's net.Conn, with null at the end of the stream.
 *
 * Reads are serialised among themselves and so are writes; a read and a write may go on together.
 * Every failure is an OpError, save for bad arguments, which are TypeErrors, and for the ends of a pipe(),
 * which fail with ErrClosedPipe as Go's do. A buffer belongs to the connection until the read or write has
 * settled; it must not be changed, nor transferred, before.
 */
export interface Conn extends Reader, Writer {
  readonly localAddr: Addr;
  readonly remoteAddr: Addr;
  /** Reads at least one byte, or null at the end of the stream. An empty `buf` reads 0 bytes at once. */
  read(buf: Uint8Array): Promise<number | null>;
  /** Writes all of `data` and gives its length in bytes; waits while the peer does not read. */
  write(data: Uint8Array | string): Promise<number>;
  /** Settles when a read would probably not wait. It may be wrong: {@link Conn.tryRead} tells. */
  readable(): Promise<void>;
  /** As {@link Conn.readable}, for code that must not pay for a promise. */
  whenReadable(listener: ReadyListener): void;
  /** Ends a wait of {@link Conn.whenReadable}; `listener` will not be told. Harmless if it was. */
  forgetReadable(listener: ReadyListener): void;
  /**
   * Reads without waiting: bytes read, null at the end of the stream, undefined if it would wait, or if
   * a read is waiting, which was first. Throws what read would reject with.
   */
  tryRead(buf: Uint8Array): number | null | undefined;
  /**
   * Whether a read would not wait, asked of the kernel: {@link Conn.tryRead} may not know of it yet. True
   * at the end of the stream and once closed. A connection need not have this.
   */
  readableNow?(): boolean;
  /** Settles when a write would probably not wait. */
  writable(): Promise<void>;
  /** As {@link Conn.writable}, for code that must not pay for a promise. */
  whenWritable(listener: ReadyListener): void;
  /** Ends a wait of {@link Conn.whenWritable}; `listener` will not be told. Harmless if it was. */
  forgetWritable(listener: ReadyListener): void;
  /**
   * Writes what fits now of `data` from `offset` to `end`: bytes written, 0 if it would wait, or if a
   * write is waiting, which was first. Throws what write would reject with. With `more` something follows
   * at once, and what is sent may wait for it, to go in one packet (MSG_MORE).
   */
  tryWrite(data: Uint8Array, offset?: number, end?: number, more?: boolean): number;
  /**
   * As tryWrite, of the `length` bytes of a regular file from `offset` on, without a copy through the program:
   * null at the end of the file. Not there if the bytes have to go through the program.
   */
  trySendfile?(file: FileLike, offset: number, length: number): number | null;
  /** Sends all of a part of a file, and gives the number of bytes. There if trySendfile is. */
  sendfile?(file: FileLike, options?: SendfileOptions): Promise<number>;
  /** Whether this end was closed. */
  readonly closed: boolean;
  /** Closes at once; every pending operation fails with ErrClosed. Closing twice is an error. */
  close(): void;
  /** No more will be read: shutdown(SHUT_RD). */
  closeRead(): void;
  /** No more will be written; the peer reads the end of the stream: shutdown(SHUT_WR). */
  closeWrite(): void;
  /** Pending and future reads and writes fail with a timeout once `when` has passed. */
  setDeadline(when: Deadline): void;
  /** Of reads, and of waits for reading. The connection stays good: move the deadline and read on. */
  setReadDeadline(when: Deadline): void;
  /** Of writes, and of waits for writing. A write that fails says in `bytesWritten` how far it came. */
  setWriteDeadline(when: Deadline): void;
  /**
   * What close does with bytes that are not sent yet; with 0 the peer sees a reset, not an end. A
   * connection need not have this: others than TCP's know no reset.
   */
  setLinger?(seconds: number): void;
  /** Waiting operations keep the process alive (the default). */
  ref(): void;
  /** Waiting operations do not keep the process alive. */
  unref(): void;
  /**
   * The connection as web streams. Ending `writeStream` is closeWrite: the descriptor stays open until
   * close. Cancelling `readStream` is closeRead, aborting `writeStream` is close.
   */
  readonly readStream: ReadableStream<Uint8Array>;
  readonly writeStream: WritableStream<Uint8Array | string>;
  /** Each chunk that arrives, in a buffer of its own, until the end of the stream. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
  /** Closes if still open. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What {@link PacketConn} has of {@link Conn}. */
type Shared =
  | ('localAddr' | 'closed' | 'close' | 'ref' | 'unref')
  | ('readable' | 'whenReadable' | 'forgetReadable')
  | ('writable' | 'whenWritable' | 'forgetWritable')
  | ('setDeadline' | 'setReadDeadline' | 'setWriteDeadline')
  | typeof Symbol.asyncDispose;

/**
 * A connection of datagrams, each with its own address. After Go's net.PacketConn. What {@link Conn} says
 * of errors, of the order of reads and writes, and of buffers holds here too.
 */
export interface PacketConn extends Pick<Conn, Shared> {
  /**
   * Receives one datagram, of which what does not fit into `buf` is lost. `size` 0 is an empty datagram;
   * there is no end.
   */
  readFrom(buf: Uint8Array): Promise<Received<Addr | null>>;
  /** The same without waiting: undefined if it would wait. Throws what readFrom would reject with. */
  tryReadFrom(buf: Uint8Array): Received<Addr | null> | undefined;
  /** Sends `data` as one datagram and gives its length in bytes. */
  writeTo(data: Uint8Array | string, addr: Addr): Promise<number>;
  /**
   * Sends the first `size` bytes of `data`, all of them by default, as one datagram without waiting:
   * undefined if it would wait. Throws what writeTo would reject with.
   */
  tryWriteTo(data: Uint8Array, addr: Addr, size?: number): number | undefined;
  /** Each datagram that arrives, in a buffer of its own, until the connection is closed. */
  datagrams(): AsyncGenerator<Datagram<Addr | null>, void, undefined>;
}

/** Accepts connections. After Go's net.Listener. */
export interface Listener {
  readonly addr: Addr;
  /** The next connection. The kernel's queue is the only queue: what is not accepted waits there. */
  accept(): Promise<Conn>;
  /**
   * As accept, without waiting: undefined if no connection is there, or if an accept waits that came
   * first. With `tracked` the caller answers for closing it: one that is lost is not noticed then, and
   * accepting costs less. A listener need not have this.
   */
  tryAccept?(tracked?: boolean): Conn | undefined;
  /** Tells `listener` when tryAccept would probably give a connection. There if tryAccept is. */
  whenAcceptable?(listener: ReadyListener): void;
  /** Ends a wait of whenAcceptable; `listener` will not be told. There if tryAccept is. */
  forgetAcceptable?(listener: ReadyListener): void;
  /** Whether a connection waits to be accepted, asked of the kernel. A listener need not have this. */
  acceptableNow?(): boolean;
  /**
   * From now on no connection joins those that wait to be accepted, so that they can all be accepted
   * before close, which resets them. False if it must not or cannot be: others may share the socket. A
   * listener need not have this.
   */
  seal?(): boolean;
  /** Whether there are connections that may soon be acceptable: their handshakes are being made. */
  readonly arriving?: boolean;
  readonly closed: boolean;
  /** Closes at once; a waiting accept fails with ErrClosed. Closing twice is an error. */
  close(): void;
  ref(): void;
  unref(): void;
  /** Connections until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Conn>;
  /** Closes if still open. */
  [Symbol.asyncDispose](): Promise<void>;
}
