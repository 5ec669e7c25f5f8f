/**
 * Conformance as data: a case is the bytes that a client sends and the bytes that it has to get back, with
 * the section of an RFC that wants it so. Here are the form of a case and the words to write one with; the
 * cases stand in the files beside this one, one for each topic.
 *
 * The handler of all cases is echo.ts's: a reply names all that the server has read, so that its bytes
 * prove how the request was understood. Bytes are text, one code unit a byte; a Date is a star.
 */
import type { ServerOptions } from '../../../src/http/server/server-options.ts';
import { chunk, head, refused } from '../raw-cases.ts';

export { chunk, head };

export interface WireCase {
  readonly name: string;
  /** A section of an RFC, or the reason. */
  readonly because: string;
  readonly send: string;
  readonly reply: string;
  /** Whether the connection takes another request. */
  readonly open: boolean;
  readonly options?: ServerOptions;
  /** The client finishes after sending: no other request follows. */
  readonly finish?: boolean;
}

/** A case that does not say yet why it is as it is. */
export type Bare = Omit<WireCase, 'because'>;

type Extra = Partial<Pick<WireCase, 'open' | 'options' | 'finish'>>;

/** Cases with one reason. */
export function section(because: string, ...cases: readonly Bare[]): WireCase[] {
  return cases.map((bare) => ({ ...bare, because }));
}

/** What is served, on a connection that stays. */
export function served(name: string, send: string, reply: string, extra: Extra = {}): Bare {
  return { name, send, reply, open: true, ...extra };
}

/** What is refused: nothing after it is looked at. */
export function refuse(name: string, send: string, reply: string = BAD, extra: Extra = {}): Bare {
  return { name, send, reply, open: false, ...extra };
}

/**
 * The reply of the echo: first "METHOD target @host", for HTTP/1.0 with " HTTP/1.0" behind it; then the
 * fields; "=length body" if there is a body, -1 for chunks; and "+field" for each of the trailer.
 */
export function saw(...lines: readonly string[]): string {
  return sawAnd([], ...lines);
}

/** The same with fields that the server has added. */
export function sawAnd(fields: readonly string[], ...lines: readonly string[]): string {
  const version = lines[0]!.endsWith(' HTTP/1.0') ? 'HTTP/1.0' : 'HTTP/1.1';
  const body = lines.join('\n');
  const length = `Content-Length: ${body.length}`;
  return `${head(`${version} 200 OK`, 'Content-Type: text/plain', length, 'Date: *', ...fields)}${body}`;
}

/** {@link saw} before the connection is closed. */
export function last(...lines: readonly string[]): string {
  const old = lines[0]!.endsWith(' HTTP/1.0');
  return sawAnd(old ? [] : ['Connection: close'], ...lines);
}

/** {@link saw} for CONNECT, which is refused. */
export function noTunnel(seen: string): string {
  return saw(seen).replace('200 OK', '405 Method Not Allowed');
}

/** "GET / HTTP/1.1" with a Host and these fields. */
export function get(...fields: readonly string[]): string {
  return head('GET / HTTP/1.1', 'Host: h', ...fields);
}

/** A POST with a Host, these fields, and what follows. */
export function post(body: string, ...fields: readonly string[]): string {
  return head('POST / HTTP/1.1', 'Host: h', ...fields) + body;
}

export const CHUNKED = 'Transfer-Encoding: chunked';

/** A POST whose body is in chunks: `body` is all that follows the head. */
export function coded(body: string, ...fields: readonly string[]): string {
  return post(body, CHUNKED, ...fields);
}

/** What the echo answers to {@link coded}. */
export function sawChunks(body: string, ...trailer: readonly string[]): string {
  return saw('POST / @h', CHUNKED, `=-1 ${body}`, ...trailer.map((field) => `+${field}`));
}

/** The same to a handler that looks at the body alone, whose reply is {@link saw} of the data. */
export function codedBody(body: string): string {
  return head('POST /body HTTP/1.1', 'Host: h', CHUNKED) + body;
}

/** A control or another byte that is no letter, as a name can show it. */
export function shown(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\xff]/g, (byte) => {
    return `\\x${byte.charCodeAt(0).toString(16)}`;
  });
}

// ---- refusals

const PLAIN = '400 Bad Request';

export const BAD: string = refused(PLAIN);
export const BAD_NAME: string = refused(PLAIN, 'invalid header name');
export const BAD_VALUE: string = refused(PLAIN, 'invalid header value');
export const BAD_HOST: string = refused(PLAIN, 'malformed Host header');
export const NO_HOST: string = refused(PLAIN, 'missing required Host header');
export const TWO_HOSTS: string = refused(PLAIN, 'too many Host headers');
export const BAD_LENGTH: string = refused(PLAIN, 'bad Content-Length');
export const BOTH: string = refused(PLAIN, 'both Transfer-Encoding and Content-Length');
export const OLD_CODING: string = refused(PLAIN, 'Transfer-Encoding in an HTTP/1.0 request');
export const EOF: string = refused(PLAIN, 'unexpected EOF');
export const BAD_CODING: string = refused('501 Not Implemented', 'unsupported transfer encoding');
export const LONG_METHOD: string = refused('501 Not Implemented');
export const BAD_VERSION: string = refused(
  '505 HTTP Version Not Supported',
  'unsupported protocol version',
);
export const EXPECTATION: string = refused('417 Expectation Failed');
export const LONG_TARGET: string = refused('414 Request URI Too Long');
export const LONG_HEAD: string = refused('431 Request Header Fields Too Large');
export const LARGE_BODY: string = refused('413 Request Entity Too Large');

export const CONTINUE: string = head('HTTP/1.1 100 Continue');
