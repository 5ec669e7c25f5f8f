import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../test/http/fake-exchange.ts';
import {
  allowMethods,
  error,
  notFound,
  redirect,
  redirectHandler,
  stripPrefix,
} from './replies.ts';
import { ServeMux } from './mux/serve-mux.ts';

test('an error is plain text with a newline, and takes the length of another body away', () => {
  const w = new FakeResponse();
  w.header().set('Content-Length', 1000);
  w.header().set('Content-Type', 'image/png');
  w.header().set('ETag', '"x"');
  error(w, 'bad thing', 418);
  assert.equal(w.status, 418);
  assert.equal(w.body, 'bad thing\n');
  assert.equal(w.sent.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(w.sent.get('x-content-type-options'), 'nosniff');
  assert.ok(!w.sent.has('content-length'));
});

test('not found', () => {
  const w = new FakeResponse();
  notFound(w, new FakeRequest('GET', '/'));
  assert.equal(w.status, 404);
  assert.equal(w.body, '404 page not found\n');
});

test('a failing write of a reply troubles nobody', async () => {
  const w = new FakeResponse();
  w.write = () => Promise.reject(new Error('gone'));
  error(w, 'x', 500);
  // An unhandled rejection is told before the next turn.
  await new Promise(setImmediate);
});

test('a redirect is relative to the path of the request', () => {
  const cases: [url: string, location: string][] = [
    ['http://foobar.com/baz', 'http://foobar.com/baz'],
    ['https://foobar.com/baz//../x', 'https://foobar.com/baz//../x'],
    ['mailto:a@b', 'mailto:a@b'],
    ['//foobar.com/baz', '//foobar.com/baz'],
    ['///foobar.com/baz', '/foobar.com/baz'],
    ['test://foobar.com/baz', 'test://foobar.com/baz'],
    ['baz', '/foo/baz'],
    ['/baz', '/baz'],
    ['../quux/foobar/baz', '/quux/foobar/baz'],
    ['../quux/foobar/baz/', '/quux/foobar/baz/'],
    ['./x/./y', '/foo/x/y'],
    ['', '/foo/'],
    ['?q=/../x', '/foo/?q=/../x'],
    ['#a/../b', '/foo/#a/../b'],
    ['/a//b?c=//', '/a/b?c=//'],
    ['/a/../..', '/'],
    ['foobar/é', '/foo/foobar/%C3%A9'],
    ['/€\r\nX: y', '/%E2%82%AC%0D%0AX: y'],
  ];
  for (const [url, location] of cases) {
    const w = new FakeResponse();
    redirect(w, new FakeRequest('GET', '/foo/bar?x=1'), url, 302);
    assert.equal(w.status, 302);
    assert.equal(w.sent.get('location'), location, url);
  }
});

test('the page of a redirect is for GET, its type for HEAD too', () => {
  const type = 'text/html; charset=utf-8';
  const cases: [method: string, url: string, type: string | undefined, body: string][] = [
    ['GET', '/other?x=1', type, '<a href="/other?x=1">Found</a>.\n\n'],
    ['GET', '/"&<>\'', type, '<a href="/&#34;&amp;&lt;&gt;&#39;">Found</a>.\n\n'],
    ['HEAD', '/x', type, ''],
    ['POST', '/x', undefined, ''],
  ];
  for (const [method, url, contentType, body] of cases) {
    const w = new FakeResponse();
    void redirectHandler(url, 302).serveHTTP(w, new FakeRequest(method, '/'));
    assert.equal(w.sent.get('content-type'), contentType);
    assert.equal(w.body, body);
  }
  const w = new FakeResponse();
  w.header().set('Content-Type', 'application/x');
  redirect(w, new FakeRequest('GET', '/'), '/x', 301);
  assert.equal(w.body, '');
  assert.equal(w.sent.get('content-type'), 'application/x');
});

test('a prefix is taken off both forms of the path', () => {
  const seen: string[] = [];
  const paths = (prefix: string, target: string): string | undefined => {
    const handler = stripPrefix(prefix, (w, r) => {
      seen.push(`${r.path} ${r.rawPath} ${r.target}`);
      w.writeHeader(200);
    });
    const w = new FakeResponse();
    void handler.serveHTTP(w, new FakeRequest('GET', target));
    return w.status === 200 ? seen.pop() : String(w.status);
  };
  assert.equal(paths('/foo', '/foo/bar?q'), '/bar /bar /foo/bar?q');
  assert.equal(paths('/foo', '/foo'), '  /foo');
  assert.equal(paths('/foo', '/bar'), '404');
  assert.equal(paths('', '/bar'), '/bar /bar /bar');
  assert.equal(paths('/a b', '/a%20b/%2f'), '// /%2f /a%20b/%2f');
  assert.equal(paths('/foo/', '/foo%2Fbar'), '404');
  assert.equal(paths('/é', '/%C3%A9/x'), '/x /x /%C3%A9/x');
  assert.equal(paths('/é', '/\xc3\xa9/x'), '/x /x /\xc3\xa9/x');
});

test('a request without its prefix is the same request else', () => {
  const inner = new ServeMux();
  const r = new FakeRequest('GET', '/api/v1/users/7?a=b', 'h');
  r.header.set('X', 'y');
  inner.handle('/users/{id}', (w, request) => {
    assert.equal(request.pathValue('id'), '7');
    assert.equal(request.pathValue('version'), 'v1');
    assert.equal(request.pattern, '/users/{id}');
    assert.equal(request.header, r.header);
    assert.equal(request.trailer, r.trailer);
    assert.equal(request.query.get('a'), 'b');
    assert.equal(request.signal, r.signal);
    assert.deepEqual(
      [request.method, request.target, request.rawQuery, request.host, request.proto],
      [r.method, r.target, r.rawQuery, r.host, r.proto],
    );
    assert.equal(request.remoteAddr, r.remoteAddr);
    assert.equal(request.localAddr, r.localAddr);
    assert.equal(request.contentLength, 0);
    assert.throws(() => request.body, /no body/);
    w.writeHeader(204);
  });
  const outer = new ServeMux();
  outer.handle('/api/{version}/', stripPrefix('/api/v1', inner));
  const w = new FakeResponse();
  void outer.serveHTTP(w, r);
  assert.equal(w.status, 204);
  assert.equal(r.pattern, '/api/{version}/');
});

test('allowMethods', () => {
  const handler = allowMethods(['POST', 'GET'], (w) => void w.write('in'));
  const answer = (method: string): string => {
    const w = new FakeResponse();
    void handler.serveHTTP(w, new FakeRequest(method, '/'));
    return `${w.status} ${w.sent.get('Allow') ?? ''} ${w.body}`;
  };
  for (const method of ['GET', 'HEAD', 'POST']) assert.equal(answer(method), '200  in');
  for (const method of ['PUT', 'get', 'OPTIONS']) {
    assert.equal(answer(method), '405 GET, HEAD, POST Method Not Allowed\n');
  }
  for (const bad of [[], 'GET', ['GE T'], [5], null]) {
    assert.throws(() => allowMethods(bad as never, handler), /allowMethods: methods must be/);
  }
});

test('a mux below a prefix that ends in a slash, or is the whole path', () => {
  const inner = new ServeMux();
  inner.handle('/users/{id}', (w, r) => void w.write(r.pathValue('id')));
  inner.handle('/', (w) => void w.write('home'));
  const served = (prefix: string, target: string): string => {
    const w = new FakeResponse();
    void stripPrefix(prefix, inner).serveHTTP(w, new FakeRequest('GET', target));
    return w.body;
  };
  assert.equal(served('/api/', '/api/users/7'), '7');
  assert.equal(served('/api', '/api'), 'home');
});
