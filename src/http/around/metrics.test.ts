import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import { get, post } from '../../../test/http/raw-cases.ts';
import { parsePrometheus, type Sample } from '../../../test/http/prometheus.ts';
import { deferred, run, turn, turnsUntil } from '../../../test/http/raw-client.ts';
import { HttpError } from '../errors.ts';
import type { Handler, HandlerFunc } from '../handler.ts';
import { Metrics } from './metrics.ts';
import { ServeMux } from '../mux/serve-mux.ts';

const timeout = 60_000;
const hello: HandlerFunc = (w) => void w.write('hello');

async function ask(handler: Handler, method: string, target: string): Promise<void> {
  try {
    await handler.serveHTTP(new FakeResponse(), new FakeRequest(method, target));
  } catch {
    // The server would answer.
  }
}

/** The counts of requests, by their labels. */
function counts(metrics: Metrics): Record<string, number> {
  const samples = parsePrometheus(metrics.text());
  const name = 'http_server_request_duration_seconds_count';
  const common = /,?(network_protocol_version="1.1"|url_scheme="http")/g;
  return Object.fromEntries(
    samples
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [labels.replace(common, ''), value]),
  );
}

function find(samples: Sample[], name: string, ...labels: string[]): number | undefined {
  return samples.find((s) => s.name === name && labels.every((label) => s.labels.includes(label)))
    ?.value;
}

test('requests are counted by method, route and status', async () => {
  const mux = new ServeMux();
  mux.handle('GET /users/{id}', hello);
  mux.handle('POST example.com/users/{id}', (w) => w.writeHeader(201));
  mux.handle('/fails', () => {
    throw new RangeError('x');
  });
  mux.handle('/refuses', async () => {
    throw new HttpError('x', 'ERR_X', 418);
  });
  mux.handle('/unavailable', (w) => w.writeHeader(503));
  const metrics = new Metrics();
  const handler = metrics.handler(mux);
  const asked = ['/users/1', '/users/2', '/users/3', '/none', '/fails', '/refuses', '/unavailable'];
  for (const target of asked) await ask(handler, 'GET', target);
  await ask(handler, 'HEAD', '/users/1');
  await ask(handler, 'POST', '/users/1');
  await ask(handler, 'BREW', '/unavailable');
  const route = 'http_route="/users/{id}"';
  assert.deepEqual(counts(metrics), {
    [`http_request_method="GET",http_response_status_code="200",${route}`]: 3,
    [`http_request_method="HEAD",http_response_status_code="200",${route}`]: 1,
    [`http_request_method="POST",http_response_status_code="201",${route}`]: 1,
    'http_request_method="GET",http_response_status_code="404"': 1,
    'error_type="RangeError",http_request_method="GET",http_response_status_code="500",http_route="/fails"': 1,
    'error_type="ERR_X",http_request_method="GET",http_response_status_code="418",http_route="/refuses"': 1,
    'error_type="503",http_request_method="GET",http_response_status_code="503",http_route="/unavailable"': 1,
    'error_type="503",http_request_method="_OTHER",http_response_status_code="503",http_route="/unavailable"': 1,
  });
});

test('the number of series has a bound', async () => {
  const metrics = new Metrics({ maxSeries: 3 });
  const mux = new ServeMux();
  for (let i = 0; i < 5; i++) mux.handle(`/${i}`, hello);
  const handler = metrics.handler(mux);
  for (let i = 0; i < 5; i++)
    for (const method of ['GET', 'PUT']) await ask(handler, method, `/${i}`);
  const all = counts(metrics);
  assert.equal(all['otel_metric_overflow="true"'], 7);
  assert.equal(Object.keys(all).length, 4);
  // Whatever a handler calls its pattern.
  const odd = metrics.handler((_w, r) => void (r.pattern = `/${Math.random()}"\\\n`));
  for (let i = 0; i < 10; i++) await ask(odd, 'GET', '/');
  assert.equal(counts(metrics)['otel_metric_overflow="true"'], 17);
});

