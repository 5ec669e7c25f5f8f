/**
 * A request that stands for another one and is as that is, save for what a subclass says: another path,
 * another body, another signal. What a handler sets on it, a pattern or the value of a wildcard, is set
 * on the other one, so that who stands further out sees it.
 */
import type { Addr } from '../net/conn.ts';
import type { Connection } from './connection.ts';
import type { RequestBody, ServerRequest } from './handler.ts';
import type { Header } from './message/header.ts';
import type { TLSConnectionState } from './tls-state.ts';

export class ForwardingRequest implements ServerRequest {
  readonly #request: ServerRequest;

  constructor(request: ServerRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.#request.target;
  }

  get rawPath(): string {
    return this.#request.rawPath;
  }

  get path(): string {
    return this.#request.path;
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

  get tls(): TLSConnectionState | undefined {
    return this.#request.tls;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get context(): unknown {
    return this.#request.context;
  }

  set context(value: unknown) {
    this.#request.context = value;
  }

  get pattern(): string {
    return this.#request.pattern;
  }

  set pattern(pattern: string) {
    this.#request.pattern = pattern;
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
