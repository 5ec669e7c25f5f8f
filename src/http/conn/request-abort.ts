/**
 * The AbortSignal of the request that a connection is at. It is made when a handler asks for it, which
 * few do, and aborted once nobody can use what the handler makes: the client has gone, the connection
 * is closed, or the response is complete. A signal costs more than all the rest of a short request, so
 * whoever only wants to be called can have that instead.
 */
import { HttpError } from '../errors.ts';

const CODES = {
  'client gone': 'ERR_HTTP_CLIENT_GONE',
  'connection closed': 'ERR_HTTP_CONNECTION_CLOSED',
  'response complete': 'ERR_HTTP_COMPLETE',
} as const;

export type AbortCause = keyof typeof CODES;

export class RequestAbort {
  #controller: AbortController | null = null;
  #tell: (() => void) | null = null;

  /** Whether somebody wants to know. */
  get wanted(): boolean {
    return this.#controller !== null || this.#tell !== null;
  }

  /** Calls `tell` once if the client goes; not when the response is complete. One may be told. */
  set listener(tell: () => void) {
    this.#tell = tell;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  because(cause: AbortCause): void {
    const tell = this.#tell;
    this.#tell = null;
    if (tell !== null && cause !== 'response complete') tell();
    if (this.#controller === null) return;
    this.#controller.abort(new HttpError(`http: ${cause}`, CODES[cause]));
  }

  /** The response is complete; the next request has a signal of its own. */
  end(): void {
    this.because('response complete');
    this.#controller = null;
    this.#tell = null;
  }

  /** Whether `error` is what the signal was aborted with, or says the same. */
  causes(error: unknown): boolean {
    const signal = this.#controller?.signal;
    if (signal?.aborted !== true) return false;
    return error === signal.reason || (error as Error | null)?.name === 'AbortError';
  }
}
