/** The options of http.createServer as far as our server has something for them, and node's defaults. */
import type { ServerOptions } from '../http/server/server-options.ts';

/** Times are in milliseconds, and 0 for no limit. */
export interface NodeServerOptions {
  /** Between two requests of a connection [5 s]. */
  readonly keepAliveTimeout?: number | undefined;
  /** For the head of a request [60 s]. */
  readonly headersTimeout?: number | undefined;
  /** For a whole request [300 s]. */
  readonly requestTimeout?: number | undefined;
  /** Of a request's line and fields, in bytes [16 KiB]. */
  readonly maxHeaderSize?: number | undefined;
  /** Requests on one connection, 0 for no limit [0]. */
  readonly maxRequestsPerSocket?: number | undefined;
  /** Of a request's body, in bytes [no limit]. Not an option of node's. */
  readonly maxBodyBytes?: number | undefined;
  /** Told of listeners that threw [console.error]. Not an option of node's. */
  readonly errorLog?: ((message: string) => void) | undefined;
}

export interface Settings {
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly maxRequestsPerSocket: number;
  readonly log: (error: Error) => void;
  /** What our server gets as it is. */
  readonly limits: ServerOptions;
}

/** TypeError that names the option. Unknown ones, which belong to node's own sockets, are ignored. */
export function settingsOf(options: NodeServerOptions): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createServer: options must be an object');
  }
  const { maxHeaderSize = 16 * 1024, maxBodyBytes, errorLog } = options;
  return {
    keepAliveTimeout: number(options, 'keepAliveTimeout', 5000),
    headersTimeout: number(options, 'headersTimeout', 60_000),
    requestTimeout: number(options, 'requestTimeout', 300_000),
    maxRequestsPerSocket: number(options, 'maxRequestsPerSocket', 0),
    log: (error) => (errorLog ?? console.error)(`http: ${error.stack ?? String(error)}`),
    limits: { maxHeaderBytes: maxHeaderSize, maxBodyBytes, errorLog },
  };
}

function number(
  options: NodeServerOptions,
  name: Exclude<keyof NodeServerOptions, 'errorLog'>,
  byDefault: number,
): number {
  const value = options[name] ?? byDefault;
  if (typeof value === 'number' && value >= 0) return value;
  throw new TypeError(`createServer: option ${name} must be a number, 0 or more`);
}
