/**
 * A random program: a seed, and which of its calls are made. Each call has chance of its own, so one that is left
 * out does not change what the others are made of, but for the descriptors that there are.
 */
import type { Kernel } from '../../src/kernel/kernel.ts';
import { Random } from '../native/random.ts';
import { randomCalls } from './random-calls.ts';
import type { World } from './random-world.ts';

export interface RandomProgram {
  readonly seed: number;
  /** Numbers of calls, in their order. */
  readonly calls: readonly number[];
}

/** As many calls as a program has at most; the first ones make descriptors. */
const MOST_CALLS = 40;
const MAKING = 4;

const NAMES = Object.keys(randomCalls) as (keyof Kernel)[];
const MAKERS: readonly (keyof Kernel)[] = [
  ...(['socket', 'socket', 'socket', 'socketpair', 'socketpair', 'pipe2'] as const),
  ...(['openat', 'eventfd2', 'epoll_create1'] as const),
];

export function randomProgram(seed: number): RandomProgram {
  const random = new Random(seed);
  const length = MAKING + random.below(MOST_CALLS - MAKING);
  return { seed, calls: Array.from({ length }, (_, i) => i) };
}

/** Makes one call. What the kernel's methods themselves refuse is no call. */
export function runCall(world: World, random: Random, at: number): void {
  const name = random.pick(at < MAKING ? MAKERS : NAMES);
  try {
    randomCalls[name](world, random);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
  }
}
