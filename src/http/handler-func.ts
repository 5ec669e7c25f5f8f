/**
 * A function in the place of a Handler, after Go's http.HandlerFunc.
 */
import type { Handler, HandlerFunc } from './handler.ts';

/** A function as a Handler; a Handler as it is. TypeError of `method` for anything else. */
export function asHandler(method: string, handler: Handler | HandlerFunc): Handler {
  if (typeof handler === 'function') return { serveHTTP: handler };
  if (typeof (handler as Partial<Handler> | null | undefined)?.serveHTTP === 'function') {
    return handler;
  }
  throw new TypeError(`${method}: handler must be a function (w, r) or have a method serveHTTP`);
}
