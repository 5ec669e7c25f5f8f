/**
 * What there is one of for each System: its poller, its Resolver, what it was asked once. Kept beside the
 * System, which knows nothing of it, and for as long as that is there.
 */
import type { System } from './system.ts';

/** Gives the same value for the same System; `make` makes it when it is asked for first. */
export function perSystem<T extends NonNullable<unknown>>(
  make: (system: System) => T,
): (system: System) => T {
  const made = new WeakMap<System, T>();
  return (system) => {
    let value = made.get(system);
    if (value === undefined) made.set(system, (value = make(system)));
    return value;
  };
}
