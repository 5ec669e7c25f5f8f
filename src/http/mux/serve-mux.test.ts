import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import type { Handler } from '../handler.ts';
import { ServeMux } from './serve-mux.ts';

function muxOf(...patterns: string[]): ServeMux {
  const mux = new ServeMux();
  for (const pattern of patterns) mux.handle(pattern, (w, r) => void w.write(`at ${r.pattern}`));
  return mux;
}

/** What the mux does with "GET /path" or "GET host/path": "/pattern x=1", "301 /a/", "405 GET". */
function outcome(mux: ServeMux, request: string): string {
  const [method = '', url = ''] = request.split(' ');
  const slash = url.startsWith('*') ? 0 : url.indexOf('/');
  const r = new FakeRequest(method, url.slice(slash), url.slice(0, slash) || 'example.com');
  const w = new FakeResponse();
  assert.ok(!(mux.serveHTTP(w, r) instanceof Promise));
  const values = [...r.values].map(([name, value]) => ` ${name}=${value}`).join('');
  if (w.status === 200) {
    assert.equal(w.body, `at ${r.pattern}`);
    assert.equal(mux.handler(r).pattern, r.pattern);
    return r.pattern + values;
  }
  assert.equal(r.pattern, '');
  assert.equal(mux.handler(r).pattern, '');
  const again = new FakeResponse();
  void mux.handler(r).handler.serveHTTP(again, r);
  assert.equal(again.status, w.status);
  assert.equal(again.sent.toString(), w.sent.toString());
  const detail = w.sent.get('Location') ?? w.sent.get('Allow') ?? '';
  return `${w.status} ${detail}`.trimEnd();
}

function check(mux: ServeMux, cases: [request: string, expected: string][]): void {
  for (const [request, expected] of cases) assert.equal(outcome(mux, request), expected, request);
}

test('the most specific pattern wins, in whatever order they come', () => {
  const patterns = ['/', '/a/', '/a/{x}', '/a/b', '/a/{x}/c', 'GET /a/b', '/a/{$}', '/r/{p...}'];
  const cases: [string, string][] = [
    ['GET /', '/'],
    ['GET /z/y', '/'],
    ['GET /a/', '/a/{$}'],
    ['GET /a/b', 'GET /a/b'],
    ['HEAD /a/b', 'GET /a/b'],
    ['POST /a/b', '/a/b'],
    ['GET /a/z', '/a/{x} x=z'],
    ['GET /a/b/c', '/a/{x}/c x=b'],
    ['GET /a/b/d', '/a/'],
    ['GET /a/z/c', '/a/{x}/c x=z'],
    ['GET /a/z/', '/a/'],
    ['GET /r/', '/r/{p...} p='],
    ['GET /r/x', '/r/{p...} p=x'],
    ['GET /r/x/y/', '/r/{p...} p=x/y/'],
  ];
  check(muxOf(...patterns), cases);
  check(muxOf(...patterns.reverse()), cases);
});

test('GET matches HEAD too, unless there is one', () => {
  check(muxOf('GET /', 'HEAD /h', 'GET /h'), [
    ['HEAD /', 'GET /'],
    ['HEAD /h', 'HEAD /h'],
    ['GET /h', 'GET /h'],
    ['POST /h', '405 GET, HEAD'],
  ]);
});

test('a host comes before everything, without port and case', () => {
  check(muxOf('/a', '/', 'h.test/', 'GET /a/b', '[::1]/v6'), [
    ['GET h.test/a', 'h.test/'],
    ['GET H.TEST:8080/a', 'h.test/'],
    ['GET h.test/a/b', 'h.test/'],
    ['GET other/a', '/a'],
    ['GET other/a/b', 'GET /a/b'],
    ['GET [::1]:80/v6', '[::1]/v6'],
    ['GET [::1]:80/a', '/a'],
  ]);
  check(muxOf('h/a', '/{x}'), [
    ['GET h/a', 'h/a'],
    ['GET h/b', '/{x} x=b'],
  ]);
  check(muxOf('h/{x}/y', '/a/{z}', 'POST h/p', 'GET /p'), [
    ['GET h/a/y', 'h/{x}/y x=a'],
    ['GET h/a/b', '/a/{z} z=b'],
    ['GET h/p', 'GET /p'],
    ['PUT h/p', '405 GET, HEAD, POST'],
    ['PUT i/p', '405 GET, HEAD'],
  ]);
});

