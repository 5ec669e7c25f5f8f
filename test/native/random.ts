/** Chance that can be repeated: a generator with a seed, for tests only. */

/** The seed that NETFD_SEED asks for, or a new one. A failing run prints it. */
export function chosenSeed(): number {
  const asked = process.env['NETFD_SEED'];
  return asked === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(asked) >>> 0;
}

/** mulberry32: 32 bits of state, enough to choose arguments. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 up to but not including `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
