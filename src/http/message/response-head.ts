/**
 * The head of a response as text: the handler's fields, and those that the server adds. What it has to
 * say of the end of the body is decided in conn/response.ts; here are the words for it, and what becomes of
 * fields by which the handler has said something else.
 *
 * RFC 9110, 9112; the order of the fields is Go's (net/http/server.go).
 */
import { type Header, KnownField } from './header.ts';
import { statusLine } from './status.ts';
import { SAYS_TRAILER, withoutTrailers } from './trailer.ts';

/** In the place of a length: nothing is said of it. */
export const UNSAID = -1;
/** In chunks. */
export const CHUNKED = -2;
/** The handler wants it so: no chunks although the length is not known. */
export const UNTIL_CLOSE = -3;
/** There is no body, nor another request: what follows belongs to whoever asked for it. */
export const TUNNEL = -4;

/** Fields that leave the server nothing to say of the type of a body. */
export const SAYS_TYPE: number =
  KnownField.ContentType | KnownField.ContentEncoding | KnownField.TransferEncoding;

/** Fields that have to do with where a body ends. */
export const SAYS_END: number =
  KnownField.ContentLength | KnownField.TransferEncoding | SAYS_TRAILER;

/**
 * `said` is the length of the body, or what stands in its place; `type` the Content-Type to be added, if
 * it is not empty; `close` whether the connection is closed afterwards; `date` the Date line; `reason` the
 * phrase of the status line, if it is not empty.
 */
export function composeHead(
  status: number,
  minor: 0 | 1,
  header: Header | null,
  said: number,
  type: string,
  close: boolean,
  date: string,
  reason = '',
): string {
  const known = header === null ? 0 : header.known;
  const isHTTP = status !== 101 && said !== TUNNEL;
  // HTTP/1.1 stays if nothing is said, HTTP/1.0 closes.
  let persistence = isHTTP && close !== (minor === 0) ? persistenceLine(close) : '';
  let fields = (known & SAYS_TRAILER) === 0 ? header : withoutTrailers(header!);
  if ((known & KnownField.Connection) !== 0 && isHTTP) {
    if (saysOption(header!, close ? 'close' : 'keep-alive')) persistence = '';
    else if (close) fields = without(fields!, 'Connection');
  }
  let head = statusLine(status, minor, reason);
  if (fields !== null) head = fields.appendTo(head);
  if ((known & KnownField.Date) === 0) head += date;
  if (said >= 0) head += `Content-Length: ${said}\r\n`;
  if (type !== '') head += `Content-Type: ${type}\r\n`;
  head += persistence;
  if (said === CHUNKED) head += 'Transfer-Encoding: chunked\r\n';
  return `${head}\r\n`;
}

function persistenceLine(close: boolean): string {
  return close ? 'Connection: close\r\n' : 'Connection: keep-alive\r\n';
}

function without(header: Header, name: string): Header {
  const others = header.clone();
  others.delete(name);
  return others;
}

/** Whether `option`, in lower case, is one of those in the Connection fields of `header`. */
export function saysOption(header: Header, option: string): boolean {
  const options = header.values('Connection').join(',').toLowerCase().split(',');
  return options.some((other) => other.trim() === option);
}

/** The head of an interim response: that of the final one has the same fields, and more. */
export function composeInterim(status: number, header: Header | null): string {
  if (header === null) return `${statusLine(status)}\r\n`;
  const fields = withoutTrailers(header).clone();
  // Those are of the final response: an interim one has no body.
  for (const name of ['Content-Length', 'Transfer-Encoding', 'Trailer']) fields.delete(name);
  return `${fields.appendTo(statusLine(status))}\r\n`;
}

/**
 * The codings, besides chunks, in the Transfer-Encoding `codings` of a handler: what it has coded stays
 * said; that it ends in chunks says the server itself.
 */
export function ownCodings(codings: string): string {
  const all = codings.split(/[\s,]+/);
  return all.filter((coding) => !/^(chunked|identity|)$/i.test(coding)).join(', ');
}

/** RangeError or TypeError for what may not stand in a status line. RFC 9112, section 4. */
export function checkStatusLine(statusCode: number, reason: string): void {
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 999) {
    throw new RangeError(`writeHeader: statusCode must be an integer in 100..999`);
  }
  if (reason === '') return;
  if (typeof reason === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(reason)) return;
  throw new TypeError('writeHeader: reason must be a string of printable latin1 characters');
}
