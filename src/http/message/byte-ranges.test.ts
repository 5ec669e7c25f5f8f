/** Ranges against a plain reading of them: every part of the answer is in the body, in the order asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentRange, parseRanges } from './byte-ranges.ts';

test('one, several, and none', () => {
  assert.deepEqual(parseRanges('bytes=0-4', 10), [{ start: 0, length: 5 }]);
  assert.deepEqual(parseRanges('bytes=5-', 10), [{ start: 5, length: 5 }]);
  assert.deepEqual(parseRanges('bytes=-3', 10), [{ start: 7, length: 3 }]);
  assert.deepEqual(parseRanges('bytes=0-0, 9-', 10), [
    { start: 0, length: 1 },
    { start: 9, length: 1 },
  ]);
  assert.equal(parseRanges('bytes=', 10), 'whole');
  assert.equal(parseRanges('lines=1-2', 10), 'whole');
  assert.equal(parseRanges('bytes=10-', 10), 'unsatisfiable');
  assert.equal(parseRanges('bytes=4-3', 10), 'invalid');
  assert.equal(contentRange({ start: 2, length: 3 }, 10), 'bytes 2-4/10');
});

test('more than the whole, and very many, are the whole', () => {
  assert.equal(parseRanges('bytes=0-6,4-9', 10), 'whole');
  assert.equal(parseRanges(`bytes=${'0-0,'.repeat(100)}`, 1e6).length, 100);
  assert.equal(parseRanges(`bytes=${'0-0,'.repeat(101)}`, 1e6), 'whole');
});

test('any range is within the body', () => {
  const number = fc.oneof(fc.nat(30), fc.bigInt(0n, 2n ** 80n)).map(String);
  const spec = fc
    .tuple(fc.option(number, { nil: '' }), fc.option(number, { nil: '' }))
    .map(([from, to]) => `${from}-${to}`);
  const field = fc.array(spec, { maxLength: 4 }).map((specs) => `bytes=${specs.join(',')}`);
  fc.assert(
    fc.property(field, fc.nat(20), (text, size) => {
      const ranges = parseRanges(text, size);
      if (typeof ranges === 'string') return;
      let sum = 0;
      for (const { start, length } of ranges) {
        assert.ok(start >= 0 && length > 0 && start + length <= size);
        sum += length;
      }
      assert.ok(sum <= size);
    }),
  );
});
