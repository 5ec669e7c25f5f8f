import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import { get, head } from '../../../test/http/raw-cases.ts';
import { deferred, run, turn, turnsUntil } from '../../../test/http/raw-client.ts';
import { accessLog, type AccessLogOptions } from './access-log.ts';
import { basicAuth } from './authorization.ts';
import { ErrAbortHandler, HttpError } from '../errors.ts';
import type { HandlerFunc } from '../handler.ts';
import { requestId, requestIdOf } from './request-id.ts';
import { ServeMux } from '../mux/serve-mux.ts';

const timeout = 60_000;

const TIME = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]/;

type Format = AccessLogOptions['format'];

/** The line for one exchange without a connection, its time as a star. */
async function lineOf(handler: HandlerFunc, r: FakeRequest, format: Format): Promise<string> {
  const lines: string[] = [];
  const logged = accessLog(handler, { format, write: (line) => lines.push(line) });
  await logged.serveHTTP(new FakeResponse(), r);
  assert.equal(lines.length, 1);
  return (lines[0] as string).replace(TIME, '[*]');
}

const hello: HandlerFunc = (w) => void w.write('hello');

test('common and combined', async () => {
  const r = new FakeRequest('GET', '/a?b');
  assert.equal(await lineOf(hello, r, 'common'), 'fake - - [*] "GET /a?b HTTP/1.1" 200 5');
  assert.equal(
    await lineOf((w) => w.writeHeader(204), r, 'combined'),
    'fake - - [*] "GET /a?b HTTP/1.1" 204 - "-" "-"',
  );
  r.header.set('Referer', 'http://x/"');
  r.header.set('User-Agent', 'curl/8');
  const line = 'fake - - [*] "GET /a?b HTTP/1.1" 200 5 "http://x/\\"" "curl/8"';
  assert.equal(await lineOf(hello, r, 'combined'), line);
  assert.equal(await lineOf(hello, r, ({ end }) => `${end.status}!`), '200!');
});

test('the time is that of this machine, as Apache writes it', async () => {
  const lines: string[] = [];
  await accessLog(hello, { write: (line) => lines.push(line) }).serveHTTP(
    new FakeResponse(),
    new FakeRequest('GET', '/'),
  );
  const [, day, month, year, clock, zone] = /\[(..)\/(...)\/(....):(\S+) (\S+)\]/.exec(lines[0]!)!;
  const time = Date.parse(`${day} ${month} ${year} ${clock} ${zone}`);
  assert.ok(Math.abs(time - Date.now()) < 10_000);
});

test('whatever a client sends stays within its quotes and its line', async () => {
  const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
  const r = new FakeRequest('GET', `/${all}`);
  r.header.set('User-Agent', all.replace(/[\0\r\n]/g, ''));
  const line = await lineOf(hello, r, 'combined');
  assert.match(line, /^[ -~]+$/);
  assert.match(
    line,
    /^fake - - \[\*\] "GET (?:[^"\\]|\\["\\bnrtv]|\\x[\da-f]{2})*" 200 5 "-" "(?:[^"\\]|\\.)*"$/,
  );
  // As ap_escape_logitem: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
  assert.ok(line.includes('"GET /\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\b\\t\\n\\v\\x0c\\r'));
  assert.ok(line.includes(' !\\"#') && line.includes('[\\\\]') && line.includes('~\\x7f\\x80'));
  const json = await lineOf(hello, r, 'json');
  assert.doesNotMatch(json, /[\p{Cc}]/u);
  const { target, userAgent } = JSON.parse(json) as Record<string, string>;
  assert.deepEqual([target, userAgent], [r.target, r.header.get('User-Agent')]);
});

