/**
 * Whole responses that handlers give often: an error, a redirect. After Go's net/http helpers.
 *
 * What they write is small and is not waited for. If it cannot be written, there is nobody left to
 * tell, and the server knows.
 */
import { requireString } from '../net/arguments.ts';
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from './handler.ts';
import { asHandler } from './handler-func.ts';
import { PrefixlessRequest } from './prefixless-request.ts';
import { cleanPath, escapeBytes, escapePath, utf8Units } from './message/request-path.ts';
import { Status, statusText } from './message/status.ts';
import { isToken } from './message/token.ts';

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/**
 * Answers with `code` and `message` as plain text, and a newline. A Content-Length that the handler
 * has set for its own body is removed. The handler should write nothing more.
 */
export function error(w: ResponseWriter, message: string, code: number): void {
  requireString('error', 'message', message);
  const header = w.header();
  header.delete('Content-Length');
  header.set('Content-Type', 'text/plain; charset=utf-8');
  header.set('X-Content-Type-Options', 'nosniff');
  w.writeHeader(code);
  send(w, `${message}\n`);
}

/** Answers 404 "404 page not found". */
export function notFound(w: ResponseWriter, _r: ServerRequest): void {
  error(w, '404 page not found', 404);
}

/**
 * Answers with a redirect: `code` is one of 3xx, `url` may be relative to the path of the request.
 * It is sent with controls and characters past ASCII escaped. A GET request gets a page with a link
 * too, unless the handler has set a Content-Type.
 */
export function redirect(w: ResponseWriter, r: ServerRequest, url: string, code: number): void {
  requireString('redirect', 'url', url);
  const location = isRelative(url) ? resolve(r.rawPath, url) : url;
  const header = w.header();
  const hasType = header.has('Content-Type');
  header.set('Location', escapeBytes(utf8Units(location)));
  const hasPage = !hasType && (r.method === 'GET' || r.method === 'HEAD');
  if (hasPage) header.set('Content-Type', 'text/html; charset=utf-8');
  w.writeHeader(code);
  if (hasPage && r.method === 'GET') {
    send(w, `<a href="${escapeHTML(location)}">${statusText(code)}</a>.\n\n`);
  }
}

/** A handler that answers every request with {@link redirect}. */
export function redirectHandler(url: string, code: number): Handler {
  requireString('redirectHandler', 'url', url);
  if (!Number.isInteger(code) || code < 300 || code > 399) {
    throw new RangeError('redirectHandler: code must be an integer in 300..399');
  }
  return { serveHTTP: (w, r) => redirect(w, r, url, code) };
}

/**
 * A handler that passes requests on to `handler` with `prefix` taken off their path, and answers
 * 404 to those whose path does not begin with it.
 */
export function stripPrefix(prefix: string, handler: Handler | HandlerFunc): Handler {
  requireString('stripPrefix', 'prefix', prefix);
  const inner = asHandler('stripPrefix', handler);
  if (prefix === '') return inner;
  // As it may have been sent: as it is here, escaped, or in bytes that should have been escaped.
  const units = utf8Units(prefix);
  const spellings = [prefix, escapePath(units), units];
  return {
    serveHTTP: (w, r) => {
      const { path, rawPath } = r;
      const raw = spellings.find((spelling) => rawPath.startsWith(spelling));
      if (!path.startsWith(prefix) || raw === undefined) return notFound(w, r);
      const rest = rawPath.slice(raw.length);
      return inner.serveHTTP(w, new PrefixlessRequest(r, path.slice(prefix.length), rest));
    },
  };
}

/**
 * A handler that passes on to `handler` the requests with one of `methods`, where GET stands for HEAD too,
 * and answers 405 to the others. For handlers outside of a mux, whose patterns say the same.
 */
export function allowMethods(methods: readonly string[], handler: Handler | HandlerFunc): Handler {
  const inner = asHandler('allowMethods', handler);
  if (!Array.isArray(methods) || methods.length === 0 || !methods.every(isMethod)) {
    throw new TypeError('allowMethods: methods must be an array of methods, at least one');
  }
  const allowed = new Set<string>(methods);
  if (allowed.has('GET')) allowed.add('HEAD');
  const allow = [...allowed].sort().join(', ');
  return {
    serveHTTP: (w, r) => {
      if (allowed.has(r.method)) return inner.serveHTTP(w, r);
      w.header().set('Allow', allow);
      return error(w, statusText(Status.MethodNotAllowed), Status.MethodNotAllowed);
    },
  };
}

function isMethod(method: unknown): boolean {
  return typeof method === 'string' && isToken(method);
}

function send(w: ResponseWriter, text: string): void {
  w.write(text).catch(ignore);
}

function ignore(): void {}

/** Whether a URL has neither a scheme nor a host. A colon in its first segment is left alone. */
function isRelative(url: string): boolean {
  return !/^[^/?#]*:|^\/\/[^/?#]/.test(url);
}

/** `url` from where `rawPath` is, its path clean. */
function resolve(rawPath: string, url: string): string {
  const pathEnd = url.search(/[?#]/);
  const path = pathEnd < 0 ? url : url.slice(0, pathEnd);
  const suffix = pathEnd < 0 ? '' : url.slice(pathEnd);
  if (path.startsWith('/')) return cleanPath(path) + suffix;
  const folder = escapePath(rawPath.slice(0, rawPath.lastIndexOf('/') + 1));
  return cleanPath(folder + path) + suffix;
}

function escapeHTML(text: string): string {
  return text.replace(/[&<>"']/g, (char) => HTML_ESCAPES[char] as string);
}
