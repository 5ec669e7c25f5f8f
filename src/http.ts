/**
 * netfd/http: the HTTP server on Linux. This file joins the http layer to the machine and holds the
 * default mux; everything here is the same code that runs on any other System.
 */
import { linux } from './kernel/linux.ts';
import type { Listener } from './net/conn.ts';
import { requireOptions } from './net/options.ts';
import type { DiskFile } from './net/disk-file.ts';
import { Stack } from './net/stack.ts';
import type { Handler, HandlerFunc } from './http/handler.ts';
import {
  listenAndServe as listenAndServeOn,
  type ListenAndServeOptions,
  type ListenerWrapper,
  requireAddr,
  type RunningServer,
  serveFetch,
  type ServeOptions as PlainServeOptions,
} from './http/server/listen-and-serve.ts';
import type { FileSystem } from './http/files/file-system.ts';
import { Server as SystemServer } from './http/server/server.ts';
import type { ServerOptions } from './http/server/server-options.ts';
import { ServeMux } from './http/mux/serve-mux.ts';
import { nodeFiles as nodeFilesOn, type NodeFilesOptions } from './node/files.ts';
import { WebResponse } from './http/fetch/web-response.ts';
import { DiagnosedHandler, diagnosedOptions } from './node/diagnostics.ts';
import {
  listenAndServeByWorkers,
  serveFetchByWorkers,
  type WorkersOption,
} from './node/serve-by-workers.ts';
import type { PEM, TLSOptions } from './node/tls-options.ts';

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
    const diagnosed = new DiagnosedHandler('Server', handler);
    super(stack, diagnosed, diagnosedOptions(options));
    diagnosed.server.netfd = this;
  }
}

/**
 * The files below the folder `root`, for {@link fileServer} and {@link serveFile}: what a link leads out of it
 * to, and what begins with a dot, is not there. Fails as realpath(3) does.
 */
export function nodeFiles(root: string, options?: NodeFilesOptions): Promise<FileSystem> {
  return nodeFilesOn(stack, root, options);
}

/** Opens a regular file, at once, for a response's sendFile or serveContent. Yours to close. SyscallError. */
export function openFile(path: string): DiskFile {
  return stack.openFile(path);
}

/**
 * Listens on `addr` (":8080") and serves until the server is shut down (option `signal`); rejects with
 * an OpError if it cannot listen. Without a handler it uses the default mux.
 */
export async function listenAndServe(
  addr: string,
  handler: Handler | HandlerFunc = defaultServeMux,
  options: ListenAndServeOptions & WorkersOption = {},
): Promise<void> {
  const diagnosed = new DiagnosedHandler('listenAndServe', handler);
  if (options?.workers === undefined) {
    return listenAndServeOn(stack, addr, diagnosed, diagnosedOptions(options));
  }
  return listenAndServeByWorkers('listenAndServe', addr, options, (place, inside) =>
    listenAndServeOn(stack, place, diagnosed, diagnosedOptions(inside)),
  );
}

/** Of listenAndServeTLS: what more there is to say of TLS. */
export interface ListenAndServeTLSOptions extends ListenAndServeOptions {
  readonly tls?: Omit<Partial<TLSOptions>, 'cert' | 'key'> | undefined;
}

/**
 * As {@link listenAndServe}, over TLS: HTTP/2 with clients that speak it, HTTP/1.1 with the others.
 * `cert` and `key` are the paths of files, or PEM; the certificate is followed by those up to its
 * authority's. `onListen` is given a TLSListener, whose `reload` reads the files again.
 */
export async function listenAndServeTLS(
  addr: string,
  cert: PEM,
  key: PEM,
  handler: Handler | HandlerFunc = defaultServeMux,
  options: ListenAndServeTLSOptions & WorkersOption = {},
): Promise<void> {
  requireAddr('listenAndServeTLS', addr);
  requireOptions('listenAndServeTLS', options);
  const diagnosed = new DiagnosedHandler('listenAndServeTLS', handler);
  const serveOn = async (place: string, inside: ListenAndServeTLSOptions): Promise<void> => {
    const { tls, ...others } = inside;
    const wrap = await secure('listenAndServeTLS', { ...tls, cert, key }, others);
    return listenAndServeOn(stack, place, diagnosed, diagnosedOptions(others), wrap);
  };
  if (options.workers === undefined) return serveOn(addr, options);
  return listenAndServeByWorkers('listenAndServeTLS', addr, options, serveOn);
}

/** Loads what TLS needs only where it is used. */
async function secure(
  method: string,
  tls: TLSOptions,
  { errorLog, readHeaderTimeout }: ServerOptions,
): Promise<ListenerWrapper> {
  const { secureListener } = await import('./node/tls-server.ts');
  return secureListener(method, tls, { errorLog, readHeaderTimeout });
}

