/**
 * What observers are told of requests that no handler has seen: for every raw case what the client got is
 * what was told, once; the lines of access logs, and the numbers of metrics.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { accessLog, type AccessLogOptions } from '../../src/http/around/access-log.ts';
import { basicAuth } from '../../src/http/around/authorization.ts';
import { cors } from '../../src/http/around/cors.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { maxBytesHandler } from '../../src/http/around/max-bytes.ts';
import { Metrics } from '../../src/http/around/metrics.ts';
import { ObservedHandler } from '../../src/http/around/observed-handler.ts';
import { requestId } from '../../src/http/around/request-id.ts';
import { timeoutHandler } from '../../src/http/around/timeout-handler.ts';
import type { UnhandledRequest } from '../../src/http/unhandled.ts';
import { Server } from '../../src/http.ts';
import { malformedCases } from './malformed-cases.ts';
import { parsePrometheus } from './prometheus.ts';
import { protocolCases } from './protocol-cases.ts';
import { answer, get, goodCases, head, post, type RawCase } from './raw-cases.ts';
import { run, type Running, stack } from './raw-client.ts';
import { smugglingCases } from './smuggling-cases.ts';

const timeout = 60_000;

const hello: HandlerFunc = (w) => void w.write('hello');

/** Sends `bytes`, and waits for the end of what comes back. */
async function exchange(running: Running, bytes: string, finish = true): Promise<string> {
  await using client = await running.dial();
  await client.send(bytes);
  if (finish) client.conn.closeWrite();
  return await client.rest();
}

/** The status and the length of the body of each reply that has said Connection: close, in a text. */
const REFUSED = /HTTP\/1\.1 (\d{3}) [^]*?Content-Length: (\d+)\r\n/g;

const cases: readonly RawCase[] = [
  ...goodCases,
  ...malformedCases,
  ...smugglingCases,
  ...protocolCases,
];

suite('each case of bytes', { timeout }, () => {
  test('of a request that no handler saw is told once, with what the client got', async () => {
    let refused = 0;
    for (const { name, send, options, finish } of cases) {
      const told: UnhandledRequest[] = [];
      const seen: string[] = [];
      const handler: HandlerFunc = (w, r) => {
        seen.push(r.target);
        return answer(w, r);
      };
      const unhandled = (request: UnhandledRequest): void => void told.push(request);
      await using running = await run('pipe', handler, { ...options, unhandled });
      const text = await exchange(running, send, finish ?? true);
      const replies = [...text.matchAll(REFUSED)].map(([, status, bytes]) => [status, bytes]);
      assert.ok(told.length <= 1, name);
      if (seen.length === 0 && replies.length > 0) {
        assert.equal(told.length, 1, `${name}: ${text}`);
        assert.deepEqual(
          [String(told[0]!.status), String(told[0]!.bytes)],
          replies[replies.length - 1],
          name,
        );
        const first = /[^\r\n][^\n]*/.exec(send)?.[0].replace(/\r$/, '') ?? '';
        assert.equal(told[0]!.line, first.slice(0, 1024), name);
        assert.ok(told[0]!.duration >= 0, name);
        refused++;
      }
      if (told.length === 0) assert.ok(seen.length > 0 || replies.length === 0, name);
    }
    assert.ok(refused > 100, `${refused} were refused`);
  });
});

interface Kind {
  readonly name: string;
  readonly send: string;
  readonly line: string;
  readonly json: object;
  readonly series: string;
  readonly options?: object;
  readonly finish?: boolean;
}

const clock = '[*]';

function logged(line: string, status: number, bytes: number): string {
  return `127.0.0.1 - - ${clock} "${line}" ${status} ${bytes === 0 ? '-' : bytes}`;
}

