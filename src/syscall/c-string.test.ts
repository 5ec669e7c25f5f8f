import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cString } from './c-string.ts';

test('is UTF-8 with a NUL at its end', () => {
  assert.deepEqual(cString(''), Uint8Array.of(0));
  assert.deepEqual(cString('aé'), Uint8Array.of(0x61, 0xc3, 0xa9, 0));
});

test('a NUL inside is a TypeError', () => {
  assert.throws(() => cString('a\0b'), { name: 'TypeError', message: /cString/ });
});
