/** Promises where none should be. */

/** Whether it is a promise, or like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** How it ends is of no interest, so its failure is no unhandled rejection. */
export function ignore(promise: PromiseLike<unknown>): void {
  Promise.resolve(promise).catch(() => {});
}

/** A promise that need not be waited for: its failure is no unhandled rejection then. */
export function unattended<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** What may be had at once, or takes its time. */
export type MaybePromise<T> = T | Promise<T>;

/** What `next` makes of a value, at once if that is there. */
export function after<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return isThenable(value) ? chained(value, next) : next(value);
}

async function chained<T, U>(value: Promise<T>, next: (value: T) => MaybePromise<U>): Promise<U> {
  return next(await value);
}
