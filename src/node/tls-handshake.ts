/**
 * One connection from accept to the end of its handshake. Until its first bytes have come nothing is made
 * for it, so one that says nothing costs no more than a plain one; then node:tls does the rest.
 *
 *   waiting ──first bytes──► are they TLS? ──► handshake ──► TLSConn
 *      │                        └─ a request of HTTP: 400      │
 *      └── deadline, end ──────────► failed, told ◄────────────┘
 *
 * The deadline is that of the connection. What a client is told that speaks HTTP here is Go's
 * (net/http/server.go, tlsRecordHeaderLooksLikeHTTP).
 */
import { EventEmitter } from 'node:events';
import type { Server as TLSServer, TLSSocket } from 'node:tls';
import { Linger } from '../http/conn/linger.ts';
import type { Conn, ReadyListener } from '../net/conn.ts';
import { NodeSocket } from './node-socket.ts';
import { TLSConn } from './tls-conn.ts';

/** The first byte of a TLS record that holds a handshake: RFC 8446, section 5.1. */
const HANDSHAKE = 0x16;

/** How requests begin that are sent to the wrong port. */
const METHODS = ['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO'];
const METHOD_SIZE = 5;

const BAD_REQUEST =
  'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/** How long and how much of what such a client still sends is read, so that it can read the answer. */
const LINGER = { lingerTimeout: 500, maxLingerBytes: 64 * 1024 };

/** Read into by all, before anything is known of them. */
const first = Buffer.allocUnsafeSlow(16 * 1024);

export interface HandshakeOwner {
  readonly server: TLSServer;
  succeeded(handshake: TLSHandshake, conn: TLSConn): void;
  /** `message` says why; empty if nobody needs to know. */
  failed(handshake: TLSHandshake, message: string): void;
  /** Makes the connection of an agreed protocol. */
  connOf(socket: TLSSocket, below: Conn): TLSConn;
}

export class TLSHandshake implements ReadyListener {
  readonly conn: Conn;
  readonly #owner: HandshakeOwner;
  #socket: NodeSocket | null = null;
  #begun = '';
  #done = false;

  constructor(owner: HandshakeOwner, conn: Conn) {
    this.#owner = owner;
    this.conn = conn;
  }

  /** `timeout` is in milliseconds, 0 for none. */
  start(timeout: number): void {
    try {
      if (timeout > 0) this.conn.setDeadline(Date.now() + timeout);
    } catch {
      // It is closed, as the read will tell.
    }
    this.#look();
  }

  /** Ends it without a word. */
  abandon(): void {
    if (this.#done) return;
    this.#done = true;
    this.#close();
  }

  ready(error: Error | null): void {
    if (this.#done) return;
    if (error === null) this.#look();
    else this.#fail(error.message);
  }

  /** What the client begins with. */
  #look(): void {
    let count: number | null | undefined;
    try {
      count = this.conn.tryRead(first);
    } catch (error) {
      return this.#fail((error as Error).message);
    }
    if (count === undefined) return this.conn.whenReadable(this);
    if (count === null) return this.#fail('EOF');
    this.#begun += first.toString('latin1', 0, count);
    const begun = this.#begun;
    if (begun.charCodeAt(0) === HANDSHAKE) return this.#begin();
    const method = begun.slice(0, METHOD_SIZE);
    if (!METHODS.some((known) => known.startsWith(method))) return this.#begin();
    if (method.length < METHOD_SIZE) return this.conn.whenReadable(this);
    this.#refuse();
  }

  #refuse(): void {
    this.#done = true;
    const { conn } = this;
    const closed = (): void => {
      if (!conn.closed) conn.close();
      this.#owner.failed(this, '');
    };
    conn.write(BAD_REQUEST).then(() => void new Linger(conn, Date, LINGER, closed), closed);
  }

  /** Everything that its server would be told comes here. */
  #begin(): void {
    const socket = new NodeSocket(this.conn, { allowHalfOpen: true });
    this.#socket = socket;
    socket.unshift(Buffer.from(this.#begun, 'latin1'));
    this.#begun = '';
    // It may be half open later, but nobody makes a handshake with one who says no more.
    socket.once('end', () => setImmediate(() => this.#fail('EOF')));
    const view = Object.create(this.#owner.server) as TLSServer;
    view.emit = (event: string, ...args: unknown[]) => this.#told(event, args);
    EventEmitter.prototype.emit.call(view, 'connection', socket);
  }

  #told(event: string, args: unknown[]): boolean {
    if (event === 'secureConnection') this.#succeed(args[0] as TLSSocket);
    else if (event === 'tlsClientError') {
      this.#fail(reasonOf(args[0] as Error, args[1] as TLSSocket), args[1] as TLSSocket);
    } else return this.#owner.server.emit(event, ...args);
    return true;
  }

  #succeed(socket: TLSSocket): void {
    if (this.#done) return void socket.destroy();
    this.#done = true;
    try {
      this.conn.setDeadline(null);
      this.#owner.succeeded(this, this.#owner.connOf(socket, this.conn));
    } catch (error) {
      socket.destroy();
      this.#owner.failed(this, (error as Error).message);
    }
  }

  #fail(message: string, socket?: TLSSocket): void {
    // Node tells of later errors of it, too.
    socket?.on('error', () => {});
    socket?.destroy();
    if (this.#done) return;
    this.#done = true;
    this.#close();
    this.#owner.failed(this, message);
  }

  #close(): void {
    this.#socket?.destroy();
    if (!this.conn.closed) this.conn.close();
  }
}

/** In few words, as OpenSSL has them. */
function reasonOf(error: Error, { authorizationError }: TLSSocket): string {
  if (authorizationError) return `tls: client certificate: ${String(authorizationError)}`;
  const { reason, code } = error as { reason?: unknown; code?: unknown };
  if (typeof reason === 'string') return `tls: ${reason}`;
  return code === 'ECONNRESET' && error.message === 'socket hang up' ? 'EOF' : error.message;
}
