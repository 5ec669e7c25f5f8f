import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptPause } from './accept-pause.ts';

test('pauses double up to a second, and begin anew after a success', () => {
  const pause = new AcceptPause();
  const pauses = Array.from({ length: 10 }, () => pause.next());
  assert.deepEqual(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  pause.reset();
  assert.equal(pause.next(), 5);
});