const kinds: readonly Kind[] = [
  {
    name: '400, bytes of TLS',
    send: '\x16\x03\x01\x02\0\x01"\r\n\r\n',
    line: logged('\\x16\\x03\\x01\\x02\\x00\\x01\\"', 400, 15),
    json: { line: '\x16\x03\x01\x02\0\x01"', status: 400, bytes: 15 },
    series: '_OTHER 400 400',
  },
  {
    name: '400, HTTP/1.0 with a bad field',
    send: head('GET /old HTTP/1.0', 'A B: c'),
    line: logged('GET /old HTTP/1.0', 400, 36),
    json: { method: 'GET', target: '/old', proto: 'HTTP/1.0', status: 400, bytes: 36 },
    series: 'GET 1.0 400 400',
  },
  {
    name: '400, the client ends in the middle of the head',
    send: 'GET /half HTTP/1.1\r\nHost:',
    line: logged('GET /half HTTP/1.1', 400, 31),
    json: { method: 'GET', target: '/half', proto: 'HTTP/1.1', status: 400, bytes: 31 },
    series: 'GET 1.1 400 400',
  },
  {
    name: '408, a part of a line',
    send: 'GET /sl',
    line: logged('GET /sl', 408, 19),
    json: { method: 'GET', line: 'GET /sl', status: 408, bytes: 19 },
    series: 'GET 408 408',
    options: { readHeaderTimeout: 30 },
    finish: false,
  },
  {
    name: '413, before the handler',
    send: post('123456', 'Content-Length: 6'),
    line: logged('POST /echo HTTP/1.1', 413, 28),
    json: { method: 'POST', target: '/echo', proto: 'HTTP/1.1', status: 413, bytes: 28 },
    series: 'POST 1.1 413 413',
    options: { maxBodyBytes: 5 },
  },
  {
    name: '414',
    send: get(`/${'a'.repeat(100)}`),
    line: logged(`GET /${'a'.repeat(100)} HTTP/1.1`, 414, 16),
    json: { method: 'GET', target: `/${'a'.repeat(100)}`, status: 414 },
    series: 'GET 1.1 414 414',
    options: { maxRequestLine: 64 },
  },
  {
    name: '417',
    send: post('', 'Content-Length: 0', 'Expect: miracles'),
    line: logged('POST /echo HTTP/1.1', 417, 22),
    json: { method: 'POST', target: '/echo', status: 417 },
    series: 'POST 1.1 417 417',
  },
  {
    name: '431',
    send: get('/', `A: ${'b'.repeat(500)}`),
    line: logged('GET / HTTP/1.1', 431, 35),
    json: { method: 'GET', target: '/', status: 431 },
    series: 'GET 1.1 431 431',
    options: { maxHeaderBytes: 256 },
  },
  {
    name: '501',
    send: post('x', 'Transfer-Encoding: gzip, chunked'),
    line: logged('POST /echo HTTP/1.1', 501, 19),
    json: { method: 'POST', target: '/echo', status: 501 },
    series: 'POST 1.1 501 501',
  },
  {
    name: '505, a version that nobody has',
    send: head('BREW / HTTP/9.9', 'Host: x'),
    line: logged('BREW / HTTP/9.9', 505, 0),
    json: { method: 'BREW', target: '/', proto: 'HTTP/9.9', status: 505 },
    series: '_OTHER 505 505',
  },
  {
    name: '200, OPTIONS *',
    send: head('OPTIONS * HTTP/1.1', 'Host: x'),
    line: logged('OPTIONS * HTTP/1.1', 200, 0),
    json: { method: 'OPTIONS', target: '*', proto: 'HTTP/1.1', status: 200, bytes: 0 },
    series: 'OPTIONS 1.1 200',
  },
];

const TIME = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]/;

/** What the metrics say, as "method version status error count". */
function counted(metrics: Metrics): string[] {
  const names = ['http_request_method', 'network_protocol_version', 'http_response_status_code'];
  return parsePrometheus(metrics.text())
    .filter(({ name }) => name === 'http_server_request_duration_seconds_count')
    .map(({ labels, value }) => {
      const said = [...names, 'error_type'].map(
        (n) => new RegExp(`${n}="(.*?)"`).exec(labels)?.[1],
      );
      return [...said, value].filter((part) => part !== undefined).join(' ');
    });
}

