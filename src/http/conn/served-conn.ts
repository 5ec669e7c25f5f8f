/**
 * A connection as its server deals with it, whatever protocol it speaks. HTTP/1.1 is server-conn.ts; a
 * Conn that speaks another one, which was agreed on before it was accepted, brings along what serves it.
 * After Go's Server.TLSNextProto.
 */
import type { Conn } from '../../net/conn.ts';
import type { Connection } from '../connection.ts';
import type { ConnOwner } from './conn-owner.ts';

export interface ServedConn extends Connection {
  readonly conn: Conn;
  /** Once, when its server knows of it. */
  start(): void;
  /** The server shuts down: closes as soon as nothing is being served, and takes nothing new. */
  closeIfIdle(): void;
  /** Closes unless a handler is at work on a request or its reply is being sent. */
  closeUnlessServing(): void;
  /** It has been told to close, and does so when its client has heard of it. Not of HTTP/1. */
  readonly ending?: boolean;
}

/** A connection of another protocol. */
export interface ProtocolConn extends Conn {
  /** What serves it, for `owner`. */
  serveBy(owner: ConnOwner): ServedConn;
}

export function isProtocolConn(conn: Conn): conn is ProtocolConn {
  return 'serveBy' in conn;
}
