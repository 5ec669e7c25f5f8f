/**
 * A sink that makes a span of each call, with a tracer of OpenTelemetry. netfd does not depend on it: what is
 * needed of `@opentelemetry/api` is said here, and a Tracer of it fits.
 *
 * A span begins and ends when the call is back, with the call's own times; its parent is what is active then, as
 * of every span that is begun without a context. Names of attributes are the semantic conventions' where they have one.
 */
import type { Call, Sink } from './call.ts';
import { described } from './described.ts';
import { plainStyle, type Style } from './style.ts';

export type SpanAttributes = Record<string, string | number>;

/** Of Span in `@opentelemetry/api`. */
export interface TraceSpan {
  setStatus(status: { code: number; message?: string }): unknown;
  end(endTime?: number): void;
}

/** Of Tracer in `@opentelemetry/api`. Times are milliseconds since the epoch. */
export interface SpanTracer {
  startSpan(
    name: string,
    options: { kind: number; startTime: number; attributes: SpanAttributes },
  ): TraceSpan;
}

/** SpanKind.INTERNAL: the kernel is no service. */
const INTERNAL = 0;

/** SpanStatusCode.ERROR. */
const ERROR = 2;

/** Errors by which the kernel says "not yet": no call has gone wrong. */
const NOT_YET: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EINPROGRESS', 'EINTR']);

export class SpanSink implements Sink {
  readonly #tracer: SpanTracer;
  readonly #style: Style;

  constructor(tracer: SpanTracer, style: Style = plainStyle()) {
    if (typeof (tracer as SpanTracer | undefined)?.startSpan !== 'function') {
      throw new TypeError('SpanSink: tracer must be a Tracer of OpenTelemetry, with startSpan');
    }
    this.#tracer = tracer;
    this.#style = style;
  }

  call(call: Call): void {
    const { args, outcome, error, fd } = described(call, this.#style);
    const attributes: SpanAttributes = {
      'syscall.args': args,
      'syscall.result': call.result < 0 ? -1 : call.result,
    };
    if (fd !== undefined) attributes['syscall.fd'] = fd;
    if (error !== undefined) attributes['error.type'] = error;
    const options = { kind: INTERNAL, startTime: call.time, attributes };
    const span = this.#tracer.startSpan(call.name, options);
    if (error !== undefined && !NOT_YET.has(error)) {
      span.setStatus({ code: ERROR, message: outcome });
    }
    span.end(call.time + call.duration);
    this.#style.note(call);
  }
}
