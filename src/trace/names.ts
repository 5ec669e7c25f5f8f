/**
 * Numbers as the names that strace(1) prints: one of a set, or flags joined by "|".
 *
 * The tables are made of the constants of src/syscall, in strace's order, so a name that is added there is known
 * here. What has no name is printed as a number, with a comment that says what it is not, as strace does.
 */
export interface Names {
  /** Value and name, in the order in which flags are printed. */
  readonly rows: readonly (readonly [value: number, name: string])[];
  /** What is printed for none: "MSG_???". */
  readonly unknown: string;
}

/** Of `constants` those that `wanted` lists, in its order. */
export function namesOf(
  constants: Readonly<Record<string, unknown>>,
  unknown: string,
  wanted: readonly string[],
): Names {
  const rows = wanted.map((name): [number, string] => {
    const value = constants[name];
    if (typeof value !== 'number') throw new TypeError(`namesOf: ${name} is no constant`);
    return [value >>> 0, name];
  });
  return { rows, unknown };
}

/** Of 32 bits, as "%#x" prints it: zero has no prefix. */
export function hex(value: number): string {
  return value >>> 0 === 0 ? '0' : `0x${(value >>> 0).toString(16)}`;
}

/** One of a set: "SHUT_RD", or "0x9 /* SHUT_??? *\/". */
export function nameOf(value: number, { rows, unknown }: Names): string {
  const row = rows.find(([known]) => known === value >>> 0);
  return row === undefined ? `${hex(value)} /* ${unknown} */` : row[1];
}

/** Flags behind other flags: what has no name has no comment. */
export function moreFlagsOf(value: number, names: Names): string {
  const text = flagsOf(value, names);
  return text.includes('/*') ? hex(value) : text;
}

/** Flags: "MSG_PEEK|MSG_DONTWAIT", "0", "MSG_PEEK|0x800000", "0x800000 /* MSG_??? *\/". */
export function flagsOf(value: number, { rows, unknown }: Names): string {
  let rest = value >>> 0;
  if (rest === 0) return rows.find(([known]) => known === 0)?.[1] ?? '0';
  const parts: string[] = [];
  for (const [flag, name] of rows) {
    if (flag === 0 || (rest & flag) >>> 0 !== flag) continue;
    parts.push(name);
    rest = (rest & ~flag) >>> 0;
  }
  if (parts.length === 0) return `${hex(rest)} /* ${unknown} */`;
  if (rest !== 0) parts.push(hex(rest));
  return parts.join('|');
}
