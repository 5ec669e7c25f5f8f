/**
 * What is counted of requests, by what distinguishes them: method, route, status and so on, under the names
 * of OpenTelemetry's semantic conventions for HTTP. All requests with the same attributes are one series.
 * How many series there are has a bound; what would go beyond it is counted in one that says so.
 */
import { CLIENT_CLOSED, errorType, type ExchangeEnd, NO_RESPONSE } from './observed-handler.ts';
import type { UnhandledRequest } from '../unhandled.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** How many values were at most as large as each bound, and their sum. */
export class Histogram {
  readonly bounds: readonly number[];
  /** Not added up; the last one is of those above all bounds. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  record(value: number): void {
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at++;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sum += value;
    this.count++;
  }
}

class RequestSeries {
  readonly attributes: Attributes;
  /** In seconds, and in bytes. */
  readonly duration: Histogram;
  readonly requestSize: Histogram;
  readonly responseSize: Histogram;

  constructor(attributes: Attributes, seconds: readonly number[], bytes: readonly number[]) {
    this.attributes = attributes;
    this.duration = new Histogram(seconds);
    this.requestSize = new Histogram(bytes);
    this.responseSize = new Histogram(bytes);
  }
}

/** The methods that have a name of their own; all others are the first. */
export const METHODS: readonly string[] =
  '_OTHER GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' ');

const methodIndices: ReadonlyMap<string, number> = new Map(METHODS.map((name, i) => [name, i]));

/** The place of a method in {@link METHODS}. */
export function methodIndex(method: string): number {
  return method === 'GET' ? 1 : (methodIndices.get(method) ?? 0);
}

/** The versions that are told; what claims another one has none. */
const VERSIONS: ReadonlyMap<string, string> = new Map([
  ['HTTP/1.0', '1.0'],
  ['HTTP/1.1', '1.1'],
  ['HTTP/2.0', '2'],
]);

/** What distinguishes requests, beside how they end. */
interface Asked {
  readonly pattern: string;
  readonly method: string;
  readonly proto: string;
}

/** A number for what distinguishes the requests of one route. */
function keyOf({ method, proto }: Asked, status: number): number {
  const version = proto === 'HTTP/1.1' ? 0 : proto === 'HTTP/1.0' ? 1 : proto === '' ? 2 : 3;
  return (status * 16 + methodIndex(method)) * 4 + version;
}

/** The series of one route, by what else distinguishes them as one number, and those of errors. */
class RouteRow {
  readonly path: string;
  readonly good: Map<number, RequestSeries> = new Map();
  readonly failed: Map<string, RequestSeries> = new Map();

  constructor(path: string) {
    this.path = path;
  }
}

export class SeriesTable {
  readonly #seconds: readonly number[];
  readonly #bytes: readonly number[];
  readonly #scheme: string;
  readonly #most: number;
  /** By pattern, and by its path: several patterns may have the same one. */
  readonly #byPattern = new Map<string, RouteRow>();
  readonly #byPath = new Map<string, RouteRow>();
  readonly #all: RequestSeries[] = [];
  #overflow: RequestSeries | null = null;

  constructor(seconds: readonly number[], bytes: readonly number[], scheme: string, most: number) {
    this.#seconds = seconds;
    this.#bytes = bytes;
    this.#scheme = scheme;
    this.#most = most;
  }

  get all(): readonly RequestSeries[] {
    return this.#all;
  }

  /** That of a request that has ended so. */
  find(r: Asked, end: ExchangeEnd): RequestSeries {
    const row = this.#row(r.pattern);
    if (row === null) return this.#overflowed();
    const { status, aborted, thrown } = end;
    const key = keyOf(r, status);
    if (thrown === null && !aborted && status < 500) {
      let series = row.good.get(key);
      if (series === undefined) {
        series = this.#add(row, r, status, '');
        if (series !== this.#overflow) row.good.set(key, series);
      }
      return series;
    }
    return this.#findFailed(row, r, end, key);
  }

  /** That of a request that the server has answered itself. One that was refused is never a good one. */
  findUnhandled({ method, proto, status, bytes }: UnhandledRequest): RequestSeries {
    const r = { pattern: '', method, proto: VERSIONS.has(proto) ? proto : '' };
    const end = { status, bytes, aborted: false, thrown: null };
    if (status < 400) return this.find(r, end);
    const row = this.#row('');
    if (row === null) return this.#overflowed();
    return this.#findFailed(row, r, end, keyOf(r, status));
  }

  #findFailed(row: RouteRow, r: Asked, end: ExchangeEnd, key: number): RequestSeries {
    const { status } = end;
    const type = typeOf(end);
    const name = `${key} ${type}`;
    let series = row.failed.get(name);
    if (series !== undefined) return series;
    series = this.#add(
      row,
      r,
      status === CLIENT_CLOSED || status === NO_RESPONSE ? 0 : status,
      type,
    );
    if (series !== this.#overflow) row.failed.set(name, series);
    return series;
  }

  #row(pattern: string): RouteRow | null {
    const known = this.#byPattern.get(pattern);
    if (known !== undefined) return known;
    if (this.#byPattern.size >= this.#most) return null;
    const slash = pattern.indexOf('/');
    const path = slash < 0 ? '' : pattern.slice(slash);
    let row = this.#byPath.get(path);
    if (row === undefined) this.#byPath.set(path, (row = new RouteRow(path)));
    this.#byPattern.set(pattern, row);
    return row;
  }

  #add(row: RouteRow, r: Asked, status: number, type: string): RequestSeries {
    if (this.#all.length >= this.#most) return this.#overflowed();
    const attributes: Record<string, string | number> = {
      'http.request.method': METHODS[methodIndex(r.method)] as string,
      'url.scheme': this.#scheme,
    };
    const version = VERSIONS.get(r.proto);
    if (version !== undefined) attributes['network.protocol.version'] = version;
    if (row.path !== '') attributes['http.route'] = row.path;
    if (status !== 0) attributes['http.response.status_code'] = status;
    if (type !== '') attributes['error.type'] = type;
    return this.#make(attributes);
  }

  #overflowed(): RequestSeries {
    return (this.#overflow ??= this.#make({ 'otel.metric.overflow': true }));
  }

  #make(attributes: Attributes): RequestSeries {
    const series = new RequestSeries(attributes, this.#seconds, this.#bytes);
    this.#all.push(series);
    return series;
  }
}

/** The attribute error.type: what was thrown, that the client has gone, or the status itself. */
function typeOf({ status, aborted, thrown }: ExchangeEnd): string {
  if (aborted) return 'ERR_HTTP_CLIENT_GONE';
  return thrown === null ? String(status) : errorType(thrown.error);
}