suite('around the handler of a server', { timeout }, () => {
  for (const { name, send, line, json, series, options, finish } of kinds) {
    test(name, async () => {
      const lines: Record<'common' | 'combined' | 'json', string[]> = {
        common: [],
        combined: [],
        json: [],
      };
      const metrics = new Metrics();
      let handler = metrics.handler(hello);
      for (const format of ['common', 'combined', 'json'] as const) {
        handler = accessLog(handler, { format, write: (text) => lines[format].push(text) });
      }
      await using running = await run('tcp', handler, options);
      const text = await exchange(running, send, finish);
      const bytes = Number(/Content-Length: (\d+)/.exec(text)?.[1]);
      const common = lines.common.map((one) => one.replace(TIME, clock));
      const expected = line.replace(/ -$/, bytes > 0 ? ` ${bytes}` : ' -');
      assert.equal(common.length, 1, JSON.stringify([text, running.log, lines]));
      assert.equal(common[0]!.replace(/\d+$/, String(bytes)), expected.replace(/\d+$/, `${bytes}`));
      assert.match(common[0]!, new RegExp(` ${bytes === 0 ? '-' : bytes}$`));
      assert.equal(lines.combined[0], `${lines.common[0]} "-" "-"`);
      const said = JSON.parse(lines.json[0]!) as Record<string, unknown>;
      assert.ok(Math.abs(Date.parse(said['time'] as string) - Date.now()) < 30_000);
      assert.deepEqual({ ...said, ...json, bytes, unhandled: true, remote: '127.0.0.1' }, said);
      assert.deepEqual(counted(metrics), [`${series} 1`]);
    });
  }

  test('the time of one that came too slowly is that which it had', async () => {
    const told: UnhandledRequest[] = [];
    const unhandled = (request: UnhandledRequest): void => void told.push(request);
    await using running = await run('tcp', hello, { readHeaderTimeout: 40, unhandled });
    await exchange(running, 'GET / HTTP/1.1\r\nHost: x\r\nA: ', false);
    const [{ duration, status, line }] = told as [UnhandledRequest];
    assert.deepEqual([status, line], [408, 'GET / HTTP/1.1']);
    assert.ok(duration >= 39, `${duration}`);
  });

  const begun: Readonly<Record<string, readonly [string, object, number, string]>> = {
    'a body that turns out too large': [
      post('3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
      { maxBodyBytes: 5 },
      413,
      'ERR_HTTP_BODY_TOO_LARGE',
    ],
    'a chunk that is none': [
      post('x\r\n', 'Transfer-Encoding: chunked'),
      {},
      400,
      'ERR_HTTP_CHUNKS',
    ],
    'a body that comes too slowly': [
      post('x', 'Content-Length: 2'),
      { readTimeout: 30 },
      408,
      'ERR_HTTP_BODY_TIMEOUT',
    ],
    'JSON that is none': [post('{', 'Content-Length: 1'), {}, 400, 'ERR_HTTP_JSON'],
  };
  for (const [name, [send, options, status, error]] of Object.entries(begun)) {
    test(`${name}: the handler has begun, so it is logged as ever, and once`, async () => {
      const entries: string[] = [];
      const write = (line: string): void => void entries.push(line.replace(TIME, clock));
      const metrics = new Metrics();
      const reads = metrics.handler((_w, r) =>
        name.startsWith('JSON') ? r.body.json() : r.body.text(),
      );
      await using running = await run('tcp', accessLog(reads, { write }), options);
      const text = await exchange(running, send, false);
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      const bytes = Number(/Content-Length: (\d+)/.exec(text)?.[1]);
      assert.deepEqual(entries, [logged('POST /echo HTTP/1.1', status, bytes)]);
      assert.deepEqual(counted(metrics), [`POST 1.1 ${status} ${error} 1`]);
    });
  }

  test('a connection that ends without a request has no line', async () => {
    const told: UnhandledRequest[] = [];
    const unhandled = (request: UnhandledRequest): void => void told.push(request);
    await using running = await run('tcp', hello, { readHeaderTimeout: 30, unhandled });
    assert.equal(await exchange(running, ''), '');
    assert.equal(await exchange(running, '\r\n', false), '');
    assert.deepEqual(told, []);
  });

  test('behind good ones on the same connection', async () => {
    const lines: string[] = [];
    const log = accessLog(hello, { format: 'json', write: (line) => lines.push(line) });
    await using running = await run('tcp', log);
    await exchange(running, get('/1') + get('/2') + head('GET /3 HTTP/1.1'));
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      said.map(({ target, status }) => [target, status]),
      [
        ['/1', 200],
        ['/2', 200],
        ['/3', 400],
      ],
    );
  });
});

