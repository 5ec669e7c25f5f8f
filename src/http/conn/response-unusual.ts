/**
 * What a response knows of itself that most do not have. There is a response for each request, and each
 * field of it costs: these are in an object that most never make.
 */
import { UNSAID } from '../message/response-head.ts';
import { NO_TRAILERS } from '../message/trailer.ts';

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
