/**
 * How promises end, for tests: whether one still waits, what one failed with. Nothing here sleeps; a
 * promise that "waits" has been given many turns of the event loop and has not settled.
 */
import assert from 'node:assert/strict';
import { setImmediate as immediate } from 'node:timers/promises';

/** Turns of the event loop after which something that could have happened has happened. */
const TURNS = 25;

/** Whether none of the promises has settled yet. Their failures are not unhandled any more. */
export async function stillWaiting(...promises: readonly Promise<unknown>[]): Promise<boolean> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  for (const promise of promises) promise.then(mark, mark);
  for (let turn = 0; turn < TURNS && !settled; turn++) await immediate();
  return !settled;
}

/** What the promise fails with; an assertion error if it does not fail, or with no Error. */
export async function failure(promise: Promise<unknown>): Promise<NodeJS.ErrnoException> {
  const error = await promise.then(
    (value) => assert.fail(`it did not fail but gave ${String(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  return error;
}

/** What an error comes from in the end: the last of its causes. */
export function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

/** As {@link failure}, for promises of which any may be the first to fail. */
export function failures(...promises: readonly Promise<unknown>[]): Promise<Error[]> {
  return Promise.all(promises.map(failure));
}

/** What the call throws; an assertion error if it does not throw, or no Error. */
export function thrown(call: () => unknown): NodeJS.ErrnoException {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail(`it did not throw but gave ${String(value)}`);
}

/** Both a promise and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
