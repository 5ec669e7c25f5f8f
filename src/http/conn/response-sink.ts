/** What a response needs of its connection, whatever protocol that speaks. */
import type { Deadline } from '../../net/conn.ts';
import type { Hijacked } from '../handler.ts';
import type { HeadCache } from '../message/head-cache.ts';
import type { Output } from './output.ts';

export interface ResponseSink {
  readonly output: Output;
  readonly heads: HeadCache;
  /** The Date field, as a line. */
  dateLine(): string;
  /** Told before the head is made: nothing may be sent after this response if true. */
  closesAfter(): boolean;
  /** From now on the end of the connection is the end of the body, and has to be told from a failure. */
  endsBody(): void;
  /** The body is wanted: a client that waits to be told so is told. */
  beforeBody(): void;
  setReadDeadline(when: Deadline): void;
  setWriteDeadline(when: Deadline): void;
  hijack(): Hijacked;
  log(message: string): void;
}
