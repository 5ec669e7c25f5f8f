/**
 * A handler with somebody who looks on: told before each exchange, and after it how it went. What logs,
 * counts and publishes is made of it. It changes nothing of the exchange, and costs no object of its own
 * for a handler that does not wait.
 *
 *   begun ─► handler ─┬─ returned ─────────────────────────► ended: its status
 *                     ├─ thrown ───────────────────────────► ended: what the server will answer
 *                     └─ a promise, after a few microtasks: ─► ended: the same, or that the client has gone
 *                        its client is watched
 */
import { isThenable } from '../../io/thenable.ts';
import { describe, ErrAbortHandler, statusOf } from '../errors.ts';
import type { Handler, ResponseWriter, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { bodyAllowed, statusText } from '../message/status.ts';
import { passUnhandled, type UnhandledListener, type UnhandledRequest } from '../unhandled.ts';

/** Instead of a status, in logs: the client has closed before the reply. The number is nginx's. */
export const CLIENT_CLOSED = 499;
/** The handler has closed without a reply. The number is nginx's. */
export const NO_RESPONSE = 444;

/** How an exchange has ended. */
export interface ExchangeEnd {
  /** Of the reply; {@link CLIENT_CLOSED} or {@link NO_RESPONSE} if there is none; 101 if hijacked. */
  readonly status: number;
  /** Of the reply's body. */
  readonly bytes: number;
  /** The client has gone before the end. */
  readonly aborted: boolean;
  /** What the handler has thrown; null if nothing. */
  readonly thrown: { readonly error: unknown } | null;
}

/** Who is told of requests: of each once when it begins and once when it ends. */
export interface ExchangeObserver<T> {
  /** Before the handler is called. What it gives comes back at the end. It must not throw. */
  begun(w: ResponseWriter, r: ServerRequest): T;
  /** The handler is done; the last bytes of the reply are about to be sent. It must not throw. */
  ended(begun: T, w: ResponseWriter, r: ServerRequest, end: ExchangeEnd): void;
  /** The server has answered without the handler, which is that of the whole server. It must not throw. */
  unhandled?(request: UnhandledRequest): void;
}

/** A handler of whose requests an observer is told, refused ones too. */
export class ObservedHandler<T> implements Handler {
  readonly #inner: Handler;
  readonly #observer: ExchangeObserver<T>;
  /** Tells the observer, and the handler; undefined if neither wants to know. */
  readonly unhandled: UnhandledListener | undefined;

  constructor(inner: Handler, observer: ExchangeObserver<T>) {
    for (const method of ['begun', 'ended'] as const) {
      if (typeof (observer as Partial<ExchangeObserver<T>> | undefined)?.[method] === 'function')
        continue;
      throw new TypeError(`ObservedHandler: observer must have a method ${method}`);
    }
    this.#inner = asHandler('ObservedHandler', inner);
    this.#observer = observer;
    const pass = passUnhandled(this.#inner);
    this.unhandled =
      typeof observer.unhandled !== 'function'
        ? pass
        : (request) => {
            // Whatever the handler throws or promises is for the server to tell.
            try {
              return pass?.(request);
            } finally {
              observer.unhandled?.(request);
            }
          };
  }

  serveHTTP(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
    const begun = this.#observer.begun(w, r);
    let outcome: void | Promise<unknown>;
    let isPromised: boolean;
    try {
      outcome = this.#inner.serveHTTP(w, r);
      isPromised = isThenable(outcome);
    } catch (error) {
      this.#observer.ended(begun, w, r, endOfThrown(w, r, error, isClientGone(error, r)));
      throw error;
    }
    if (isPromised) return this.#wait(begun, w, r, outcome);
    this.#observer.ended(begun, w, r, endOfReply(w, r, false));
    return undefined;
  }

  #wait(begun: T, w: ResponseWriter, r: ServerRequest, outcome: unknown): Promise<void> {
    const watch = new Watch();
    void watch.start(r);
    return Promise.resolve(outcome).then(
      () => {
        this.#observer.ended(begun, w, r, endOfReply(w, r, watch.stop()));
      },
      (error) => {
        const gone = watch.stop() || isClientGone(error, r);
        this.#observer.ended(begun, w, r, endOfThrown(w, r, error, gone));
        throw error;
      },
    );
  }
}

/** Microtasks after which a handler counts as one that takes its time. */
const PATIENCE = 4;

/** Whether the client goes while a handler takes its time. For the others it would cost too much. */
class Watch {
  #stopped = false;
  #signal: AbortSignal | null = null;

  async start(r: ServerRequest): Promise<void> {
    for (let i = 0; i < PATIENCE; i++) {
      await Promise.resolve();
      if (this.#stopped) return;
    }
    this.#signal = r.signal;
  }

  /** Whether it has gone. */
  stop(): boolean {
    this.#stopped = true;
    return this.#signal?.aborted === true;
  }
}

function endOfReply(w: ResponseWriter, r: ServerRequest, aborted: boolean): ExchangeEnd {
  if (aborted && !w.headSent && !w.hijacked) {
    return { status: CLIENT_CLOSED, bytes: 0, aborted, thrown: null };
  }
  const status = statusSent(w);
  return { status, bytes: bytesOf(w, r, status), aborted, thrown: null };
}

/** The server answers what is thrown, if it still can. */
function endOfThrown(
  w: ResponseWriter,
  r: ServerRequest,
  error: unknown,
  aborted: boolean,
): ExchangeEnd {
  const thrown = { error };
  if (w.headSent || w.hijacked) {
    const status = statusSent(w);
    return { status, bytes: bytesOf(w, r, status), aborted, thrown };
  }
  if (aborted) return { status: CLIENT_CLOSED, bytes: 0, aborted, thrown };
  if (error === ErrAbortHandler) return { status: NO_RESPONSE, bytes: 0, aborted, thrown };
  const status = statusOf(error);
  // The text of the refusal: "500 Internal Server Error".
  const bytes = r.method === 'HEAD' ? 0 : 4 + statusText(status).length;
  return { status, bytes, aborted, thrown };
}

function statusSent(w: ResponseWriter): number {
  return w.hijacked && !w.headSent ? 101 : w.status || 200;
}

function bytesOf(w: ResponseWriter, r: ServerRequest, status: number): number {
  return r.method === 'HEAD' || !bodyAllowed(status) ? 0 : w.bytesWritten;
}

/** Whether what was thrown says no more than that the client has gone. */
function isClientGone(error: unknown, r: ServerRequest): boolean {
  if (error === ErrAbortHandler) return false;
  const { addr, op } = (error ?? {}) as { readonly addr?: unknown; readonly op?: unknown };
  return (op === 'write' && addr === r.remoteAddr) || r.signal.aborted;
}

/** A short name of what was thrown, of which there are few: a code, or a class. */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : describe(error);
}
