import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backoff } from './backoff.ts';

it('waits twice as long each time, up to ten seconds', () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 9 }, (_, i) => {
    backoff.started(i * 1000);
    return backoff.died(i * 1000 + 5);
  });
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

it('begins anew after a minute of life', () => {
  const backoff = new Backoff();
  backoff.started(0);
  backoff.died(1);
  backoff.started(200);
  assert.equal(backoff.died(60_199), 200);
  backoff.started(60_300);
  assert.equal(backoff.died(120_300), 100);
});
