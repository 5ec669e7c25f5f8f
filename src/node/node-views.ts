/**
 * What happens on a server of ours as those expect to see it who know node:http: a request, a response,
 * a socket and a server with the properties and events that are looked at. To look at only: they write
 * nothing, and changing them changes nothing. What they stand for is their property `netfd`.
 */
import { EventEmitter } from 'node:events';
import type { ResponseWriter, ServerRequest } from '../http/handler.ts';
import type { Addr } from '../net/conn.ts';

/** After net.Socket. */
export class SocketView extends EventEmitter {
  readonly #local: Addr;
  readonly #remote: Addr;

  constructor(local: Addr, remote: Addr) {
    super();
    this.#local = local;
    this.#remote = remote;
  }

  get localAddress(): string | undefined {
    return ipOf(this.#local);
  }

  get localPort(): number | undefined {
    return portOf(this.#local);
  }

  get remoteAddress(): string | undefined {
    return ipOf(this.#remote);
  }

  get remotePort(): number | undefined {
    return portOf(this.#remote);
  }
}

/** After http.IncomingMessage. */
export class RequestView extends EventEmitter {
  readonly netfd: ServerRequest;
  readonly socket: SocketView;
  #headers: Record<string, string> | null = null;

  constructor(r: ServerRequest, socket: SocketView) {
    super();
    this.netfd = r;
    this.socket = socket;
  }

  get method(): string {
    return this.netfd.method;
  }

  get url(): string {
    return this.netfd.target;
  }

  get httpVersion(): string {
    return this.netfd.proto.slice(5);
  }

  /** Names in lower case; several values are joined as node:http joins them. */
  get headers(): Record<string, string> {
    if (this.#headers !== null) return this.#headers;
    const { host, header } = this.netfd;
    const headers: Record<string, string> = Object.create(null) as Record<string, string>;
    if (host !== '') headers['host'] = host;
    for (const [name, value] of header) {
      const key = name.toLowerCase();
      const before = headers[key];
      headers[key] =
        before === undefined ? value : `${before}${key === 'cookie' ? ';' : ','} ${value}`;
    }
    return (this.#headers = headers);
  }
}

/** After http.ServerResponse. Emits finish, if there was a reply, and close. */
export class ResponseView extends EventEmitter {
  readonly netfd: ResponseWriter;
  readonly req: RequestView;
  /** What the server has answered in the handler's place. */
  #answered = 0;
  #ended = false;

  constructor(w: ResponseWriter, req: RequestView) {
    super();
    this.netfd = w;
    this.req = req;
  }

  get socket(): SocketView {
    return this.req.socket;
  }

  get statusCode(): number {
    return this.#answered || this.netfd.status || 200;
  }

  get headersSent(): boolean {
    return this.netfd.headSent;
  }

  get writableEnded(): boolean {
    return this.#ended;
  }

  getHeader(name: string): string | undefined {
    return this.netfd.header().get(name);
  }

  hasHeader(name: string): boolean {
    return this.netfd.header().has(name);
  }

  /** The reply, with this status, is complete. */
  finish(status: number): void {
    this.#answered = status;
    this.#ended = true;
    this.emit('finish');
  }

  /** Nothing more will happen. */
  close(): void {
    this.emit('close');
    this.req.emit('close');
  }
}

function ipOf(addr: Addr): string | undefined {
  const { ip } = addr as { readonly ip?: unknown };
  return typeof ip === 'string' ? ip : undefined;
}

function portOf(addr: Addr): number | undefined {
  const { port } = addr as { readonly port?: unknown };
  return typeof port === 'number' ? port : undefined;
}