test('labels are escaped', async () => {
  const metrics = new Metrics();
  const name = '/a"b\\c\nd';
  await ask(
    metrics.handler((_w, r) => void (r.pattern = name)),
    'GET',
    '/',
  );
  const [labels] = Object.keys(counts(metrics));
  assert.match(labels!, /http_route="\/a\\"b\\\\c\\nd"/);
});

suite('of a server', { timeout }, () => {
  test('sizes, durations, requests that are being served, and connections', async () => {
    const gate = deferred();
    const metrics = new Metrics({ durationBounds: [1000], sizeBounds: [0, 5, 10] });
    const mux = new ServeMux();
    mux.handle('/echo', async (w, r) => w.write(await r.body.bytes()));
    mux.handle('/wait', () => gate.promise);
    mux.handle('GET /metrics', metrics.page);
    await using running = await run('tcp', metrics.handler(mux));
    const stop = metrics.watch(running.server);
    await using client = await running.dial();
    await client.send(
      post('12345', 'Content-Length: 5') +
        post('1\r\n6\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    );
    await client.until((text) => text.endsWith('6'));
    await using waiting = await running.dial();
    await waiting.send(get('/wait'));
    await turnsUntil(() => [...running.connections()].some((conn) => conn.state === 'active'));
    const asked = await fetch(`http://${String(running.listener.addr)}/metrics`);
    assert.equal(asked.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const samples = parsePrometheus(await asked.text());
    const size = 'http_server_request_body_size_bytes';
    assert.deepEqual(
      ['le="0"', 'le="5"', 'le="10"', 'le="+Inf"'].map((le) => find(samples, `${size}_bucket`, le)),
      [0, 1, 1, 1],
    );
    assert.equal(find(samples, `${size}_sum`), 5);
    assert.equal(find(samples, 'http_server_response_body_size_bytes_sum'), 6);
    assert.equal(find(samples, 'http_server_request_duration_seconds_bucket', 'le="1000"'), 2);
    assert.equal(find(samples, 'http_server_active_requests', 'method="GET"'), 2);
    assert.equal(find(samples, 'http_server_active_requests', 'method="POST"'), 0);
    assert.equal(find(samples, 'netfd_connections', 'state="active"'), 2);
    assert.equal(find(samples, 'netfd_connections', 'state="idle"'), 1);
    stop();
    assert.ok(!metrics.text().includes('netfd_connections'));
    gate.resolve();
  });

  test('a client that goes has had no status', async () => {
    const begun = deferred();
    const metrics = new Metrics();
    const handler: HandlerFunc = async (_w, r) => {
      begun.resolve();
      await turnsUntil(() => r.signal.aborted);
    };
    await using running = await run('tcp', metrics.handler(handler));
    const client = await running.dial();
    await client.send(get('/'));
    await begun.promise;
    client.close();
    while (Object.keys(counts(metrics)).length === 0) await turn();
    assert.deepEqual(counts(metrics), {
      'error_type="ERR_HTTP_CLIENT_GONE",http_request_method="GET"': 1,
    });
  });
});

test('an OpenTelemetry meter is told the same', async () => {
  const told: unknown[] = [];
  let observe = (): void => {};
  const meter = {
    createHistogram: (name: string, options: { unit?: string } = {}) => ({
      record: (value: number, attributes: unknown) =>
        told.push([name, options.unit, value >= 0, attributes]),
    }),
    createUpDownCounter: (name: string) => ({
      add: (value: number, attributes: unknown) => told.push([name, value, attributes]),
    }),
    createObservableUpDownCounter: (name: string) => ({
      addCallback: (
        callback: (result: { observe(value: number, tags?: unknown): void }) => void,
      ) => {
        observe = () => callback({ observe: (value, tags) => told.push([name, value, tags]) });
      },
    }),
  };
  const metrics = new Metrics({ scheme: 'https' });
  metrics.bind(meter);
  metrics.watch({ connections: [{ state: 'idle' }, { state: 'idle' }] });
  await ask(metrics.handler(hello), 'GET', '/');
  observe();
  const method = { 'http.request.method': 'GET', 'url.scheme': 'https' };
  const all = {
    ...method,
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
  };
  assert.deepEqual(told, [
    ['http.server.active_requests', 1, method],
    ['http.server.request.duration', 's', true, all],
    ['http.server.request.body.size', 'By', true, all],
    ['http.server.response.body.size', 'By', true, all],
    ['http.server.active_requests', -1, method],
    ['netfd.connections', 0, { state: 'new' }],
    ['netfd.connections', 0, { state: 'active' }],
    ['netfd.connections', 2, { state: 'idle' }],
  ]);
});

test('an outcome that cannot be looked at is an end, too', async () => {
  const metrics = new Metrics();
  const unseen = new Proxy({} as Promise<void>, {
    get() {
      throw new RangeError('x');
    },
  });
  await ask(
    metrics.handler(() => unseen),
    'GET',
    '/',
  );
  const samples = parsePrometheus(metrics.text());
  assert.equal(find(samples, 'http_server_active_requests'), 0);
  assert.match(Object.keys(counts(metrics))[0]!, /error_type="RangeError"/);
});

test('options are checked', () => {
  const bad: unknown[] = [null, { maxSeries: 0 }, { scheme: 'ftp' }];
  bad.push({ durationBounds: [] }, { sizeBounds: [2, 1] }, { durationBounds: 'x' });
  for (const options of bad) {
    assert.throws(() => new Metrics(options as never), /^TypeError: Metrics: option/);
  }
  const metrics = new Metrics();
  assert.throws(() => metrics.handler(null as never), /^TypeError: Metrics.handler: handler/);
  assert.throws(() => metrics.watch(null as never), /^TypeError: Metrics.watch: server/);
  assert.throws(() => metrics.bind({} as never), /^TypeError: Metrics.bind: meter/);
});
