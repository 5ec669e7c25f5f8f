/**
 * Worker threads: each has the addon for itself, and however one ends, it leaves nothing behind. A
 * worker that is terminated runs no more JavaScript, so there the addon closes what epoll still holds, and
 * what was accepted and is not there yet.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const program = new URL('./worker-program.js', import.meta.url);

/** Long enough for a busy machine; no test waits for it unless it fails. */
const LIMIT = 60_000;

/** A worker that has opened its descriptors. */
async function started(scene: string): Promise<Worker> {
  const worker = new Worker(program, { workerData: { scene } });
  await once(worker, 'message');
  return worker;
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The descriptors of a worker's own event loop are closed a little after its end is known. */
async function descriptorsBecome(expected: number): Promise<void> {
  const start = performance.now();
  while (descriptors() > expected && performance.now() - start < LIMIT) await delay(10);
  assert.equal(descriptors(), expected);
}

/** What is there once a worker has come and gone: some of it is made for the first one only. */
async function descriptorsAtRest(): Promise<number> {
  await (await started('close all and end')).terminate();
  let before = -1;
  let now = descriptors();
  for (let same = 0; same < 5; same = before === now ? same + 1 : 0) {
    await delay(20);
    before = now;
    now = descriptors();
  }
  return now;
}

/** Runs a worker to its own end: its exit code. */
function ends(scene: string): Promise<number> {
  const worker = new Worker(program, { workerData: { scene } });
  let error: Error | null = null;
  worker.once('error', (thrown: Error) => (error = thrown));
  return new Promise((resolve) => {
    worker.once('exit', (code) => {
      assert.equal(error?.message, scene === 'throw' ? 'from the worker' : undefined);
      resolve(code);
    });
  });
}

for (const scene of ['wait', 'play ball', 'wait by thread', 'accept']) {
  test(`terminated: ${scene}`, { timeout: 3 * LIMIT }, async () => {
    const before = await descriptorsAtRest();
    for (let round = 0; round < 3; round++) {
      const workers = await Promise.all([started(scene), started(scene), started(scene)]);
      assert.ok(descriptors() > before + 3);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    await descriptorsBecome(before);
  });
}

for (const [scene, code] of [
  ['close all and end', 0],
  ['exit', 3],
  ['throw', 1],
] as const) {
  test(`ended: ${scene}`, { timeout: 3 * LIMIT }, async () => {
    const before = await descriptorsAtRest();
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await Promise.all([ends(scene), ends(scene)]), [code, code]);
    }
    await descriptorsBecome(before);
  });
}

test('all at once', { timeout: 3 * LIMIT }, async () => {
  const before = await descriptorsAtRest();
  const scenes = ['wait', 'play ball', 'wait by thread', 'wait'];
  const workers = await Promise.all(scenes.map(started));
  const others = [ends('exit'), ends('close all and end'), ends('throw')];
  await Promise.all(workers.map((worker) => worker.terminate()));
  assert.deepEqual(await Promise.all(others), [3, 0, 1]);
  await descriptorsBecome(before);
});
