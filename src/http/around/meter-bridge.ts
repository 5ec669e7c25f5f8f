/**
 * The numbers about requests as measurements for OpenTelemetry: its instruments, made of a Meter that the
 * program brings, under the names of its semantic conventions. Knows the Meter by its shape alone.
 */
import type { Attributes } from './request-series.ts';

interface InstrumentOptions {
  description?: string;
  unit?: string;
  advice?: { explicitBucketBoundaries?: number[] };
}

/** As instruments take them. */
type Tags = Record<string, string | number | boolean>;

interface HistogramLike {
  record(value: number, attributes?: Tags): void;
}

interface CounterLike {
  add(value: number, attributes?: Tags): void;
}

interface ObservableLike {
  addCallback(
    callback: (result: { observe(value: number, attributes?: Tags): void }) => void,
  ): void;
}

/** What is needed of a Meter of @opentelemetry/api. */
export interface MeterLike {
  createHistogram(name: string, options?: InstrumentOptions): HistogramLike;
  createUpDownCounter(name: string, options?: InstrumentOptions): CounterLike;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): ObservableLike;
}

/** What each metric is, in words. */
export const HELP = {
  duration: 'Duration of HTTP server requests.',
  active: 'Number of active HTTP server requests.',
  requestSize: 'Size of HTTP server request bodies.',
  responseSize: 'Size of HTTP server response bodies.',
  connections: 'Open connections of the server by state.',
} as const;

const NEEDED = [
  'createHistogram',
  'createUpDownCounter',
  'createObservableUpDownCounter',
] as const satisfies readonly (keyof MeterLike)[];

export class MeterBridge {
  readonly #duration: HistogramLike;
  readonly #requestSize: HistogramLike;
  readonly #responseSize: HistogramLike;
  readonly #active: CounterLike;

  /** `connections` gives how many there are in each state, whenever the meter asks. */
  constructor(
    meter: MeterLike,
    seconds: readonly number[],
    bytes: readonly number[],
    connections: () => ReadonlyMap<string, number>,
  ) {
    for (const name of NEEDED) {
      if (typeof (meter as Partial<MeterLike> | null | undefined)?.[name] === 'function') continue;
      throw new TypeError(`Metrics.bind: meter must have a method ${name}`);
    }
    const histogram = (
      name: string,
      unit: string,
      description: string,
      bounds: readonly number[],
    ): HistogramLike => {
      const advice = { explicitBucketBoundaries: [...bounds] };
      return meter.createHistogram(`http.server.${name}`, { unit, description, advice });
    };
    this.#duration = histogram('request.duration', 's', HELP.duration, seconds);
    this.#requestSize = histogram('request.body.size', 'By', HELP.requestSize, bytes);
    this.#responseSize = histogram('response.body.size', 'By', HELP.responseSize, bytes);
    this.#active = meter.createUpDownCounter('http.server.active_requests', {
      unit: '{request}',
      description: HELP.active,
    });
    const observed = meter.createObservableUpDownCounter('netfd.connections', {
      unit: '{connection}',
      description: HELP.connections,
    });
    observed.addCallback((result) => {
      for (const [state, count] of connections()) result.observe(count, { state });
    });
  }

  begun(attributes: Attributes): void {
    this.#active.add(1, attributes);
  }

  left(attributes: Attributes): void {
    this.#active.add(-1, attributes);
  }

  /** `received` is -1 if it is not known. */
  ended(seconds: number, received: number, sent: number, attributes: Attributes): void {
    this.#duration.record(seconds, attributes);
    if (received >= 0) this.#requestSize.record(received, attributes);
    this.#responseSize.record(sent, attributes);
  }
}
