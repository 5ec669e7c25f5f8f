/**
 * A listening stream socket: what TCPListener and UnixListener share. The kernel's queue is the only
 * one: nothing is accepted before accept is called, so a slow program makes its clients wait.
 * After Go's net/tcpsock_posix.go and net/unixsock_posix.go.
 */
import { showAs } from '../io/inspect.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { ErrClosed } from '../poll/errors.ts';
import { type Explainer, FD, type FDKind } from '../poll/fd.ts';
import { isReadableNow } from '../poll/readable-now.ts';
import type { SocketOptions } from '../sockopt/socket-options.ts';
import { AcceptPause } from './accept-pause.ts';
import { requireListener } from './arguments.ts';
import { optionsOf } from './conn-options.ts';
import type { Addr, Conn, Deadline, Listener, ReadyListener } from './conn.ts';
import { toMonotonic } from './deadline.ts';
import { guardAgainstLeak, releaseGuard } from './leak-guard.ts';
import { OpError } from './op-error.ts';
import { type RawConn, RawListener } from './raw-conn.ts';
import { fileOf, type SocketFile } from './socket-file.ts';

const LISTENING: FDKind = { readOp: 'accept', zeroReadIsEnd: false, shortReadDrains: false };

/** What a listener makes. */
interface Guarded extends Conn {
  guard(): this;
}

export abstract class StreamListener<A extends Addr, C extends Guarded>
  implements Listener, Explainer
{
  /** The network that listen was asked for: "tcp", "tcp6", "unix". */
  readonly network: string;
  readonly #fd: FD;
  readonly #makeOne: (sysfd: number, addr: Uint8Array, addrlen: number) => C;
  #addr: A;
  #endRest: (() => void) | null = null;
  /** Somebody else may have the socket: its descriptor came from elsewhere, or was given away. */
  #shared: boolean;

  /** Takes `sysfd`, which listens already; closes it if it cannot be registered. */
  constructor(system: System, sysfd: number, network: string, addr: A, adopted: boolean) {
    this.network = network;
    this.#shared = adopted;
    this.#addr = addr;
    this.#makeOne = (fd, from, length) => this.#take(fd, from, length);
    this.#fd = new FD(system, sysfd, this, LISTENING);
    this.#fd.init();
    guardAgainstLeak(this, this.#fd.pollDesc);
  }

  /** The address that the socket is bound to, with the port or name that the kernel chose. */
  get addr(): A {
    return this.#addr;
  }

  /** The options of the listening socket under their C names: `listener.options.SO_ACCEPTCONN`. */
  get options(): SocketOptions {
    return optionsOf(this.#fd, this);
  }

  protected get fd(): FD {
    return this.#fd;
  }

  protected setAddr(addr: A): void {
    this.#addr = addr;
  }

  /** Makes the connection of an accepted descriptor. What it throws is what accept fails with. */
  protected abstract makeConn(sysfd: number, addr: Uint8Array, addrlen: number): C;

  explain(op: string, cause: Error): Error {
    return new OpError(op, this.network, null, this.#addr, cause);
  }

  /**
   * The next connection. EMFILE and ENFILE are temporary errors (`error.temporary`): the connection
   * stays in the kernel's queue.
   */
  accept(): Promise<C> {
    const { netpoll } = this.#fd.pollDesc;
    if (netpoll.spend()) return this.#accept();
    return new Promise((resolve) => netpoll.later(() => resolve(this.#accept())));
  }

  #accept(): Promise<C> {
    return this.#fd.accept((sysfd, addr, addrlen) => this.#take(sysfd, addr, addrlen).guard());
  }

  tryAccept(tracked = false): C | undefined {
    const conn = this.#fd.tryAccept(this.#makeOne);
    return tracked ? conn : conn?.guard();
  }

  whenAcceptable(listener: ReadyListener): void {
    requireListener('whenAcceptable', listener);
    this.#fd.whenReady('read', listener);
  }

  forgetAcceptable(listener: ReadyListener): void {
    this.#fd.forgetReady('read', listener);
  }

  acceptableNow(): boolean {
    return this.#fd.closed || isReadableNow(this.#fd.pollDesc);
  }

  seal(): boolean {
    if (this.#shared || this.closed) return false;
    return this.#fd.control('accept', (sysfd, kernel) => this.refuseMore(kernel, sysfd)) >= 0;
  }

  /** Makes the kernel take no more connections: 0, or -errno if it cannot be. */
  protected abstract refuseMore(kernel: Kernel, sysfd: number): number;

  #take(sysfd: number, addr: Uint8Array, addrlen: number): C {
    try {
      return this.makeConn(sysfd, addr, addrlen);
    } catch (error) {
      throw this.explain('accept', error as Error);
    }
  }

  /** The bare descriptor, of which only `control` is of use. After Go's SyscallConn. */
  syscallConn(): RawConn {
    this.#shared = true;
    return new RawListener(this.#fd);
  }

  /**
   * A second descriptor of the listening socket, to be closed on its own: for another process, or for
   * fileListener. Connections come to whoever accepts first. OpError "file".
   */
  file(): SocketFile {
    this.#shared = true;
    return fileOf(this.#fd, this, `${this.network}:${String(this.#addr)}->`);
  }

  get closed(): boolean {
    return this.#fd.closed;
  }

  close(): void {
    this.#fd.close(() => this.beforeClose());
    this.#endRest?.();
    releaseGuard(this.#fd.pollDesc);
  }

  /** Before the descriptor is closed, once. */
  protected beforeClose(): void {}

  /** A pending and every future accept fails with a timeout once `when` has passed. */
  setDeadline(when: Deadline): void {
    this.#fd.setDeadline('read', toMonotonic(when, this.#fd.system.clock));
  }

  ref(): void {
    this.#fd.referenced = true;
  }

  unref(): void {
    this.#fd.referenced = false;
  }

  /**
   * Connections until the listener is closed. While descriptors are short it rests, from 5 ms up to a
   * second, and tries again; accept tells of that, this does not.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<C, void, undefined> {
    const pause = new AcceptPause();
    for (;;) {
      const conn = await this.accept().catch((error: OpError) => error);
      if (!(conn instanceof OpError)) {
        pause.reset();
        yield conn;
      } else if (conn.cause === ErrClosed) return;
      else if (conn.temporary && !conn.timeout) await this.#rest(pause.next());
      else throw conn;
    }
  }

  /** Settles after that many milliseconds, or when the listener is closed. */
  #rest(milliseconds: number): Promise<void> {
    const { clock } = this.#fd.system;
    return new Promise((resolve) => {
      const timer = clock.at(clock.monotonic() + milliseconds, resolve, true);
      this.#endRest = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  static {
    showAs(StreamListener, ({ addr, closed }) => `${String(addr)}${closed ? ' (closed)' : ''}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) this.close();
  }
}
