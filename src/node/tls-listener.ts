/**
 * A listener whose connections have made their TLS handshake: Go's tls.NewListener, save that handshakes
 * are made before accept, many at a time, so that a slow one keeps nobody waiting. At most `maxHandshakes`
 * connections are between the two; others stay in the kernel's queue. Under a server that has a limit of
 * connections each counts from the beginning, and none is accepted below while the server is full.
 *
 *   listener ──► handshakes ──► ready ──accept──►
 */
import { type Server as TLSServer, type TLSSocket } from 'node:tls';
import type {
  ConnLimit,
  Limited,
  LimitedListener,
  WaitingLoop,
} from '../http/server/conn-limit.ts';
import { ErrorLog } from '../http/error-log.ts';
import type { Addr, Conn, Listener, ReadyListener } from '../net/conn.ts';
import { ErrClosed } from '../poll/errors.ts';
import { OpError } from '../net/op-error.ts';
import { TLSConn } from './tls-conn.ts';
import { type HandshakeOwner, TLSHandshake } from './tls-handshake.ts';
import { TLSConfig } from './tls-config.ts';
import type { TLSCertificate, TLSOptions } from './tls-options.ts';

const HANDSHAKE_TIMEOUT = 10_000;
const MAX_HANDSHAKES = 1024;

/** Makes the connection of a protocol that was agreed on; null where TLSConn does. */
export type ConnMaker = (socket: TLSSocket, below: Conn) => TLSConn | null;

/** A connection that may be accepted, and what holds its place. */
interface Ready {
  readonly conn: TLSConn;
  readonly place: Limited;
}

/**
 * A listener whose connections have made their TLS handshake. Made by tlsListener; what `onListen` of
 * listenAndServeTLS is given.
 */
export class TLSListener implements LimitedListener, HandshakeOwner, WaitingLoop {
  readonly #listener: Listener;
  readonly #make: ConnMaker | null;
  readonly #log: ErrorLog;
  readonly #timeout: number;
  readonly #most: number;
  readonly #config: TLSConfig;
  readonly #handshakes = new Set<TLSHandshake>();
  readonly #ready: Ready[] = [];
  /** What accepting has failed with, for whoever accepts next. */
  #error: Error | null = null;
  readonly #waiting: ReadyListener[] = [];
  /** The listener below has been asked, and has not told. */
  #asked = false;
  readonly #below: ReadyListener = { ready: (error) => this.#acceptable(error) };
  #pulling = false;
  #limit: ConnLimit | null = null;
  /** Somebody waits below, and the server is full. */
  #pressing = false;
  #referenced = true;

  /** `listener` is its own from now on. */
  constructor(listener: Listener, config: TLSConfig, make: ConnMaker | null = null) {
    const { options } = config;
    this.#listener = listener;
    this.#make = make;
    this.#config = config;
    this.#log = new ErrorLog(options.errorLog);
    this.#timeout = options.handshakeTimeout ?? HANDSHAKE_TIMEOUT;
    this.#most = options.maxHandshakes ?? MAX_HANDSHAKES;
  }

  get addr(): Addr {
    return this.#listener.addr;
  }

  /** Handshakes that are going on. */
  get handshakes(): number {
    return this.#handshakes.size;
  }

  /** The listener below. */
  get listener(): Listener {
    return this.#listener;
  }

  /** The engine of node:tls, which listens to nothing itself. */
  get server(): TLSServer {
    return this.#config.server;
  }

  /**
   * Other certificates from now on; connections that are open keep theirs. What is not given stays as it
   * is. If they cannot be used, it fails and nothing changes.
   */
  setCertificate(certificate: TLSCertificate & Pick<TLSOptions, 'serverNames'>): Promise<void> {
    return this.#config.replace(certificate);
  }

  /** Reads again the files that certificates and keys were read from. */
  reload(): Promise<void> {
    return this.#config.replace(this.#config.options);
  }

  // ---- accepting

