import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaTypeOf } from './media-type.ts';

test('the ending of a name tells its type', () => {
  assert.equal(mediaTypeOf('index.html'), 'text/html; charset=utf-8');
  assert.equal(mediaTypeOf('a.b.PNG'), 'image/png');
  assert.equal(mediaTypeOf('module.mjs'), 'text/javascript; charset=utf-8');
  assert.equal(mediaTypeOf('archive.tar.gz'), 'application/gzip');
  assert.equal(mediaTypeOf('data.json'), 'application/json');
  assert.equal(mediaTypeOf('favicon.ico'), 'image/x-icon');
});

test('other endings, and none, tell nothing', () => {
  for (const name of ['README', 'a.', 'html', 'a.unknown', 'a.toString', 'a.__proto__', '']) {
    assert.equal(mediaTypeOf(name), undefined, name);
  }
});
