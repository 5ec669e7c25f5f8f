/** From an address to a running server: Go's ListenAndServe, and the form that web handlers take. */
import type { Addr, Listener } from '../net/conn.ts';
import { joinHostPort } from '../net/host-port.ts';
import type { Stack } from '../net/stack.ts';
import { ErrorLog } from './error-log.ts';
import { fetchHandler, type FetchHandlers } from './fetch-handler.ts';
import type { Handler, HandlerFunc } from './handler.ts';
import { Server } from './server.ts';
import type { ServerOptions } from './server-options.ts';

export interface ListenAndServeOptions extends ServerOptions {
  /** "tcp" if not given; also tcp4, tcp6, unix. */
  readonly network?: string | undefined;
  /** SO_REUSEPORT. */
  readonly reusePort?: boolean | undefined;
  /** Shuts the server down gracefully. */
  readonly signal?: AbortSignal | undefined;
  /** Called once it listens. */
  readonly onListen?: ((listener: Listener, server: Server) => void) | undefined;
}

/**
 * Listens on `addr` (":8080", "127.0.0.1:80"; empty is ":http") and serves until the server is shut
 * down; then the promise is fulfilled. Rejects with an OpError if it cannot listen.
 */
export async function listenAndServe(
  stack: Stack,
  addr: string,
  handler: Handler | HandlerFunc,
  options: ListenAndServeOptions = {},
): Promise<void> {
  if (typeof addr !== 'string') throw new TypeError('listenAndServe: addr must be a string');
  const server = new Server(stack, handler, options);
  const listener = await stack.listen(options.network ?? 'tcp', addr === '' ? ':http' : addr, {
    reusePort: options.reusePort,
    signal: options.signal,
  });
  announce(options, listener, server);
  await serveUntil(server, listener, options.signal);
}

/** Tells that it listens; closes the listener if that fails. */
function announce(options: ListenAndServeOptions, listener: Listener, server: Server): void {
  try {
    options.onListen?.(listener, server);
  } catch (error) {
    listener.close();
    throw error;
  }
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
}

/** A server that runs. */
export interface RunningServer {
  readonly server: Server;
  readonly addr: Addr;
  /** "http://127.0.0.1:8080/" */
  readonly url: string;
  /** Fulfilled when it has ended. */
  readonly finished: Promise<void>;
  /** Ends gracefully; see {@link Server.shutdown}. */
  shutdown(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Ends at once. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves a web-standard handler. Settles once it listens. */
export async function serveFetch(stack: Stack, options: ServeOptions): Promise<RunningServer> {
  // Before anything is read of what may be no object at all.
  const handler = fetchHandler(options);
  const { port = 8080, hostname = '' } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new TypeError('serve: option port must be an integer in 0..65535');
  }
  if (typeof hostname !== 'string') throw new TypeError('serve: option hostname must be a string');
  const server = new Server(stack, handler, options);
  const listener = await stack.listen(options.network ?? 'tcp', joinHostPort(hostname, port), {
    reusePort: options.reusePort,
    signal: options.signal,
  });
  announce(options, listener, server);
  const finished = serveUntil(server, listener, options.signal);
  finished.catch((error: Error) => new ErrorLog(options.errorLog).log(`http: ${error.message}`));
  const text = String(listener.addr);
  return {
    server,
    addr: listener.addr,
    url: `http://${text.replace(/^\[::\]/, 'localhost')}/`,
    finished,
    shutdown: (how) => server.shutdown(how),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
