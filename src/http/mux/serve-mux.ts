/**
 * ServeMux: finds the handler for a request by method, host and path. After Go's http.ServeMux
 * since version 1.22; patterns are explained in pattern.ts.
 *
 *     rawPath ─ a route without wildcards ─→ its handler                      (one look into a Map)
 *        ├─ an escape that is none, "%zz" ─→ 400
 *        └─ clean ─ tree ─┬─ a route ─→ its handler
 *                         ├─ the path was not clean, or wants a slash at its end ─→ 301
 *                         ├─ a route for other methods ─→ 405
 *                         └─ none ─→ 404
 *
 * Paths are compared a segment at a time after decoding, so "%2F" is never a separator.
 */
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { hostKey, parsePattern } from './pattern.ts';
import { conflict } from './pattern-relation.ts';
import { error, notFound, redirect, redirectHandler } from '../replies.ts';
import {
  ESCAPED,
  UNCLEAN,
  cleanPath,
  escapeBytes,
  escapePath,
  isEncoded,
  pathTraits,
} from '../message/request-path.ts';
import { Route, RouteTree } from './route-tree.ts';
import { Status, statusText } from '../message/status.ts';

/** The routes without wildcards and host for one path, by method. */
class ExactRoutes {
  #get: Route | null = null;
  #any: Route | null = null;
  readonly #others = new Map<string, Route>();

