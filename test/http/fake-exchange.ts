/**
 * A request and a response without a connection: what a handler is given in a unit test.
 */
import type { Addr, Deadline } from '../../src/net/conn.ts';
import type {
  Hijacked,
  RequestBody,
  ResponseWriter,
  ServerRequest,
} from '../../src/http/handler.ts';
import { Header } from '../../src/http/message/header.ts';
import { decodePath } from '../../src/http/message/request-path.ts';

/** Keeps what is written to it. */
export class FakeResponse implements ResponseWriter {
  /** 0 until the status is given. */
  status = 0;
  body = '';
  readonly hijacked = false;
  /** The deadlines that were set, and that full duplex was. */
  readonly calls: unknown[] = [];
  /** The fields at the time when the status was given. */
  sent: Header = new Header();
  readonly #header = new Header();

  get bytesWritten(): number {
    return new TextEncoder().encode(this.body).length;
  }

  get headSent(): boolean {
    return this.status !== 0;
  }

  header(): Header {
    return this.#header;
  }

  setReadDeadline(when: Deadline): void {
    this.calls.push(['setReadDeadline', when]);
  }

  setWriteDeadline(when: Deadline): void {
    this.calls.push(['setWriteDeadline', when]);
  }

  enableFullDuplex(): void {
    this.calls.push(['enableFullDuplex']);
  }

  writeHeader(statusCode: number): void {
    if (this.status !== 0) return;
    this.status = statusCode;
    this.sent = this.#header.clone();
  }

  write(data: Uint8Array | string): Promise<number> {
    this.writeHeader(200);
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    this.body += text;
    return Promise.resolve(new TextEncoder().encode(text).length);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  hijack(): Hijacked {
    throw new Error('FakeResponse has no connection');
  }
}

const addr: Addr = { network: 'fake', toString: () => 'fake' };

/** A request without a body. */
export class FakeRequest implements ServerRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly proto = 'HTTP/1.1';
  readonly header: Header = new Header();
  readonly trailer: Header = new Header();
  readonly contentLength = 0;
  readonly remoteAddr: Addr = addr;
  readonly localAddr: Addr = addr;
  readonly signal: AbortSignal = new AbortController().signal;
  pattern = '';
  /** What setPathValue was told. */
  readonly values: Map<string, string> = new Map();

  constructor(method: string, target: string, host = 'example.com') {
    this.method = method;
    this.target = target;
    this.host = host;
  }

  get rawPath(): string {
    return this.method === 'CONNECT' ? '' : (this.target.split('?')[0] as string);
  }

  get path(): string {
    return decodePath(this.rawPath);
  }

  get rawQuery(): string {
    const at = this.target.indexOf('?');
    return at < 0 ? '' : this.target.slice(at + 1);
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.rawQuery);
  }

  get body(): RequestBody {
    throw new Error('FakeRequest has no body');
  }

  pathValue(name: string): string {
    return this.values.get(name) ?? '';
  }

  setPathValue(name: string, value: string): void {
    this.values.set(name, value);
  }
}
