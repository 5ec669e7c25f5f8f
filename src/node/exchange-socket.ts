/**
 * What stands in `req.socket` and `res.socket` while HTTP has the connection: who is at the other end,
 * a timer for silence, a way to end it, and the events of its end. It is a Duplex, as a net.Socket is,
 * but nothing is read from it or written to it: the bytes are the server's until the connection is handed
 * over, as after an upgrade, and then a true socket takes its place. There is one for a connection.
 */
import { Duplex } from 'node:stream';
import type { Connection } from '../http/connection.ts';
import type { TLSConnectionState } from '../http/tls-state.ts';
import type { Addr } from '../net/conn.ts';
import { TCPAddr } from '../net/tcp-addr.ts';
import { IdleTimer } from './idle-timer.ts';

/** What is known of the connection below. */
export interface SocketConnection {
  readonly localAddr: Addr;
  readonly remoteAddr: Addr;
  close?(): void;
}

/** As net.Socket's address() gives it. */
export interface SocketAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

/** The message that is being answered; both get the event 'timeout'. */
interface Message {
  readonly req: { readonly complete: boolean; emit(event: 'timeout', ...args: unknown[]): boolean };
  emit(event: 'timeout', ...args: unknown[]): boolean;
}

export class ExchangeSocket extends Duplex {
  /** The response that is being written; node:http's own name, and middleware looks at it. */
  _httpMessage: Message | null = null;
  /** The server it belongs to, if there is one. */
  server: { emit(event: 'timeout', socket: ExchangeSocket): boolean } | null = null;
  readonly connecting = false;
  readonly pending = false;
  /** Told when this is destroyed: the exchange that it is at. */
  current: { socketGone(): void } | null = null;
  /** True over TLS; not there otherwise, as Express looks. */
  declare encrypted: true;
  #tls: TLSConnectionState | null = null;
  #idle: IdleTimer | null = null;
  readonly #connection: SocketConnection;

  constructor(connection: SocketConnection) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    // Whoever destroys it with an error means the connection, not the process.
    this.on('error', ignore);
  }

  get localAddress(): string | undefined {
    return socketAddress(this.#connection.localAddr)?.address;
  }

  get localPort(): number | undefined {
    return socketAddress(this.#connection.localAddr)?.port;
  }

  get localFamily(): string | undefined {
    return socketAddress(this.#connection.localAddr)?.family;
  }

  get remoteAddress(): string | undefined {
    return socketAddress(this.#connection.remoteAddr)?.address;
  }

  get remotePort(): number | undefined {
    return socketAddress(this.#connection.remoteAddr)?.port;
  }

  get remoteFamily(): string | undefined {
    return socketAddress(this.#connection.remoteAddr)?.family;
  }

  get readyState(): 'open' | 'closed' {
    return this.destroyed ? 'closed' : 'open';
  }

  /** The local end. */
  address(): SocketAddress | Record<string, never> {
    return socketAddress(this.#connection.localAddr) ?? {};
  }

  /** After `milliseconds` without a byte 'timeout' is emitted; 0 is never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.#idle ??= new IdleTimer(() => this.#timedOut());
    if (!this.destroyed) this.#idle.set(milliseconds);
    if (listener === undefined) return this;
    return milliseconds === 0 ? this.off('timeout', listener) : this.once('timeout', listener);
  }

  /** What setTimeout was called with. */
  get timeout(): number | undefined {
    return this.#idle?.milliseconds;
  }

  /** Bytes have come or gone. */
  touch(): void {
    this.#idle?.active();
  }

  /** As node:http: whoever listens decides; if nobody does, that is the end of the connection. */
  #timedOut(): void {
    const message = this._httpMessage;
    const heard = [
      this.listenerCount('timeout') > 0 && this.emit('timeout'),
      message !== null && !message.req.complete && message.req.emit('timeout', this),
      message?.emit('timeout', this),
      this.server?.emit('timeout', this),
    ];
    if (!heard.includes(true)) this.destroy();
  }

  /** Says that the connection is one of TLS. */
  secure(tls: TLSConnectionState): void {
    this.#tls = tls;
    this.encrypted = true;
  }

  get authorized(): boolean | undefined {
    return this.#tls?.authorized;
  }

  get authorizationError(): string | undefined {
    return this.#tls?.authorizationError;
  }

  get servername(): string | undefined {
    return this.#tls?.serverName;
  }

  get alpnProtocol(): string | false | undefined {
    return this.#tls === null ? undefined : this.#tls.negotiatedProtocol || false;
  }

  getProtocol(): string | null {
    return this.#tls?.version ?? null;
  }

  getCipher(): { readonly standardName: string } | undefined {
    return this.#tls === null ? undefined : { standardName: this.#tls.cipherSuite };
  }

  /** The client's, in the form of {@link TLSConnectionState.peerCertificate}; empty without one, as in node:tls. */
  getPeerCertificate(): object {
    return this.#tls?.peerCertificate ?? {};
  }

  // Set by the server already, or not to be set: so that code for a net.Socket runs.

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  override _read(): void {}

  override _write(_data: unknown, _encoding: string, done: (error: Error) => void): void {
    done(new Error('socket.write: the connection is the HTTP server’s; write to the response'));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.close?.();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#idle?.stop();
    this.#connection.close?.();
    this.current?.socketGone();
    done(error);
  }
}

function ignore(): void {}

/** An address in the form that Node gives it; null if it is not one of the internet. */
export function socketAddress(addr: Addr): SocketAddress | null {
  if (!(addr instanceof TCPAddr)) return null;
  const { ip, zone, port } = addr;
  const family = ip.includes(':') ? 'IPv6' : 'IPv4';
  return { address: zone === '' ? ip : `${ip}%${zone}`, family, port };
}

const sockets = new WeakMap<Connection, ExchangeSocket>();

/** The socket of a connection; always the same one. */
export function exchangeSocketOf(connection: Connection): ExchangeSocket {
  let socket = sockets.get(connection);
  if (socket === undefined) {
    const made = (socket = new ExchangeSocket(connection));
    sockets.set(connection, made);
    connection.whenGone?.(() => made.destroy());
  }
  return socket;
}
