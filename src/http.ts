/**
 * netfd/http: the HTTP server on Linux. This file joins the http layer to the machine and holds the
 * default mux; everything here is the same code that runs on any other System.
 */
import { linux } from './kernel/linux.ts';
import type { Listener } from './net/conn.ts';
import { Stack } from './net/stack.ts';
import type { Handler, HandlerFunc } from './http/handler.ts';
import {
  listenAndServe as listenAndServeOn,
  type ListenAndServeOptions,
  type RunningServer,
  serveFetch,
  type ServeOptions,
} from './http/listen-and-serve.ts';
import { Server as SystemServer } from './http/server.ts';
import type { ServerOptions } from './http/server-options.ts';
import { ServeMux } from './http/serve-mux.ts';
import { WebResponse } from './http/web-response.ts';
import {
  listenAndServeByWorkers,
  serveFetchByWorkers,
  type WorkersOption,
} from './node/serve-by-workers.ts';

const stack: Stack = new Stack(linux);

/** The mux of {@link handle} and {@link handleFunc}, and of servers without a handler of their own. */
export const defaultServeMux: ServeMux = new ServeMux();

/** Registers a handler for a pattern, "GET /users/{id}", with the default mux. */
export function handle(pattern: string, handler: Handler | HandlerFunc): void {
  defaultServeMux.handle(pattern, handler);
}

/** Registers a function for a pattern with the default mux. */
export function handleFunc(pattern: string, handler: HandlerFunc): void {
  defaultServeMux.handleFunc(pattern, handler);
}

/** A server on this machine. Without a handler it uses the default mux. */
export class Server extends SystemServer {
  constructor(handler: Handler | HandlerFunc = defaultServeMux, options: ServerOptions = {}) {
    super(stack, handler, options);
  }
}

/**
 * Listens on `addr` (":8080") and serves until the server is shut down (option `signal`); rejects with
 * an OpError if it cannot listen. Without a handler it uses the default mux.
 */
export function listenAndServe(
  addr: string,
  handler: Handler | HandlerFunc = defaultServeMux,
  options: ListenAndServeOptions & WorkersOption = {},
): Promise<void> {
  if (options?.workers === undefined) return listenAndServeOn(stack, addr, handler, options);
  return listenAndServeByWorkers('listenAndServe', addr, options, (place, inside) =>
    listenAndServeOn(stack, place, handler, inside),
  );
}

/**
 * Serves a web-standard handler, `serve({ fetch, port })`, or `serve({ fetch, path })` on a unix socket;
 * settles once it listens.
 */
export function serve(options: ServeOptions & WorkersOption): Promise<RunningServer>;
/** Serves the connections of a listener until the server is shut down; see {@link Server.serve}. */
export function serve(
  listener: Listener,
  handler?: Handler | HandlerFunc,
  options?: ServerOptions,
): Promise<void>;
export async function serve(
  first: (ServeOptions & WorkersOption) | Listener,
  handler?: Handler | HandlerFunc,
  options?: ServerOptions,
): Promise<RunningServer | void> {
  if (typeof (first as Partial<Listener> | null)?.accept === 'function') {
    return new Server(handler, options).serve(first as Listener);
  }
  const all = first as ServeOptions & WorkersOption;
  if (all?.workers === undefined) return serveFetch(stack, all);
  return serveFetchByWorkers(stack, all, (inside) => serveFetch(stack, inside));
}

export {
  type FetchContext,
  type FetchHandler,
  fetchHandler,
  type FetchHandlers,
} from './http/fetch-handler.ts';
export type {
  Handler,
  HandlerFunc,
  Hijacked,
  RequestBody,
  ResponseWriter,
  ServerRequest,
} from './http/handler.ts';
export { ErrAbortHandler, ErrServerClosed, HttpError } from './http/errors.ts';
export { fileServer } from './http/file-server.ts';
export type { FileEntry, FileSystem, OpenFile } from './http/file-system.ts';
export { canonicalName, Header } from './http/header.ts';
export { httpDate, parseHttpDate } from './http/date.ts';
export { error, notFound, redirect, redirectHandler, stripPrefix } from './http/replies.ts';
export { ServeMux } from './http/serve-mux.ts';
export type { Connection, ConnState } from './http/connection.ts';
export { detectContentType } from './http/sniff.ts';
export { Status, statusText } from './http/status.ts';
export { nodeFiles } from './node/files.ts';
export { TRAILER_PREFIX as TrailerPrefix } from './http/field-name.ts';
export { WrappedResponse } from './http/wrapped-response.ts';
export type { Workers } from './node/worker-pool.ts';
export type { ListenAndServeOptions, RunningServer, ServeOptions, ServerOptions, WorkersOption };
export type { FetchMiddleware } from './http/fetch-handler.ts';

/**
 * The web's Response for `fetch` handlers, without the platform's cost for short bodies: to be imported in
 * the place of the global one, or put there for all of a program with `globalThis.Response = Response`.
 */
export const Response: typeof globalThis.Response =
  WebResponse as unknown as typeof globalThis.Response; // by its prototype it is one
export type Response = globalThis.Response;
