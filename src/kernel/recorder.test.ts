import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kernel } from './kernel.ts';
import { type RecordedCall, Recorder } from './recorder.ts';

/** Fills what it reads into with ones. */
function fakeKernel(): Kernel {
  const fake = {
    read: (_fd: number, buf: Uint8Array) => buf.fill(1).length,
    close: () => 0,
    writev: () => -9,
  };
  return fake as unknown as Kernel;
}

/** What a recorder shows, and the kernel that it goes on with. */
function shown(recorder: Recorder, next: Kernel): [readonly RecordedCall[], number] {
  let told: [readonly RecordedCall[], number] = [[], 0];
  recorder.goOn((_inner, calls, missing) => {
    told = [calls, missing];
    return next;
  });
  return told;
}

test('arguments are kept as they were before and after the call', () => {
  const recorder = new Recorder(fakeKernel());
  const buf = new Uint8Array(2);
  assert.equal(recorder.kernel.read(5, buf, 2), 2);
  buf.fill(9);
  assert.equal(recorder.kernel.writev(5, [buf]), -9);
  buf.fill(8);
  const [[read, writev], missing] = shown(recorder, fakeKernel());
  assert.equal(missing, 0);
  assert.deepEqual(read?.before, [5, Uint8Array.of(0, 0), 2]);
  assert.deepEqual(read?.args, [5, Uint8Array.of(1, 1), 2]);
  assert.deepEqual([read?.name, read?.result, read?.number], ['read', 2, 1]);
  assert.deepEqual(writev?.args, [5, [Uint8Array.of(9, 9)]]);
  assert.deepEqual([writev?.result, writev?.number], [-9, 2]);
});

test('from then on another kernel is asked, and nothing is kept', () => {
  const recorder = new Recorder(fakeKernel());
  recorder.kernel.close(1);
  const next = { ...fakeKernel(), close: () => -4 };
  assert.equal(shown(recorder, next)[0].length, 1);
  assert.equal(recorder.kernel.close(1), -4);
  assert.equal(recorder.made, 1);
  recorder.stop();
  assert.equal(recorder.kernel.close(1), 0);
});

test('too many are made but not kept', () => {
  const recorder = new Recorder(fakeKernel());
  for (let i = 0; i < 10_003; i += 1) assert.equal(recorder.kernel.close(i), 0);
  const [calls, missing] = shown(recorder, fakeKernel());
  assert.deepEqual([calls.length, missing], [10_000, 3]);
});

test('too many bytes are not kept', () => {
  const recorder = new Recorder(fakeKernel());
  const big = new Uint8Array(10 * 1024 * 1024);
  for (let i = 0; i < 3; i += 1) assert.equal(recorder.kernel.read(1, big, 1), big.length);
  const [calls, missing] = shown(recorder, fakeKernel());
  assert.deepEqual([calls.length, missing], [1, 2]);
});
