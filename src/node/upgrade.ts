/**
 * A connection that leaves HTTP, in the form in which libraries for Node take it: the request, a socket
 * and what came after the request's head. `WebSocketServer.handleUpgrade(req, socket, head)` of ws is
 * the usual taker. RFC 9110, section 7.8.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ResponseWriter, ServerRequest } from '../http/handler.ts';
import { ExchangeSocket } from './exchange-socket.ts';
import { toNodeSocket } from './from-node-socket.ts';
import { nodeRequest } from './node-request.ts';
import type { NodeSocket } from './node-socket.ts';

export interface NodeUpgrade {
  /** Its `socket` is the same as the one beside it. */
  readonly req: IncomingMessage;
  readonly socket: NodeSocket & Socket;
  /** The first bytes of the new protocol, often none. They are not in the socket. */
  readonly head: Buffer;
}

/** Whether the client asks for another protocol. */
export function isUpgrade(r: ServerRequest): boolean {
  const { header } = r;
  if (!header.has('Upgrade')) return false;
  return header.values('Connection').some((value) => /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(value));
}

/**
 * Takes the connection out of the server's hands, by {@link ResponseWriter.hijack}, for whoever will
 * answer on `socket`. From then on it is theirs to close, and the handler may return.
 */
export function upgradeToNode(w: ResponseWriter, r: ServerRequest): NodeUpgrade {
  const req = nodeRequest(r, new ExchangeSocket(r), NOBODY);
  const { conn, buffered } = w.hijack();
  const socket = toNodeSocket(conn, { allowHalfOpen: true });
  // Its own until somebody listens: a peer that resets the connection must not end the process.
  socket.on('error', ignore);
  req.socket = req.connection = socket;
  req.complete = req.upgrade = true;
  return { req, socket, head: Buffer.from(buffered) };
}

const NOBODY = { moved(): void {}, bodyDone(): void {}, bodyFailed(): void {} };

function ignore(): void {}
