/** From an address to a running server: Go's ListenAndServe, and the form that web handlers take. */
import type { Addr, Listener } from '../net/conn.ts';
import { joinHostPort } from '../net/host-port.ts';
import type { ListenOptions } from '../net/listen-config.ts';
import { optionalFunction, requireOptions } from '../net/options.ts';
import type { Stack } from '../net/stack.ts';
import { Background } from './background.ts';
import { ErrorLog } from './error-log.ts';
import { checkFetchHandlers, fetchHandler, type FetchHandlers } from './fetch-handler.ts';
import type { Handler, HandlerFunc } from './handler.ts';
import { Server } from './server.ts';
import type { ServerOptions } from './server-options.ts';

/** Of the server, and of its listening socket. */
export interface ListenAndServeOptions extends ServerOptions, ListenOptions {
  /** "tcp" if not given; also tcp4, tcp6, unix, unixpacket. */
  readonly network?: string | undefined;
  /** Shuts the server down gracefully; before it listens it gives up looking up a host name. */
  readonly signal?: AbortSignal | undefined;
  /** Called once it listens. */
  readonly onListen?: ((listener: Listener, server: Server) => void) | undefined;
}

/** How a server gets its connections from the listener that it is given: TLS over it, say. */
export type ListenerWrapper = (listener: Listener) => Listener;

/**
 * Listens on `addr` (":8080", "127.0.0.1:80"; empty is ":http"; a path for the network unix) and serves
 * until the server is shut down; then the promise is fulfilled. Rejects with an OpError if it cannot
 * listen.
 */
export async function listenAndServe(
  stack: Stack,
  addr: string,
  handler: Handler | HandlerFunc,
  options: ListenAndServeOptions = {},
  wrap: ListenerWrapper | null = null,
): Promise<void> {
  const method = wrap === null ? 'listenAndServe' : 'listenAndServeTLS';
  if (typeof addr !== 'string') throw new TypeError(`${method}: addr must be a string`);
  requireOptions(method, options);
  const { network = 'tcp' } = options;
  const service = wrap === null ? ':http' : ':https';
  const place = addr === '' && !UNIX_NETWORKS.has(network) ? service : addr;
  const { served } = await start(method, stack, network, place, handler, options, wrap);
  await served;
}

const UNIX_NETWORKS: ReadonlySet<string> = new Set(['unix', 'unixpacket']);

interface Started {
  readonly server: Server;
  readonly listener: Listener;
  readonly served: Promise<void>;
}

async function start(
  method: string,
  stack: Stack,
  network: string,
  address: string,
  handler: Handler | HandlerFunc,
  options: ListenAndServeOptions,
  wrap: ListenerWrapper | null,
): Promise<Started> {
  optionalFunction(method, 'onListen', options.onListen);
  const server = new Server(stack, handler, options);
  const bare = await stack.listen(network, address, options);
  const listener = wrap?.(bare) ?? bare;
  try {
    options.onListen?.(listener, server);
  } catch (error) {
    listener.close();
    throw error;
  }
  return { server, listener, served: serveUntil(server, listener, options.signal) };
}

async function serveUntil(
  server: Server,
  listener: Listener,
  signal: AbortSignal | undefined,
): Promise<void> {
  const served = server.serve(listener);
  if (signal === undefined) return served;
  const stop = (): void => void server.shutdown().catch(() => {});
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    await served;
    await server.shutdown();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export interface ServeOptions extends ListenAndServeOptions, FetchHandlers {
  /** 8080 if not given; 0 for one that the kernel chooses. */
  readonly port?: number | undefined;
  /** All addresses if not given. */
  readonly hostname?: string | undefined;
  /**
   * In the place of hostname and port: where the unix socket is to be, "@name" for an abstract one. The
   * network is then unix, or unixpacket if that is asked for.
   */
  readonly path?: string | undefined;
}

/** A server that runs. */
export interface RunningServer {
  readonly server: Server;
  readonly addr: Addr;
  /** "http://127.0.0.1:8080/"; of a unix socket "unix:/run/app.sock", which fetch does not take. */
  readonly url: string;
  /** Fulfilled when it has ended. */
  readonly finished: Promise<void>;
  /** Ends gracefully; see {@link Server.shutdown}. */
  shutdown(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Ends at once. */
  close(): void;
  /** It keeps the process alive (the default); see {@link Server.ref}. */
  ref(): void;
  /** It does not; see {@link Server.unref}. */
  unref(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves a web-standard handler, as `wrap` makes another one of it. Settles once it listens. */
export async function serveFetch(
  stack: Stack,
  options: ServeOptions,
  wrap: (handler: Handler) => Handler = (handler) => handler,
  over: ListenerWrapper | null = null,
): Promise<RunningServer> {
  // Before anything is read of what may be no object at all.
  checkFetchHandlers('serve', options);
  const [network, address] = placeIn(options);
  const background = new Background(options.errorLog);
  const handler = wrap(fetchHandler(options, background));
  const { server, listener, served } = await start(
    'serve',
    stack,
    network,
    address,
    handler,
    options,
    over,
  );
  served.catch((error: Error) => new ErrorLog(options.errorLog).log(`http: ${error.message}`));
  const shutdown: RunningServer['shutdown'] = async (how) => {
    await server.shutdown(how);
    await background.settled(how?.signal);
  };
  return {
    server,
    addr: listener.addr,
    url: urlOf(listener.addr, over === null ? 'http' : 'https'),
    finished: served.then(() => background.settled()),
    shutdown,
    close: () => server.close(),
    ref: () => server.ref(),
    unref: () => server.unref(),
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

/** The network and the address to listen on. TypeError where the options do not go together. */
function placeIn(options: ServeOptions): [network: string, address: string] {
  const { path, port = 8080, hostname = '' } = options;
  if (path !== undefined) return placeOfPath(path, options);
  const { network = 'tcp' } = options;
  if (UNIX_NETWORKS.has(network)) {
    throw new TypeError(`serve: the network ${network} needs the option path`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new TypeError('serve: option port must be an integer in 0..65535');
  }
  if (typeof hostname !== 'string') throw new TypeError('serve: option hostname must be a string');
  return [network, joinHostPort(hostname, port)];
}

function placeOfPath(path: string, options: ServeOptions): [network: string, address: string] {
  const { network = 'unix', port, hostname } = options;
  if (typeof path !== 'string') throw new TypeError('serve: option path must be a string');
  if (port !== undefined || hostname !== undefined) {
    throw new TypeError('serve: option path goes without hostname and port');
  }
  if (!UNIX_NETWORKS.has(network)) {
    throw new TypeError('serve: option path is for the networks unix and unixpacket');
  }
  return [network, path];
}

/** The address for a browser's line; of a unix socket what it can be recognised by. */
export function urlOf(addr: Addr, scheme = 'http'): string {
  if (addr.network !== 'tcp') return `${addr.network}:${String(addr)}`;
  return `${scheme}://${String(addr).replace(/^\[::\]/, 'localhost')}/`;
}
