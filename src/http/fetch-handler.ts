/**
 * Web-standard handlers: `fetch(request)` gives a Response, as in Bun, Deno and srvx. Bodies stream both
 * ways, and the producer of a response waits while the client does not read.
 */
import { HttpError } from './errors.ts';
import type { Handler, ResponseWriter, ServerRequest } from './handler.ts';
import { webRequest } from './web-request.ts';

/** What a fetch handler may know besides the request. */
export interface FetchContext {
  readonly remoteAddr: string;
  readonly localAddr: string;
}

export type FetchHandler = (request: Request, context: FetchContext) => Response | Promise<Response>;

export interface FetchHandlers {
  readonly fetch: FetchHandler;
  /** Answers for a `fetch` that has thrown; without it that is a 500 and a line in the error log. */
  readonly error?: ((error: unknown) => Response | Promise<Response>) | undefined;
}

/** Makes a handler of `fetch`. */
export function fetchHandler(handlers: FetchHandlers): Handler {
  if (typeof handlers?.fetch !== 'function') {
    throw new TypeError('serve: option fetch must be a function (request) => Response');
  }
  return {
    serveHTTP: async (w, r) => {
      const request = webRequest(r);
      const context = { remoteAddr: String(r.remoteAddr), localAddr: String(r.localAddr) };
      let response: Response;
      try {
        response = await handlers.fetch(request, context);
      } catch (error) {
        if (handlers.error === undefined || error instanceof HttpError) throw error;
        response = await handlers.error(error);
      }
      await writeResponse(w, r, response);
    },
  };
}

async function writeResponse(w: ResponseWriter, r: ServerRequest, from: Response): Promise<void> {
  if (!(from instanceof Response)) {
    throw new TypeError('fetch handler: must return a Response');
  }
  const header = w.header();
  for (const [name, value] of from.headers) header.add(name, value);
  w.writeHeader(from.status);
  const { body } = from;
  if (body === null) return;
  const reader = body.getReader();
  try {
    if (r.method === 'HEAD' || from.status === 204 || from.status === 304) return;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await w.write(typeof value === 'string' ? value : (value as Uint8Array));
      // A stream's next chunk may take its time; what is here is sent before waiting for it.
      if (header.get('Content-Length') === undefined && !isBuffered(from)) await w.flush();
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Bodies that are there at once say so by a type; those of streams have none. */
function isBuffered(response: Response): boolean {
  return response.headers.get('Content-Type')?.startsWith('text/event-stream') !== true;
}