  find(method: string): Route | null {
    if (method === 'GET') return this.#get ?? this.#any;
    const other = this.#others.get(method);
    if (other !== undefined) return other;
    return method === 'HEAD' ? (this.#get ?? this.#any) : this.#any;
  }

  /** Of "/a/{$}" and "/a/", the first one is for the path "/a/". */
  add(route: Route): void {
    const { method } = route.pattern;
    if (method === 'GET') {
      if (this.#get === null || !route.endsInRest) this.#get = route;
    } else if (method === '') {
      if (this.#any === null || !route.endsInRest) this.#any = route;
    } else if (!this.#others.has(method) || !route.endsInRest) {
      this.#others.set(method, route);
    }
  }
}

/** What a ServeMux would do with a request. */
export interface MuxMatch {
  readonly handler: Handler;
  /** The pattern that matched; empty if the mux itself answers. */
  readonly pattern: string;
}

/** Finds the handler for a request by patterns, "GET /users/{id}": the most specific one wins. */
export class ServeMux implements Handler {
  readonly #routes: Route[] = [];
  readonly #exact = new Map<string, ExactRoutes>();
  /** The path that was looked for last, and what was found. */
  #lastPath = '';
  #lastExact: ExactRoutes | undefined;
  readonly #tree = new RouteTree();

  /**
   * Has `handler` answer the requests that match `pattern`. Throws an Error for a pattern that is
   * malformed, or that conflicts with one registered before: each matches requests that the other
   * does not, or both match the same ones.
   */
  handle(pattern: string, handler: Handler | HandlerFunc): void {
    const route = new Route(parsePattern(pattern), asHandler('handle', handler));
    for (const other of this.#routes) {
      const reason = conflict(route.pattern, other.pattern);
      if (reason !== null) throw new Error(reason);
    }
    this.#routes.push(route);
    this.#tree.add(route);
    const path = exactPath(route);
    if (path === null) return;
    let routes = this.#exact.get(path);
    if (routes === undefined) this.#exact.set(path, (routes = new ExactRoutes()));
    routes.add(route);
    this.#lastExact = this.#exact.get(this.#lastPath);
  }

  #exactRoutes(path: string): ExactRoutes | undefined {
    if (path !== this.#lastPath) {
      this.#lastExact = this.#exact.get(path);
      this.#lastPath = path;
    }
    return this.#lastExact;
  }

  /** The patterns that are registered, in the order in which they were. */
  get patterns(): string[] {
    return this.#routes.map(({ pattern }) => pattern.text);
  }

  /** {@link handle} with a function. */
  handleFunc(pattern: string, handler: HandlerFunc): void {
    this.handle(pattern, handler);
  }

  /** What {@link serveHTTP} would do. Path values and `r.pattern` stay as they are. */
  handler(r: ServerRequest): MuxMatch {
    const found = this.#find(r);
    if (found === null) {
      return { handler: { serveHTTP: (w, request) => this.#refuse(w, request) }, pattern: '' };
    }
    if (typeof found === 'string') {
      return { handler: redirectHandler(found, Status.MovedPermanently), pattern: '' };
    }
    return { handler: found.handler, pattern: found.pattern.text };
  }

  /**
   * Passes the request on to the handler whose pattern matches, with `r.pattern` and path values
   * set; without one answers 301, 404 or 405, and 400 to a path that cannot be decoded.
   */
  serveHTTP(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
    const tree = this.#tree;
    if (!tree.hasHosts || !tree.hasHost(hostKey(r.host))) {
      const exact = this.#exactRoutes(r.rawPath)?.find(r.method);
      if (exact) {
        r.pattern = exact.pattern.text;
        if (exact.restName !== '') r.setPathValue(exact.restName, '');
        return exact.handler.serveHTTP(w, r);
      }
    }
    const found = this.#find(r);
    if (found === null) return this.#refuse(w, r);
    if (typeof found === 'string') return redirect(w, r, found, Status.MovedPermanently);
    r.pattern = found.pattern.text;
    tree.setPathValues(found, r);
    return found.handler.serveHTTP(w, r);
  }

  /** The route, or the location to redirect to, or null. */
  #find(r: ServerRequest): Route | string | null {
    const { method } = r;
    const rawPath = matchedPath(r);
    if (rawPath === '*') return null;
    const host = this.#tree.hasHosts ? hostKey(r.host) : '';
    const traits = pathTraits(rawPath);
    const escaped = (traits & ESCAPED) !== 0;
    if (escaped && !isEncoded(rawPath)) return null;
    const path = (traits & UNCLEAN) === 0 ? rawPath : cleanPath(rawPath);
    let route = this.#tree.find(host, method, path, escaped);
    if (this.#tree.nearSlash && (route === null || route.endsInRest)) {
      if (this.#tree.wantsSlash(host, method, path, escaped)) return location(`${path}/`, r);
      // The path values are those of the last search.
      route = this.#tree.find(host, method, path, escaped);
    }
    return path === rawPath ? route : location(path, r);
  }

  #refuse(w: ResponseWriter, r: ServerRequest): void {
    const rawPath = matchedPath(r);
    if (rawPath === '*') {
      w.header().set('Connection', 'close');
      return w.writeHeader(Status.BadRequest);
    }
    if (!isEncoded(rawPath)) {
      w.header().set('Connection', 'close');
      return error(w, statusText(Status.BadRequest), Status.BadRequest);
    }
    const escaped = (pathTraits(rawPath) & ESCAPED) !== 0;
    const methods = this.#tree.methods(hostKey(r.host), cleanPath(rawPath), escaped);
    if (methods.length === 0) return notFound(w, r);
    w.header().set('Allow', methods.join(', '));
    error(w, statusText(Status.MethodNotAllowed), Status.MethodNotAllowed);
  }
}

/**
 * The path that is matched. There is none in CONNECT, for which the pattern is "CONNECT /", and a
 * prefix that was taken off may have ended in its first slash.
 */
function matchedPath(r: ServerRequest): string {
  const { rawPath } = r;
  return rawPath.startsWith('/') || rawPath === '*' ? rawPath : `/${rawPath}`;
}

/** The one path, as usually sent, that the route matches; null if it has a host or wildcards. */
function exactPath(route: Route): string | null {
  const { host, segments } = route.pattern;
  if (host !== '' || route.names.length > 0) return null;
  let path = '';
  for (const { kind, text } of segments) path += kind === 'literal' ? `/${text}` : '/';
  // A literal that is sent with escapes, or has a slash in it, is for the tree.
  const isPlain = segments.every(({ text }) => !text.includes('/'));
  return isPlain && pathTraits(path) === 0 ? path : null;
}

function location(path: string, r: ServerRequest): string {
  const { rawQuery } = r;
  return escapePath(path) + (rawQuery === '' ? '' : `?${escapeBytes(rawQuery)}`);
}
