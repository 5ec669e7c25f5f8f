/**
 * Where the body of a response ends, as far as the handler's own fields have to do with it:
 * Content-Length, Transfer-Encoding, Trailer. There are never two answers in a head, nor one where none
 * may be; what is wrong is taken out of the handler's header, and told in the log.
 *
 * RFC 9112, section 6; what wins over what is Go's (net/http/server.go).
 */
import { HttpError } from './errors.ts';
import { type Header, KnownField } from './header.ts';
import { ownCodings, UNSAID, UNTIL_CLOSE } from './response-head.ts';
import { bodyAllowed, Status } from './status.ts';
import { announcedTrailers, dropTrailers, NO_TRAILERS, SAYS_TRAILER } from './trailer.ts';

/** As much of a response as it depends on. */
export interface Framed {
  readonly status: number;
  /** Of HTTP/1.x. */
  readonly minor: number;
  readonly isHead: boolean;
  /** From the end of the head on the connection is the client's. */
  readonly isTunnel: boolean;
  readonly bytesWritten: number;
  log(message: string): void;
}

/** What the last {@link checkEnd} has found, besides the length. */
export const ending: {
  /** The handler's Content-Length, or UNSAID. */
  declared: number;
  /** The names of the trailers that the head announces. */
  trailers: readonly string[];
} = { declared: UNSAID, trailers: NO_TRAILERS };

/**
 * Goes through the fields of `header`. `length` is that of the whole body, or UNSAID; what comes back is
 * the same, or UNSAID because it must not be said, or UNTIL_CLOSE because the handler wants it so.
 */
export function checkEnd(header: Header, length: number, framed: Framed): number {
  ending.declared = UNSAID;
  ending.trailers = NO_TRAILERS;
  const checked = checkFields(header, length, framed);
  if ((header.known & SAYS_TRAILER) === 0) return checked;
  const may = bodyAllowed(framed.status) && !framed.isTunnel && framed.minor === 1;
  if (!may || ending.declared >= 0 || checked === UNTIL_CLOSE) {
    dropTrailers(header);
    return checked;
  }
  ending.trailers = announcedTrailers(header, framed);
  return (header.known & SAYS_TRAILER) === 0 ? checked : UNSAID;
}

function checkFields(header: Header, length: number, framed: Framed): number {
  const { status, isTunnel } = framed;
  const coded = (header.known & KnownField.TransferEncoding) !== 0;
  // Of 304 the length is that of the response that would have been.
  if (isTunnel || (!bodyAllowed(status) && status !== Status.NotModified)) {
    header.delete('Transfer-Encoding');
    header.delete('Content-Length');
    return coded ? UNSAID : length;
  }
  const codings = coded ? header.values('Transfer-Encoding').join(', ') : '';
  if (!coded || codings.toLowerCase() === 'identity') {
    if (coded) header.delete('Transfer-Encoding');
    ending.declared = checkDeclared(header, framed);
    return !coded || ending.declared >= 0 ? length : UNTIL_CLOSE;
  }
  keepCodings(header, codings, framed);
  return UNSAID;
}

function checkDeclared(header: Header, framed: Framed): number {
  const declared = declaredLength(header, framed);
  if (declared < 0 || declared >= framed.bytesWritten) return declared;
  framed.log(`http: Content-Length is ${declared}, but more was written`);
  header.delete('Content-Length');
  return UNSAID;
}

/** The Content-Length that the handler has set, once; UNSAID if there is none, or no good one. */
export function declaredLength(header: Header, framed: Framed): number {
  if ((header.known & KnownField.ContentLength) === 0 || framed.isTunnel) return UNSAID;
  const value = header.get('Content-Length')!;
  if (/^\d{1,15}$/.test(value)) {
    if (header.values('Content-Length').length > 1) header.set('Content-Length', value);
    return Number(value);
  }
  framed.log(`http: invalid Content-Length of ${JSON.stringify(value)}`);
  header.delete('Content-Length');
  return UNSAID;
}

function keepCodings(header: Header, codings: string, framed: Framed): void {
  const length = header.get('Content-Length');
  if (length !== undefined) {
    const both = `Transfer-Encoding of ${JSON.stringify(codings)} and a Content-Length of ${length}`;
    framed.log(`http: writeHeader called with both ${both}`);
    header.delete('Content-Length');
  }
  const own = ownCodings(codings);
  const sent = framed.minor === 1 && !framed.isHead && bodyAllowed(framed.status);
  if (sent && own !== '') header.set('Transfer-Encoding', own);
  else header.delete('Transfer-Encoding');
}

/** For who writes a body where none may be. */
export function noBody(): HttpError {
  return new HttpError(
    'http: request method or response status code does not allow body',
    'ERR_HTTP_BODY_NOT_ALLOWED',
  );
}

/** For who writes more than was said. */
export function tooLong(): HttpError {
  return new HttpError(
    'http: wrote more than the declared Content-Length',
    'ERR_HTTP_CONTENT_LENGTH',
  );
}
