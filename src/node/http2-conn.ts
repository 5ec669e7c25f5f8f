/**
 * A connection of HTTP/2 as its server sees it. The frames are node:http2's; here is what the server
 * wants of a connection: states, limits, idle time, and an end that loses no request.
 *
 *   idle ◄──► active (streams)      GOAWAY, at shutdown: the streams there are finish ──► closed
 *
 * Resets in quick succession are counted by nghttp2 (CVE-2023-44487); a handler whose stream was reset
 * goes on until it notices, so its place is not given away before. After Go's golang.org/x/net/http2.
 */
import { constants, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { ConnOwner } from '../http/conn/conn-owner.ts';
import type { ConnState } from '../http/connection.ts';
import type { Pending } from '../http/conn/owner.ts';
import type { ProtocolConn, ServedConn } from '../http/conn/served-conn.ts';
import type { TLSConnectionState } from '../http/tls-state.ts';
import type { Addr, Conn } from '../net/conn.ts';
import { type ExchangeOwner, Http2Exchange } from './http2-exchange.ts';
import { type RawHeaders, readHead } from './http2-request.ts';
import { TLSConn } from './tls-conn.ts';

/** Streams at a time, and handlers. As in Go. */
const MAX_STREAMS = 250;

/** Bytes of request bodies that a client may send before they are read: of a stream, of all together. */
const STREAM_WINDOW = 256 * 1024;
const CONNECTION_WINDOW = 1024 * 1024;

/** Frames that are against the protocol, and streams over the limit, before the connection is ended. */
const MAX_INVALID_FRAMES = 100;
const MAX_REJECTED_STREAMS = 100;

/** How long a client has to hear that the connection ends, and then to close it, in milliseconds. */
const GOAWAY_GRACE = 1000;

/** The last stream that there could be: nothing is refused yet. RFC 9113, section 6.8. */
const ANY_STREAM = 2 ** 31 - 1;

class Http2Conn implements ServedConn, ExchangeOwner {
  readonly conn: TLSConn;
  readonly owner: ConnOwner;
  readonly #session: ServerHttp2Session;
  readonly #exchanges = new Set<Http2Exchange>();
  #state: ConnState = 'new';
  requests = 0;
  /** When it is idle for too long, or has been told to end and does not. */
  #timer: Pending | null = null;
  #ending = false;

  constructor(owner: ConnOwner, conn: TLSConn) {
    this.owner = owner;
    this.conn = conn;
    // Nothing of HTTP/2 is half open: who ends his direction has gone.
    conn.duplex.allowHalfOpen = false;
    this.#session = performServerHandshake(conn.duplex, {
      maxHeaderListPairs: Math.min(owner.maxHeaders, 65_531) + 4,
      maxSessionInvalidFrames: MAX_INVALID_FRAMES,
      maxSessionRejectedStreams: MAX_REJECTED_STREAMS,
      settings: {
        maxConcurrentStreams: MAX_STREAMS,
        maxHeaderListSize: Math.min(owner.maxHeaderBytes, 2 ** 31 - 1),
        initialWindowSize: STREAM_WINDOW,
      },
    });
  }

  get state(): ConnState {
    return this.#state;
  }

  get ending(): boolean {
    return this.#ending;
  }

  get remoteAddr(): Addr {
    return this.conn.remoteAddr;
  }

  get localAddr(): Addr {
    return this.conn.localAddr;
  }

  get tls(): TLSConnectionState {
    return this.conn.tls;
  }

  start(): void {
    this.owner.stateChanged(this, 'new');
    const session = this.#session;
    session.on('stream', (stream: ServerHttp2Stream, _: unknown, flags: number, raw: unknown) => {
      this.#begin(stream, flags, raw as RawHeaders);
    });
    // What the client does wrong is its own affair; "close" follows.
    session.on('error', () => {});
    session.once('close', () => this.#closed());
    if (session.destroyed) return this.#closed();
    session.setLocalWindowSize(CONNECTION_WINDOW);
    this.#idle();
  }

  #setState(state: ConnState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.owner.stateChanged(this, state);
  }

  #begin(stream: ServerHttp2Stream, flags: number, raw: RawHeaders): void {
    // Also of one that is gone already: nothing else would hear of it, and the process would end.
    stream.on('error', () => {});
    if (stream.destroyed || stream.closed) return;
    const head = readHead(raw);
    if (head === null) return stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    if (this.#exchanges.size >= MAX_STREAMS) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    this.requests++;
    if (!this.#ending) this.#forgetTimer();
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0;
    const exchange = new Http2Exchange(this, stream, head, hasBody);
    this.#exchanges.add(exchange);
    this.#setState('active');
    exchange.start();
    this.#tellIfLast();
  }

  exchangeEnded(exchange: Http2Exchange): void {
    this.#exchanges.delete(exchange);
    this.#tellIfLast();
    if (this.#exchanges.size === 0 && this.#state === 'active') this.#idle();
  }

  /** Where a reply of HTTP/1.1 says `Connection: close`. */
  #tellIfLast(): void {
    if (this.owner.lastReplies) this.lastOnConnection();
  }

  /** No stream is open. */
  #idle(): void {
    this.#setState('idle');
    if (this.#ending) return this.#closeSession();
    const { idleTimeout } = this.owner;
    if (idleTimeout > 0) this.#expect(() => this.lastOnConnection(), idleTimeout);
  }

  /** Unless something else is awaited, or a stream begins, before. */
  #expect(then: () => void, milliseconds: number): void {
    this.#forgetTimer();
    this.#timer = this.owner.after(milliseconds, then);
  }

  // ---- its end

  /**
   * The client hears that the connection will end, and, once it has heard it, that it has: requests on
   * their way meanwhile are served. Without a stream nghttp2 reads no more after the first of that, so
   * then there is the second alone: it names the last request that was served.
   */
  lastOnConnection(): void {
    const session = this.#session;
    if (this.#ending || session.destroyed) return;
    this.#ending = true;
    if (this.#exchanges.size === 0) return this.#closeSession();
    session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM);
    const end = (): void => this.#closeSession();
    if (!session.ping(end)) end();
    else this.#expect(end, GOAWAY_GRACE);
  }

  /** No further streams; those that are open finish, and then the client has its time to close. */
  #closeSession(): void {
    const session = this.#session;
    if (!session.destroyed && !session.closed) session.close();
    if (this.#exchanges.size === 0) this.#expect(() => this.close(), GOAWAY_GRACE);
  }

  closeIfIdle(): void {
    this.lastOnConnection();
  }

  closeUnlessServing(): void {
    if (this.#exchanges.size === 0) this.close();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#session.destroy();
    this.conn.duplex.destroy();
    this.#closed();
  }

  #forgetTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #closed(): void {
    this.#forgetTimer();
    this.#setState('closed');
  }
}

/** A connection on which the client and this server have agreed to speak HTTP/2. */
class Http2TLSConn extends TLSConn implements ProtocolConn {
  serveBy(owner: ConnOwner): ServedConn {
    return new Http2Conn(owner, this);
  }
}

/** For a TLSListener: the connections on which HTTP/2 was agreed on. */
export function http2Conns(socket: TLSSocket, below: Conn): TLSConn | null {
  return socket.alpnProtocol === 'h2' ? new Http2TLSConn(socket, below) : null;
}
