/**
 * What a ServeMux matches requests with, "[METHOD ][HOST]/[PATH]", taken apart and checked.
 *
 *     "GET example.com/b/{bucket}/o/{object...}"     "/static/"     "/exact/{$}"
 *
 * A path is a list of segments. A slash at the end is a "rest" without a name: all below it and
 * itself. Which pattern is more specific is the matter of pattern-relation.ts. Source: the rules of
 * Go's ServeMux since 1.22.
 */
import { cleanPath, decodePath, utf8Units } from '../message/request-path.ts';
import { isToken } from '../message/token.ts';

export interface Segment {
  /**
   * literal: this text. wildcard: any one segment, not empty. rest: all that follows, even nothing.
   * end: the slash at the end of the path and nothing after it.
   */
  readonly kind: 'literal' | 'wildcard' | 'rest' | 'end';
  /** A literal, decoded; the name of a wildcard or rest, empty for a slash at the end. */
  readonly text: string;
}

export interface Pattern {
  /** As it was given. */
  readonly text: string;
  /** Empty for any. */
  readonly method: string;
  /** As {@link hostKey} gives it, empty for any. */
  readonly host: string;
  /** At least one; a rest or end is the last one. */
  readonly segments: readonly Segment[];
}

/** A letter or underscore, then these and digits: what Go takes for an identifier. */
const WILDCARD_NAME = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

const END: Segment = { kind: 'end', text: '' };
const SUBTREE: Segment = { kind: 'rest', text: '' };

/** Throws an Error that names the pattern, the place and the reason if it is none. */
export function parsePattern(text: string): Pattern {
  if (typeof text !== 'string') throw new TypeError('handle: pattern must be a string');
  if (text === '') throw new Error('http: invalid pattern: empty');
  const blank = text.search(/[ \t]/);
  const method = blank < 0 ? '' : text.slice(0, blank);
  if (blank >= 0 && !isToken(method)) {
    throw badPattern(text, 0, `invalid method ${JSON.stringify(method)}`);
  }
  const hostAt = blank < 0 ? 0 : text.length - text.slice(blank).replace(/^[ \t]+/, '').length;
  const pathAt = text.indexOf('/', hostAt);
  if (pathAt < 0) throw badPattern(text, hostAt, 'host/path missing /');
  const host = text.slice(hostAt, pathAt);
  if (host.includes('{')) {
    throw badPattern(text, hostAt, "host contains '{' (missing initial '/'?)");
  }
  if (host.startsWith('[') ? !host.endsWith(']') : hostKey(host).length < host.length) {
    throw badPattern(text, hostAt, 'host with a port can never match');
  }
  const path = text.slice(pathAt);
  if (path !== cleanPath(path)) throw badPattern(text, pathAt, 'unclean path can never match');
  return { text, method, host: hostKey(host), segments: parseSegments(text, pathAt) };
}

/** A host as patterns are found by: without port and brackets, in lower case. */
export function hostKey(host: string): string {
  const colon = host.indexOf(':');
  if (colon < 0) return host.toLowerCase();
  if (host.startsWith('[')) {
    const close = host.indexOf(']');
    return (close < 0 ? host : host.slice(1, close)).toLowerCase();
  }
  // More than one colon: an IPv6 address without brackets.
  return (host.includes(':', colon + 1) ? host : host.slice(0, colon)).toLowerCase();
}

/** The last segment. */
export function lastSegment(pattern: Pattern): Segment {
  return pattern.segments[pattern.segments.length - 1] as Segment;
}

function parseSegments(text: string, pathAt: number): Segment[] {
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (let at = pathAt + 1; at <= text.length;) {
    const slash = text.indexOf('/', at);
    const end = slash < 0 ? text.length : slash;
    const segment = parseSegment(text, at, end);
    if (segment.kind === 'wildcard' || segment.kind === 'rest') {
      const { text: name } = segment;
      if (names.has(name)) throw badPattern(text, at, `duplicate wildcard name "${name}"`);
      names.add(name);
    }
    segments.push(segment);
    at = end + 1;
  }
  return segments;
}

/** The segment that stands from `at` to `end`. */
function parseSegment(text: string, at: number, end: number): Segment {
  const segment = text.slice(at, end);
  const isLast = end === text.length;
  // Paths are clean, so only the last segment can be empty.
  if (segment === '') return SUBTREE;
  const brace = segment.indexOf('{');
  if (brace < 0) return { kind: 'literal', text: decodePath(utf8Units(segment)) };
  if (brace > 0) throw badPattern(text, at, "bad wildcard segment (must start with '{')");
  if (!segment.endsWith('}')) {
    throw badPattern(text, at, "bad wildcard segment (must end with '}')");
  }
  if (segment === '{$}') {
    if (!isLast) throw badPattern(text, at, '{$} not at end');
    return END;
  }
  const isRest = segment.endsWith('...}');
  if (isRest && !isLast) throw badPattern(text, at, '{...} wildcard not at end');
  const name = segment.slice(1, isRest ? -4 : -1);
  if (name === '') throw badPattern(text, at, 'empty wildcard');
  if (!WILDCARD_NAME.test(name)) throw badPattern(text, at, `bad wildcard name "${name}"`);
  return { kind: isRest ? 'rest' : 'wildcard', text: name };
}

function badPattern(text: string, offset: number, reason: string): Error {
  return new Error(`parsing ${JSON.stringify(text)}: at offset ${offset}: ${reason}`);
}
