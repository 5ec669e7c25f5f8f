import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseParameters } from './parameters.ts';

test('values with parameters', () => {
  const good: [string, string, Record<string, string>][] = [
    ['form-data', 'form-data', {}],
    ['Form-Data; name=a', 'form-data', { name: 'a' }],
    [
      'form-data;NAME="a b";filename="x;y=\\"z\\".txt"',
      'form-data',
      { name: 'a b', filename: 'x;y="z".txt' },
    ],
    ['form-data; filename="C:\\dir\\new"', 'form-data', { filename: 'C:\\dir\\new' }],
    ['form-data; filename="\\\\a"', 'form-data', { filename: '\\a' }],
    ['text/plain ; charset=utf-8 ; ', 'text/plain', { charset: 'utf-8' }],
    ['a; b=', 'a', { b: '' }],
    ['a; b=""', 'a', { b: '' }],
  ];
  for (const [text, value, parameters] of good) {
    const parsed = parseParameters(text);
    assert.deepEqual(
      [parsed?.value, Object.fromEntries(parsed?.parameters ?? [])],
      [value, parameters],
    );
  }
  const bad = [
    '',
    '; a=b',
    'a b',
    'a; b="c',
    'a; b="c"d',
    'a; b=c; B=d',
    'a; b',
    'a; b=c d',
    'a; b=c"d',
    'a/; x=y',
  ];
  for (const text of bad) assert.equal(parseParameters(text), null, text);
});

test('what is long and odd takes no long time', () => {
  for (const text of [
    `a${';'.repeat(1e5)}x`,
    `a; b="${'\\'.repeat(1e5)}`,
    `a;${' '.repeat(1e5)}=`,
  ]) {
    parseParameters(text);
  }
});
