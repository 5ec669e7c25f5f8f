/**
 * The URL of a request, as the platform would write it. Most targets are written so already: then it is
 * the origin, which is the same for most requests, and the target behind it. WHATWG URL, section 4.4.
 */
import { HttpError } from '../errors.ts';
import type { ServerRequest } from '../handler.ts';
import { escapeBytes } from '../message/request-path.ts';

/** A path and a query of characters that the platform leaves as they are. */
const PLAIN = /^\/[\w\-.~!$&'()*+,;=:@%/]*(?:\?[\w\-.~!$&()*+,;=:@%/?]*)?$/;

/** Segments that it would take away. */
const DOTS = /\/\.|%2e/i;

/**
 * The URL made last and what it was made of, and the origin in it. Most requests are to the same origin, and
 * many to the same target: then it need not be made again, nor taken apart by the engine to be parsed.
 */
let lastSecure = false;
let lastHost: string | null = null;
let lastOrigin = '';
let lastTarget: string | null = null;
let lastURL = '';

/** With longer ones it is made each time. */
const MAX_LAST = 256;

/** HttpError with status 400 if the client's Host makes no URL. */
export function urlOf(r: ServerRequest): string {
  const { target } = r;
  const host = r.host || String(r.localAddr);
  const secure = r.tls !== undefined;
  const isKnown = host === lastHost && secure === lastSecure;
  if (isKnown && target === lastTarget) return lastURL;
  if (!PLAIN.test(target) || DOTS.test(target) || host.length > MAX_LAST) {
    return parsedURL(target, baseOf(secure, host));
  }
  if (!isKnown) keepOrigin(secure, host);
  const url = lastOrigin + target;
  if (target.length <= MAX_LAST) {
    lastTarget = target;
    lastURL = url;
  }
  return url;
}

function parsedURL(target: string, base: string): string {
  const path = target === '*' ? '/*' : escapeBytes(target);
  return parse(path.startsWith('/') ? base + path : path).href;
}

function baseOf(secure: boolean, host: string): string {
  return `${secure ? 'https' : 'http'}://${host}`;
}

function keepOrigin(secure: boolean, host: string): void {
  lastOrigin = parse(baseOf(secure, host)).origin;
  lastSecure = secure;
  lastHost = host;
  lastTarget = null;
}

function parse(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw malformed();
  }
  if (url.username !== '' || url.password !== '') throw malformed();
  return url;
}

function malformed(): HttpError {
  return new HttpError('http: malformed Host or request target', 'ERR_HTTP_URL', 400);
}