export interface ServeOptions extends PlainServeOptions {
  /** Serves https: `cert` and `key` are PEM, or the paths of files that hold it. */
  readonly tls?: TLSOptions | undefined;
}

/**
 * Serves a web-standard handler, `serve({ fetch, port })`, or `serve({ fetch, path })` on a unix socket;
 * with option `tls` over https. Settles once it listens.
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
  if (all?.workers === undefined) return serveDiagnosed(all);
  return serveFetchByWorkers(stack, all, serveDiagnosed);
}

async function serveDiagnosed(options: ServeOptions): Promise<RunningServer> {
  const wrap = (handler: Handler): Handler => new DiagnosedHandler('serve', handler);
  const over = options?.tls === undefined ? null : await secure('serve', options.tls, options);
  return serveFetch(stack, diagnosedOptions(options), wrap, over);
}

// ---- servers

export type { Workers } from './node/worker-pool.ts';
export type { ListenAndServeOptions, RunningServer, ServerOptions, WorkersOption };
export type { ShutdownOptions } from './http/server/shutdown-options.ts';
export type { Connection, ConnState } from './http/connection.ts';
export type { PeerCertificate, TLSConnectionState } from './http/tls-state.ts';
export type { TLSListener } from './node/tls-listener.ts';
export type { PEM, TLSCertificate, TLSOptions } from './node/tls-options.ts';
export { livez, type ReadinessCheck, type ReadinessOptions, readyz } from './http/server/health.ts';

// ---- handlers, what they get and what they answer

export type {
  Handler,
  HandlerFunc,
  Hijacked,
  RequestBody,
  ResponseWriter,
  ServerRequest,
} from './http/handler.ts';
export {
  type FetchContext,
  type FetchHandler,
  fetchHandler,
  type FetchHandlers,
  type FetchMiddleware,
} from './http/fetch/fetch-handler.ts';
export { ServeMux } from './http/mux/serve-mux.ts';
export { WrappedResponse } from './http/around/wrapped-response.ts';
export { ErrAbortHandler, ErrServerClosed, HttpError } from './http/errors.ts';
export { canonicalName, Header } from './http/message/header.ts';
export { TRAILER_PREFIX as TrailerPrefix } from './http/message/field-name.ts';
export { httpDate, parseHttpDate } from './http/message/date.ts';
export { detectContentType } from './http/message/sniff.ts';
export { Status, statusText } from './http/message/status.ts';
export {
  allowMethods,
  error,
  notFound,
  redirect,
  redirectHandler,
  stripPrefix,
} from './http/replies.ts';

// ---- files

export { fileServer, serveFile } from './http/files/file-server.ts';
export { serveContent } from './http/files/serve-content.ts';
export type { FileCoding, FileServerOptions, ServeFileOptions } from './http/files/file-options.ts';
export type { DotFiles } from './http/files/dot-files.ts';
export type { Content, FileEntry, FileSystem, OpenFile } from './http/files/file-system.ts';
export type { NodeFilesOptions, DiskFile };

// ---- forms

export { type Form, type FormOptions, parseForm } from './http/form.ts';
export {
  type FormFile,
  type MultipartForm,
  type MultipartFormOptions,
  parseMultipartForm,
} from './node/multipart-form.ts';
export type { MultipartPart } from './node/multipart-part.ts';
export { type MultipartOptions, multipartReader } from './node/multipart-reader.ts';

// ---- handlers around others

export { ErrHandlerTimeout, timeoutHandler } from './http/around/timeout-handler.ts';
export { maxBytes, maxBytesHandler } from './http/around/max-bytes.ts';
export {
  authenticatedUser,
  type BasicAuth,
  basicAuth,
  type BasicAuthOptions,
  bearerToken,
  parseBasicAuth,
  secretsEqual,
} from './http/around/authorization.ts';
export { cors, type CorsOptions } from './http/around/cors.ts';
export { requestId, requestIdOf, type RequestIdOptions } from './http/around/request-id.ts';
export {
  type AccessLog,
  accessLog,
  type AccessLogOptions,
  type LogStream,
} from './http/around/access-log.ts';
export type { AccessEntry, AccessFormat } from './http/around/access-line.ts';
export { type LogFile, type LogFileOptions, openLogFile } from './node/log-file.ts';
export { Metrics, type MetricsOptions } from './http/around/metrics.ts';
export type { MeterLike } from './http/around/meter-bridge.ts';
export {
  type ExchangeEnd,
  type ExchangeObserver,
  ObservedHandler,
} from './http/around/observed-handler.ts';

/**
 * The web's Response for `fetch` handlers, without the platform's cost for short bodies: to be imported in
 * the place of the global one, or put there for all of a program with `globalThis.Response = Response`.
 */
export const Response: typeof globalThis.Response =
  WebResponse as unknown as typeof globalThis.Response; // by its prototype it is one
export type Response = globalThis.Response;
