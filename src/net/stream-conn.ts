/**
 * A connection over a descriptor: what TCPConn and UnixConn share, and the connections of datagrams as far
 * as they are read and written like streams. Each method tries the call at once and makes a promise only if
 * it has to wait; what failed becomes an OpError here.
 *
 * After Go's net.conn and netFD (net/net.go, net/fd_posix.go).
 */
import { showAs } from '../io/inspect.ts';
import { settled } from '../io/settled.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { type Explainer, FD, type FDKind } from '../poll/fd.ts';
import { ErrClosed } from '../poll/errors.ts';
import type { Mode } from '../poll/fd-mutex.ts';
import type { Netpoll } from '../poll/netpoll.ts';
import { isReadableNow } from '../poll/readable-now.ts';
import type { SocketOptions } from '../sockopt/socket-options.ts';
import { SHUT_RD, SHUT_WR } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { requireBytes, requireInt, requireListener, requirePart } from './arguments.ts';
import { optionsOf } from './conn-options.ts';
import type { Addr, Conn, Deadline, ReadyListener, SendfileOptions } from './conn.ts';
import { toMonotonic } from './deadline.ts';
import { guardAgainstLeak, releaseGuard } from './leak-guard.ts';
import { OpError } from './op-error.ts';
import { type Buffers, readv, writev } from './buffers.ts';
import type { FileLike } from './file-like.ts';
import { RawConn } from './raw-conn.ts';
import { sendfile, trySendfile } from './sendfile.ts';
import { fileOf, type SocketFile } from './socket-file.ts';
import { trySendMore } from './send-more.ts';
import { setReadBuffer, setWriteBuffer } from './socket-options.ts';
import { chunks, readStreamOf, writeStreamOf } from './web-streams.ts';

const encoder = new TextEncoder();

/** The errors of operations whose Source is not the local and whose Addr is not the remote address. */
const LOCAL_ONLY: ReadonlySet<string> = new Set(['set', 'raw-control']);

/** The listener behind a promise. */
class PromiseSettler implements ReadyListener {
  readonly #netpoll: Netpoll;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor(netpoll: Netpoll, resolve: () => void, reject: (error: Error) => void) {
    this.#netpoll = netpoll;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  ready(error: Error | null): void {
    if (error !== null) this.#reject(error);
    else if (this.#netpoll.spend()) this.#resolve();
    else this.#netpoll.later(this.#resolve);
  }
}

export abstract class StreamConn<A extends Addr = Addr> implements Conn, Explainer {
  /** The network that listen or dial was asked for: "tcp", "tcp4", "unix". */
  readonly network: string;
  readonly #fd: FD;
  #localAddr: A;
  #remoteAddr: A;
  #guarded = false;

  constructor(system: System, sysfd: number, network: string, local: A, remote: A, kind: FDKind) {
    this.network = network;
    this.#localAddr = local;
    this.#remoteAddr = remote;
    this.#fd = new FD(system, sysfd, this, kind);
  }

  /** For net's own files: registers with the poller, or closes the descriptor. SyscallError. */
  register(): void {
    this.#fd.init();
  }

  /** The same of an accepted one: put off until it is first waited for, unless nobody knew of it then. */
  registerLater(): void {
    const { pollDesc } = this.#fd;
    if (pollDesc.netpoll.isNoted(pollDesc.sysfd)) pollDesc.defer();
    else this.register();
  }

