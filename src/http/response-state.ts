/**
 * What a response knows of itself besides its status, header and body. There is one for each request, and
 * each field of it costs: what is true or false is a bit of one number, and what most responses do not
 * have is in an object that they do not make.
 */
import { UNSAID } from './response-head.ts';
import { NO_TRAILERS } from './trailer.ts';

// The bits of the number.

/** The request is of HTTP/1.1, not 1.0. */
export const HTTP_1_1 = 1;
/** The client leaves the connection open after it. */
export const KEEP_ALIVE = 2;
export const HEAD_SENT = 4;
/** The handler can do nothing more with it. */
export const ENDED = 8;
export const HIJACKED = 16;
/** The connection must be closed after it. */
export const CLOSE = 32;

/** Where the body ends. */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

export interface Unusual {
  /** The phrase of the status line; empty for the usual one. */
  reason: string;
  /** What waits for the head behind the first part of the body. */
  readonly body: (string | Uint8Array)[];
  /** The Content-Length that the handler has set, or UNSAID. */
  declared: number;
  /** The names of trailers that the head has announced. */
  trailers: readonly string[];
}

/** None of it yet. */
export function unusual(): Unusual {
  return { reason: '', body: [], declared: UNSAID, trailers: NO_TRAILERS };
}
