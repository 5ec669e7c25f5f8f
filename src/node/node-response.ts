/**
 * A response as listeners of node:http know it: a true http.ServerResponse, so that its methods, its
 * errors and its states are node's own, whose output goes to a ResponseWriter of ours. Where node makes
 * the bytes of a head, we take the fields instead; framing, Date and keep-alive are our server's.
 *
 *   listener ─ res.setHeader, write, end ─► http.ServerResponse ─ _storeHeader, _send ─► Exchange ─► w
 *
 * `_storeHeader`, `_send` and `_writeRaw` are where ServerResponse meets its socket, in every version of
 * Node so far, and light-my-request and others stand on them. They are on the object itself, not on a
 * class: Express puts other prototypes under its responses.
 */
import { type OutgoingHttpHeaders, ServerResponse, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { Header } from '../http/message/header.ts';
import type { ExchangeSocket } from './exchange-socket.ts';
import type { NodeRequest } from './node-request.ts';

export type SendCallback = (error?: Error | null) => void;

/** Where the parts of a response go. */
export interface ResponseTarget {
  /** The fields that will be sent. */
  header(): Header;
  head(statusCode: number, reason: string): void;
  interim(statusCode: number, fields: readonly (readonly [name: string, value: string])[]): void;
  /** Adds to the body; false if whoever writes had better wait for 'drain'. */
  body(data: Uint8Array | string, callback: SendCallback | null): boolean;
  /** The head is to go out although nothing follows yet. */
  flush(): void;
  /** Calls back when what was written up to now has been sent. */
  sent(callback: SendCallback): void;
  /** `end` was called and all of the body has been given. */
  ended(): void;
  /** Everything has been sent: 'finish' is being emitted. */
  finished(): void;
  trailer(name: string, value: string): void;
}

type RawHeaders = OutgoingHttpHeaders | readonly unknown[] | undefined;

/** What node:http keeps in its own messages and does not tell the types of. */
export interface NodeResponse extends ServerResponse<NodeRequest> {
  _header: string | null;
  _headerSent: boolean;
  _hasBody: boolean;
  _last: boolean;
  _closed: boolean;
  _contentLength: number | null;
  _removedContLen: boolean;
  _removedTE: boolean;
  _trailer: string;
  outputSize: number;
  destroyed: boolean;
  _storeHeader(firstLine: string, headers: RawHeaders): void;
  _send(data: Uint8Array | string, encoding?: BufferEncoding, callback?: SendCallback): boolean;
  _writeRaw(data: string, encoding?: BufferEncoding, callback?: SendCallback): boolean;
  _flushOutput(): boolean;
  _flush(): void;
  _finish(): void;
  [kTarget]: ResponseTarget;
}

const kTarget: unique symbol = Symbol('netfd.target');

const node: Pick<NodeResponse, '_finish'> = ServerResponse.prototype as unknown as NodeResponse;

export function nodeResponse(
  req: NodeRequest,
  socket: ExchangeSocket,
  target: ResponseTarget,
): NodeResponse {
  const res = new ServerResponse(req) as NodeResponse;
  res[kTarget] = target;
  res._storeHeader = storeHeader;
  res._send = send;
  res._writeRaw = writeRaw;
  res._flushOutput = flushOutput;
  res._finish = finish;
  // By what ServerResponse asks of it, it is one.
  (res as { socket: unknown }).socket = socket as unknown as Socket;
  res.on('finish', onFinish);
  return res;
}

function storeHeader(this: NodeResponse, firstLine: string, headers: RawHeaders): void {
  const target = this[kTarget];
  const header = target.header();
  // Those that setHeader has checked stand as pairs of name and value under their lower-case names.
  if (this.getHeaderNames().length > 0) addStored(header, headers as unknown as Stored);
  else if (headers !== undefined) {
    // What is refused leaves nothing: whoever catches that answers something else.
    const raw = new Header();
    addRaw(raw, headers);
    header.addAll(raw);
  }
  if (this.sendDate === false) header.suppress('Date');
  header.suppress('Content-Type');
  const { _contentLength: length } = this;
  const framed = header.has('Content-Length') || header.has('Transfer-Encoding');
  if (!framed && this._hasBody && length !== null) {
    if (this._removedContLen) {
      if (this._removedTE) header.set('Transfer-Encoding', 'identity');
    } else if (!header.has('Trailer')) header.set('Content-Length', length);
  }
  if (this.strictContentLength && header.has('Content-Length')) {
    this._contentLength = Number(header.get('Content-Length'));
  }
  if (!this.shouldKeepAlive && !header.has('Connection')) header.set('Connection', 'close');
  this.chunkedEncoding = false;
  // That there is one means that the head is made; some print it.
  this._header = `${firstLine}${header.toString()}\r\n`;
  this._headerSent = false;
  target.head(this.statusCode, this.statusMessage);
}

type Stored = Readonly<Record<string, readonly [name: string, value: unknown]>>;

function addStored(header: Header, stored: Stored): void {
  for (const key in stored) {
    const entry = stored[key]!;
    addField(header, entry[0], entry[1]);
  }
}

/** Of writeHead alone: pairs, names and values by turns, or an object. Not checked yet. */
function addRaw(header: Header, headers: Exclude<RawHeaders, undefined>): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) addUnchecked(header, name, value);
  } else if (Array.isArray(headers[0])) {
    for (const [name, value] of headers as [string, unknown][]) addUnchecked(header, name, value);
  } else {
    if (headers.length % 2 !== 0) {
      const error = new TypeError(
        "The argument 'headers' is invalid: it has a name without a value",
      );
      throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
    }
    for (let i = 0; i < headers.length; i += 2) {
      addUnchecked(header, String(headers[i]), headers[i + 1]);
    }
  }
}

