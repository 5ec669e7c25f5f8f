/**
 * Options that do not exist. What is silently passed over is a limit that somebody believes in: so a
 * server refuses it. Objects that are written for other servers too, as the default export of a module
 * with `fetch`, may hold what means nothing here; of them only what looks like a slip is refused.
 */

/** Names that differ by so many letters are taken for each other, if they are no shorter than that. */
const MAX_SLIPS = 2;
const MIN_LENGTH = 8;

/** The same of names that are refused in any case, where it is no more than a hint. */
const MAX_SHORT_SLIPS = 1;
const MIN_SHORT_LENGTH = 4;

/** What other servers and libraries call options of ours: taken for them, none of them would be heard. */
const OTHERWISE_CALLED: ReadonlyMap<string, string> = new Map([
  ['host', 'hostname'],
  ['unix', 'path'],
  ['origin', 'origins'],
  ['exposedheaders', 'exposed'],
]);

/** The names of the options `T`, all of them, as the compiler sees to it. */
export function namesOf<T extends object>(
  names: Readonly<Record<keyof T, true>>,
): ReadonlySet<string> {
  return new Set(Object.keys(names));
}

/** TypeError of `method` that names an option which is not among `known`, unless it is undefined. */
export function refuseUnknown(method: string, options: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(options)) {
    if (known.has(name) || value === undefined) continue;
    const meant = likeliest(name, known) ?? alike(name, known, MIN_SHORT_LENGTH, MAX_SHORT_SLIPS);
    const hint = meant === null ? '' : `; is ${meant} meant?`;
    throw new TypeError(`${method}: there is no option ${name}${hint}`);
  }
}

/**
 * The same of an option that is almost one of them, or what others call it while it is not given; others
 * are passed over.
 */
export function refuseMisspelt(method: string, options: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(options)) {
    const isKnown = known.has(name) || value === undefined;
    const meant = isKnown ? null : likeliest(name, known);
    if (meant === null) continue;
    const isGiven = (options as Record<string, unknown>)[meant] !== undefined;
    if (isGiven && OTHERWISE_CALLED.has(name.toLowerCase())) continue;
    throw new TypeError(`${method}: there is no option ${name}; is ${meant} meant?`);
  }
}

/** Which of `known` differs from `name` in case alone, or is meant by it, or by a slip or two; or null. */
function likeliest(name: string, known: ReadonlySet<string>): string | null {
  const small = name.toLowerCase();
  for (const other of known) if (other.toLowerCase() === small) return other;
  const ours = OTHERWISE_CALLED.get(small);
  if (ours !== undefined && known.has(ours)) return ours;
  return alike(name, known, MIN_LENGTH, MAX_SLIPS);
}

/** Which of `known` differs from `name` by `most` letters, both having `least` of them; or null. */
function alike(
  name: string,
  known: ReadonlySet<string>,
  least: number,
  most: number,
): string | null {
  if (name.length < least) return null;
  const small = name.toLowerCase();
  for (const other of known) {
    if (other.length >= least && slips(small, other.toLowerCase()) <= most) return other;
  }
  return null;
}

/** How many letters must be changed, added or left out to make `b` of `a`. After Levenshtein. */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_SLIPS) return MAX_SLIPS + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
