/**
 * A module of the user's that answers requests, in one of the forms that are usual:
 *
 *   export default { fetch }            also an object with serveHTTP, and anything else with fetch
 *   export default function (w, r)
 *   export function fetch
 *
 * What goes wrong is an Error whose message is one line that names the file.
 */
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchHandler, type FetchHandlers } from '../http/fetch/fetch-handler.ts';
import type { Handler, HandlerFunc } from '../http/handler.ts';
import { asHandler } from '../http/handler-func.ts';
import { oneLine } from './one-line.ts';

const EXTENSIONS: ReadonlySet<string> = new Set(['.js', '.mjs', '.ts', '.mts']);

/** What a module exports, as far as we look. */
interface Exports {
  readonly default?: unknown;
  readonly fetch?: unknown;
}

export function isHandlerFile(path: string): boolean {
  return EXTENSIONS.has(extname(path));
}

/** Imports the module at `path`, relative to where the program was started, and makes a handler of it. */
export async function loadHandler(path: string): Promise<Handler> {
  let exports: Exports;
  try {
    exports = (await import(pathToFileURL(resolve(path)).href)) as Exports;
  } catch (error) {
    throw new Error(`netfd serve: ${path}: ${reasonOf(error, path)}`, { cause: error });
  }
  const handler = handlerOf(exports.default) ?? handlerOf({ fetch: exports.fetch });
  if (handler !== null) return handler;
  throw new Error(
    `netfd serve: ${path}: must export default { fetch }, default function (w, r) or function fetch`,
  );
}

function handlerOf(value: unknown): Handler | null {
  if (typeof value === 'function') return asHandler('serve', value as HandlerFunc);
  const object = (value ?? {}) as Partial<FetchHandlers & Handler>;
  if (typeof object.fetch === 'function') {
    const handlers = object as FetchHandlers;
    // By way of the object, which may look at its `this`.
    return fetchHandler({
      fetch: (request, context, execution) => handlers.fetch(request, context, execution),
      middleware: handlers.middleware,
      error: handlers.error && ((error) => handlers.error!(error)),
    });
  }
  return typeof object.serveHTTP === 'function' ? (object as Handler) : null;
}

function reasonOf(error: unknown, path: string): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'this runtime does not run TypeScript';
  // Where that is, the error does not say.
  if (error instanceof SyntaxError) return `${oneLine(error)} ("node ${path}" shows where)`;
  return oneLine(error);
}