function addUnchecked(header: Header, name: string, value: unknown): void {
  if (Array.isArray(value)) for (const one of value) validateHeaderValue(name, one as string);
  else validateHeaderValue(name, value as string);
  addField(header, name, value);
}

function addField(header: Header, name: string, value: unknown): void {
  if (typeof value === 'string') header.add(name, value);
  else if (!Array.isArray(value)) header.add(name, String(value));
  else if (value.length > 1 && name.toLowerCase() === 'cookie') header.add(name, value.join('; '));
  else for (const one of value) header.add(name, String(one));
}

/** Body; '' is the end, or the wish that the head goes out. */
function send(
  this: NodeResponse,
  data: Uint8Array | string,
  encoding?: BufferEncoding | null,
  callback?: SendCallback,
): boolean {
  const target = this[kTarget];
  this._headerSent = true;
  if (data.length > 0) {
    const utf8 = typeof data !== 'string' || !encoding || encoding === 'utf8';
    return target.body(utf8 ? data : Buffer.from(data, encoding), callback ?? null);
  }
  // `end` comes with a callback, flushHeaders without.
  if (callback) target.sent(callback);
  else target.flush();
  return true;
}

function sendTrailers(target: ResponseTarget, text: string): void {
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) target.trailer(line.slice(0, colon), line.slice(colon + 1).trim());
  }
}

/** Interim responses, which node writes past all the rest: a status line, fields, an empty line. */
function writeRaw(
  this: NodeResponse,
  data: string,
  _encoding?: BufferEncoding,
  callback?: SendCallback,
): boolean {
  const [line = '', ...lines] = data.split('\r\n');
  const fields = lines
    .filter((field) => field !== '')
    .map((field): [string, string] => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    });
  this[kTarget].interim(Number(line.split(' ')[1]), fields);
  if (callback !== undefined) process.nextTick(callback);
  return true;
}

/** Nothing is kept here. What `_flush` makes of it is the event 'drain', where somebody waits for it. */
function flushOutput(this: NodeResponse): boolean {
  return true;
}

function finish(this: NodeResponse): void {
  const target = this[kTarget];
  node._finish.call(this);
  if (this._trailer !== '') sendTrailers(target, this._trailer);
  target.ended();
}

function onFinish(this: NodeResponse): void {
  this[kTarget].finished();
}
