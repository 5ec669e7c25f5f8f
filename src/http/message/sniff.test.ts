import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../../test/golden/net-values.ts';
import { SNIFF_LENGTH, detectContentType, sniffText } from './sniff.ts';

const PLAIN = 'text/plain; charset=utf-8';
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test('types are Go’s', () => {
  for (const row of goldenRows<string, string>('DetectContentType')) {
    assert.equal(detectContentType(latin1(row.in)), row.out, JSON.stringify(row.in));
  }
});

test('types without a recorded row', () => {
  const box = (size: string, brands: string): string => `\0\0\0${size}ftyp${brands}`;
  const cases: [string, string][] = [
    ['\xfe\xff\0\0', 'text/plain; charset=utf-16be'],
    ['\xfe\xff', PLAIN],
    ['\xef\xbb\xbf', PLAIN],
    ['\xef\xbb\xbfx\0', PLAIN],
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff', 'image/jpeg'],
    ['RIFF1234WEBPVP8', 'image/webp'],
    ['RIFF1234WAVE', 'audio/wave'],
    ['RIFF1234', PLAIN],
    ['\x1a\x45\xdf\xa3', 'video/webm'],
    [box('\x10', 'mp42\0\0\0\0'), 'video/mp4'],
    [box('\x14', 'isom\0\0\0\0mp41'), 'video/mp4'],
    [box('\x10', 'isommp42'), 'application/octet-stream'],
    [box('\x18', 'mp42\0\0\0\0'), 'application/octet-stream'],
    [box('\x11', 'mp42\0\0\0\0 '), 'application/octet-stream'],
    [`${'x'.repeat(34)}LP`, 'application/vnd.ms-fontobject'],
    ['\0asm', 'application/wasm'],
    ['Rar!\x1a\x07\x01\0', 'application/x-rar-compressed'],
    ['\x1b[0mcolour', PLAIN],
    ['a\x7f', PLAIN],
    ['\t\r\n\f <!-- x', 'text/html; charset=utf-8'],
    ['\x0b<html>', 'application/octet-stream'],
    ['<p', PLAIN],
    ['<P ', 'text/html; charset=utf-8'],
    ['<p\n', PLAIN],
    [`${' '.repeat(600)}\0`, PLAIN],
  ];
  for (const [text, type] of cases) {
    assert.equal(detectContentType(latin1(text)), type, JSON.stringify(text));
  }
});

test('no more than 512 bytes are looked at', () => {
  const text = 'x'.repeat(SNIFF_LENGTH);
  assert.equal(detectContentType(latin1(`${text}\0`)), PLAIN);
  assert.equal(detectContentType(latin1(`${text.slice(1)}\0`)), 'application/octet-stream');
  assert.equal(sniffText(`${text}\0`), PLAIN);
  assert.equal(sniffText(`${text.slice(1)}\0`), 'application/octet-stream');
  // 511 bytes, then one of two bytes, then a control past the end.
  assert.equal(sniffText(`${text.slice(1)}é\0`), PLAIN);
  assert.equal(sniffText(`${'€'.repeat(171)}\0`), PLAIN);
  assert.equal(sniffText(`${'€'.repeat(170)}a\0`), 'application/octet-stream');
});

test('a string has the type of its bytes', () => {
  const words = [
    '<', 'html', 'HTML', '!--', '>', ' ', '\n', '%PDF-', 'GIF89a', 'BM', 'true', 'hello', '\0', 'é',
    '\x1b', '\x0b', '€', '😀', '\ud800', '\ufeff', 'LP', 'x'.repeat(31), '<?xml', 'PK\x03\x04', 'ÿ',
  ]; // prettier-ignore
  let seed = Number(process.env['NETFD_SEED'] ?? Date.now() % 1e6);
  const start = seed;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let i = 0; i < 5000; i++) {
    let text = '';
    for (let n = next(8); n > 0; n--) text += words[next(words.length)];
    if (next(10) === 0) text = text.repeat(60);
    assert.equal(
      sniffText(text),
      detectContentType(utf8(text)),
      `NETFD_SEED=${start} ${JSON.stringify(text)}`,
    );
  }
});
