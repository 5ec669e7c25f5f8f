/** Promises where none should be. */

/** Whether it is a promise, or like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** How it ends is of no interest, so its failure is no unhandled rejection. */
export function ignore(promise: PromiseLike<unknown>): void {
  Promise.resolve(promise).catch(() => {});
}
