/**
 * A limit for the bodies of some requests, below or beside the server's own option maxBodyBytes. After
 * Go's http.MaxBytesHandler and MaxBytesReader.
 */
import { ForwardingRequest } from '../forwarding-request.ts';
import type {
  Handler,
  HandlerFunc,
  RequestBody,
  ResponseWriter,
  ServerRequest,
} from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { LimitedBody } from './limited-body.ts';

/**
 * A handler that lets `handler` read at most `bytes` bytes of a request's body. Reading more fails with
 * an HttpError of status 413, which answers the request if the handler lets it through; the reply says
 * Connection: close, if its head has not been sent.
 */
export function maxBytesHandler(handler: Handler | HandlerFunc, bytes: number): Handler {
  const inner = asHandler('maxBytesHandler', handler);
  requireLimit('maxBytesHandler', bytes);
  return {
    serveHTTP: (w, r) =>
      inner.serveHTTP(w, r.contentLength === 0 ? r : new LimitedRequest(w, r, bytes)),
  };
}

/** The request with its body limited so, for a handler that decides itself. See {@link maxBytesHandler}. */
export function maxBytes(w: ResponseWriter, r: ServerRequest, bytes: number): ServerRequest {
  requireLimit('maxBytes', bytes);
  return new LimitedRequest(w, r, bytes);
}

class LimitedRequest extends ForwardingRequest {
  readonly #body: RequestBody;

  constructor(w: ResponseWriter, r: ServerRequest, bytes: number) {
    super(r);
    this.#body = new LimitedBody(r.body, r.contentLength, bytes, () => {
      if (!w.headSent) w.header().set('Connection', 'close');
    });
  }

  override get body(): RequestBody {
    return this.#body;
  }
}

function requireLimit(method: string, bytes: number): void {
  if (typeof bytes === 'number' && bytes >= 0) return;
  throw new TypeError(`${method}: bytes must be a number, 0 or more`);
}
