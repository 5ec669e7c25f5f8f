/** From an address to a running server: Go's ListenAndServe, and the form that web handlers take. */
import type { Addr, Listener } from '../../net/conn.ts';
import { joinHostPort } from '../../net/host-port.ts';
import type { ListenOptions } from '../../net/listen-config.ts';
import { optionalFunction, optionalSignal, requireOptions } from '../../net/options.ts';
import type { Stack } from '../../net/stack.ts';
import { Background } from '../fetch/background.ts';
import { ErrorLog } from '../error-log.ts';
import { checkFetchHandlers, fetchHandler, type FetchHandlers } from '../fetch/fetch-handler.ts';
import type { Handler, HandlerFunc } from '../handler.ts';
import { refuseMisspelt, refuseUnknown } from '../option-names.ts';
import { Server } from './server.ts';
import { SERVER_OPTIONS, type ServerOptions } from './server-options.ts';
import { checkLameDuck, type ShutdownOptions } from './shutdown-options.ts';

/** Of the server, and of its listening socket. */
export interface ListenAndServeOptions extends ServerOptions, ListenOptions {
  /** "tcp" if not given; also tcp4, tcp6, unix, unixpacket. */
  readonly network?: string | undefined;
  /** Shuts the server down gracefully; before it listens it gives up looking up a host name. */
  readonly signal?: AbortSignal | undefined;
  /** How long it goes on when `signal` is aborted; see {@link Server.shutdown} [0]. */
  readonly lameDuck?: number | undefined;
  /** Called once it listens. If it throws, or rejects, that is what serving fails with. */
  readonly onListen?: ((listener: Listener, server: Server) => void | Promise<void>) | undefined;
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
  requireAddr(method, addr);
  requireOptions(method, options);
  refuseUnknown(method, options, NAMES);
  const { network = 'tcp' } = options;
  const service = wrap === null ? ':http' : ':https';
  const place = addr === '' && !UNIX_NETWORKS.has(network) ? service : addr;
  const { served } = await start(method, stack, network, place, handler, options, wrap);
  await served;
}

/** TypeError of `method` unless it is a string. */
export function requireAddr(method: string, addr: unknown): void {
  if (typeof addr === 'string') return;
  throw new TypeError(`${method}: addr must be a string, as ":8080" or "127.0.0.1:8080"`);
}

const LISTEN_NAMES: Readonly<Record<keyof ListenOptions, true>> = {
  control: true,
  backlog: true,
  reusePort: true,
  keepAlive: true,
  signal: true,
  resolver: true,
};

/** What there is besides the options of a server and of listening. */
type Own<T> = Exclude<keyof T, keyof ServerOptions | keyof ListenOptions>;

const OWN_NAMES: Readonly<Record<Own<ListenAndServeOptions>, true>> = {
  network: true,
  onListen: true,
  lameDuck: true,
};

/** What options of listenAndServe are called. */
const NAMES: ReadonlySet<string> = new Set([
  ...SERVER_OPTIONS,
  ...Object.keys(LISTEN_NAMES),
  ...Object.keys(OWN_NAMES),
]);

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
  optionalSignal(method, options.signal);
  checkLameDuck(method, options.lameDuck);
  const server = new Server(stack, handler, serverOptionsOf(options));
  const bare = await stack.listen(network, address, options);
  const listener = wrap?.(bare) ?? bare;
  try {
    await options.onListen?.(listener, server);
  } catch (error) {
    if (!listener.closed) listener.close();
    throw error;
  }
  return { server, listener, served: serveUntil(server, listener, options) };
}

/** Those that a server knows. */
function serverOptionsOf(options: ServerOptions): ServerOptions {
  const chosen: Record<string, unknown> = {};
  for (const name of SERVER_OPTIONS) {
    const value = options[name as keyof ServerOptions];
    if (value !== undefined) chosen[name] = value;
  }
  return chosen;
}

async function serveUntil(
  server: Server,
  listener: Listener,
  { signal, lameDuck }: ListenAndServeOptions,
): Promise<void> {
  const served = server.serve(listener);
  if (signal === undefined) return served;
  const stop = (): void => void server.shutdown({ lameDuck }).catch(() => {});
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

const OWN_SERVE_NAMES: Readonly<
  Record<Exclude<keyof ServeOptions, keyof ListenAndServeOptions>, true>
> = { fetch: true, error: true, middleware: true, port: true, hostname: true, path: true };

const SERVE_NAMES: ReadonlySet<string> = new Set([...NAMES, ...Object.keys(OWN_SERVE_NAMES)]);

/** A server that runs. */
export interface RunningServer {
  readonly server: Server;
  readonly addr: Addr;
  /** "http://127.0.0.1:8080/"; of a unix socket "unix:/run/app.sock", which fetch does not take. */
  readonly url: string;
  /** Fulfilled when it has ended. */
  readonly finished: Promise<void>;
  /** Ends gracefully; see {@link Server.shutdown}. */
  shutdown(options?: ShutdownOptions): Promise<void>;
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
  // It may be an object that is written for other servers too.
  refuseMisspelt('serve', options, SERVE_NAMES);
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
