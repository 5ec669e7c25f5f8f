/** The parts of a request as they are cut out of its head. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { NO_BODY } from './body.ts';
import { COMPLETE, HeadParser } from '../message/head-parser.ts';
import { IncomingRequest, type RequestSource } from './request.ts';
import { RequestHead } from '../message/request-head.ts';
import { isTargetForm } from '../message/request-target.ts';

const addr = { network: 'none', toString: () => 'none' };
const signal = new AbortController().signal;
const source: RequestSource = { remoteAddr: addr, localAddr: addr, signalOf: () => signal };
const LIMITS = { maxHeaderBytes: 10_000, maxRequestLine: 10_000, maxHeaders: 100 };

function request(line: string, ...fields: string[]): IncomingRequest {
  const text = `before${line}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\nafter`;
  const bytes = Buffer.from(text, 'latin1');
  const parser = new HeadParser();
  assert.equal(parser.parse(bytes, 6, bytes.length, LIMITS), COMPLETE);
  return new IncomingRequest(source, new RequestHead(parser, text.slice(6)), NO_BODY);
}

suite('parts', () => {
  test('of a usual request', () => {
    const r = request('GET /a/b?c=d&c=e+f HTTP/1.1', 'Host: x:1', 'A: b', 'hOST-: c', 'a: d');
    assert.equal(r.method, 'GET');
    assert.equal(r.target, '/a/b?c=d&c=e+f');
    assert.equal(r.path, '/a/b');
    assert.equal(r.rawPath, '/a/b');
    assert.equal(r.rawQuery, 'c=d&c=e+f');
    assert.deepEqual(r.query.getAll('c'), ['d', 'e f']);
    assert.equal(r.host, 'x:1');
    assert.equal(r.proto, 'HTTP/1.1');
    assert.equal(r.contentLength, 0);
    assert.equal(r.body, NO_BODY);
    assert.equal(r.trailer.isEmpty, true);
    assert.deepEqual(
      [...r.header],
      [
        ['A', 'b'],
        ['Host-', 'c'],
        ['A', 'd'],
      ],
    );
    assert.equal(r.header, r.header);
    assert.equal(r.query, r.query);
    assert.equal(r.remoteAddr, addr);
    assert.equal(r.localAddr, addr);
    assert.equal(r.signal, signal);
  });

  test('what there is not', () => {
    const r = request('FROB / HTTP/1.0');
    assert.equal(r.method, 'FROB');
    assert.equal(r.proto, 'HTTP/1.0');
    assert.equal(r.host, '');
    assert.equal(r.rawQuery, '');
    assert.equal([...r.query].length, 0);
    assert.equal(r.header.isEmpty, true);
    assert.equal(r.pattern, '');
    assert.equal(r.pathValue('x'), '');
  });

  test('lengths', () => {
    const length = (field: string): number =>
      request('PUT / HTTP/1.1', 'Host: x', field).contentLength;
    assert.equal(length('Content-Length: 7'), 7);
    assert.equal(length('Content-Length: 0'), 0);
    assert.equal(length('Transfer-Encoding: chunked'), -1);
  });

  test('values of the mux', () => {
    const r = request('GET /a HTTP/1.0');
    r.setPathValue('id', '1');
    r.setPathValue('__proto__', '2');
    assert.equal(r.pathValue('id'), '1');
    assert.equal(r.pathValue('__proto__'), '2');
    assert.equal(r.pathValue('toString'), '');
  });
});

suite('targets', () => {
  for (const [method, target, rawPath, rawQuery, host] of [
    ['GET', '/', '/', '', 'field'],
    ['GET', '/?', '/', '', 'field'],
    ['GET', '/a?b?c', '/a', 'b?c', 'field'],
    ['GET', '//a/../b', '//a/../b', '', 'field'],
    ['GET', '/http://x/?y', '/http://x/', 'y', 'field'],
    ['GET', 'http://h', '/', '', 'h'],
    ['GET', 'http://h/', '/', '', 'h'],
    ['GET', 'HTTPS://h:1/a?b', '/a', 'b', 'h:1'],
    ['GET', 'http://h?b/c', '/', 'b/c', 'h'],
    ['GET', 'http://h/a://b?c', '/a://b', 'c', 'h'],
    ['OPTIONS', '*', '*', '', 'field'],
    ['CONNECT', 'h:443', '', '', 'h:443'],
  ] as const) {
    test(`${method} ${target}`, () => {
      const r = request(`${method} ${target} HTTP/1.1`, 'Host: field');
      assert.equal(isTargetForm(method, target), true);
      assert.deepEqual([r.rawPath, r.rawQuery, r.host], [rawPath, rawQuery, host]);
      // What is remembered of one request is right for the next.
      const again = request(`${method} ${target} HTTP/1.1`, 'Host: field');
      assert.deepEqual([again.rawPath, again.target], [rawPath, target]);
    });
  }

  test('of the same length, one after the other', () => {
    for (const target of ['/abc', '/abd', '/a?b', '/abc', '/zbc', '/abc']) {
      const r = request(`GET ${target} HTTP/1.0`);
      assert.equal(r.target, target);
      assert.equal(r.rawPath, target.split('?')[0]);
    }
    const long = `/${'x'.repeat(200)}`;
    for (const target of ['/abc', `${long}1`, '/abc', `${long}2`]) {
      assert.equal(request(`GET ${target} HTTP/1.0`).rawPath, target);
    }
  });

  test('are asked for late', () => {
    const first = request('GET /first?a HTTP/1.0');
    const second = request('GET /second HTTP/1.0');
    assert.equal(second.rawPath, '/second');
    assert.equal(first.rawPath, '/first');
    assert.equal(second.path, '/second');
    assert.equal(first.path, '/first');
  });

  test('that are of no form', () => {
    for (const [method, target] of [
      ['GET', '*'],
      ['GET', 'a'],
      ['GET', 'h:80'],
      ['GET', 'ftp://h/'],
      ['GET', 'http:/h'],
      ['GET', 'http://'],
      ['GET', 'http:///a'],
      ['GET', 'http://u@h/'],
      ['GET', 'http://h#a'],
      ['CONNECT', '/'],
      ['CONNECT', 'h'],
      ['CONNECT', 'h:'],
      ['CONNECT', 'h:123456'],
      ['CONNECT', 'http://h:1'],
      ['CONNECT', 'h:1/a'],
    ] as const) {
      assert.equal(isTargetForm(method, target), false, `${method} ${target}`);
    }
  });

  test('are percent-decoded as UTF-8', () => {
    for (const [raw, path] of [
      ['/a%20b', '/a b'],
      ['/%e2%82%AC', '/€'],
      ['/\xe2\x82\xac', '/€'],
      ['/%2F%2e', '//.'],
      ['/%', '/%'],
      ['/%4', '/%4'],
      ['/%zz%41', '/%zzA'],
      ['/%ff', '/\ufffd'],
      ['/%EF%BB%BFa', '/\ufeffa'],
      ['/+', '/+'],
    ] as const) {
      const r = request(`GET ${raw} HTTP/1.0`);
      assert.equal(r.path, path);
      assert.equal(r.rawPath, raw);
    }
  });
});