test('JSON says all that is known', async () => {
  const mux = new ServeMux();
  mux.handle('GET /a/{id}', hello);
  const r = new FakeRequest('GET', '/a/5');
  r.header.set('X-Request-Id', 'abc-1');
  r.header.set('User-Agent', 'ü "x"');
  r.header.set('Authorization', `Basic ${btoa('ann:x')}`);
  const handler = basicAuth(mux, { check: () => true });
  const line = await lineOf((w, request) => handler.serveHTTP(w, request), r, 'json');
  const { time, durationMs, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.ok(Math.abs(Date.parse(time as string) - Date.now()) < 10_000);
  assert.ok((durationMs as number) >= 0);
  assert.deepEqual(rest, {
    id: 'abc-1',
    remote: 'fake',
    user: 'ann',
    method: 'GET',
    host: 'example.com',
    target: '/a/5',
    proto: 'HTTP/1.1',
    route: 'GET /a/{id}',
    status: 200,
    bytes: 5,
    userAgent: 'ü "x"',
  });
  r.header.set('X-Request-Id', 'bad id\t');
  const ids: string[] = [];
  const named = requestId((w) => void ids.push(w.header().get('X-Request-Id')!));
  const second = await lineOf((w, request) => named.serveHTTP(w, request), r, 'json');
  assert.match(ids[0]!, /^[\da-f-]{36}$/);
  assert.equal((JSON.parse(second) as { id: string }).id, ids[0]);
  assert.equal(requestIdOf(r), ids[0]);
});

suite('over a connection', { timeout }, () => {
  /** What is logged of requests that are sent one after the other. */
  async function logged(handler: HandlerFunc, ...requests: string[]): Promise<object[]> {
    const entries: object[] = [];
    const write = (line: string): void => {
      const { status, bytes, aborted, error } = JSON.parse(line) as Record<string, unknown>;
      entries.push({ status, bytes, ...(aborted ? { aborted } : {}), ...(error ? { error } : {}) });
    };
    await using running = await run('tcp', accessLog(handler, { format: 'json', write }));
    await using client = await running.dial();
    await client.send(requests.join(''));
    await client.rest();
    return entries;
  }

  const CLOSE = 'Connection: close';
  const HEAD = head('HEAD / HTTP/1.1', 'Host: x', CLOSE);

  test('replies, also those to HEAD', async () => {
    const two = { status: 200, bytes: 5 };
    assert.deepEqual(await logged(hello, get('/'), get('/'), get('/', CLOSE)), [two, two, two]);
    assert.deepEqual(await logged(hello, HEAD), [{ status: 200, bytes: 0 }]);
    const streamed: HandlerFunc = async (w) => {
      for (let i = 0; i < 10; i++) {
        await w.write('x'.repeat(1000));
        await turn();
      }
    };
    assert.deepEqual(await logged(streamed, get('/', CLOSE)), [{ status: 200, bytes: 10_000 }]);
  });

  test('what is thrown is logged with what the server answers', async () => {
    const cases: [unknown, object][] = [
      [new TypeError('x'), { status: 500, bytes: 25, error: 'TypeError' }],
      [new HttpError('x', 'ERR_X', 413), { status: 413, bytes: 28, error: 'ERR_X' }],
      [ErrAbortHandler, { status: 444, bytes: 0, error: 'ERR_HTTP_ABORT_HANDLER' }],
      ['text', { status: 500, bytes: 25, error: 'string' }],
    ];
    for (const [error, entry] of cases) {
      const late: HandlerFunc = async () => {
        await turn();
        throw error;
      };
      const early: HandlerFunc = () => {
        throw error;
      };
      assert.deepEqual(await logged(late, get('/')), [entry]);
      assert.deepEqual(await logged(early, get('/')), [entry]);
    }
    await using running = await run('pipe', () => {
      throw new TypeError('x');
    });
    await using client = await running.dial();
    await client.send(get('/'));
    assert.match(await client.rest(), /500 Internal[^]*\r\nContent-Length: 25\r\n/);
    const broken: HandlerFunc = async (w) => {
      await w.write('half');
      await w.flush();
      throw new Error('x');
    };
    assert.deepEqual(await logged(broken, get('/')), [{ status: 200, bytes: 4, error: 'Error' }]);
  });

  test('a connection that is handed over', async () => {
    const hijack: HandlerFunc = (w) => w.hijack().conn.close();
    assert.deepEqual(await logged(hijack, get('/')), [{ status: 101, bytes: 0 }]);
  });

  test('a client that goes, before the head and after it', async () => {
    for (const flushes of [false, true]) {
      for (const throws of [false, true]) {
        const entries: Record<string, unknown>[] = [];
        const begun = deferred();
        const handler: HandlerFunc = async (w, r) => {
          await w.write('half');
          if (flushes) await w.flush();
          begun.resolve();
          await turnsUntil(() => r.signal.aborted);
          if (throws) r.signal.throwIfAborted();
        };
        const write = (line: string): void => void entries.push(JSON.parse(line) as never);
        await using running = await run('tcp', accessLog(handler, { format: 'json', write }));
        const client = await running.dial();
        await client.send(get('/'));
        await begun.promise;
        client.close();
        await turnsUntil(() => entries.length > 0);
        const { status, bytes, aborted } = entries[0]!;
        assert.deepEqual([status, bytes, aborted], flushes ? [200, 4, true] : [499, 0, true]);
        assert.deepEqual(running.log, []);
      }
    }
  });

  test('a client that goes while a handler does not look', async () => {
    const entries: string[] = [];
    const begun = deferred();
    const gate = deferred();
    const handler: HandlerFunc = async () => {
      begun.resolve();
      await gate.promise;
    };
    await using running = await run(
      'tcp',
      accessLog(handler, { write: (line) => void entries.push(line) }),
    );
    const client = await running.dial();
    await client.send(get('/'));
    await begun.promise;
    await turn();
    client.close();
    for (let i = 0; i < 20; i++) await turn();
    gate.resolve();
    await turnsUntil(() => entries.length > 0);
    assert.match(entries[0]!, /^127\.0\.0\.1 - - .*" 499 -$/);
  });
});

suite('where lines go', () => {
  test('a stream gets those of one turn together, and none while too much waits', async () => {
    const texts: string[] = [];
    const stream = { writableLength: 0, write: (text: string) => texts.push(text) };
    const log = accessLog(hello, { format: () => 'line', write: stream });
    const serve = (): void => void log.serveHTTP(new FakeResponse(), new FakeRequest('GET', '/'));
    serve();
    serve();
    await turn();
    serve();
    await turn();
    assert.deepEqual(texts, ['line\nline\n', 'line\n']);
    stream.writableLength = 5 * 1024 * 1024;
    serve();
    await turn();
    assert.deepEqual([texts.length, log.dropped], [2, 1]);
  });

  test('one that fails harms nobody', async () => {
    const fail = (): never => {
      throw new Error('disk');
    };
    for (const options of [
      { write: fail },
      { write: { write: fail } },
      { write: hello, format: fail },
    ]) {
      const log = accessLog(hello, options as never);
      const w = new FakeResponse();
      void log.serveHTTP(w, new FakeRequest('GET', '/'));
      await turn();
      assert.deepEqual([w.body, log.dropped], ['hello', 1]);
    }
  });

  test('options are checked', () => {
    const write = (): void => {};
    const bad: [unknown, RegExp][] = [
      [undefined, /options must be an object/],
      [{}, /option write must be/],
      [{ write: 5 }, /option write must be/],
      [{ write, format: 'apache' }, /option format must be/],
      [{ write, remote: 'x' }, /option remote must be/],
    ];
    for (const [options, message] of bad) {
      assert.throws(() => accessLog(hello, options as never), message);
    }
    for (const options of [{ header: 'a b' }, { trust: 1 }, { generate: 1 }]) {
      assert.throws(() => requestId(hello, options as never), /^TypeError: requestId: option /);
    }
  });
});