  /**
   * From now on it may be lost: if it is, it is closed and that is told once. So are all connections but
   * those of tryAccept(true), until whoever keeps track of them gives them away.
   */
  guard(): this {
    // Of a closed one the descriptor is somebody else's by then.
    if (this.#guarded || this.#fd.closed) return this;
    guardAgainstLeak(this, this.#fd.pollDesc);
    this.#guarded = true;
    return this;
  }

  /**
   * Sets an option by `call`, which gives 0 or -errno. OpError "set": of both ends after "setsockopt", of
   * this end alone after "set", as Go's methods differ.
   */
  protected setOption(
    op: 'setsockopt' | 'set',
    call: (sysfd: number, kernel: Kernel) => number,
  ): void {
    const result = this.#fd.control(op, call);
    if (result < 0) throw this.explain(op, new SyscallError('setsockopt', result));
  }

  /**
   * The options of the socket under their C names: `conn.options.TCP_INFO.tcpi_rtt`. OpError "get" or
   * "set" of what the kernel refuses.
   */
  get options(): SocketOptions {
    return optionsOf(this.#fd, this);
  }

  get localAddr(): A {
    return this.#localAddr;
  }

  get remoteAddr(): A {
    return this.#remoteAddr;
  }

  /** The poll layer's descriptor: for net's own files, not for programs. */
  get fd(): FD {
    return this.#fd;
  }

  protected setAddrs(local: A, remote: A): void {
    this.#localAddr = local;
    this.#remoteAddr = remote;
  }

  explain(op: string, cause: Error): Error {
    const localOnly = LOCAL_ONLY.has(op);
    const source = localOnly ? null : this.#localAddr;
    const addr = localOnly ? this.#localAddr : this.#remoteAddr;
    return new OpError(op === 'setsockopt' ? 'set' : op, this.network, source, addr, cause);
  }

  read(buf: Uint8Array): Promise<number | null> {
    try {
      const count = this.tryRead(buf);
      return count === undefined ? this.#fd.read(buf) : this.#settled(count);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  write(data: Uint8Array | string): Promise<number> {
    try {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data;
      requireBytes('write', 'data', bytes);
      const { length } = bytes;
      const count = length === 0 ? 0 : this.#fd.tryWrite(bytes, 0, length);
      if (count < length || length === 0) return this.#fd.write(bytes, count);
      return this.#settled(count) as Promise<number>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes all of `buffers` as one write, by writev(2); gives the number of bytes. */
  writev(buffers: Buffers): Promise<number> {
    return writev(this.#fd, buffers);
  }

  /** As read, into several buffers, each filled before the next, by readv(2). */
  readv(buffers: readonly Uint8Array[]): Promise<number | null> {
    return readv(this.#fd, buffers);
  }

  /** Sends a regular file, or a part of it, by sendfile(2); gives the number of bytes. */
  sendfile(file: FileLike, options?: SendfileOptions): Promise<number> {
    return sendfile(this.#fd, file, options);
  }

  /** The bare descriptor, to be used while nothing closes it. After Go's SyscallConn. */
  syscallConn(): RawConn {
    return new RawConn(this.#fd);
  }

  /** A second descriptor of this socket, to be closed on its own. OpError "file". */
  file(): SocketFile {
    const ends = `${String(this.#localAddr)}->${this.peerText}`;
    return fileOf(this.#fd, this, `${this.network}:${ends}`);
  }

  /** The remote address in the name of a file; empty if there is no peer. */
  protected get peerText(): string {
    return String(this.#remoteAddr);
  }

  /** What needed no waiting; but if that goes on and on, others have their turn first. */
  #settled(count: number | null): Promise<number | null> {
    const { netpoll } = this.#fd.pollDesc;
    if (netpoll.spend()) return settled(count);
    return new Promise((resolve) => netpoll.later(() => resolve(count)));
  }

  tryRead(buf: Uint8Array): number | null | undefined {
    requireBytes('read', 'buf', buf);
    if (buf.length > 0) return this.#fd.tryRead(buf);
    if (this.#fd.closed) throw this.explain('read', ErrClosed);
    return 0;
  }

  tryWrite(data: Uint8Array, offset = 0, end: number = data?.length, more = false): number {
    requirePart(data, offset, end);
    if (more) return trySendMore(this.#fd, data, offset, end);
    return this.#fd.tryWrite(data, offset, end);
  }

  readableNow(): boolean {
    return this.#fd.closed || isReadableNow(this.#fd.pollDesc);
  }

  trySendfile(file: FileLike, offset: number, length: number): number | null {
    return trySendfile(this.#fd, file, offset, length);
  }

  readable(): Promise<void> {
    return this.#promiseReady('read');
  }

  writable(): Promise<void> {
    return this.#promiseReady('write');
  }

  whenReadable(listener: ReadyListener): void {
    requireListener('whenReadable', listener);
    this.#fd.whenReady('read', listener);
  }

  forgetReadable(listener: ReadyListener): void {
    this.#fd.forgetReady('read', listener);
  }

  whenWritable(listener: ReadyListener): void {
    requireListener('whenWritable', listener);
    this.#fd.whenReady('write', listener);
  }

  forgetWritable(listener: ReadyListener): void {
    this.#fd.forgetReady('write', listener);
  }

  #promiseReady(mode: Mode): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fd.whenReady(mode, new PromiseSettler(this.#fd.pollDesc.netpoll, resolve, reject));
    });
  }

  get closed(): boolean {
    return this.#fd.closed;
  }

  close(): void {
    this.#fd.close();
    if (this.#guarded) releaseGuard(this.#fd.pollDesc);
  }

  /** SO_RCVBUF, in bytes: the kernel doubles it, and has limits of its own (socket(7)). */
  setReadBuffer(bytes: number): void {
    this.#setBuffer('setReadBuffer', setReadBuffer, bytes);
  }

  /** SO_SNDBUF, in bytes. */
  setWriteBuffer(bytes: number): void {
    this.#setBuffer('setWriteBuffer', setWriteBuffer, bytes);
  }

  #setBuffer(method: string, set: typeof setReadBuffer, bytes: number): void {
    requireInt(method, 'bytes', bytes);
    this.setOption('set', (sysfd, kernel) => set(kernel, sysfd, bytes));
  }

  closeRead(): void {
    this.#shutdown(SHUT_RD);
  }

  closeWrite(): void {
    this.#shutdown(SHUT_WR);
  }

  #shutdown(how: number): void {
    const result = this.#fd.control('close', (sysfd, kernel) => kernel.shutdown(sysfd, how));
    if (result < 0) throw this.explain('close', new SyscallError('shutdown', result));
  }

  setDeadline(when: Deadline): void {
    const monotonic = toMonotonic(when, this.#fd.system.clock);
    this.#fd.setDeadline('read', monotonic);
    this.#fd.setDeadline('write', monotonic);
  }

  setReadDeadline(when: Deadline): void {
    this.#fd.setDeadline('read', toMonotonic(when, this.#fd.system.clock));
  }

  setWriteDeadline(when: Deadline): void {
    this.#fd.setDeadline('write', toMonotonic(when, this.#fd.system.clock));
  }

  ref(): void {
    this.#fd.referenced = true;
  }

  unref(): void {
    this.#fd.referenced = false;
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

  static {
    showAs(StreamConn, ({ localAddr, remoteAddr, closed }) => {
      return `${String(localAddr)} -> ${String(remoteAddr)}${closed ? ' (closed)' : ''}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#fd.closed) this.close();
  }
}
