/**
 * A connection as the socket of Node's streams: a Duplex with what libraries ask of a net.Socket, over
 * any Conn of streams. For ws, pg, ioredis, undici, node:http, node:tls and whoever else takes a stream.
 *
 *   new ──connect()──► connecting ──► open ──end of stream──► half open, or ended too ──► closed
 *                          └── failed ──► error, close           (allowHalfOpen)
 *
 * It is no instance of net.Socket and has no handle. The order of events is net's: error before close,
 * end and finish before close. Errors are those of net, an OpError with Node's `code`, `errno`, `syscall`.
 * Source: Node's lib/net.js and its documentation of net.Socket.
 */
import { Duplex } from 'node:stream';
import { namesOf } from '../http/option-names.ts';
import { OpError } from '../net/op-error.ts';
import type { Conn, ReadyListener } from '../net/conn.ts';
import { TCPAddr } from '../net/tcp-addr.ts';
import { TCPConn } from '../net/tcp.ts';
import { IdleTimer } from './idle-timer.ts';
import { SocketOutput, type WriteCallback } from './socket-output.ts';
import { type Place, placeOf } from './socket-place.ts';

/** Bytes read at once. */
const READ_SIZE = 64 * 1024;

/** From this length on bytes are passed on in the buffer that they were read into. */
const COPY_LIMIT = 32 * 1024;

/** Reads in a row before other connections have their turn. */
const MAX_READS = 8;

/** Read into by all sockets, one after the other; replaced when it was passed on. */
let scratch = Buffer.allocUnsafeSlow(READ_SIZE);

/** How a socket that has no connection yet gets one. */
export type Connect = (place: Place, signal: AbortSignal) => Promise<Conn>;

export interface NodeSocketOptions {
  /** The other direction stays open at the end of the stream; if not, which is net's default, it is ended. */
  readonly allowHalfOpen?: boolean | undefined;
  /** Of both directions, in bytes [64 KiB]. */
  readonly highWaterMark?: number | undefined;
}

/** The names of {@link NodeSocketOptions}. */
export const NODE_SOCKET_OPTIONS: ReadonlySet<string> = namesOf<NodeSocketOptions>({
  allowHalfOpen: true,
  highWaterMark: true,
});

/** What `address()` gives of a TCP socket. */
export interface SocketAddress {
  readonly address?: string;
  readonly family?: string;
  readonly port?: number;
}

export class NodeSocket extends Duplex {
  /** Connecting now. */
  connecting = false;
  #conn: Conn | null;
  readonly #connect: Connect | null;
  #dialling: AbortController | null = null;
  readonly #reader: ReadyListener = { ready: (error) => this.#readable(error) };
  #reading = false;
  #wantsRead = false;
  #bytesRead = 0;
  readonly #output: SocketOutput = new SocketOutput({ bytesSent: () => this.#idle?.active() });
  #finished: WriteCallback | null = null;
  #noDelay: boolean | null = null;
  #keepAlive: { readonly on: boolean; readonly delay: number } | null = null;
  #referenced = true;
  #idle: IdleTimer | null = null;