test('a path without its slash, or not clean, is redirected with its query', () => {
  check(muxOf('/tree/', '/tree/{x}/end/', '/e/{$}', 'GET /get/', '/both/', '/both'), [
    ['GET /tree', '301 /tree/'],
    ['GET /tree?q=1', '301 /tree/?q=1'],
    ['GET /tree/x/end', '301 /tree/x/end/'],
    ['GET /tree/x', '/tree/'],
    ['GET /e', '301 /e/'],
    ['GET /e/x', '404'],
    ['GET /both', '/both'],
    ['POST /get', '405 GET, HEAD'],
    ['HEAD /get', '301 /get/'],
    ['GET //tree', '301 /tree/'],
    ['GET /tree//x/../y?q=1', '301 /tree/y?q=1'],
    ['GET /none//', '301 /none/'],
    ['GET /tree/%2e%2e', '/tree/'],
    ['GET /tree/x%2Fy/end', '301 /tree/x%2Fy/end/'],
    ['GET //evil.test/..//evil.test', '301 /evil.test'],
  ]);
  check(muxOf('/{x}/'), [
    ['GET /\\evil.test', '301 /%5Cevil.test/'],
    ['GET /\xe9?\xe9', '301 /%E9/?%E9'],
  ]);
  check(muxOf('/'), [['GET /x', '/']]);
});

test('segments are compared decoded, and "%2F" is no slash', () => {
  check(muxOf('/a/{x}', '/a/b/{y...}', '/é', '/s%2Fs', '/a/b%20c', '/%7Bx%7D'), [
    ['GET /a/%62/', '/a/b/{y...} y='],
    ['GET /%61/x%2Fy', '/a/{x} x=x/y'],
    ['GET /a/b/%2F/%20', '/a/b/{y...} y=// '],
    ['GET /%c3%a9', '/é'],
    ['GET /\xc3\xa9', '/é'],
    ['GET /s%2fs', '/s%2Fs'],
    ['GET /s/s', '404'],
    ['GET /a/b%20c', '/a/b%20c'],
    ['GET /a/100%25', '/a/{x} x=100%'],
    ['GET /%7bx%7d', '/%7Bx%7D'],
  ]);
});

test('a path that cannot be decoded is 400, whatever there is', () => {
  const mux = muxOf('/', '/a/{x}', 'POST /b', 'h/');
  for (const path of ['/%', '/a/100%', '/%zz', '/%4', '/a//%2', '/%20%g0', '/b%', 'h/%f']) {
    check(mux, [[`GET ${path}`, '400']]);
  }
  const w = new FakeResponse();
  void mux.serveHTTP(w, new FakeRequest('GET', '/%zz'));
  assert.equal(w.sent.get('Connection'), 'close');
  assert.equal(w.body, 'Bad Request\n');
  check(mux, [['GET /c?%zz', '/']]);
});

test('what matches only with other methods is 405, all methods sorted', () => {
  const mux = muxOf('POST /a', 'GET /{x}', 'DELETE /a', 'PUT /b/');
  check(mux, [
    ['PATCH /a', '405 DELETE, GET, HEAD, POST'],
    ['PATCH /b', '405 GET, HEAD, PUT'],
    ['PATCH /b/', '405 PUT'],
    ['PATCH /b/c', '405 PUT'],
    ['PATCH /c/d', '404'],
  ]);
  const w = new FakeResponse();
  void mux.serveHTTP(w, new FakeRequest('PATCH', '/a'));
  assert.equal(w.body, 'Method Not Allowed\n');
});

