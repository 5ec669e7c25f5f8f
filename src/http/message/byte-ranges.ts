/**
 * The field Range: which parts of a body a client wants. Source: RFC 9110 section 14; what is made of odd
 * requests is Go's (net/http/fs.go): ranges may overlap, but if they are more than the whole in sum, or very
 * many, the whole is sent.
 */

export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * `whole`: as if nothing had been asked for. `invalid`: the field is malformed. `unsatisfiable`: no part that
 * is wanted is there.
 */
export type Ranges = readonly ByteRange[] | 'whole' | 'invalid' | 'unsatisfiable';

/** More than that are an attack, or a mistake. */
const MAX_RANGES = 100;

/** Digits of a number that is exact; one with more is beyond any size. */
const EXACT_DIGITS = 15;

/** The parts of a body of `size` bytes that `field` asks for, in its order: one at least. */
export function parseRanges(field: string, size: number): Ranges {
  // A unit that is not known is passed over; of an empty body there are no parts.
  if (!/^bytes=/i.test(field) || size === 0) return 'whole';
  const ranges: ByteRange[] = [];
  let sum = 0;
  let absent = false;
  for (const part of field.slice('bytes='.length).split(',')) {
    const spec = part.trim();
    if (spec === '') continue;
    const range = parseRange(spec, size);
    if (range === 'invalid') return 'invalid';
    if (range === null) absent = true;
    else {
      ranges.push(range);
      sum += range.length;
    }
  }
  if (ranges.length === 0) return absent ? 'unsatisfiable' : 'whole';
  return sum > size || ranges.length > MAX_RANGES ? 'whole' : ranges;
}

/** "bytes 0-499/1000" */
export function contentRange({ start, length }: ByteRange, size: number): string {
  return `bytes ${start}-${start + length - 1}/${size}`;
}

/** One of the list; null if nothing of it is there. */
function parseRange(spec: string, size: number): ByteRange | null | 'invalid' {
  const [, from, to] = /^(\d*)[ \t]*-[ \t]*(\d*)$/.exec(spec) ?? [];
  if (from === undefined || to === undefined || from + to === '') return 'invalid';
  if (from === '') {
    const length = Math.min(numberOf(to), size);
    return length === 0 ? null : { start: size - length, length };
  }
  const start = numberOf(from);
  const last = to === '' ? Number.POSITIVE_INFINITY : numberOf(to);
  if (start >= size) return null;
  if (last < start) return 'invalid';
  return { start, length: Math.min(last, size - 1) - start + 1 };
}

function numberOf(digits: string): number {
  const significant = digits.replace(/^0+/, '');
  return significant.length > EXACT_DIGITS ? Number.MAX_SAFE_INTEGER : Number(digits);
}
