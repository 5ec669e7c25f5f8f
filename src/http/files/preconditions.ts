/**
 * Conditional requests: whether a reply is sent, and whether a part of it will do. In the order of RFC 9110:
 *
 *   If-Match ─ none ─► If-Unmodified-Since        false ─► 412
 *       │ true, or none │
 *       ▼               ▼
 *   If-None-Match ─ none ─► If-Modified-Since     false ─► 304 for GET and HEAD, else 412
 *       │ true, or none │
 *       ▼               ▼
 *      Range, if If-Range is true or not there    else the whole
 *
 * Source: RFC 9110 sections 13 and 14; what is done with odd values is Go's (net/http/fs.go).
 */
import { parseHttpDate } from '../message/date.ts';
import {
  anyMatches,
  matchesStrongly,
  matchesWeakly,
  scanEntityTag,
} from '../message/entity-tag.ts';
import type { Header } from '../message/header.ts';

/** What tells one version of a resource from another. */
export interface Validators {
  /** As in the field ETag; empty for none. */
  readonly etag: string;
  /** Of the last modification: milliseconds since 1970; null if it is not known. */
  readonly modified: number | null;
  /** The same as in the field Last-Modified; empty if it is not known. */
  readonly lastModified: string;
}

export type Verdict = 'send' | 'not modified' | 'failed';

const SECOND = 1000;

/** What is to become of a request with these fields. */
export function checkPreconditions(method: string, header: Header, v: Validators): Verdict {
  if (header.isEmpty) return 'send';
  const reads = method === 'GET' || method === 'HEAD';
  const match = listOf(header, 'If-Match');
  if (match !== '') {
    if (!anyMatches(match, v.etag, matchesStrongly)) return 'failed';
  } else if (isModifiedSince(header.get('If-Unmodified-Since'), v) === true) return 'failed';
  const noneMatch = listOf(header, 'If-None-Match');
  if (noneMatch !== '') {
    if (!anyMatches(noneMatch, v.etag, matchesWeakly)) return 'send';
    return reads ? 'not modified' : 'failed';
  }
  if (!reads || isModifiedSince(header.get('If-Modified-Since'), v) !== false) return 'send';
  return 'not modified';
}

/** The value of Range, if it is to be followed; else an empty string. */
export function rangeOf(method: string, header: Header, v: Validators): string {
  // No other method is defined to have ranges (RFC 9110, 14.2).
  if (method !== 'GET' || header.isEmpty) return '';
  const range = header.get('Range') ?? '';
  if (range === '') return '';
  const condition = header.get('If-Range') ?? '';
  return condition === '' || isStill(condition, v) ? range : '';
}

/** All values of a field, as one list. */
function listOf(header: Header, name: string): string {
  const first = header.get(name);
  if (first === undefined) return '';
  const values = header.values(name);
  return values.length === 1 ? first : values.join(', ');
}

/** Dates tell seconds: what was modified later within one counts as not modified. Null: nobody knows. */
function isModifiedSince(date: string | undefined, v: Validators): boolean | null {
  if (date === undefined || v.modified === null) return null;
  if (date === v.lastModified) return false;
  const since = parseHttpDate(date);
  return since === null ? null : seconds(v.modified) * SECOND > since;
}

/** If-Range: a tag, compared strongly, or the very date. */
function isStill(condition: string, v: Validators): boolean {
  const end = scanEntityTag(condition, 0);
  if (end >= 0) return matchesStrongly(condition.slice(0, end), v.etag);
  if (v.modified === null) return false;
  const date = parseHttpDate(condition);
  return date !== null && date === seconds(v.modified) * SECOND;
}

function seconds(ms: number): number {
  return Math.floor(ms / SECOND);
}
