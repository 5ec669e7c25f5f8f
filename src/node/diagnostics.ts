/**
 * Tells the subscribers of Node's diagnostics channels of a server of ours what node:http tells of its own:
 *
 *   net.server.socket                  { socket }                               accepted
 *   http.server.response.created       { request, response }                    before the next
 *   http.server.request.start          { request, response, socket, server }    before the handler
 *   http.server.response.finish        { request, response, socket, server }    there was a reply
 *
 * The objects are views (node-views.ts), because subscribers read headers and statusCode and listen for
 * events: with other objects they would throw, which Node makes an uncaught exception. Without subscribers
 * it costs looking whether there are any. Source: the documentation of node:diagnostics_channel.
 */
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import type { Connection, ConnState } from '../http/connection.ts';
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from '../http/handler.ts';
import { asHandler } from '../http/handler-func.ts';
import {
  CLIENT_CLOSED,
  type ExchangeEnd,
  type ExchangeObserver,
  NO_RESPONSE,
  ObservedHandler,
} from '../http/around/observed-handler.ts';
import type { ServerOptions } from '../http/server/server-options.ts';
import type { Addr } from '../net/conn.ts';
import { RequestView, ResponseView, SocketView } from './node-views.ts';

const accepted = channel('net.server.socket');
const created = channel('http.server.response.created');
const started = channel('http.server.request.start');
const finished = channel('http.server.response.finish');

/** After http.Server, to look at only. */
export class ServerView extends EventEmitter {
  /** The Server that it stands for; null before there is one. */
  netfd: object | null = null;
}

/** A handler that tells of each exchange of `handler`, if somebody has subscribed by its beginning. */
export class DiagnosedHandler implements Handler {
  /** The server that subscribers are told of. */
  readonly server: ServerView = new ServerView();
  readonly #inner: Handler;
  readonly #told: ObservedHandler<ResponseView>;

  /** TypeError of `method` if `handler` is none. */
  constructor(method: string, handler: Handler | HandlerFunc) {
    this.#inner = asHandler(method, handler);
    this.#told = new ObservedHandler(this.#inner, new Publisher(this.server));
  }

  serveHTTP(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
    if (started.hasSubscribers || finished.hasSubscribers || created.hasSubscribers) {
      return this.#told.serveHTTP(w, r);
    }
    return this.#inner.serveHTTP(w, r);
  }
}

/** The options of a server that tells of its connections, if somebody has subscribed by now. */
export function diagnosedOptions<T extends ServerOptions>(options: T): T {
  const isBad = typeof options !== 'object' || options === null;
  if (!accepted.hasSubscribers || isBad) return options;
  const { connState = () => {} } = options;
  // It is for the server to complain.
  if (typeof connState !== 'function') return options;
  const tell = (conn: Connection, state: ConnState): void => {
    if (state === 'new') accepted.publish({ socket: socketView(conn) });
    else if (state === 'closed') socketView(conn).emit('close', false);
    connState(conn, state);
  };
  return { ...options, connState: tell };
}

class Publisher implements ExchangeObserver<ResponseView> {
  readonly #server: ServerView;

  constructor(server: ServerView) {
    this.#server = server;
  }

  begun(w: ResponseWriter, r: ServerRequest): ResponseView {
    const request = new RequestView(r, socketView(r));
    const response = new ResponseView(w, request);
    if (created.hasSubscribers) created.publish({ request, response });
    if (started.hasSubscribers) started.publish(this.#message(response));
    return response;
  }

  ended(response: ResponseView, w: ResponseWriter, _r: ServerRequest, end: ExchangeEnd): void {
    const { status, aborted, thrown } = end;
    const isBroken = w.hijacked || aborted || (thrown !== null && w.headSent);
    try {
      if (!isBroken && status !== NO_RESPONSE && status !== CLIENT_CLOSED) {
        response.finish(status);
        if (finished.hasSubscribers) finished.publish(this.#message(response));
      }
      response.close();
    } catch (error) {
      // As for what a subscriber throws: it is its program's bug, and not this exchange's.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #message(response: ResponseView): object {
    const { req: request, socket } = response;
    return { request, response, socket, server: this.#server };
  }
}

/** By the address of the client, of which each connection over TCP has one object. */
const sockets = new WeakMap<Addr, SocketView>();

function socketView(of: { readonly localAddr: Addr; readonly remoteAddr: Addr }): SocketView {
  const { localAddr, remoteAddr } = of;
  if (remoteAddr.network !== 'tcp') return new SocketView(localAddr, remoteAddr);
  let view = sockets.get(remoteAddr);
  if (view === undefined) sockets.set(remoteAddr, (view = new SocketView(localAddr, remoteAddr)));
  return view;
}
