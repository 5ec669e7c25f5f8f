/**
 * A function in the place of a Handler, after Go's http.HandlerFunc.
 */
import type { Handler, HandlerFunc } from './handler.ts';

/** A function as a Handler; a Handler as it is. TypeError for anything else. */
export function asHandler(handler: Handler | HandlerFunc): Handler {
  if (typeof handler === 'function') return { serveHTTP: handler };
  if (typeof handler?.serveHTTP === 'function') return handler;
  throw new TypeError('http: handler is neither a function nor an object with serveHTTP');
}
