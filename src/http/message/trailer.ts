/**
 * Trailers: the fields behind a chunked body. Which names may be there, which ones a handler has
 * announced, and the end of a chunked body with them as text. RFC 9110, section 6.5, and RFC 9112,
 * section 7.1.2; the two ways in which a handler gives them are Go's.
 *
 *   header.set('Trailer', 'X-Sum')     before the head is sent; then at the end  header.set('X-Sum', …)
 *   header.set('Trailer:X-Sum', …)     at any time
 */
import { KnownField, LATE_TRAILER, TRAILER_PREFIX, canonicalName } from './field-name.ts';
import { Header } from './header.ts';
import { isToken } from './token.ts';

/** Of {@link Header.known}: the fields have to do with trailers. */
export const SAYS_TRAILER: number = KnownField.Trailer | LATE_TRAILER;

/** The end of a chunked body without trailers. */
export const LAST_CHUNK = '0\r\n\r\n';

export const NO_TRAILERS: readonly string[] = [];

/** Who is told of what may be no trailer. */
interface Log {
  log(message: string): void;
}

/** What has to be known before the body, says where it ends, or who may have it. */
const FORBIDDEN: ReadonlySet<string> = new Set(
  (
    'Content-Length Transfer-Encoding Trailer Connection Keep-Alive Proxy-Connection Upgrade Te Host ' +
    'Cache-Control Expect Max-Forwards Pragma Range Content-Encoding Content-Type Content-Range ' +
    'Authorization Proxy-Authenticate Proxy-Authorization Www-Authenticate Cookie Set-Cookie ' +
    'Age Date Expires Location Retry-After Vary Warning'
  ).split(' '),
);

/** Whether a field of this name, in its canonical form, may stand behind a body. */
export function mayTrail(name: string): boolean {
  return !FORBIDDEN.has(name) && !name.startsWith('If-') && isToken(name);
}

/** The trailers in the checked field lines of a request; what may be none is left out. */
export function trailersFrom(lines: string): Header {
  const trailers = new Header();
  for (const [name, value] of Header.fromText(lines)) {
    if (mayTrail(name)) trailers.add(name, value);
  }
  return trailers;
}

/**
 * The names that the Trailer field of `header` announces, which is made to say no others. `log` is told
 * of those that may not be there.
 */
export function announcedTrailers(header: Header, log: Log): string[] {
  const names = namesIn(header);
  const good = names.filter(mayTrail);
  for (const name of names) if (!mayTrail(name)) tell(log, name);
  if (good.length === 0) header.delete('Trailer');
  else header.set('Trailer', good.join(', '));
  return good;
}

/** The Trailer field goes, and so do the trailers: there is no place for them. */
export function dropTrailers(header: Header): void {
  for (const name of trailing(header)) header.delete(name);
  header.delete('Trailer');
}

/** `header` without the fields that are sent as trailers, if they are. */
export function withoutTrailers(header: Header): Header {
  if ((header.known & SAYS_TRAILER) === 0) return header;
  const others = header.clone();
  for (const name of trailing(header)) others.delete(name);
  return others;
}

/** The last chunk with the trailers in `header`; see {@link trailersOf}. */
export function lastChunk(header: Header, announced: readonly string[], log: Log): string {
  return `${trailersOf(header, announced, log).appendTo('0\r\n')}\r\n`;
}

/**
 * The trailers in `header`: the fields of the names in `announced`, and those whose name has the prefix.
 * `log` is told of those that may not be there.
 */
export function trailersOf(header: Header, announced: readonly string[], log: Log): Header {
  const trailers = new Header();
  for (const name of announced) for (const value of header.values(name)) trailers.add(name, value);
  for (const late of lateNames(header)) {
    const name = late.slice(TRAILER_PREFIX.length);
    if (!mayTrail(name)) tell(log, name);
    else for (const value of header.values(late)) trailers.add(name, value);
  }
  return trailers;
}

/** The names of the fields that are not for the head. */
function trailing(header: Header): string[] {
  return [...namesIn(header).filter(mayTrail), ...lateNames(header)];
}

function tell(log: Log, name: string): void {
  log.log(`http: ${JSON.stringify(name)} may not be a trailer`);
}

/** In the Trailer fields, each once. */
function namesIn(header: Header): string[] {
  if ((header.known & KnownField.Trailer) === 0) return [];
  const names = header.values('Trailer').join(',').split(',');
  return [...new Set(names.map((name) => canonicalName(name.trim())))].filter(
    (name) => name !== '',
  );
}

/** The names with the prefix, each once. */
function lateNames(header: Header): string[] {
  if ((header.known & LATE_TRAILER) === 0) return [];
  const names = [...header].map(([name]) => name);
  return [...new Set(names)].filter((name) => name.startsWith(TRAILER_PREFIX));
}
