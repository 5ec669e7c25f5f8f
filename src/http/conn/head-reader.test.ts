import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { latin1Text } from '../../io/latin1.ts';
import { COMPLETE, type HeadLimits, HeadParser } from '../message/head-parser.ts';
import { HeadReader } from './head-reader.ts';
import { RequestHead } from '../message/request-head.ts';

const LIMITS: HeadLimits = { maxHeaderBytes: 4096, maxRequestLine: 1024, maxHeaders: 8 };
const GET = 'GET /a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: y\r\nContent-Length: 10\r\n\r\n';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** What a head means: all that a request is made of. */
function meaning(head: RequestHead, end: number): unknown {
  const { method, target, minor, contentLength, keepAlive, expectContinue, isTargetForm } = head;
  const { fields, host, rawPath } = head;
  const line = { method, target, rawPath, isTargetForm, minor };
  return { end, line, fields, host, contentLength, keepAlive, expectContinue };
}

/** Reads the same with a parser that has not seen anything before. */
function agrees(reader: HeadReader, bytes: Uint8Array, from: number, limits = LIMITS): number {
  const parser = new HeadParser();
  const wanted = parser.parse(bytes, from, bytes.length, limits);
  const result = reader.read(bytes, from, bytes.length, limits);
  assert.equal(result, wanted);
  if (wanted === COMPLETE) {
    assert.deepEqual(
      meaning(reader.head, reader.end),
      meaning(new RequestHead(parser, latin1Text(bytes, parser.start, parser.end)), parser.end),
    );
  } else {
    assert.equal(reader.parser.status, parser.status);
    assert.equal(reader.parser.reason, parser.reason);
  }
  return result;
}

suite('HeadReader', () => {
  test('a head that comes again means the same, wherever it stands', () => {
    const reader = new HeadReader();
    const bytes = bytesOf(GET.repeat(5) + POST.repeat(3) + GET.repeat(3));
    let from = 0;
    for (let heads = 0; heads < 11; heads++) {
      assert.equal(agrees(reader, bytes, from), COMPLETE);
      from = reader.end;
    }
    assert.equal(from, bytes.length);
  });

  test('a head that comes again is not parsed', (t) => {
    const reader = new HeadReader();
    const parse = t.mock.method(reader.parser, 'parse');
    for (let i = 0; i < 5; i++) reader.read(bytesOf(GET), 0, GET.length, LIMITS);
    assert.equal(parse.mock.callCount(), 1);
  });

  test('heads that do not come again are kept seldom, and one that does is kept in the end', (t) => {
    const reader = new HeadReader();
    const set = t.mock.method(Uint8Array.prototype, 'set');
    const parse = t.mock.method(reader.parser, 'parse');
    for (let i = 0; i < 5000; i++) agrees(reader, bytesOf(GET.replace('a', String(i % 10))), 0);
    assert.ok(set.mock.callCount() < 50);
    parse.mock.resetCalls();
    for (let i = 0; i < 1000; i++) reader.read(bytesOf(GET), 0, GET.length, LIMITS);
    assert.ok(parse.mock.callCount() < 300);
  });

  test('one byte that differs, any byte, makes another head', () => {
    for (let at = 0; at < GET.length; at++) {
      for (const byte of [0, 10, 13, 32, 65, 255]) {
        const reader = new HeadReader();
        for (let i = 0; i < 3; i++) agrees(reader, bytesOf(GET), 0);
        const other = bytesOf(GET);
        other[at] = byte;
        agrees(reader, other, 0);
        agrees(reader, other, 0);
        agrees(reader, bytesOf(GET), 0);
      }
    }
  });

  test('a head that is cut short is incomplete, though it began as the last one', () => {
    const reader = new HeadReader();
    for (let length = 0; length < GET.length; length++) {
      for (let i = 0; i < 3; i++) agrees(reader, bytesOf(GET), 0);
      agrees(reader, bytesOf(GET).subarray(0, length), 0);
    }
  });

  test('another server may have other limits', () => {
    const reader = new HeadReader();
    const strict: HeadLimits = { maxHeaderBytes: 4096, maxRequestLine: 1024, maxHeaders: 1 };
    for (let i = 0; i < 3; i++) {
      assert.equal(agrees(reader, bytesOf(GET), 0), COMPLETE);
      assert.equal(agrees(reader, bytesOf(GET), 0), COMPLETE);
      assert.equal(agrees(reader, bytesOf(GET), 0, strict), 431);
    }
  });

  test('empty lines before it are part of what is compared', () => {
    const reader = new HeadReader();
    for (const before of ['', '\r\n', '\r\n', '\r\n\r\n', '\r\n', '', '']) {
      for (let i = 0; i < 3; i++) agrees(reader, bytesOf(before + GET), 0);
    }
  });

  test('long heads are read as often as they come', () => {
    const reader = new HeadReader();
    const long = GET.replace('\r\n\r\n', `\r\nX: ${'y'.repeat(1024)}\r\n\r\n`);
    for (let i = 0; i < 4; i++) agrees(reader, bytesOf(long), 0);
    assert.equal(agrees(reader, bytesOf(GET), 0), COMPLETE);
  });
});