  /** Over `conn`, which is its own from now on; or over what `connect` gives, once that is asked for. */
  constructor(conn: Conn | null, options: NodeSocketOptions = {}, connect: Connect | null = null) {
    const { allowHalfOpen = false, highWaterMark = READ_SIZE } = options;
    super({ allowHalfOpen, highWaterMark, emitClose: false, autoDestroy: true });
    this.#conn = conn;
    this.#connect = connect;
    this.on('end', () => this.#ended());
  }

  /** The connection below; null while there is none. Who reads from it takes away what was meant for this. */
  get conn(): Conn | null {
    return this.#conn;
  }

  // ---- connecting

  /**
   * As net.Socket.connect: (options), (path) or (port, host), and what to call then. If it has a
   * connection already, as that of toNodeSocket, "connect" is emitted for it.
   */
  connect(...args: readonly unknown[]): this {
    const place = placeOf(args);
    const listener = args.findLast((value) => typeof value === 'function');
    if (listener !== undefined) this.once('connect', listener as () => void);
    if (this.destroyed || this.connecting) return this;
    this.connecting = true;
    if (this.#connect === null || this.#conn !== null) {
      process.nextTick(() => this.#connected());
      return this;
    }
    const dialling = new AbortController();
    this.#dialling = dialling;
    this.#idle?.active();
    this.#connect(place, dialling.signal).then(
      (conn) => this.#take(conn),
      (error: Error) => this.#failed(error),
    );
    return this;
  }

  #take(conn: Conn): void {
    if (this.destroyed) return conn.close();
    this.#conn = conn;
    if (this.#noDelay !== null) this.setNoDelay(this.#noDelay);
    if (this.#keepAlive !== null) this.setKeepAlive(this.#keepAlive.on, this.#keepAlive.delay);
    if (!this.#referenced) conn.unref();
    this.#connected();
  }

  #failed(error: Error): void {
    if (this.destroyed) return;
    this.connecting = false;
    this.destroy(error);
  }

  #connected(): void {
    if (this.destroyed) return;
    this.connecting = false;
    this.#dialling = null;
    this.#idle?.active();
    this.emit('connect');
    this.emit('ready');
    if (this.#wantsRead && !this.destroyed) this._read();
    if (this.destroyed || this.#conn === null) return;
    this.#output.send(this.#conn);
    if (this.#finished !== null) this._final(this.#finished);
  }

  get pending(): boolean {
    return this.#conn === null || this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.#conn === null) return 'closed';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  // ---- reading

  override _read(): void {
    const conn = this.#conn;
    this.#wantsRead = conn === null || this.connecting;
    if (this.#wantsRead || this.#reading) return;
    this.#reading = true;
    this.#pull(conn!);
  }

  #readable(error: Error | null): void {
    if (this.destroyed) return;
    if (error === null) return this.#pull(this.#conn!);
    this.destroy(error);
  }

  /** Reads until nothing is there, or nobody wants more. */
  #pull(conn: Conn): void {
    for (let reads = 0; reads < MAX_READS; reads++) {
      let count: number | null | undefined;
      try {
        count = conn.tryRead(scratch);
      } catch (error) {
        this.destroy(error as Error);
        return;
      }
      if (count === undefined) return conn.whenReadable(this.#reader);
      this.#idle?.active();
      if (count === null || !this.push(this.#chunk(count))) {
        this.#reading = false;
        if (count === null) this.#pushEnd();
        return;
      }
      if (this.destroyed) return;
    }
    setImmediate(() => {
      if (!this.destroyed) this.#pull(conn);
    });
  }

  #chunk(count: number): Buffer {
    this.#bytesRead += count;
    if (count < COPY_LIMIT) {
      const chunk = Buffer.allocUnsafe(count);
      chunk.set(scratch.subarray(0, count));
      return chunk;
    }
    const chunk = scratch.subarray(0, count);
    scratch = Buffer.allocUnsafeSlow(READ_SIZE);
    return chunk;
  }

  #pushEnd(): void {
    this.push(null);
    // As net does: the end is noticed although nobody reads, if nothing came before it.
    if (this.readableLength === 0) this.read(0);
  }

  /** The peer has ended: of a socket that may not be half open, writing is over. */
  #ended(): void {
    if (!this.allowHalfOpen) this.write = writeAfterEnd;
  }

  // ---- writing

  override _write(chunk: Buffer, _encoding: string, callback: WriteCallback): void {
    this.#output.begin(this.pending ? null : this.#conn, [chunk], callback);
  }

  override _writev(chunks: readonly { readonly chunk: unknown }[], callback: WriteCallback): void {
    const buffers = chunks.map(({ chunk }) => chunk as Buffer);
    this.#output.begin(this.pending ? null : this.#conn, buffers, callback);
  }

  override _final(callback: WriteCallback): void {
    if (this.pending) {
      this.#finished = callback;
      return;
    }
    try {
      this.#conn!.closeWrite();
      // Later, as with net: an error of what follows `end` in the same breath comes before "finish".
      process.nextTick(callback);
    } catch (error) {
      // The peer is gone already, as a read will tell.
      callback((error as OpError).code === 'ENOTCONN' ? null : (error as Error));
    }
  }

  // ---- ending

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.connecting = false;
    this.#dialling?.abort();
    this.#idle?.stop();
    const conn = this.#conn;
    if (conn !== null && !conn.closed) conn.close();
    callback(error);
    process.nextTick(() => this.emit('close', error !== null));
  }

  /** Destroys when all that was written has been sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes so that the peer sees a reset (TCP); what is not sent yet is thrown away. */
  resetAndDestroy(): this {
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy());
    const conn = this.#conn;
    if (conn instanceof TCPConn && !conn.closed) conn.setLinger(0);
    return this.destroy();
  }

  // ---- options, and what is known

  /** Milliseconds without anything read or written until "timeout" is emitted; 0 for never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.#idle ??= new IdleTimer(() => this.emit('timeout'));
    if (!this.destroyed) this.#idle.set(milliseconds);
    if (listener === undefined) return this;
    return milliseconds === 0 ? this.off('timeout', listener) : this.once('timeout', listener);
  }

  /** What setTimeout was called with. */
  get timeout(): number | undefined {
    return this.#idle?.milliseconds;
  }

  /** Of TCP; others have nothing to delay. */
  setNoDelay(noDelay = true): this {
    this.#noDelay = noDelay;
    this.#set((conn) => conn.setNoDelay(noDelay));
    return this;
  }

  /** Of TCP: whether a silent peer is asked, and after how many milliseconds, 0 leaving that as it is. */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#keepAlive = { on: enable, delay: initialDelay };
    this.#set((conn) => {
      conn.setKeepAlive(enable);
      if (enable && initialDelay > 0) conn.setKeepAlivePeriod(initialDelay);
    });
    return this;
  }

  #set(set: (conn: TCPConn) => void): void {
    const conn = this.#conn;
    if (!(conn instanceof TCPConn) || conn.closed) return;
    try {
      set(conn);
    } catch (error) {
      // What the kernel does not do for a peer that has gone, net does not tell either.
      if (!(error instanceof OpError)) throw error;
    }
  }

  ref(): this {
    this.#referenced = true;
    this.#conn?.ref();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#conn?.unref();
    return this;
  }

  /** Of this end; empty without a TCP address. */
  address(): SocketAddress {
    const { localAddress, localFamily, localPort } = this;
    if (localAddress === undefined || localPort === undefined) return {};
    return { address: localAddress, family: localFamily!, port: localPort };
  }

  get localAddress(): string | undefined {
    return addressOf(this.#conn?.localAddr);
  }

  get localPort(): number | undefined {
    return portOf(this.#conn?.localAddr);
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress);
  }

  get remoteAddress(): string | undefined {
    return addressOf(this.#conn?.remoteAddr);
  }

  get remotePort(): number | undefined {
    return portOf(this.#conn?.remoteAddr);
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Those that wait to be sent included. */
  get bytesWritten(): number {
    return this.#output.dispatched + this.writableLength - this.#output.pending;
  }
}

function addressOf(addr: unknown): string | undefined {
  if (!(addr instanceof TCPAddr)) return undefined;
  return addr.zone === '' ? addr.ip : `${addr.ip}%${addr.zone}`;
}

function portOf(addr: unknown): number | undefined {
  return addr instanceof TCPAddr ? addr.port : undefined;
}

function familyOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** In the place of `write` from the end of the stream on. */
function writeAfterEnd(this: NodeSocket, _chunk: unknown, ...rest: readonly unknown[]): boolean {
  const error = Object.assign(new Error('This socket has been ended by the other party'), {
    code: 'EPIPE',
  });
  const callback = rest.find((value) => typeof value === 'function') as WriteCallback | undefined;
  if (callback !== undefined) process.nextTick(callback, error);
  this.destroy(error);
  return false;
}
