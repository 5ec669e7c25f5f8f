/**
 * A Handler of ours that asks listeners of node:http: what an Express app, a Koa callback, Fastify's
 * `routing` or a plain function (req, res) is. It emits what an http.Server emits for requests.
 *
 *   request          the usual one
 *   upgrade, connect the connection is handed over, if somebody listens; else an upgrade is a request
 *                    like any other, and CONNECT is refused
 *   checkContinue    in the place of request, for one that waits for 100 Continue
 *
 * Source: the documentation of node:http, "Class: http.Server", and what its server does.
 */
import { EventEmitter } from 'node:events';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ErrAbortHandler, HttpError } from '../http/errors.ts';
import type { Handler, ResponseWriter, ServerRequest } from '../http/handler.ts';
import { Exchange } from './node-exchange.ts';
import { isUpgrade, upgradeToNode } from './upgrade.ts';

/** A listener as for http.createServer. */
export type NodeListener = (req: IncomingMessage, res: ServerResponse) => unknown;

/** The connection and what came of it after the head, as 'upgrade' and 'connect' give them. */
export type UpgradeListener = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

export class NodeHandler extends EventEmitter implements Handler {
  constructor(listener?: NodeListener) {
    super({ captureRejections: true });
    if (listener !== undefined) this.on('request', listener);
  }

  serveHTTP(w: ResponseWriter, r: ServerRequest): Promise<void> | void {
    if (r.method === 'CONNECT') return this.#handOver('connect', w, r);
    if (this.listenerCount('upgrade') > 0 && isUpgrade(r)) return this.#handOver('upgrade', w, r);
    const exchange = this.begin(new Exchange(w, r));
    const { req, res } = exchange;
    try {
      this.#emitRequest(req, res, r);
    } catch (error) {
      exchange.abandon();
      throw error;
    }
    return exchange.completion();
  }

  /** For a server: what each exchange is given before its listener sees it. */
  protected begin(exchange: Exchange): Exchange {
    return exchange;
  }

  #emitRequest(req: IncomingMessage, res: ServerResponse, r: ServerRequest): void {
    if (
      this.listenerCount('checkContinue') > 0 &&
      /^100-continue$/i.test(req.headers.expect ?? '')
    ) {
      this.emit('checkContinue', req, res);
    } else if (!this.emit('request', req, res)) {
      throw new HttpError(`http: nobody listens for ${r.method} requests`, 'ERR_HTTP_NO_LISTENER');
    }
  }

  #handOver(event: 'connect' | 'upgrade', w: ResponseWriter, r: ServerRequest): void {
    // As node:http, which ends the connection of a CONNECT that nobody wants.
    if (this.listenerCount(event) === 0) throw ErrAbortHandler;
    const { req, socket, head } = upgradeToNode(w, r);
    try {
      this.emit(event, req, socket, head);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** A listener's promise was rejected: as http.Server answers it. */
  #rejected(error: Error, event: string, args: readonly unknown[]): void {
    if (event === 'request' || event === 'checkContinue') {
      this.failed(error);
      answerFailure(args[1] as ServerResponse);
    } else if (event === 'upgrade' || event === 'connect') {
      this.failed(error);
      (args[1] as Duplex).destroy();
    } else this.emit('error', error);
  }

  static {
    Object.defineProperty(NodeHandler.prototype, EventEmitter.captureRejectionSymbol, {
      value(this: NodeHandler, error: Error, event: string, ...args: unknown[]): void {
        this.#rejected(error, event, args);
      },
    });
  }

  /** Told of listeners whose promise was rejected. */
  protected failed(error: Error): void {
    console.error(`http: ${error.stack ?? String(error)}`);
  }
}

function answerFailure(res: ServerResponse): void {
  if (res.headersSent || res.writableEnded) return void res.destroy();
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.statusCode = 500;
  res.end(STATUS_CODES[500]);
}

/**
 * A handler that answers as `listener` does: an Express app, Fastify's `routing`, a Koa callback, or any
 * function (req, res). For a mux, say, or beside others. What it gives is an EventEmitter as well:
 * `.on('upgrade', (req, socket, head) => …)`.
 */
export function nodeHandler(listener?: NodeListener): NodeHandler {
  if (listener !== undefined && typeof listener !== 'function') {
    throw new TypeError('nodeHandler: listener must be a function (req, res)');
  }
  return new NodeHandler(listener);
}
