import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaTypeOf, sniffedType } from './media-type.ts';

test('the ending of a name tells its type', () => {
  assert.equal(mediaTypeOf('index.html'), 'text/html; charset=utf-8');
  assert.equal(mediaTypeOf('a.b.PNG'), 'image/png');
  assert.equal(mediaTypeOf('module.mjs'), 'text/javascript; charset=utf-8');
  assert.equal(mediaTypeOf('archive.tar.gz'), 'application/gzip');
});

test('other endings, and none, tell nothing', () => {
  for (const name of ['README', 'a.', 'html', 'a.unknown', 'a.toString', '']) {
    assert.equal(mediaTypeOf(name), undefined);
  }
});

test('the first bytes tell all but pages', () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
  assert.equal(sniffedType(bytes('\x89PNG\r\n\x1a\n')), 'image/png');
  assert.equal(sniffedType(bytes('words')), 'text/plain; charset=utf-8');
  assert.equal(sniffedType(bytes('<!DOCTYPE html><p>')), 'text/plain; charset=utf-8');
  assert.equal(sniffedType(bytes('<?xml version="1.0"?>')), 'text/plain; charset=utf-8');
  assert.equal(sniffedType(bytes('\0\x01\x02\x03')), 'application/octet-stream');
  assert.equal(sniffedType(new Uint8Array(0)), 'text/plain; charset=utf-8');
});
