/**
 * A line for each request: who asked for what, and what came of it. What the line looks like is in
 * access-line.ts, a file for it in the node layer. Requests that no handler ever sees, malformed ones and
 * such that came too slowly, have one if the log is around the handler of the whole server.
 */
import { isThenable } from '../../io/thenable.ts';
import type { Addr } from '../../net/conn.ts';
import { optionalFunction, requireOptions } from '../../net/options.ts';
import {
  type AccessEntry,
  type AccessFormat,
  combinedLine,
  commonLine,
  jsonLine,
  type UnhandledFormat,
} from './access-line.ts';
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { type ExchangeEnd, type ExchangeObserver, ObservedHandler } from './observed-handler.ts';
import { namesOf, refuseUnknown } from '../option-names.ts';
import type { UnhandledRequest } from '../unhandled.ts';
import { unhandledCombinedLine, unhandledCommonLine, unhandledJsonLine } from './unhandled-line.ts';

/** Where lines go that are written to a stream: process.stdout, a file of openLogFile. */
export interface LogStream {
  /** Given whole lines, each with its newline. */
  write(text: string): unknown;
  /** What waits to be written. Lines are dropped while that is more than 4 MiB. */
  readonly writableLength?: number;
}

/** Where the lines go, and what they look like. */
export interface AccessLogOptions {
  /** "common" [the default] or "combined" as Apache writes them, "json", or a function of your own. */
  readonly format?: 'common' | 'combined' | 'json' | AccessFormat | undefined;
  /** A function that is given each line, without newline, or a stream. What it throws, or rejects with, is ignored. */
  readonly write: ((line: string) => unknown) | LogStream;
  /**
   * How a request is written that the server has answered itself, refused or `OPTIONS *`, if `format` is a
   * function [not at all]. They are logged where the log is around the handler of the whole server.
   */
  readonly unhandled?: UnhandledFormat | undefined;
  /** From where a request came, behind a proxy that says so [the address of the connection]. */
  readonly remote?: ((r: ServerRequest) => string) | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<AccessLogOptions>({
  format: true,
  write: true,
  unhandled: true,
  remote: true,
});

const FORMATS: Readonly<Record<string, readonly [AccessFormat, UnhandledFormat]>> = {
  common: [commonLine, unhandledCommonLine],
  combined: [combinedLine, unhandledCombinedLine],
  json: [jsonLine, unhandledJsonLine],
};

/** Bytes that may wait in a stream before lines are dropped. */
const MAX_WAITING = 4 * 1024 * 1024;

/** A handler that writes a line when `handler` is done with a request. */
export function accessLog(handler: Handler | HandlerFunc, options: AccessLogOptions): AccessLog {
  return new AccessLog(asHandler('accessLog', handler), options);
}

export class AccessLog extends ObservedHandler<number> {
  readonly #lines: Lines;

  constructor(handler: Handler, options: AccessLogOptions) {
    const lines = new Lines(options);
    super(handler, lines);
    this.#lines = lines;
  }

  /** Lines that nobody has: the stream was too slow, or writing has thrown. */
  get dropped(): number {
    return this.#lines.dropped;
  }
}

class Lines implements ExchangeObserver<number> {
  readonly #format: AccessFormat;
  readonly #unhandledFormat: UnhandledFormat | undefined;
  readonly #sink: ((line: string) => unknown) | null;
  readonly #stream: LogStream | null;
  readonly #remote: (r: ServerRequest) => string;
  /** Lines of this turn of the event loop. */
  #text = '';
  #lines = 0;
  dropped = 0;

  constructor(options: AccessLogOptions) {
    requireOptions('accessLog', options);
    refuseUnknown('accessLog', options, KNOWN);
    const { format = 'common', write, unhandled, remote = remoteHost } = options;
    const found = typeof format === 'function' ? ([format, unhandled] as const) : FORMATS[format];
    if (found === undefined) {
      throw new TypeError(
        'accessLog: option format must be "common", "combined", "json" or a function',
      );
    }
    const isStream = typeof (write as Partial<LogStream> | null | undefined)?.write === 'function';
    if (!isStream && typeof write !== 'function') {
      throw new TypeError('accessLog: option write must be a function or have a method write');
    }
    optionalFunction('accessLog', 'remote', remote);
    optionalFunction('accessLog', 'unhandled', unhandled);
    this.#format = found[0];
    this.#unhandledFormat = unhandled ?? found[1];
    this.#sink = isStream ? null : (write as (line: string) => unknown);
    this.#stream = isStream ? (write as LogStream) : null;
    this.#remote = remote;
  }

  begun(): number {
    return performance.now();
  }

  ended(begun: number, _w: ResponseWriter, r: ServerRequest, end: ExchangeEnd): void {
    const duration = performance.now() - begun;
    const time = Date.now() - duration;
    try {
      const entry: AccessEntry = { r, end, time, duration, remote: this.#remote(r) };
      this.#put(this.#format(entry));
    } catch {
      this.dropped++;
    }
  }

  unhandled(request: UnhandledRequest): void {
    if (this.#unhandledFormat === undefined) return;
    const time = Date.now() - request.duration;
    try {
      this.#put(this.#unhandledFormat({ request, time, remote: remoteHost(request) }));
    } catch {
      this.dropped++;
    }
  }

  #put(line: string): void {
    if (this.#sink !== null) this.#written(this.#sink(line), 1);
    else this.#gather(line);
  }

  /** What a function or stream has given for `lines`: a promise may fail later. */
  #written(result: unknown, lines: number): void {
    if (!isThenable(result)) return;
    Promise.resolve(result).catch(() => {
      this.dropped += lines;
    });
  }

  /** What is written in one turn goes out together. */
  #gather(line: string): void {
    if ((this.#stream?.writableLength ?? 0) > MAX_WAITING) {
      this.dropped++;
      return;
    }
    if (this.#lines++ === 0) queueMicrotask(() => this.#flush());
    this.#text += `${line}\n`;
  }

  #flush(): void {
    const text = this.#text;
    const lines = this.#lines;
    this.#text = '';
    this.#lines = 0;
    try {
      this.#written(this.#stream?.write(text), lines);
    } catch {
      this.dropped += lines;
    }
  }
}

/** The address of the connection without its port. */
function remoteHost({ remoteAddr: addr }: { readonly remoteAddr: Addr }): string {
  const { ip } = addr as { readonly ip?: unknown };
  return (typeof ip === 'string' ? ip : String(addr)) || '-';
}
