/**
 * The connectors that undici and ioredis take in place of their own, by dial. For other libraries
 * dialSocket and connectSocket are enough: see docs and tests.
 */
import type { Socket } from 'node:net';
import { connect as connectTLS, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { optionalBoolean, optionalDuration, requireOptions } from '../net/options.ts';
import type { Stack } from '../net/stack.ts';
import { checkDialSocketOptions, dialSocket, type DialSocketOptions } from './dialing-socket.ts';

export interface UndiciConnectorOptions extends DialSocketOptions {
  /** For https, what tls.connect takes: ca, cert, key, rejectUnauthorized. */
  readonly tls?: ConnectionOptions | undefined;
  /** Offers HTTP/2 to servers of https. */
  readonly allowH2?: boolean | undefined;
}

/** What undici says of the connection that it wants. */
export interface UndiciConnectOptions {
  readonly hostname: string;
  readonly host?: string | undefined;
  readonly protocol: string;
  readonly port: string;
  readonly servername?: string | null | undefined;
}

/** As undici calls it when the connection is made, or has failed. */
export type UndiciCallback = (...args: [null, Socket] | [Error, null]) => void;

export type UndiciConnector = (options: UndiciConnectOptions, callback: UndiciCallback) => void;

/** Until a connection and its handshake are made, as in undici. */
const CONNECT_TIMEOUT = 10_000;

/** For undici's Agent, Client and Pool: `new Agent({ connect: undiciConnector(…) })`. */
export function undiciConnector(
  stack: Stack,
  options: UndiciConnectorOptions = {},
): UndiciConnector {
  requireOptions('undiciConnector', options);
  optionalDuration('undiciConnector', 'timeout', options.timeout);
  const { tls = {}, allowH2 = false, timeout = CONNECT_TIMEOUT, ...dialing } = options;
  requireOptions('undiciConnector: tls', tls);
  optionalBoolean('undiciConnector', 'allowH2', allowH2);
  checkDialSocketOptions('undiciConnector', dialing);
  // Of each server one, and no more than that many.
  const sessions = new SessionCache();
  return ({ hostname, protocol, port, servername }, callback) => {
    const isTLS = protocol === 'https:';
    const raw = dialSocket(stack, { ...dialing, timeout });
    raw.connect(Number(port) || (isTLS ? 443 : 80), hostname.replace(/^\[(.*)\]$/, '$1'));
    const name = servername || hostname;
    const socket = isTLS
      ? connectTLS({
          ...tls,
          socket: raw,
          host: hostname,
          ...(servername ? { servername } : {}),
          session: sessions.get(name),
          ALPNProtocols: allowH2 ? ['h2', 'http/1.1'] : ['http/1.1'],
        })
      : raw;
    if (isTLS) socket.on('session', (session: Buffer) => sessions.set(name, session));
    tell(socket, isTLS ? 'secureConnect' : 'connect', timeout, callback);
  };
}

/** Calls back once, never before this has returned: undici waits for ever otherwise. */
function tell(socket: Socket, event: string, timeout: number, callback: UndiciCallback): void {
  const late = new Error('the TLS handshake took too long');
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(late, { code: 'UND_ERR_CONNECT_TIMEOUT' }));
  }, timeout).unref();
  const failed = (error: Error): void => {
    clearTimeout(timer);
    callback(error, null);
  };
  socket.once('error', failed);
  socket.once(event, () => {
    clearTimeout(timer);
    socket.off('error', failed);
    callback(null, socket);
  });
}

class SessionCache {
  static readonly #MOST = 100;
  readonly #sessions = new Map<string, Buffer>();

  get(name: string): Buffer | undefined {
    return this.#sessions.get(name);
  }

  set(name: string, session: Buffer): void {
    this.#sessions.delete(name);
    this.#sessions.set(name, session);
    if (this.#sessions.size <= SessionCache.#MOST) return;
    for (const [oldest] of this.#sessions) return void this.#sessions.delete(oldest);
  }
}

// ---- ioredis

/**
 * What ioredis takes as its option `Connector`. Its own type has private members that no other class can
 * have, so this says no more than that it is a class.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type RedisConnector = new (options: unknown) => any;

/** What is looked at of the options of a Redis. */
interface RedisOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly family?: number;
  readonly tls?: ConnectionOptions;
  readonly disconnectTimeout?: number;
}

/** For ioredis: `new Redis({ host, port, Connector: redisConnector() })`. */
export function redisConnector(stack: Stack, options: DialSocketOptions = {}): RedisConnector {
  checkDialSocketOptions('redisConnector', options);
  return class Connector {
    readonly #redis: RedisOptions;
    #stream: Socket | TLSSocket | null = null;
    firstError: Error | undefined;

    constructor(redis: unknown) {
      this.#redis = redis as RedisOptions;
    }

    check(): boolean {
      return true;
    }

    async connect(): Promise<Socket> {
      const { path, port, host, family, tls } = this.#redis;
      const raw = dialSocket(stack, options);
      raw.connect(path ? { path } : { port: port ?? 6379, host: host!, family });
      const servername = host === undefined ? {} : { host };
      const stream = tls ? connectTLS({ ...servername, ...tls, socket: raw }) : raw;
      stream.once('error', (error) => (this.firstError = error));
      return (this.#stream = stream);
    }

    disconnect(): void {
      const stream = this.#stream;
      if (stream === null) return;
      const { disconnectTimeout = 2000 } = this.#redis;
      const timer = setTimeout(() => stream.destroy(), disconnectTimeout);
      stream.once('close', () => clearTimeout(timer));
      stream.end();
    }
  };
}
