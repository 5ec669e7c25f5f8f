/**
 * Numbers of netlink as the names that strace(1) prints. Tables are taken from the constants by pattern, in their
 * order. Unlike calls, netlink has tables that say nothing of a number without a name: `unknown` is empty.
 */
import type { Names } from '../names.ts';

/** The constants whose names match. */
export function namesLike(
  constants: Readonly<Record<string, unknown>>,
  pattern: RegExp,
  unknown: string,
): Names {
  const rows: [number, string][] = [];
  for (const [name, value] of Object.entries(constants)) {
    if (pattern.test(name) && typeof value === 'number') rows.push([value >>> 0, name]);
  }
  return { rows: rows.toSorted(([a], [b]) => a - b), unknown };
}

/** C's "%#x". */
function hexOf(value: number): string {
  return value === 0 ? '0' : `0x${(value >>> 0).toString(16)}`;
}

/** One of a set: "RTM_GETLINK", "0x9 /* RTM_??? *\/", "0 /* NLMSG_??? *\/". */
export function named(value: number, { rows, unknown }: Names): string {
  const row = rows.find(([known]) => known === value);
  if (row !== undefined) return row[1];
  return unknown === '' ? hexOf(value) : `${hexOf(value)} /* ${unknown} */`;
}

export { flagsOf as flagged } from '../names.ts';
