/**
 * A request as the handler sees it. Every part of its head is cut out, decoded or parsed when it is asked
 * for, and most never are.
 */
import type { Addr } from '../../net/conn.ts';
import type { Body } from './body.ts';
import type { Connection } from '../connection.ts';
import type { ServerRequest } from '../handler.ts';
import { Header } from '../message/header.ts';
import type { RequestHead } from '../message/request-head.ts';
import { decodePath } from '../message/request-path.ts';
import { rawQueryOf } from '../message/request-target.ts';
import type { TLSConnectionState } from '../tls-state.ts';

/** Where a request came from, and what happens to it. */
export interface RequestSource {
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
  /** Itself, where it is one that programs may see. */
  readonly connection?: Connection;
  readonly tls?: TLSConnectionState | undefined;
  /** Of its connection. */
  readonly context?: unknown;
  /** Aborted when the client has gone; asking for it begins to watch. */
  signalOf(request: IncomingRequest): AbortSignal;
  /** The same without a signal: `tell` is called once if the client goes. False if it has gone. */
  watch?(request: IncomingRequest, tell: () => void): boolean;
}

/** The parts that most requests are never asked for. */
interface Parsed {
  header: Header | null;
  path: string | null;
  query: URLSearchParams | null;
  values: Map<string, string> | null;
  context: unknown;
}

/** No context has been set. */
const UNSET = Symbol('unset');

export class IncomingRequest implements ServerRequest {
  readonly body: Body;
  pattern = '';
  readonly #source: RequestSource;
  readonly #head: RequestHead;
  #more: Parsed | null = null;

  constructor(source: RequestSource, head: RequestHead, body: Body) {
    this.#source = source;
    this.#head = head;
    this.body = body;
  }

  get method(): string {
    return this.#head.method;
  }

  get target(): string {
    return this.#head.target;
  }

  get contentLength(): number {
    return this.#head.contentLength;
  }

  get proto(): string {
    return this.#head.minor === 0 ? 'HTTP/1.0' : 'HTTP/1.1';
  }

  get #parsed(): Parsed {
    return (this.#more ??= {
      header: null,
      path: null,
      query: null,
      values: null,
      context: UNSET,
    });
  }

  get rawPath(): string {
    return this.#head.rawPath;
  }

  get path(): string {
    return (this.#parsed.path ??= decodePath(this.rawPath));
  }

  get rawQuery(): string {
    return rawQueryOf(this.target);
  }

  get query(): URLSearchParams {
    return (this.#parsed.query ??= new URLSearchParams(this.rawQuery));
  }

  get host(): string {
    return this.#head.host;
  }

  get header(): Header {
    return (this.#parsed.header ??= Header.fromText(this.rawFields, 'Host'));
  }

  /** The field lines as they came, Host among them, each with its line end. */
  get rawFields(): string {
    return this.#head.fields;
  }

  get trailer(): Header {
    return this.body.trailer;
  }

  get remoteAddr(): Addr {
    return this.#source.remoteAddr;
  }

  get localAddr(): Addr {
    return this.#source.localAddr;
  }

  /** Known of requests that came over a connection of a server. */
  get connection(): Connection | undefined {
    return this.#source.connection;
  }

  get tls(): TLSConnectionState | undefined {
    return this.#source.tls;
  }

  get signal(): AbortSignal {
    return this.#source.signalOf(this);
  }

  get context(): unknown {
    const more = this.#more;
    return more === null || more.context === UNSET ? this.#source.context : more.context;
  }

  set context(value: unknown) {
    this.#parsed.context = value;
  }

  /**
   * Calls `tell` once if the client goes before the response is complete: `signal` without its cost. One
   * may be told. False if it has gone already, or true.
   */
  watch(tell: () => void): boolean {
    if (this.#source.watch !== undefined) return this.#source.watch(this, tell);
    this.signal.addEventListener('abort', tell, { once: true });
    return !this.signal.aborted;
  }

  pathValue(name: string): string {
    return this.#more?.values?.get(name) ?? '';
  }

  setPathValue(name: string, value: string): void {
    (this.#parsed.values ??= new Map()).set(name, value);
  }
}