suite('who is told', { timeout }, () => {
  const bad = 'bad\r\n\r\n';

  test('handlers around the log pass it on, and the option is told as well', async () => {
    const lines: string[] = [];
    const told: UnhandledRequest[] = [];
    const log = accessLog(hello, { write: (line) => lines.push(line) });
    const quiet = new ObservedHandler(log, { begun: () => 0, ended: () => {} });
    const around = requestId(
      cors(basicAuth(timeoutHandler(maxBytesHandler(quiet, 10), 1000), { check: () => true })),
    );
    const server = new Server(around, { unhandled: (request) => told.push(request) });
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    const conn = await stack.dial('tcp', String(listener.addr));
    await conn.write(bad);
    const buf = new Uint8Array(1000);
    while ((await conn.read(buf)) !== null);
    conn.close();
    server.close();
    await served;
    assert.equal(lines.length, 1);
    assert.equal(told.length, 1);
    assert.equal(String(told[0]!.localAddr), String(listener.addr));
  });

  test('nobody, if nobody asks', async () => {
    await using running = await run('tcp', requestId(hello));
    assert.match(await exchange(running, bad), /^HTTP\/1.1 400 /);
    const [conn] = running.connections();
    assert.equal(conn, undefined);
  });

  test('what is thrown goes to the log, and the client has its answer', async () => {
    const unhandled = (): void => {
      throw new Error('mine');
    };
    await using running = await run('tcp', hello, { unhandled });
    assert.match(await exchange(running, bad), /^HTTP\/1.1 400 /);
    assert.match(running.log.join(), /^http: unhandled: Error: mine|mine/);
  });

  test('what a handler behind a log rejects with goes to the log, too', async () => {
    const lines: string[] = [];
    const inner = {
      serveHTTP: hello,
      unhandled: async () => {
        throw new Error('mine');
      },
    };
    const handler = accessLog(timeoutHandler(inner, 1000), { write: (line) => lines.push(line) });
    await using running = await run('tcp', handler);
    assert.match(await exchange(running, bad), /^HTTP\/1.1 400 /);
    assert.match(running.log.join(), /^http: unhandled: Error: mine/);
    assert.equal(lines.length, 1);
  });

  test('a log that throws or rejects drops its lines and nothing else', async () => {
    const fails = async (): Promise<void> => {
      throw new Error('full');
    };
    for (const write of [fails, { write: fails }]) {
      const log = accessLog(hello, { write });
      await using running = await run('tcp', log);
      assert.match(await exchange(running, get('/') + bad), /hello[^]*HTTP\/1.1 400 /);
      await new Promise(setImmediate);
      assert.equal(log.dropped, 2);
    }
  });

  test('a format of its own has one for these too, or they are left out', async () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const own: AccessLogOptions = { format: ({ end }) => `${end.status}`, write };
    for (const options of [
      own,
      { ...own, unhandled: ({ request, remote }) => `${remote} ${request.status}!` },
    ] satisfies AccessLogOptions[]) {
      await using running = await run('tcp', accessLog(hello, options));
      await exchange(running, get('/') + bad);
    }
    assert.deepEqual(lines, ['200', '200', '127.0.0.1 400!']);
    assert.throws(() => accessLog(hello, { write, unhandled: 5 as never }), {
      name: 'TypeError',
      message: /^accessLog: option unhandled must be a function/,
    });
    assert.throws(() => new Server(hello, { unhandled: 5 as never }), {
      name: 'TypeError',
      message: /^Server: option unhandled must be a function/,
    });
  });

  test('whatever comes in a version makes no series of its own', async () => {
    const metrics = new Metrics();
    await using running = await run('tcp', metrics.handler(hello));
    for (let i = 2; i < 10; i++) await exchange(running, head(`GET / HTTP/${i}.${i}`, 'Host: x'));
    assert.deepEqual(counted(metrics), ['GET 505 505 8']);
  });
});
