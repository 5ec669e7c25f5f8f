/**
 * Numbers about the requests of a server, as Prometheus and OpenTelemetry want them: how many, how long,
 * how large, and how many are being served.
 *
 *   http.server.request.duration       http.server.active_requests      netfd.connections
 *   http.server.request.body.size      http.server.response.body.size
 *
 * Source: OpenTelemetry's semantic conventions for HTTP servers.
 */
import { optionalInteger, requireOptions } from '../../net/options.ts';
import type { ConnState } from '../connection.ts';
import type { Handler, HandlerFunc, ResponseWriter, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { HELP, MeterBridge, type MeterLike } from './meter-bridge.ts';
import { type ExchangeEnd, type ExchangeObserver, ObservedHandler } from './observed-handler.ts';
import { labelsOf, PROMETHEUS_TYPE, PrometheusText } from './prometheus-text.ts';
import { type Attributes, methodIndex, METHODS, SeriesTable } from './request-series.ts';
import { namesOf, refuseUnknown } from '../option-names.ts';
import type { UnhandledRequest } from '../unhandled.ts';

/** How much is kept apart. */
export interface MetricsOptions {
  /** Combinations of attributes; what comes later is counted together, as overflow [1000]. */
  readonly maxSeries?: number | undefined;
  /** The bounds of the histogram of durations, in seconds, ascending [as OpenTelemetry advises]. */
  readonly durationBounds?: readonly number[] | undefined;
  /** The bounds of the histograms of sizes, in bytes, ascending [powers of ten]. */
  readonly sizeBounds?: readonly number[] | undefined;
  /** What clients see: "https" behind TLS ["http"]. */
  readonly scheme?: 'http' | 'https' | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<MetricsOptions>({
  maxSeries: true,
  durationBounds: true,
  sizeBounds: true,
  scheme: true,
});

/** What {@link Metrics.watch} looks at: a Server. */
export interface WithConnections {
  readonly connections: Iterable<{ readonly state: ConnState }>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const BYTES = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

const STATES: readonly ConnState[] = ['new', 'active', 'idle'];

/** Counts and measures the requests of handlers, and the connections of servers. */
export class Metrics {
  /** Answers with the numbers, as Prometheus asks for them: `mux.handle('GET /metrics', metrics.page)`. */
  readonly page: Handler = { serveHTTP: (w) => this.#answer(w) };
  readonly #table: SeriesTable;
  readonly #scheme: string;
  readonly #seconds: readonly number[];
  readonly #bytes: readonly number[];
  readonly #active = METHODS.map(() => 0);
  readonly #servers = new Set<WithConnections>();
  #meter: MeterBridge | null = null;
  /** A bit for each method that has come. */
  #seen = 0;

  constructor(options: MetricsOptions = {}) {
    requireOptions('Metrics', options);
    refuseUnknown('Metrics', options, KNOWN);
    const { maxSeries = 1000, durationBounds, sizeBounds, scheme = 'http' } = options;
    optionalInteger('Metrics', 'maxSeries', maxSeries, 1, 1_000_000);
    if (scheme !== 'http' && scheme !== 'https') {
      throw new TypeError('Metrics: option scheme must be "http" or "https"');
    }
    this.#scheme = scheme;
    this.#seconds = checkedBounds('durationBounds', durationBounds ?? SECONDS);
    this.#bytes = checkedBounds('sizeBounds', sizeBounds ?? BYTES);
    this.#table = new SeriesTable(this.#seconds, this.#bytes, scheme, maxSeries);
  }

  /**
   * A handler that counts the requests which it passes on to `handler`. If it is that of the whole server, it
   * counts those too that the server has answered itself: a status, no route, and if they were refused
   * the status as error.type.
   */
  handler(handler: Handler | HandlerFunc): Handler {
    const observer: ExchangeObserver<number> = {
      begun: (_w, r) => this.#begun(r),
      ended: (begun, _w, r, end) => this.#ended(begun, r, end),
      unhandled: (request) => this.#unhandled(request),
    };
    return new ObservedHandler(asHandler('Metrics.handler', handler), observer);
  }

  /** Counts the connections of `server` too, whenever the numbers are asked for; until it is told to stop. */
  watch(server: WithConnections): () => void {
    if (typeof (server as Partial<WithConnections> | null)?.connections !== 'object') {
      throw new TypeError('Metrics.watch: server must be a Server');
    }
    this.#servers.add(server);
    return () => void this.#servers.delete(server);
  }

  /** The numbers in Prometheus' text format. */
  text(): string {
    const text = new PrometheusText();
    const all = this.#table.all.map((series) => ({ series, labels: labelsOf(series.attributes) }));
    const histograms = [
      ['http_server_request_duration_seconds', HELP.duration, 'duration'],
      ['http_server_request_body_size_bytes', HELP.requestSize, 'requestSize'],
      ['http_server_response_body_size_bytes', HELP.responseSize, 'responseSize'],
    ] as const;
    for (const [name, help, key] of histograms) {
      text.begin(name, 'histogram', help);
      for (const { series, labels } of all) {
        if (series[key].count > 0) text.histogram(name, labels, series[key]);
      }
    }
    text.begin('http_server_active_requests', 'gauge', HELP.active);
    for (const [i, count] of this.#active.entries()) {
      if ((this.#seen & (1 << i)) === 0) continue;
      text.value('http_server_active_requests', labelsOf(this.#activeOf(i)), count);
    }
    if (this.#servers.size === 0) return String(text);
    text.begin('netfd_connections', 'gauge', HELP.connections);
    for (const [state, count] of this.#connections()) {
      text.value('netfd_connections', `state="${state}"`, count);
    }
    return String(text);
  }

  /**
   * Records all that comes in instruments of an OpenTelemetry Meter, too. One meter; a later one takes
   * over.
   */
  bind(meter: MeterLike): void {
    const counts = (): ReadonlyMap<string, number> =>
      this.#servers.size === 0 ? new Map<string, number>() : this.#connections();
    this.#meter = new MeterBridge(meter, this.#seconds, this.#bytes, counts);
  }

  #begun(r: ServerRequest): number {
    const method = methodIndex(r.method);
    this.#active[method] = (this.#active[method] as number) + 1;
    this.#seen |= 1 << method;
    this.#meter?.begun(this.#activeOf(method));
    return performance.now();
  }

  #ended(begun: number, r: ServerRequest, end: ExchangeEnd): void {
    const seconds = (performance.now() - begun) / 1000;
    const method = methodIndex(r.method);
    this.#active[method] = (this.#active[method] as number) - 1;
    const series = this.#table.find(r, end);
    series.duration.record(seconds);
    // The length of a body that comes in chunks is known only to who reads it.
    if (r.contentLength >= 0) series.requestSize.record(r.contentLength);
    series.responseSize.record(end.bytes);
    this.#meter?.ended(seconds, r.contentLength, end.bytes, series.attributes);
    this.#meter?.left(this.#activeOf(method));
  }

  #unhandled(request: UnhandledRequest): void {
    const { bytes } = request;
    const seconds = request.duration / 1000;
    const series = this.#table.findUnhandled(request);
    series.duration.record(seconds);
    series.responseSize.record(bytes);
    this.#meter?.ended(seconds, -1, bytes, series.attributes);
  }

  #activeOf(method: number): Attributes {
    return { 'http.request.method': METHODS[method] as string, 'url.scheme': this.#scheme };
  }

  #connections(): Map<ConnState, number> {
    const counts = new Map(STATES.map((state) => [state, 0]));
    for (const { connections } of this.#servers) {
      for (const { state } of connections) counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return counts;
  }

  async #answer(w: ResponseWriter): Promise<void> {
    w.header().set('Content-Type', PROMETHEUS_TYPE);
    w.header().set('Cache-Control', 'no-store');
    await w.write(this.text());
  }
}

function checkedBounds(option: string, bounds: readonly number[]): readonly number[] {
  const isGood =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.every((bound: unknown, i) => {
      return Number.isFinite(bound) && (i === 0 || (bound as number) > (bounds[i - 1] as number));
    });
  if (isGood) return [...bounds];
  throw new TypeError(`Metrics: option ${option} must be an array of ascending numbers`);
}
