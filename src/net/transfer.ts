/**
 * What operations have in common that are made of `FD.call`: others have their turn in between, and one
 * that fails half-way says how far it came.
 */
import type { FD } from '../poll/fd.ts';

/**
 * The outcome of an operation that has begun. Those that never wait are settled a turn later after a
 * while, so that a peer that always has something to say does not keep the event loop to itself.
 */
export function inTurn<T>(fd: FD, operation: Promise<T>): Promise<T> {
  const { netpoll } = fd.pollDesc;
  if (netpoll.spend()) return operation;
  return new Promise((resolve, reject) => {
    operation.then((value) => netpoll.later(() => resolve(value)), reject);
  });
}

/** The bytes of `transferred` once the operation is over; its failure has them as `bytesWritten`. */
export async function counted(
  operation: Promise<unknown>,
  transferred: () => number,
): Promise<number> {
  try {
    await operation;
  } catch (error) {
    throw Object.assign(error as Error, { bytesWritten: transferred() });
  }
  return transferred();
}
