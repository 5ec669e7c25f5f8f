/** Work that goes on after a response. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Background } from './background.ts';

suite('Background', () => {
  test('is settled when all is done, also what was begun meanwhile', async () => {
    const { waitUntil, ...rest } = new Background();
    assert.ok(rest);
    const background = new Background();
    let first!: () => void;
    let second!: () => void;
    background.waitUntil(new Promise<void>((resolve) => (first = resolve)));
    let settled = false;
    const waiting = background.settled().then(() => (settled = true));
    background.waitUntil(new Promise<void>((resolve) => (second = resolve)));
    first();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([settled, background.size], [false, 1]);
    second();
    await waiting;
    assert.equal(background.size, 0);
    waitUntil(Promise.resolve());
    await background.settled();
  });

  test('what fails is logged', async () => {
    const log: string[] = [];
    const background = new Background((line) => log.push(line));
    background.waitUntil(Promise.reject(new Error('mine')));
    background.waitUntil(Promise.reject(new Error('another')));
    background.waitUntil(undefined as never);
    await background.settled();
    assert.equal(log.length, 2);
    assert.match(log.join(), /^http: waitUntil: Error: mine/);
  });

  test('a signal ends the waiting', async () => {
    const background = new Background();
    background.waitUntil(new Promise(() => {}));
    const controller = new AbortController();
    const waiting = background.settled(controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(background.settled(controller.signal), /enough/);
  });
});
