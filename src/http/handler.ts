/**
 * What a handler sees: the request it reads and the response it writes. Interfaces only; the server's
 * own ones are in conn/request.ts and conn/response.ts. After Go's net/http, with promises where Go blocks and
 * the usual helpers of web requests.
 */
import type { Reader, Writer } from '../io/stream.ts';
import type { Addr, Conn, Deadline } from '../net/conn.ts';
import type { DiskFile } from '../net/disk-file.ts';
import type { Connection } from './connection.ts';
import type { Header } from './message/header.ts';
import type { TLSConnectionState } from './tls-state.ts';
import type { UnhandledListener } from './unhandled.ts';

/** Answers a request. The response is complete when it returns, or when its promise is fulfilled. */
export type HandlerFunc = (w: ResponseWriter, r: ServerRequest) => void | Promise<unknown>;

/** Something that answers requests. After Go's http.Handler. */
export interface Handler {
  serveHTTP(w: ResponseWriter, r: ServerRequest): void | Promise<unknown>;
  /**
   * Told of what the server has answered without it, if it is the handler of the whole server. Those that
   * stand around others pass it on.
   */
  readonly unhandled?: UnhandledListener | undefined;
}

/** A request body. It ends where the request says; what the handler leaves is read by the server. */
export interface RequestBody extends Reader {
  /** All that is left, as bytes; an error with status 413 if that is more than `limit` (16 MiB). */
  bytes(limit?: number): Promise<Uint8Array>;
  /** All that is left, as UTF-8 text. */
  text(limit?: number): Promise<string>;
  /** All that is left, parsed as JSON. */
  json(limit?: number): Promise<unknown>;
  /**
   * All that is left, as a stream: it reads what is pulled, up to 64 KiB at a time, and fails as read
   * does. A body has one, however often it is asked for. Cancelling it leaves the rest to the server.
   */
  readonly stream: ReadableStream<Uint8Array>;
  /** The chunks that come, each in a buffer of its own, to the end. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
}

/** A request as its handler sees it. After Go's http.Request. */
export interface ServerRequest {
  /** "GET", in the case in which it was sent. */
  readonly method: string;
  /** The request target as sent: "/a%20b?c=d", "http://host/a", "*", "host:443" (CONNECT). */
  readonly target: string;
  /** The path of the target as sent, still percent-encoded; "*" for OPTIONS *, "" for CONNECT. */
  readonly rawPath: string;
  /** The path, percent-decoded as UTF-8. */
  readonly path: string;
  /** What follows the '?', without it. */
  readonly rawQuery: string;
  /** The parsed query. */
  readonly query: URLSearchParams;
  /** The host that is asked: of an absolute target, else of the Host field; with the port, if given. */
  readonly host: string;
  /** "HTTP/1.1", "HTTP/1.0" or "HTTP/2.0". */
  readonly proto: string;
  /** The fields, without Host. */
  readonly header: Header;
  /** The field lines as they came, Host among them; what stands for another request need not have it. */
  readonly rawFields?: string | undefined;
  /** Fields after a chunked body; empty until it has been read to its end. */
  readonly trailer: Header;
  /** Of the body in bytes; -1 if only its end will tell. */
  readonly contentLength: number;
  readonly body: RequestBody;
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
  /** The connection it came on; what stands for another request need not have it. */
  readonly connection?: Connection | undefined;
  /** Of a request over https what is known of its TLS; undefined over http. */
  readonly tls?: TLSConnectionState | undefined;
  /** Aborted when the client has gone or the response is complete. */
  readonly signal: AbortSignal;
  /**
   * What the server's options baseContext and connContext have made for the connection; what is set here
   * is of this request alone. Undefined without either.
   */
  context?: unknown;
  /**
   * As `signal`, without its cost: calls `tell` once if the client goes before the response is complete;
   * gives false if it has gone. One may be told. What stands for another request need not have it.
   */
  watch?(tell: () => void): boolean;
  /** The pattern of the mux that matched: "GET /users/{id}"; empty without one. */
  pattern: string;
  /** The value of a wildcard of the pattern, decoded; empty if it has no such wildcard. */
  pathValue(name: string): string;
  setPathValue(name: string, value: string): void;
}

/**
 * The response to a request. After Go's http.ResponseWriter and http.ResponseController in one. Whoever
 * puts one of his own in front of a handler begins with WrappedResponse, which passes everything on.
 */
export interface ResponseWriter extends Writer {
  /** The status code that was given, by writeHeader or a first write; 0 before that. */
  readonly status: number;
  /** Bytes of the body that were written so far; of a reply to HEAD, too, which does not send them. */
  readonly bytesWritten: number;
  /** Whether the head has gone out: from then on neither status nor fields can be changed. */
  readonly headSent: boolean;
  /** Whether the connection was handed over by {@link ResponseWriter.hijack}. */
  readonly hijacked: boolean;
  /**
   * The fields to be sent. They can be changed until the head is: by a flush, with more than 2 KiB of
   * body, or when the handler has returned. (In Go they are fixed by WriteHeader and the first Write.)
   *
   * Trailers, which are sent after a chunked body: the fields that `Trailer` names when the head is sent,
   * with the values that they have when the handler returns; and those that were set under their name
   * with "Trailer:" before it, which need not be known earlier. A client of HTTP/1.0 gets none.
   */
  header(): Header;
  /**
   * The status code. 1xx codes are sent at once, with the fields of the moment, and may be several;
   * another one, also 101, counts once. Of 1xx a client of HTTP/1.0 gets nothing, and 100 only a client
   * that waits for it. `reason` is the phrase after the code, in the place of the usual one.
   */
  writeHeader(statusCode: number, reason?: string): void;
  /**
   * Adds to the body, with status 200 if none was given. Settles when there is room for more; small
   * writes are gathered and need not be awaited. But whoever goes on while 16 MiB are not sent (the
   * server's option maxUnsentBytes), the last long write not counted, gets an error
   * (ERR_HTTP_NOT_AWAITED), and the connection is closed.
   */
  write(data: Uint8Array | string): Promise<number>;
  /**
   * Adds `length` bytes of a file from `offset` on, which the kernel sends without a copy through the program
   * if the connection can. Settles when it has taken all; the file may be closed before. Where it ends stands
   * in the Content-Length, if that was set, else in chunks. A file that has become shorter is an error
   * (ERR_HTTP_FILE_SHORT), and the connection is closed. Writers that stand before another need not have it.
   */
  readonly sendFile?:
    | ((file: DiskFile, offset: number, length: number) => Promise<number>)
    | undefined;
  /** Sends what has been written up to now. */
  flush(): Promise<void>;
  /**
   * Until when the body of this request has to be read; then reading fails with status 408. In the place
   * of what the server's readTimeout has set, and without effect once the body has been read.
   */
  setReadDeadline(when: Deadline): void;
  /**
   * Until when the client has to take this response; then writing fails and the connection is closed.
   * In the place of what the server's writeTimeout has set.
   */
  setWriteDeadline(when: Deadline): void;
  /**
   * Says that the body is going to be read while the response is written. That works without it: no part of
   * a body is ever read, or lost, for the sake of the reply, other than in Go. But a client that waits for
   * 100 Continue gets it now, since after the head it is too late. Throws once the response is complete.
   */
  enableFullDuplex(): void;
  /**
   * Hands the connection over; this writer is of no more use. A head that has not been sent by then, as
   * by {@link ResponseWriter.flush}, is dropped with what was written; what has been sent arrives first.
   */
  hijack(): Hijacked;
}

/** A connection that a handler has taken over. */
export interface Hijacked {
  /**
   * Without deadlines, and the handler's to close: the server has forgotten it. It does not close it at
   * its own end, nor when the handler throws.
   */
  readonly conn: Conn;
  /** What was read of it already, after the request's head: it comes before what `conn` gives. */
  readonly buffered: Uint8Array;
}
