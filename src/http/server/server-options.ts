/** The options of a Server: their meaning, their defaults, and the check of what is passed. */
import type { Conn, Listener } from '../../net/conn.ts';
import { optionalFunction, requireOptions } from '../../net/options.ts';
import { DEFAULT_CHUNK_LIMITS } from '../message/chunked.ts';
import type { ConnLimits } from '../conn/conn-owner.ts';
import type { Connection, ConnState } from '../connection.ts';

/**
 * Times are in milliseconds, and 0 for no limit, but of lingerTimeout. The other limits are numbers, and
 * infinity for none. A limit that is not given is the default in brackets. An option that is not among
 * these is a TypeError.
 */
export interface ServerOptions {
  /** From the first byte of a request, or from accept, to the end of its head [60 s]. Then 408. */
  readonly readHeaderTimeout?: number | undefined;
  /** From the end of the head to the end of the body [none]. Then reading the body fails. */
  readonly readTimeout?: number | undefined;
  /** From the end of the head to the end of the response [none]. Then the connection is closed. */
  readonly writeTimeout?: number | undefined;
  /** Between two requests of a connection [120 s]. */
  readonly idleTimeout?: number | undefined;
  /** Of a request's line and fields, 1 or more [64 KiB]. Then 431. */
  readonly maxHeaderBytes?: number | undefined;
  /** Of a request's line, 1 or more [16 KiB]; it counts as part of the head, too. Then 414. */
  readonly maxRequestLine?: number | undefined;
  /** Fields of a request, 1 or more [1000]. Then 431. */
  readonly maxHeaders?: number | undefined;
  /** Of a request's body; 0 lets none have one [no limit]. Then 413. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Of what is not data in a chunked body, beyond 16 bytes for each chunk and two for each byte of data
   * [16 KiB]. Then reading the body fails with 400.
   */
  readonly maxChunkOverhead?: number | undefined;
  /** Of the trailers of a request's body, in bytes [4 KiB]. Then reading the body fails with 431. */
  readonly maxTrailerBytes?: number | undefined;
  /** Trailers of a request's body [100]. Then reading the body fails with 431. */
  readonly maxTrailers?: number | undefined;
  /**
   * Of a body that the handler has not read: that much is read and forgotten, so that the connection can
   * take another request [256 KiB]. If there is more the connection is closed.
   */
  readonly maxDiscardBytes?: number | undefined;
  /** Of a reply whose handler does not wait for its writes, unsent [16 MiB]. Then they fail. */
  readonly maxUnsentBytes?: number | undefined;
  /**
   * How long a connection whose client may still be sending is kept half-closed after the last reply, so
   * that the client can read it [500 ms]; 0 closes at once.
   */
  readonly lingerTimeout?: number | undefined;
  /** What is read and forgotten meanwhile [16 MiB]. */
  readonly maxLingerBytes?: number | undefined;
  /**
   * Connections at a time, of all listeners together and hijacked ones included, 1 or more [no limit].
   * When there are as many no more are accepted: they wait in the kernel's queue (its length is the
   * option backlog of listen). While some wait, a connection that has rested for 250 ms is closed to
   * make room, and replies are the last ones of their connections and say so. With the option workers
   * that many for each of them.
   */
  readonly maxConnections?: number | undefined;
  /** What is `r.context` of the requests on a listener; asked once, when serving begins. */
  readonly baseContext?: ((listener: Listener) => unknown) | undefined;
  /**
   * What is `r.context` of the requests on a connection, made of that of its listener. If it throws, the
   * connection is closed, and the log told.
   */
  readonly connContext?: ((context: unknown, conn: Conn) => unknown) | undefined;
  /** Told of each change of a connection's state, while it happens: it should take little time. */
  readonly connState?: ((conn: Connection, state: ConnState) => void) | undefined;
  /** Told of handlers that threw or did not wait, and of accepts that failed [console.error]. */
  readonly errorLog?: ((message: string) => void) | undefined;
}

export interface CheckedOptions extends ConnLimits {
  readonly readHeaderTimeout: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly idleTimeout: number;
  readonly maxHeaderBytes: number;
  readonly maxRequestLine: number;
  readonly maxHeaders: number;
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
}

const DEFAULTS: CheckedOptions = {
  readHeaderTimeout: 60_000,
  readTimeout: 0,
  writeTimeout: 0,
  idleTimeout: 120_000,
  maxHeaderBytes: 64 * 1024,
  maxRequestLine: 16 * 1024,
  maxHeaders: 1000,
  maxBodyBytes: Number.POSITIVE_INFINITY,
  maxConnections: Number.POSITIVE_INFINITY,
  ...DEFAULT_CHUNK_LIMITS,
  maxDiscardBytes: 256 * 1024,
  maxUnsentBytes: 16 * 1024 * 1024,
  lingerTimeout: 500,
  maxLingerBytes: 16 * 1024 * 1024,
};

/** With none of these no request could be read. */
const NEVER_NONE: ReadonlySet<string> = new Set([
  'maxHeaderBytes',
  'maxRequestLine',
  'maxHeaders',
  'maxConnections',
]);

type HookName = Exclude<keyof ServerOptions, keyof CheckedOptions>;

const HOOKS: Readonly<Record<HookName, true>> = {
  baseContext: true,
  connContext: true,
  connState: true,
  errorLog: true,
};

/** What a server's options are called. */
export const SERVER_OPTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(DEFAULTS),
  ...Object.keys(HOOKS),
]);

/** TypeError that names the option. Whether there are others is for the caller to look at. */
export function checkOptions(options: ServerOptions): CheckedOptions {
  requireOptions('Server', options);
  const checked: Record<string, number> & CheckedOptions = { ...DEFAULTS };
  for (const [name, byDefault] of Object.entries(DEFAULTS)) {
    const value = (options as Record<string, unknown>)[name] ?? byDefault;
    const least = NEVER_NONE.has(name) ? 1 : 0;
    if (typeof value !== 'number' || !(value >= least)) {
      const unit = name.endsWith('Timeout') ? ' of milliseconds' : '';
      throw new TypeError(`Server: option ${name} must be a number${unit}, ${least} or more`);
    }
    checked[name] = value;
  }
  for (const name of Object.keys(HOOKS) as HookName[]) {
    optionalFunction('Server', name, options[name]);
  }
  return checked;
}
