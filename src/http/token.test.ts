import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  HEX_VALUES,
  NOT_HEX,
  isBlank,
  isFieldValueByte,
  isToken,
  isTokenByte,
  trimmedSlice,
} from './token.ts';

test('bytes of a token are those of RFC 9110', () => {
  const all = Array.from({ length: 300 }, (_, byte) => byte).filter(isTokenByte);
  const letters = String.fromCharCode(...all);
  const digits = '0123456789';
  const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const sorted = `!#$%&'*+-.^_\`|~${digits}${upper}${upper.toLowerCase()}`
    .split('')
    .sort()
    .join('');
  assert.equal(letters, sorted);
  assert.ok(isToken('X-Request-Id'));
  for (const text of ['', 'a b', 'a:', 'é', 'a\0', '\u0141', '(x)'])
    assert.ok(!isToken(text), text);
});

test('a field value has no controls but the tab', () => {
  for (let byte = 0; byte < 256; byte++) {
    const isControl = (byte < 32 && byte !== 9) || byte === 127;
    assert.equal(isFieldValueByte(byte), !isControl, String(byte));
  }
  assert.ok(!isFieldValueByte(256));
});

test('hexadecimal digits of both cases', () => {
  for (let byte = 0; byte < 256; byte++) {
    const value = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase());
    assert.equal(HEX_VALUES[byte], value < 0 ? NOT_HEX : value);
  }
});

test('blanks are trimmed, other white space is not', () => {
  assert.equal(trimmedSlice('x \t a b\t', 1, 8), 'a b');
  assert.equal(trimmedSlice(' \t ', 0, 3), '');
  assert.equal(trimmedSlice('\x0ba\xa0', 0, 3), '\x0ba\xa0');
  assert.ok(isBlank(0x20) && isBlank(0x09) && !isBlank(0x0d));
});
