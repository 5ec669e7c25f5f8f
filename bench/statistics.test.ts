import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratiosTo, spreadOf } from './statistics.ts';

test('the median of an odd and of an even number of rounds', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
  assert.equal(spreadOf([]), null);
});

test('a ratio needs both the server and the floor of its own round', () => {
  assert.deepEqual(ratiosTo([2, null, 4, 5], [3, 3, null, 10]), [1.5, 2]);
  assert.deepEqual(ratiosTo([1], [2, 3]), [2]);
});
