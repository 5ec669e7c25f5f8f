/**
 * A limit for the time that a handler may take. After Go's http.TimeoutHandler.
 *
 *   waiting ──handler has returned──► the reply is passed on, whole
 *      │ ├────flush, or more than MAX_HELD──► passing on: the reply is the handler's, as it writes it
 *      │ ├────hijack──► the connection is the handler's, and so is its time
 *      │ └────thrown──► thrown
 *      └──────time is up──► 503; while passing on: broken off, so that the client sees that it is no whole
 *
 * JavaScript cannot stop a handler. One whose time is up goes on with nobody to hear it: the signal of
 * its request is aborted, its writes fail with ErrHandlerTimeout, and what it throws is lost, as in Go.
 * One that never waits cannot be timed out at all.
 */
import { ErrAbortHandler, HttpError } from '../errors.ts';
import { ForwardingRequest } from '../forwarding-request.ts';
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { Status } from '../message/status.ts';
import { HeldResponse } from './held-response.ts';

/** What writes fail with when the handler's time is up. As in Go. */
export const ErrHandlerTimeout: HttpError = new HttpError(
  'http: Handler timeout',
  'ERR_HTTP_HANDLER_TIMEOUT',
  Status.ServiceUnavailable,
);

const PAGE = '<html><head><title>Timeout</title></head><body><h1>Timeout</h1></body></html>';

/** What setTimeout can wait for, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * A handler that answers 503 with `body`, a short page if not given, when `handler` has not finished
 * after `milliseconds`. Until then up to 1 MiB of its reply is held back; a reply that is longer, or is
 * flushed, is sent as it is written, and broken off when the time is up. Informational replies (1xx) go
 * through at once.
 */
export function timeoutHandler(
  handler: Handler | HandlerFunc,
  milliseconds: number,
  body: string = PAGE,
): Handler {
  const inner = asHandler('timeoutHandler', handler);
  if (typeof milliseconds !== 'number' || !(milliseconds > 0 && milliseconds <= LONGEST)) {
    throw new TypeError(
      `timeoutHandler: milliseconds must be a positive number, ${LONGEST} at most`,
    );
  }
  if (typeof body !== 'string') throw new TypeError('timeoutHandler: body must be a string');
  return { serveHTTP: (w, r) => serveTimed(inner, w, r, milliseconds, body) };
}

function serveTimed(
  inner: Handler,
  w: ResponseWriter,
  r: ServerRequest,
  milliseconds: number,
  body: string,
): void | Promise<unknown> {
  const held = new HeldResponse(w);
  const timed = new TimedRequest(r);
  const outcome = inner.serveHTTP(held, timed);
  if (typeof outcome?.then !== 'function') return held.release();
  const finished = Promise.resolve(outcome);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (held.hijacked) return;
      const isBegun = held.released;
      held.fail(ErrHandlerTimeout);
      if (isBegun) reject(ErrAbortHandler);
      else resolve(answer(w, body));
      timed.abort(ErrHandlerTimeout);
    }, milliseconds);
    finished.then(
      () => {
        clearTimeout(timer);
        if (held.failure === null) resolve(release(held));
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** What it throws is the handler's. */
async function release(held: HeldResponse): Promise<void> {
  held.release();
}

/** Sent at once: whoever is told next cannot change it any more. */
async function answer(w: ResponseWriter, body: string): Promise<void> {
  const bytes = new TextEncoder().encode(body);
  w.header().set('Content-Length', bytes.length);
  w.writeHeader(Status.ServiceUnavailable);
  w.write(bytes).catch(() => {});
  return w.flush().catch(() => {});
}

/** With a signal that tells of the timeout too. It is made when it is asked for. */
class TimedRequest extends ForwardingRequest {
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  override watch(tell: () => void): boolean {
    const { signal } = this;
    signal.addEventListener('abort', tell, { once: true });
    return !signal.aborted;
  }

  override get signal(): AbortSignal {
    if (this.#controller !== null) return this.#controller.signal;
    this.#controller = new AbortController();
    if (this.#reason === null) {
      const outer = super.signal;
      const pass = (): void => this.#controller?.abort(outer.reason);
      if (outer.aborted) pass();
      else outer.addEventListener('abort', pass, { once: true });
    } else {
      this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
