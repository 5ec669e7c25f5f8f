/** Medians and ranges of rounds. Ratios are taken round by round, against that round's floor. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value and the ends, or null of nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted.length % 2 === 1 ? upper : sorted[middle - 1];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (upper === undefined || lower === undefined || min === undefined || max === undefined) {
    return null;
  }
  return { median: (lower + upper) / 2, min, max };
}

/** values[i] / floors[i] where both are known. */
export function ratiosTo(
  floors: readonly (number | null)[],
  values: readonly (number | null)[],
): number[] {
  return values.flatMap((value, i) => {
    const floor = floors[i] ?? null;
    return value === null || floor === null || floor === 0 ? [] : [value / floor];
  });
}
