/**
 * Field names in their canonical form, "Content-Type", found by any spelling.
 *
 * A name is looked up, not computed: the usual names are here from the start, others are
 * remembered, up to a bound. What is in a table is a token, so a hit is also a check. Keys are
 * never parts of a request's text, which would keep all of it alive. Source: RFC 9110 section 5.1;
 * the form is Go's CanonicalHeaderKey.
 */
import { isToken } from './token.ts';

/** The fields a server looks at when it writes a response, as bits of {@link FieldName.bit}. */
export const KnownField = {
  ContentType: 1,
  ContentLength: 2,
  Date: 4,
  Connection: 8,
  TransferEncoding: 16,
  Trailer: 32,
  ContentEncoding: 64,
} as const;

/** The bit of all names that begin with {@link TRAILER_PREFIX}. */
export const LATE_TRAILER = 128;

/** Before the name of a response's field that is sent as a trailer. Go's TrailerPrefix. */
export const TRAILER_PREFIX = 'Trailer:';

export interface FieldName {
  /** The canonical form. */
  readonly name: string;
  /** One of {@link KnownField}, {@link LATE_TRAILER}, or 0 for any other name. */
  readonly bit: number;
}

/** Names remembered besides the usual ones; when there are more, all are forgotten. */
const MAX_SEEN = 1024;
/** Longer names are computed each time. */
const MAX_SEEN_LENGTH = 64;

const USUAL_NAMES =
  'Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges ' +
  'Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods ' +
  'Access-Control-Allow-Origin Access-Control-Expose-Headers Access-Control-Max-Age ' +
  'Access-Control-Request-Headers Access-Control-Request-Method Age Allow Alt-Svc Authorization ' +
  'Cache-Control Content-Disposition Content-Language Content-Location Content-Range ' +
  'Content-Security-Policy Cookie Dnt Etag Expect Expires Forwarded From Host ' +
  'If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive ' +
  'Last-Modified Link Location Max-Forwards Origin Pragma Priority Proxy-Authenticate ' +
  'Proxy-Authorization Range Referer Referrer-Policy Retry-After Sec-Ch-Ua Sec-Ch-Ua-Mobile ' +
  'Sec-Ch-Ua-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User ' +
  'Sec-Websocket-Accept Sec-Websocket-Extensions Sec-Websocket-Key Sec-Websocket-Protocol ' +
  'Sec-Websocket-Version Server Server-Timing Set-Cookie Strict-Transport-Security Te ' +
  'Traceparent Tracestate Upgrade Upgrade-Insecure-Requests User-Agent Vary Via Www-Authenticate ' +
  'X-Content-Type-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Frame-Options ' +
  'X-Powered-By X-Real-Ip X-Request-Id X-Requested-With';

const usual = new Map<string, FieldName>();
const seen = new Map<string, FieldName>();

for (const name of USUAL_NAMES.split(' ')) addUsual(name, 0);
for (const [word, bit] of Object.entries(KnownField)) {
  addUsual(word.replace(/(?<=[a-z])(?=[A-Z])/g, '-'), bit);
}

/** Of the usual names the one that was asked for last: a handler sets the same field again and again. */
let latest: FieldName = usual.get('Content-Type')!;

/** The name that `text` spells, or null if it is not a token. */
export function fieldName(text: string): FieldName | null {
  return text === latest.name ? latest : find(text);
}

function find(text: string): FieldName | null {
  const field = usual.get(text);
  if (field === undefined) return seen.get(text) ?? learn(text);
  latest = field;
  return field;
}

/**
 * The canonical form of a field name: an upper-case letter first and after each hyphen, all others
 * in lower case. A name that is not a token comes back unchanged. After Go's CanonicalHeaderKey.
 */
export function canonicalName(name: string): string {
  const field = fieldName(name);
  return field === null || field.bit === LATE_TRAILER ? name : field.name;
}

function learn(text: string): FieldName | null {
  if (!isToken(text)) return lateTrailer(text);
  const name = capitalised(text);
  const field = usual.get(name) ?? seen.get(name) ?? { name, bit: 0 };
  if (text.length > MAX_SEEN_LENGTH) return field;
  const lower = name.toLowerCase();
  // Other spellings are rare, and 2^n of them exist.
  if (text !== name && text !== lower) return field;
  if (seen.size >= MAX_SEEN) seen.clear();
  seen.set(text === name ? name : lower, field);
  return field;
}

/** "Trailer:Name", which is no token as a whole. */
function lateTrailer(text: string): FieldName | null {
  const { length } = TRAILER_PREFIX;
  if (text.slice(0, length).toLowerCase() !== 'trailer:' || !isToken(text.slice(length))) {
    return null;
  }
  return { name: TRAILER_PREFIX + capitalised(text.slice(length)), bit: LATE_TRAILER };
}

/** A new string, even if it equals `text`. */
function capitalised(text: string): string {
  let name = '';
  let first = true;
  for (const char of text) {
    name += first ? char.toUpperCase() : char.toLowerCase();
    first = char === '-';
  }
  return name;
}

function addUsual(name: string, bit: number): void {
  const field = { name, bit };
  usual.set(name, field);
  usual.set(name.toLowerCase(), field);
}
