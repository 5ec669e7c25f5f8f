/** What is answered for what a handler has thrown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError, JSONError, statusOf } from './errors.ts';

test('an error of this server has a status of its own', () => {
  assert.equal(statusOf(new HttpError('', 'ERR_A', 418)), 418);
  assert.equal(statusOf(new HttpError('', 'ERR_A')), 500);
  assert.equal(statusOf(new JSONError('')), 400);
  assert.ok(new JSONError('') instanceof SyntaxError);
});

test('other things have not, whatever they say', () => {
  for (const thrown of [
    new Error('a'),
    { status: 404 },
    404,
    null,
    undefined,
    new SyntaxError(''),
  ]) {
    assert.equal(statusOf(thrown), 500);
  }
});

test('a status that is no error’s is not sent: it might have no body', () => {
  for (const status of [0, 100, 101, 200, 204, 304, 399, 600, 999, 1e9, 404.5, Number.NaN, -1]) {
    assert.equal(statusOf(new HttpError('', 'ERR_A', status)), 500, String(status));
  }
});
