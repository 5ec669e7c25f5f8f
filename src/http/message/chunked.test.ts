import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkError, ChunkEvent, type ChunkLimits, ChunkedDecoder } from './chunked.ts';
import { Header } from './header.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

interface Decoded {
  readonly data: string;
  readonly trailer: string;
  /** What follows the body; null if the body is not complete. */
  readonly rest: string | null;
}

/** Decodes `text` that arrives in pieces of `size` bytes. */
function decode(text: string, size = text.length, limits: ChunkLimits = {}): Decoded {
  const decoder = new ChunkedDecoder(limits);
  const bytes = latin1(text);
  let data = '';
  for (let start = 0; start < bytes.length; start += size) {
    const end = Math.min(start + size, bytes.length);
    for (let at = start; ; at = decoder.position) {
      const event = decoder.decode(bytes, at, end);
      if (event === ChunkEvent.Data) {
        assert.ok(decoder.dataStart >= at && decoder.dataEnd > decoder.dataStart);
        assert.equal(decoder.position, decoder.dataEnd);
        data += String.fromCharCode(...bytes.subarray(decoder.dataStart, decoder.dataEnd));
      } else if (event === ChunkEvent.End) {
        assert.ok(decoder.done);
        return { data, trailer: decoder.trailer, rest: text.slice(decoder.position) };
      } else {
        assert.equal(decoder.position, end);
        break;
      }
    }
  }
  return { data, trailer: decoder.trailer, rest: null };
}

const good: [text: string, data: string, trailer: string][] = [
  ['0\r\n\r\n', '', ''],
  ['5\r\nhello\r\n0\r\n\r\n', 'hello', ''],
  ['5\r\nhello\r\n1\r\n!\r\n000\r\n\r\n', 'hello!', ''],
  [
    'A\r\n0123456789\r\na\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n',
    '0123456789\r\n\r\n\r\n\r\n\r\n',
    '',
  ],
  ['0000000000000001\r\nx\r\n0\r\n\r\n', 'x', ''],
  ['1;a=b;c="d;e"\r\nx\r\n0;last\r\n\r\n', 'x', ''],
  ['1 \t;a\r\nx\r\n0\r\n\r\n', 'x', ''],
  ['1;\r\nx\r\n0\r\n\r\n', 'x', ''],
  ['0\r\nA: 1\r\nb:\xff 2 \r\n\r\n', '', 'A: 1\r\nb:\xff 2 \r\n'],
];

test('bodies are decoded, however they arrive', () => {
  for (const [text, data, trailer] of good) {
    for (const size of [text.length + 9, 1, 2, 3, 7]) {
      const next = size > text.length ? 'GET / HT' : '';
      const decoded = decode(text + next, size);
      assert.deepEqual(decoded, { data, trailer, rest: next }, JSON.stringify([text, size]));
    }
  }
});

test('what is incomplete wants more', () => {
  for (const [text] of good) {
    for (let length = 0; length < text.length; length++) {
      assert.equal(decode(text.slice(0, length)).rest, null);
    }
  }
});

test('the trailer is for Header.fromText', () => {
  const { trailer } = decode('0\r\nx-sum: 1 \r\nX-Sum:2\r\n\r\n');
  assert.deepEqual(Header.fromText(trailer).values('X-Sum'), ['1', '2']);
});

test('malformed bodies are refused, with the reason', () => {
  const cases: [text: string, reason: RegExp][] = [
    ['\r\n', /^empty hex number for chunk length$/],
    ['zz\r\n', /^invalid byte in chunk length$/],
    ['-1\r\n', /^invalid byte in chunk length$/],
    ['+1\r\n', /^invalid byte in chunk length$/],
    ['0x1\r\n', /^invalid byte in chunk length$/],
    [' 1\r\n', /^invalid byte in chunk length$/],
    [';a\r\n', /^invalid byte in chunk length$/],
    ['1_0\r\n', /^invalid byte in chunk length$/],
    ['1 \r\n', /^invalid byte in chunk length$/],
    ['1 a\r\n', /^invalid byte in chunk length$/],
    ['1\n', /^bare LF in a chunk/],
    ['1;a\n', /^bare LF in a chunk/],
    ['1\rx', /^bare CR in a chunk/],
    ['1\r\r', /^bare CR in a chunk/],
    ['1;a\0\r\n', /^invalid byte in chunk extension$/],
    ['00000000000000001\r\n', /^http chunk length too large$/],
    ['20000000000000\r\n', /^http chunk length too large$/],
    ['ffffffffffffffff\r\n', /^http chunk length too large$/],
    ['1\r\nxy', /^malformed chunked encoding$/],
    ['1\r\nx\n', /^malformed chunked encoding$/],
    ['1\r\nx\rx', /^malformed chunked encoding$/],
    [`1;${'a'.repeat(4095)}`, /^header line too long$/],
    ['0\r\n\n', /^malformed trailer$/],
    ['0\r\n\rx', /^malformed trailer: bare CR$/],
    ['0\r\n a: b', /^malformed trailer$/],
    ['0\r\n: b', /^malformed trailer$/],
    ['0\r\na : b', /^malformed trailer$/],
    ['0\r\na\r\n', /^malformed trailer$/],
    ['0\r\na: b\n', /^malformed trailer$/],
    ['0\r\na: b\rc', /^malformed trailer$/],
    ['0\r\na: b\0', /^malformed trailer$/],
    ['0\r\na: b\r\n c', /^malformed trailer$/],
    [`0\r\na: ${'b'.repeat(4096)}`, /^http: suspiciously long trailer after chunked body$/],
    [`0\r\n${'a: b\r\n'.repeat(101)}`, /^too many trailer fields$/],
  ];
  for (const [text, message] of cases) {
    for (const size of [text.length, 1]) {
      const { length } = text;
      assert.throws(() => decode(text, size), { name: 'ChunkError', message }, text);
      // What comes before the last byte may be fine, if more comes.
      if (length < 30 && message.source.includes('bare')) decode(text.slice(0, -1), size);
    }
  }
  assert.ok(new ChunkError('x') instanceof Error);
});