test('what is no handler is refused at once', () => {
  for (const handler of [undefined, null, {}, 'hello']) {
    assert.throws(() => new ServeMux().handle('/', handler as unknown as Handler), {
      name: 'TypeError',
      message: 'handle: handler must be a function (w, r) or have a method serveHTTP',
    });
  }
});

test('what matches nothing is 404', () => {
  const w = new FakeResponse();
  void new ServeMux().serveHTTP(w, new FakeRequest('GET', '/a'));
  assert.equal(w.status, 404);
  assert.equal(w.body, '404 page not found\n');
  const nosniff = 'X-Content-Type-Options: nosniff\r\n';
  assert.equal(w.sent.toString(), `Content-Type: text/plain; charset=utf-8\r\n${nosniff}`);
});

test('forms of target that are no path', () => {
  const mux = muxOf('/', 'CONNECT /');
  check(mux, [['CONNECT host:443/', 'CONNECT /']]);
  check(muxOf('GET /x'), [['CONNECT host:443/', '404']]);
  const w = new FakeResponse();
  void mux.serveHTTP(w, new FakeRequest('OPTIONS', '*'));
  assert.equal(w.status, 400);
  assert.equal(w.sent.get('connection'), 'close');
  assert.equal(w.body, '');
});

test('examples of the documentation of Go’s ServeMux', () => {
  check(muxOf('/b/{bucket}/o/{objectname...}', 'example.com/', '/images/', '/images/thumbnails/'), [
    ['GET x/b/one/o/two/three', '/b/{bucket}/o/{objectname...} bucket=one objectname=two/three'],
    ['GET x/images/thumbnails/1', '/images/thumbnails/'],
    ['GET x/images/1', '/images/'],
    ['GET example.com/images/1', 'example.com/'],
    ['GET x/images', '301 /images/'],
  ]);
});

test('conflicts are found at registration', () => {
  const mux = muxOf('/posts/{id}', 'GET /a/{x}/c', '/s/');
  const cases: [string, RegExp][] = [
    ['/posts/{name}', /^pattern "\/posts\/\{name\}" conflicts with pattern "\/posts\/\{id\}": /],
    ['/{resource}/latest', /both match paths like "\/posts\/latest"/],
    ['/a/b/{z}', /^pattern "\/a\/b\/\{z\}" conflicts with pattern "GET \/a\/\{x\}\/c": /],
    ['/s/{x...}', /they match the same requests/],
  ];
  for (const [pattern, message] of cases) {
    assert.throws(() => mux.handle(pattern, () => {}), { name: 'Error', message });
  }
  mux.handleFunc('/posts/latest', () => {});
  mux.handle('h/posts/{name}', { serveHTTP: () => {} });
  assert.throws(() => mux.handle('GET', () => {}), /host\/path missing/);
  assert.throws(() => mux.handle('/n', null as never), TypeError);
  assert.equal(outcome(mux, 'GET x/n'), '404', 'a pattern that was refused is not there');
});

test('a promise of the handler is passed on, an object is called as a method', async () => {
  const mux = new ServeMux();
  const answer = {
    text: 'hello',
    serveHTTP(w: FakeResponse): Promise<unknown> {
      return w.write(this.text);
    },
  };
  mux.handle('/a', answer as never);
  mux.handle('/{x}', answer as never);
  for (const path of ['/a', '/b']) {
    const w = new FakeResponse();
    await mux.serveHTTP(w, new FakeRequest('GET', path));
    assert.equal(w.body, 'hello');
  }
});

test('patterns are listed in the order in which they were registered', () => {
  const mux = new ServeMux();
  assert.equal(mux.patterns.length, 0);
  for (const pattern of ['/b', 'GET h/{x}/', '/a']) mux.handle(pattern, () => {});
  mux.patterns.push('/c');
  assert.deepEqual(mux.patterns, ['/b', 'GET h/{x}/', '/a']);
});
