/**
 * The order of records in which chance has a part. Mail exchanges: by preference, those of the same in any
 * order (RFC 5321, section 5.1). Services: by priority, those of the same drawn by weight (RFC 2782).
 * Chance is an argument.
 */

/** A number of at least 0 and less than 1. */
export type Random = () => number;

/** Each of `items`, smallest `rank` first, and those of the same rank in any order. */
export function shuffledByRank<T>(
  items: readonly T[],
  rank: (item: T) => number,
  random: Random,
): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled.sort((a, b) => rank(a) - rank(b));
}

interface Weighted {
  readonly priority: number;
  readonly weight: number;
}

/** By priority; of the same priority each is the next one with the probability that its weight gives. */
export function drawnByWeight<T extends Weighted>(items: readonly T[], random: Random): T[] {
  const left = items.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
  const drawn: T[] = [];
  while (left.length > 0) {
    const [{ priority }] = left as [T];
    const end = left.findIndex((item) => item.priority !== priority);
    const group = end < 0 ? left : left.slice(0, end);
    drawn.push(left.splice(draw(group, random), 1)[0]!);
  }
  return drawn;
}

/** Which one of the group is next. Weights of 0 stand first: they are drawn when the lot is 0. */
function draw(group: readonly Weighted[], random: Random): number {
  const sum = group.reduce((total, { weight }) => total + weight, 0);
  const lot = Math.floor(random() * (sum + 1));
  let running = 0;
  return group.findIndex(({ weight }) => (running += weight) >= lot);
}