  accept(): Promise<TLSConn> {
    return new Promise((resolve, reject) => {
      const listener: ReadyListener = {
        ready: (error) => {
          if (error !== null) return reject(error);
          try {
            const conn = this.tryAccept();
            if (conn === undefined) this.whenAcceptable(listener);
            else resolve(conn);
          } catch (failure) {
            reject(failure as Error);
          }
        },
      };
      this.whenAcceptable(listener);
    });
  }

  tryAccept(): TLSConn | undefined {
    const conn = this.#takeReady();
    if (conn !== undefined) return conn;
    if (this.closed) throw this.#closedError();
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
    this.#pull();
    return this.#takeReady();
  }

  /** Its place is free for a moment: whoever accepts it counts it again. */
  #takeReady(): TLSConn | undefined {
    const ready = this.#ready.shift();
    if (ready !== undefined) this.#limit?.stateChanged(ready.place, 'closed');
    return ready?.conn;
  }

  whenAcceptable(listener: ReadyListener): void {
    if (this.closed) return listener.ready(this.#closedError());
    if (this.#ready.length > 0 || this.#error !== null) return listener.ready(null);
    this.#waiting.push(listener);
    this.#pull();
  }

  forgetAcceptable(listener: ReadyListener): void {
    const at = this.#waiting.indexOf(listener);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Of those whose handshake is over; of the others nobody knows what will become of them. */
  acceptableNow(): boolean {
    return this.closed || this.#ready.length > 0 || this.#error !== null;
  }

  get arriving(): boolean {
    return this.#handshakes.size > 0 || this.#pressing;
  }

  seal(): boolean {
    return this.#listener.seal?.() === true;
  }

  // ---- accepting below

  limitBy(limit: ConnLimit): void {
    this.#limit = limit;
    for (const { place } of this.#ready) limit.stateChanged(place, 'new');
    for (const place of this.#handshakes) limit.stateChanged(place, 'new');
  }

  /** Takes what waits below, as far as there is room, and asks to be told of more. */
  #pull(): void {
    if (this.#asked || this.#pulling || this.closed) return;
    this.#pulling = true;
    try {
      while (this.#hasRoom()) if (!this.#pullOne()) break;
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#pulling = false;
    }
  }

  /** False if nobody waits there, and it has been asked to tell. */
  #pullOne(): boolean {
    const listener = this.#listener;
    const canAsk = listener.whenAcceptable !== undefined;
    const conn = canAsk ? listener.tryAccept?.(true) : undefined;
    if (conn === undefined) this.#asked = true;
    if (conn !== undefined) this.#begin(conn);
    else if (canAsk) listener.whenAcceptable?.(this.#below);
    else {
      listener.accept().then(
        (accepted) => {
          this.#begin(accepted);
          this.#acceptable(null);
        },
        (error: Error) => this.#acceptable(error),
      );
    }
    return conn !== undefined;
  }

  #hasRoom(): boolean {
    const limit = this.#limit;
    if (this.#handshakes.size + this.#ready.length >= this.#most) return false;
    const wasPressing = this.#pressing;
    this.#pressing = false;
    if (limit === null || !limit.full) {
      if (wasPressing) limit?.forget(this);
      return true;
    }
    if (this.#listener.acceptableNow?.() === false) {
      // Nobody wants it, up to now.
      limit.wait(this, false);
      this.#asked = true;
      this.#listener.whenAcceptable?.(this.#below);
      return false;
    }
    if (limit.makeRoom()) return true;
    limit.wait(this, true);
    this.#pressing = true;
    return false;
  }

  roomMade(): void {
    if (this.#asked && this.#listener.forgetAcceptable !== undefined) {
      this.#listener.forgetAcceptable(this.#below);
      this.#asked = false;
    }
    this.#pull();
    if (!this.arriving) this.#tell();
  }

  #acceptable(error: Error | null): void {
    this.#asked = false;
    if (error === null) this.#pull();
    else if (!this.closed) this.#fail(error);
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#tell();
  }

  #begin(conn: Conn): void {
    if (this.closed) return conn.close();
    if (!this.#referenced) conn.unref();
    const handshake = new TLSHandshake(this, conn);
    this.#handshakes.add(handshake);
    this.#limit?.stateChanged(handshake, 'new');
    handshake.start(this.#timeout);
  }

  connOf(socket: TLSSocket, below: Conn): TLSConn {
    return this.#make?.(socket, below) ?? new TLSConn(socket, below);
  }

  succeeded(handshake: TLSHandshake, conn: TLSConn): void {
    this.#handshakes.delete(handshake);
    if (this.closed) {
      this.#limit?.stateChanged(handshake, 'closed');
      return conn.close();
    }
    this.#ready.push({ conn, place: handshake });
    this.#tell();
    this.#pull();
  }

  begun(handshake: TLSHandshake): void {
    this.#limit?.stateChanged(handshake, 'active');
  }

  dropped(handshake: TLSHandshake): void {
    this.#leave(handshake);
    // Not from within: whoever makes room looks whether there is any now.
    queueMicrotask(() => this.#pull());
  }

  #leave(handshake: TLSHandshake): void {
    if (this.#handshakes.delete(handshake)) this.#limit?.stateChanged(handshake, 'closed');
  }

  failed(handshake: TLSHandshake, message: string): void {
    this.#leave(handshake);
    if (message !== '' && !this.closed) {
      const from = String(handshake.conn.remoteAddr);
      this.#log.log(`http: TLS handshake error from ${from}: ${message}`);
    }
    this.#pull();
    // Who waits for those that arrive has to look again.
    if (!this.arriving) this.#tell();
  }

  #tell(): void {
    for (const listener of this.#waiting.splice(0)) listener.ready(null);
  }

  // ---- its end

  get closed(): boolean {
    return this.#listener.closed;
  }

  #closedError(): Error {
    return new OpError('accept', this.addr.network, null, this.addr, ErrClosed);
  }

  /** Closes the listener below, and connections that nobody has accepted, whatever their handshake is at. */
  close(): void {
    this.#listener.close();
    this.#limit?.forget(this);
    for (const handshake of this.#handshakes) {
      handshake.abandon();
      this.#leave(handshake);
    }
    for (let conn = this.#takeReady(); conn !== undefined; conn = this.#takeReady()) conn.close();
    const error = this.#closedError();
    for (const listener of this.#waiting.splice(0)) listener.ready(error);
  }

  ref(): void {
    this.#referenced = true;
    this.#listener.ref();
    for (const { conn } of this.#handshakes) conn.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#listener.unref();
    for (const { conn } of this.#handshakes) conn.unref();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TLSConn, void, undefined> {
    while (!this.closed) {
      const conn = await this.accept().catch((error: Error) => {
        if ((error as OpError).cause === ErrClosed) return null;
        throw error;
      });
      if (conn === null) return;
      yield conn;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) this.close();
  }
}

/**
 * TLS over a listener, for {@link Server.serve} or for any protocol: its connections are TLSConns. Reads
 * certificates and keys first. `listener` is the new one's own from then on. A Server serves HTTP/2 to
 * those with whom that was agreed on, if option ALPNProtocols has "h2".
 */
export async function tlsListener(listener: Listener, options: TLSOptions): Promise<TLSListener> {
  for (const method of ['accept', 'close', 'ref', 'unref'] as const) {
    if (typeof (listener as Partial<Listener> | null | undefined)?.[method] === 'function')
      continue;
    throw new TypeError(`tlsListener: listener must have a method ${method}`);
  }
  const config = await TLSConfig.load('tlsListener', options);
  if (options.ALPNProtocols?.includes('h2') !== true) return new TLSListener(listener, config);
  const { http2Conns } = await import('./http2-conn.ts');
  return new TLSListener(listener, config, http2Conns);
}
