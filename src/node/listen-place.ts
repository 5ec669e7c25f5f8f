/**
 * The arguments of net.Server's listen as a network and an address of ours: (port, host, backlog), (path,
 * backlog), ({ port, host, path, fd, … }), and a callback at the end; or a listener of ours. Source: the documentation of
 * node:net, "server.listen()".
 */
import type { Listener } from '../net/conn.ts';
import { joinHostPort } from '../net/host-port.ts';

export interface ListenPlace {
  readonly network: string;
  readonly address: string;
  /** In their place, a socket that listens already. */
  readonly fd: number | null;
  /** In their place, a listener that there is. */
  readonly listener: Listener | null;
  readonly backlog: number | undefined;
  readonly reusePort: boolean;
  readonly signal: AbortSignal | undefined;
}

interface ListenArguments {
  readonly place: ListenPlace;
  readonly callback: (() => void) | null;
}

/** What may stand in the place of the arguments. */
export interface NodeListenOptions {
  readonly port?: number | string | null | undefined;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly fd?: number | undefined;
  readonly backlog?: number | undefined;
  readonly ipv6Only?: boolean | undefined;
  readonly reusePort?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** TypeError or RangeError for what is no place. */
export function listenPlace(args: readonly unknown[]): ListenArguments {
  const last = args.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : null;
  const [first, second, third] = callback === null ? args : args.slice(0, -1);
  const host = typeof second === 'string' ? second : undefined;
  const backlog = [second, third].find((value) => typeof value === 'number');
  if (first === undefined || first === null) return { place: placeOf({ port: 0 }), callback };
  if (typeof (first as Partial<Listener>).accept === 'function') {
    return { place: placeOf({ port: 0 }, first as Listener), callback };
  }
  if (typeof first === 'object') return { place: placeOf(first), callback };
  if (typeof first === 'string' && !/^\s*\d+\s*$/.test(first)) {
    return { place: placeOf({ path: first, backlog }), callback };
  }
  if (typeof first !== 'string' && typeof first !== 'number') {
    throw new TypeError('listen: the first argument must be a port, a path or options');
  }
  return { place: placeOf({ port: first, host, backlog }), callback };
}

function placeOf(options: NodeListenOptions, listener: Listener | null = null): ListenPlace {
  const { path, fd = null, backlog, reusePort = false, signal } = options;
  const more = { fd, listener, backlog, reusePort, signal };
  if (fd !== null) return { network: 'tcp', address: '', ...more };
  if (!('port' in options) && path !== undefined) {
    if (typeof path !== 'string') throw new TypeError('listen: option path must be a string');
    return { network: 'unix', address: path.replace(/^\0/, '@'), ...more };
  }
  if (!('port' in options)) throw new TypeError('listen: options must have port, path or fd');
  const { host = '', ipv6Only = false } = options;
  if (typeof host !== 'string') throw new TypeError('listen: option host must be a string');
  const network = ipv6Only ? 'tcp6' : 'tcp';
  return { network, address: joinHostPort(host, portOf(options.port)), ...more };
}

function portOf(value: number | string | null | undefined): number {
  const port = Number(value ?? 0);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  const error = new RangeError('listen: option port must be an integer in 0..65535');
  throw Object.assign(error, { code: 'ERR_SOCKET_BAD_PORT' });
}