test('the largest size that is exact in a number is the limit', () => {
  const decoder = new ChunkedDecoder();
  const bytes = latin1('1fffffffffffff\r\nabc');
  assert.equal(decoder.decode(bytes, 0, bytes.length), ChunkEvent.Data);
  assert.equal(decoder.remaining, Number.MAX_SAFE_INTEGER - 3);
});

test('framing may not outweigh the data without bound', () => {
  const byteByByte = '1\r\nx\r\n'.repeat(100_000);
  assert.equal(decode(`${byteByByte}0\r\n\r\n`).data.length, 100_000);
  const extended = `1;${'e'.repeat(100)}\r\nx\r\n`;
  assert.equal(decode(extended.repeat(150)).data.length, 150);
  const tooMuch = /^chunked encoding contains too much non-data$/;
  assert.throws(() => decode(extended.repeat(250)), { name: 'ChunkError', message: tooMuch });
  assert.throws(() => decode(extended, 1, { maxChunkOverhead: 80 }), { message: tooMuch });
  decode(extended, 1, { maxChunkOverhead: 90 });
  // Much data earns some framing.
  const worth = `400;${'e'.repeat(1000)}\r\n${'x'.repeat(1024)}\r\n`;
  assert.equal(decode(worth.repeat(300)).data.length, 300 * 1024);
});

test('trailer limits are options', () => {
  const text = '0\r\na: b\r\nc: d\r\n\r\n';
  assert.equal(decode(text, 1, { maxTrailerBytes: 12, maxTrailers: 2 }).rest, '');
  assert.throws(() => decode(text, 1, { maxTrailerBytes: 11 }), ChunkError);
  assert.throws(() => decode(text, 1, { maxTrailers: 1 }), ChunkError);
});

test('data may be taken past the decoder', () => {
  const decoder = new ChunkedDecoder();
  const head = latin1('5\r\nhe');
  assert.equal(decoder.remaining, 0);
  assert.equal(decoder.decode(head, 0, head.length), ChunkEvent.Data);
  assert.equal(decoder.remaining, 3);
  decoder.skip(2);
  assert.equal(decoder.remaining, 1);
  assert.throws(() => decoder.skip(2), RangeError);
  decoder.skip(1);
  assert.equal(decoder.remaining, 0);
  decoder.skip(0);
  const tail = latin1('\r\n0\r\n\r\nnext');
  assert.equal(decoder.decode(tail, 0, tail.length), ChunkEvent.End);
  assert.equal(decoder.position, tail.length - 4);
  assert.equal(decoder.decode(tail, decoder.position, tail.length), ChunkEvent.End);
  assert.equal(decoder.position, tail.length - 4);
});

test('random bytes are decoded, refused or wait for more, in one piece as in many', () => {
  const parts = ['0', '1', 'f', '\r\n', '\r', '\n', ';', ' ', 'x', 'a:', 'xy', '\0', '2\r\nxx\r\n'];
  let seed = Number(process.env['NETFD_SEED'] ?? Date.now() % 1e6);
  const start = seed;
  const outcome = (text: string, size: number): string => {
    try {
      return JSON.stringify(decode(text, size));
    } catch (error) {
      assert.ok(error instanceof ChunkError);
      return error.message;
    }
  };
  for (let i = 0; i < 20_000; i++) {
    let text = '';
    for (let n = 0; n < 12; n++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      text += parts[(seed >>> 8) % parts.length];
    }
    const whole = outcome(text, text.length);
    const pieces = outcome(text, 1);
    const shown = `NETFD_SEED=${start} ${JSON.stringify(text)}`;
    // In pieces the rest is counted from the same place.
    assert.equal(pieces, whole, shown);
  }
});
