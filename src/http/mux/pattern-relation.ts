/**
 * How two patterns relate as sets of requests, which decides between them, and why two that are
 * neither disjoint nor one within the other may not stand in one ServeMux.
 *
 *     equivalent   the same requests            overlapping   some in common, and each has others
 *     general      all of the other's and more  specific      some of the other's
 *     disjoint     none in common
 *
 * Of two related patterns that both match, the specific one is taken, so the order of registration
 * never matters. Source: the rules of Go's ServeMux since 1.22.
 */
import { type Pattern, type Segment, lastSegment } from './pattern.ts';

/** What the first of two patterns is to the second. */
export type Relation = 'equivalent' | 'general' | 'specific' | 'disjoint' | 'overlapping';

/** The relation of all they match, hosts aside. */
export function relation(first: Pattern, second: Pattern): Relation {
  return both(methodRelation(first.method, second.method), pathRelation(first, second));
}

/**
 * Why the two may not stand together; null if they may. Of two patterns for different hosts, or one
 * for a host and one for all, it is always clear which one is meant.
 */
export function conflict(first: Pattern, second: Pattern): string | null {
  if (first.host !== second.host) return null;
  const relates = relation(first, second);
  if (relates !== 'equivalent' && relates !== 'overlapping') return null;
  const one = JSON.stringify(first.text);
  const other = JSON.stringify(second.text);
  const names = `pattern ${one} conflicts with pattern ${other}`;
  if (relates === 'equivalent') return `${names}: they match the same requests`;
  if (pathRelation(first, second) === 'overlapping') {
    return (
      `${names}: both match paths like "${commonPath(first, second)}", ` +
      `but only ${one} matches "${differentPath(first, second)}" ` +
      `and only ${other} "${differentPath(second, first)}"`
    );
  }
  const methods = methodRelation(first.method, second.method) === 'general' ? 'more' : 'fewer';
  const paths = methods === 'more' ? 'specific' : 'general';
  return `${names}: ${one} matches ${methods} methods, but has a more ${paths} path`;
}

function methodRelation(first: string, second: string): Relation {
  if (first === second) return 'equivalent';
  if (first === '' || (first === 'GET' && second === 'HEAD')) return 'general';
  if (second === '' || (first === 'HEAD' && second === 'GET')) return 'specific';
  return 'disjoint';
}

function pathRelation(first: Pattern, second: Pattern): Relation {
  const a = first.segments;
  const b = second.segments;
  const shared = Math.min(a.length, b.length);
  let relates: Relation = 'equivalent';
  for (let i = 0; i < shared; i++) {
    relates = both(relates, segmentRelation(a[i] as Segment, b[i] as Segment));
  }
  if (a.length === b.length) return relates;
  // The shorter one has met all of the longer one's segments only if it ends in a rest.
  const shorter = a.length < b.length ? first : second;
  if (lastSegment(shorter).kind !== 'rest') return 'disjoint';
  return both(relates, shorter === first ? 'general' : 'specific');
}

function segmentRelation(first: Segment, second: Segment): Relation {
  if (first.kind === second.kind) {
    return first.kind !== 'literal' || first.text === second.text ? 'equivalent' : 'disjoint';
  }
  if (first.kind === 'rest') return 'general';
  if (second.kind === 'rest') return 'specific';
  // A wildcard does not match the slash at the end.
  if (first.kind === 'end' || second.kind === 'end') return 'disjoint';
  return first.kind === 'wildcard' ? 'general' : 'specific';
}

/** The relation of pairs, from the relations of their first and of their second parts. */
function both(one: Relation, other: Relation): Relation {
  if (one === 'disjoint' || other === 'disjoint') return 'disjoint';
  if (one === 'equivalent' || one === other) return other;
  return other === 'equivalent' ? one : 'overlapping';
}

/** A path that both match; their paths are not disjoint. */
function commonPath(first: Pattern, second: Pattern): string {
  const longer = first.segments.length >= second.segments.length ? first : second;
  const shorter = longer === first ? second : first;
  let path = '';
  for (const [i, segment] of longer.segments.entries()) {
    const other = shorter.segments[i];
    const isGeneral = other !== undefined && segmentRelation(segment, other) === 'general';
    path += sample(isGeneral ? other : segment);
  }
  return path;
}

/** A path that `pattern` matches and `other` does not; they overlap. */
function differentPath(pattern: Pattern, other: Pattern): string {
  let path = '';
  for (const [i, segment] of pattern.segments.entries()) {
    const against = other.segments[i];
    if (against === undefined || segmentRelation(segment, against) !== 'general') {
      path += sample(segment);
    } else if (segment.kind === 'rest') {
      // The path ends here, or if that is what the other one wants, does not.
      return path + (against.kind === 'end' ? `/${segment.text || 'x'}` : '/');
    } else {
      path += against.text === segment.text ? `/${segment.text}x` : `/${segment.text}`;
    }
  }
  return path;
}

/** A part of a path that the segment matches. */
function sample(segment: Segment): string {
  return segment.kind === 'end' ? '/' : `/${segment.text}`;
}
