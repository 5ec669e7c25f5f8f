import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedCodings } from './accept-encoding.ts';

const known = ['br', 'gzip'] as const;

test('what the client takes, the best first', () => {
  for (const [field, accepted] of [
    ['', []],
    ['gzip, deflate, br', ['br', 'gzip']],
    ['gzip;q=1.0, br;q=0.5', ['gzip', 'br']],
    ['GZIP', ['gzip']],
    ['br;q=0, *', ['gzip']],
    ['*;q=0.1', ['br', 'gzip']],
    ['identity', []],
    ['gzip ; q=0.000', []],
    ['br;q=x', []],
    [',, gzip ,', ['gzip']],
  ] as const) {
    assert.deepEqual(acceptedCodings(field, known), accepted, field);
  }
});
