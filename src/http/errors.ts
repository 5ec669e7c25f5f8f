/** Failures of an HTTP exchange. One that a handler lets through is answered with its status. */

export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  /** ERR_HTTP_… */
  readonly code: string;
  /** The status code to answer with; 500 if it is the handler's mistake. */
  readonly status: number;

  constructor(message: string, code: string, status = 500) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** With which status to answer for what a handler has thrown: its own, if that is an error's, or 500. */
export function statusOf(thrown: unknown): number {
  const own = thrown instanceof HttpError || thrown instanceof JSONError ? thrown.status : 500;
  return Number.isInteger(own) && own >= 400 && own <= 599 ? own : 500;
}

/** A body that is no JSON, for those who expect the error of JSON.parse. */
export class JSONError extends SyntaxError {
  readonly code = 'ERR_HTTP_JSON';
  readonly status = 400;
}

/** What was thrown, as text, whatever it is: with the stack if there is one. */
export function describe(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  } catch {
    return 'something that has no text'; // an object without a prototype, say
  }
}

/** Thrown by a handler to end the exchange without an answer and without a log line. As in Go. */
export const ErrAbortHandler: HttpError = new HttpError(
  'net/http: abort Handler',
  'ERR_HTTP_ABORT_HANDLER',
);

/** What serve and listenAndServe fail with once the server was shut down or closed. As in Go. */
export const ErrServerClosed: HttpError = new HttpError(
  'http: Server closed',
  'ERR_HTTP_SERVER_CLOSED',
);
