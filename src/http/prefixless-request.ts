/**
 * A request as it looks below a prefix: another path, all else the same. Values of wildcards are
 * shared with the request it stands for; the pattern is its own.
 */
import type { Addr } from '../net/conn.ts';
import type { Connection } from './connection.ts';
import type { RequestBody, ServerRequest } from './handler.ts';
import type { Header } from './header.ts';

export class PrefixlessRequest implements ServerRequest {
  readonly path: string;
  readonly rawPath: string;
  pattern: string;
  readonly #request: ServerRequest;

  constructor(request: ServerRequest, path: string, rawPath: string) {
    this.#request = request;
    this.path = path;
    this.rawPath = rawPath;
    this.pattern = request.pattern;
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.#request.target;
  }

  get rawQuery(): string {
    return this.#request.rawQuery;
  }

  get query(): URLSearchParams {
    return this.#request.query;
  }

  get host(): string {
    return this.#request.host;
  }

  get proto(): string {
    return this.#request.proto;
  }

  get header(): Header {
    return this.#request.header;
  }

  get rawFields(): string | undefined {
    return this.#request.rawFields;
  }

  get connection(): Connection | undefined {
    return this.#request.connection;
  }

  get trailer(): Header {
    return this.#request.trailer;
  }

  get contentLength(): number {
    return this.#request.contentLength;
  }

  get body(): RequestBody {
    return this.#request.body;
  }

  get remoteAddr(): Addr {
    return this.#request.remoteAddr;
  }

  get localAddr(): Addr {
    return this.#request.localAddr;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  watch(tell: () => void): boolean {
    const request = this.#request;
    if (request.watch !== undefined) return request.watch(tell);
    request.signal.addEventListener('abort', tell, { once: true });
    return !request.signal.aborted;
  }

  pathValue(name: string): string {
    return this.#request.pathValue(name);
  }

  setPathValue(name: string, value: string): void {
    this.#request.setPathValue(name, value);
  }
}
