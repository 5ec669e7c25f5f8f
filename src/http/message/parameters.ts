/**
 * Field values with parameters: `form-data; name="a"; filename="b.txt"`. RFC 9110, section 5.6.6. In quotes
 * a backslash escapes only a quote or another one: a file name of an old Windows has others.
 */
import { isToken } from './token.ts';

export interface ValueWithParameters {
  /** What comes first, in lower case. */
  readonly value: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETER = /[ \t]*;[ \t]*(?:([^\s;=",]+)=(?:"((?:[^"\\]|\\[^])*)"|([^\s;",]*)))?/y;

/** Null if `text` is malformed or has the same parameter twice, which two readers could read in two ways. */
export function parseParameters(text: string): ValueWithParameters | null {
  const semicolon = text.indexOf(';');
  const end = semicolon < 0 ? text.length : semicolon;
  const value = text.slice(0, end).trim().toLowerCase();
  if (!value.split('/').every(isToken)) return null;
  const parameters = new Map<string, string>();
  let at = end;
  while (at < text.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (match === null) return text.slice(at).trim() === '' ? { value, parameters } : null;
    at = PARAMETER.lastIndex;
    const [, name, quoted, bare] = match;
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return null;
    parameters.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? bare ?? '');
  }
  return { value, parameters };
}
