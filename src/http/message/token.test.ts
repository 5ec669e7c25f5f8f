import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FIELD_VALUE_BYTES,
  HEX_VALUES,
  NOT_HEX,
  TOKEN_BYTES,
  isBlank,
  isToken,
  trimmedSlice,
} from './token.ts';

test('bytes of a token are those of RFC 9110', () => {
  const all = Array.from({ length: 300 }, (_, byte) => byte).filter(
    (byte) => TOKEN_BYTES[byte] === 1,
  );
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
    assert.equal(FIELD_VALUE_BYTES[byte], isControl ? 0 : 1, String(byte));
  }
  assert.equal(FIELD_VALUE_BYTES[256], undefined);
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
