/**
 * The same listener on node:http and on netfd, the same bytes sent to both, and what came back compared:
 * node:http is the oracle. What may differ is listed in `comparable`, and nothing else.
 */
import assert from 'node:assert/strict';
import { createServer as createNodeServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type NodeListener, type NodeServer } from '../../src/node.ts';

export interface Reply {
  readonly status: string;
  readonly fields: readonly string[];
  readonly body: string;
}

/** A server of either kind. */
export type AnyServer = Server | NodeServer;

export interface Running extends AsyncDisposable {
  readonly server: AnyServer;
  readonly port: number;
  /** What was logged, of netfd. */
  readonly log: string[];
}

export async function start(kind: 'node' | 'netfd', listener?: NodeListener): Promise<Running> {
  const log: string[] = [];
  const errorLog = (line: string): void => void log.push(line);
  const server =
    kind === 'node' ? createNodeServer(listener) : createServer({ errorLog }, listener);
  return listening(server, log);
}

/** Listens on a port of the kernel's choice. */
export async function listening(server: AnyServer, log: string[] = []): Promise<Running> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const dispose = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { server, port, log, [Symbol.asyncDispose]: dispose };
}

/** Sends `request`, whose connection the server has to end, and gives all that comes back. */
export function raw(port: number, request: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request, 'latin1'));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (part) => (text += String(part)));
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve(text);
      else reject(error);
    });
  });
}

/** A connection that is read as text. */
export class Client {
  readonly socket: Socket;
  text = '';
  ended = false;
  #wake: (() => void) | null = null;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.on('data', (part) => {
      this.text += String(part);
      this.#wake?.();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.ended = true;
      this.#wake?.();
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async until(isMet: (text: string) => boolean): Promise<string> {
    while (!this.ended && !isMet(this.text)) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.text;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A request that ends its connection. */
export function ask(
  method: string,
  path: string,
  fields: readonly string[] = [],
  body = '',
): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: test', 'Connection: close', ...fields];
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body, 'latin1')}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export function parse(text: string): Reply {
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...fields] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const chunked = fields.some((field) => /^transfer-encoding: chunked$/i.test(field));
  const rest = end < 0 ? '' : text.slice(end + 4);
  return { status, fields, body: chunked ? dechunk(rest) : rest };
}

function dechunk(text: string): string {
  let body = '';
  for (let at = 0; ;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return `${body}[cut]`;
    const size = Number.parseInt(text.slice(at, line), 16);
    // What follows the last chunk are the trailers.
    if (size === 0) return body + text.slice(line + 2).replace(/\r\n$/, '');
    body += text.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
}

/**
 * What has to be equal. Not: Date; Connection and Keep-Alive, as ours says nothing where HTTP/1.1 needs
 * nothing; the version that answers HTTP/1.0; the case of names; how the body is framed, where node:http does not know its length.
 */
export function comparable(reply: Reply): unknown {
  const fields = reply.fields
    .map((field) => {
      const colon = field.indexOf(':');
      return `${field.slice(0, colon).toLowerCase()}:${field.slice(colon + 1)}`;
    })
    .filter(
      (field) => !/^(date|connection|keep-alive|transfer-encoding|content-length):/.test(field),
    );
  return {
    status: reply.status.replace(/^HTTP\/1\.0 /, 'HTTP/1.1 '),
    fields: fields.sort(),
    body: reply.body,
  };
}

/** The length said; where node:http says one, ours has to say the same. */
function lengthOf(reply: Reply): string | undefined {
  return reply.fields.find((field) => /^content-length:/i.test(field))?.split(/:\s*/)[1];
}

/** Sends each request to both; gives the replies of netfd. */
export async function compare(listener: NodeListener, ...requests: string[]): Promise<Reply[]> {
  await using node = await start('node', listener);
  await using netfd = await start('netfd', listener);
  return await compareOn(node, netfd, ...requests);
}

export async function compareOn(
  node: { readonly port: number },
  netfd: { readonly port: number; readonly log?: readonly string[] },
  ...requests: string[]
): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const request of requests) {
    const expected = parse(await raw(node.port, request));
    const actual = parse(await raw(netfd.port, request));
    const line = request.slice(0, request.indexOf('\r\n'));
    assert.deepEqual(comparable(actual), comparable(expected), line);
    const length = lengthOf(expected);
    // Of 204 ours says none, as RFC 9110 has it.
    if (length !== undefined && !/ 204 /.test(actual.status))
      assert.equal(lengthOf(actual), length, `${line}: Content-Length`);
    replies.push(actual);
  }
  if (netfd.log !== undefined) assert.deepEqual(netfd.log, []);
  return replies;
}
