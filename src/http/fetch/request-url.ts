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

/** HttpError with status 400 if the client's Host makes no URL. */
export function urlOf(r: ServerRequest): string {
  const { target } = r;
  const base = `${r.tls === undefined ? 'http' : 'https'}://${r.host || String(r.localAddr)}`;
  if (PLAIN.test(target) && !DOTS.test(target)) return originOf(base) + target;
  const path = target === '*' ? '/*' : escapeBytes(target);
  return parse(path.startsWith('/') ? base + path : path).href;
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new HttpError('http: malformed Host or request target', 'ERR_HTTP_URL', 400);
  }
}

/** The origin asked for last, as it was sent and as it is written. */
let lastBase = '';
let lastOrigin = '';

function originOf(base: string): string {
  if (base === lastBase) return lastOrigin;
  const { origin, username, password } = parse(base);
  if (username !== '' || password !== '') {
    throw new HttpError('http: malformed Host or request target', 'ERR_HTTP_URL', 400);
  }
  lastBase = base;
  return (lastOrigin = origin);
}
