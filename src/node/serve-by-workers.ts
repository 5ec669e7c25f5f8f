/**
 * Servers by several threads: each worker runs the program and listens on the same port (SO_REUSEPORT),
 * so that the kernel deals the connections out; the main thread listens to nothing and watches over them.
 *
 * The same call does either: in the main thread it starts the workers and settles when they have ended,
 * in a worker it serves. See socket(7), SO_REUSEPORT.
 */
import { ErrorLog } from '../http/error-log.ts';
import {
  type ListenAndServeOptions,
  type RunningServer,
  type ServeOptions,
  urlOf,
} from '../http/server/listen-and-serve.ts';
import { Server } from '../http/server/server.ts';
import type { Listener } from '../net/conn.ts';
import { joinHostPort, splitHostPort } from '../net/host-port.ts';
import type { Stack } from '../net/stack.ts';
import { TCPAddr } from '../net/tcp-addr.ts';
import { WorkerPool, type Workers } from './worker-pool.ts';
import { WorkerSite } from './worker-site.ts';
import type { WorkersSite } from './workers-site.ts';

export interface WorkersOption {
  /**
   * So many worker threads serve, each with a listener of its own on the same port; "auto" is one for
   * each CPU. Each runs the whole program, which is told apart by `isMainThread` of
   * node:worker_threads: there the same call listens, here it watches over them. One that dies is
   * followed by another, after 100 ms at first and 10 s at most. For TCP.
   */
  readonly workers?: Workers | undefined;
}

/** What a worker's server is given in place of the program's options. */
type Inside<O> = Omit<O, 'workers'> & {
  readonly reusePort: true;
  readonly signal: AbortSignal;
  readonly onListen: NonNullable<ListenAndServeOptions['onListen']>;
};

function checkNetwork(method: string, { network = 'tcp' }: ListenAndServeOptions): void {
  if (/^tcp[46]?$/.test(network)) return;
  throw new TypeError(`${method}: option workers is for tcp, not for ${network}`);
}

function insideOf<O extends ListenAndServeOptions>(site: WorkerSite, options: O): Inside<O> {
  const { workers: _, ...others } = options as O & WorkersOption;
  const { signal, onListen } = options;
  return {
    ...others,
    reusePort: true,
    signal: signal === undefined ? site.signal : AbortSignal.any([signal, site.signal]),
    onListen: (listener: Listener, server: Server) => {
      site.onClose = () => server.close();
      site.listening(String(listener.addr));
      return onListen?.(listener, server);
    },
  };
}

/** Tells the main thread how it ends. Settles as `serve` does. */
async function reporting<T>(site: WorkerSite, serve: () => Promise<T>): Promise<T> {
  try {
    return await serve();
  } catch (error) {
    site.failed(error);
    throw error;
  }
}

/**
 * `serveOn` listens on an address with options, and settles when that server has ended: what a worker
 * does. In the main thread the promise is fulfilled when all workers have ended it, and rejects if they
 * could not begin.
 */
export async function listenAndServeByWorkers<O extends ListenAndServeOptions & WorkersOption>(
  method: string,
  addr: string,
  options: O,
  serveOn: (addr: string, options: Inside<O>) => Promise<void>,
): Promise<void> {
  checkNetwork(method, options);
  const site = WorkerSite.next();
  if (site === null) {
    const log = new ErrorLog(options.errorLog);
    const supervised = WorkerPool.nextSite(method, options.workers!, (line) => log.log(line));
    return endWith(supervised, options.signal);
  }
  await reporting(site, async () => {
    const port = await site.port();
    if (site.signal.aborted) return;
    const place = port === null ? addr : joinHostPort(splitHostPort(addr)[0], port);
    await serveOn(place, insideOf(site, options));
  });
  site.ended();
}

async function endWith(site: WorkersSite, signal: AbortSignal | undefined): Promise<void> {
  const stop = (): void => site.end('shutdown');
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await site.finished;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** As {@link listenAndServeByWorkers}, for a fetch handler. Settles when all workers listen. */
export async function serveFetchByWorkers(
  stack: Stack,
  options: ServeOptions & WorkersOption,
  serveOn: (options: ServeOptions) => Promise<RunningServer>,
): Promise<RunningServer> {
  if (options.path !== undefined) throw new TypeError('serve: option workers is for tcp');
  checkNetwork('serve', options);
  const site = WorkerSite.next();
  if (site === null) {
    const log = new ErrorLog(options.errorLog);
    const supervised = WorkerPool.nextSite('serve', options.workers!, (line) => log.log(line));
    return watchedOver(stack, supervised, options);
  }
  const running = await reporting(site, async () => {
    const port = await site.port();
    return serveOn({ ...insideOf(site, options), port: port ?? options.port });
  });
  const ended = (): void => site.ended();
  running.finished.then(ended, ended);
  return running;
}

/** What the main thread has of a server that its workers are. */
async function watchedOver(
  stack: Stack,
  site: WorkersSite,
  options: ServeOptions,
): Promise<RunningServer> {
  const finished = endWith(site, options.signal);
  finished.catch(() => {});
  const [host, port] = splitHostPort(await site.listens);
  const addr = TCPAddr.fromLiteral(host, Number(port))!; // it was printed by one
  const server = new Server(stack, () => {});
  return {
    server,
    addr,
    url: urlOf(addr, (options as { tls?: unknown }).tls === undefined ? 'http' : 'https'),
    finished,
    shutdown: ({ signal } = {}) => {
      site.end('shutdown');
      return untilAborted(finished, signal);
    },
    close: () => site.end('close'),
    ref: () => (WorkerPool.referenced = true),
    unref: () => (WorkerPool.referenced = false),
    [Symbol.asyncDispose]: () => {
      site.end('shutdown');
      return finished;
    },
  };
}

function untilAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
