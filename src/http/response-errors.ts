/** The mistakes of a handler that a response finds, in words that do not depend on the protocol's version. */
import { HttpError } from './errors.ts';

/** For who writes a body where none may be. */
export function noBody(): HttpError {
  return new HttpError(
    'http: request method or response status code does not allow body',
    'ERR_HTTP_BODY_NOT_ALLOWED',
  );
}

/** For who writes more than was said. */
export function tooLong(): HttpError {
  return new HttpError(
    'http: wrote more than the declared Content-Length',
    'ERR_HTTP_CONTENT_LENGTH',
  );
}

/** For who writes once all is written. */
export function hasEnded(): HttpError {
  return new HttpError('http: response has ended', 'ERR_HTTP_ENDED');
}
