/**
 * The methods that most requests have, as constants: one that is found need not be cut out of the head.
 * RFC 9110, section 9; RFC 5789.
 */

/** The method in `bytes` from `start` to `end` as a constant; empty if it is another one. */
export function usualMethod(bytes: Uint8Array, start: number, end: number): string {
  for (const method of USUAL_METHODS[end - start] ?? NO_METHODS) {
    let at = 0;
    while (at < method.length && bytes[start + at] === method.charCodeAt(at)) at++;
    if (at === method.length) return method;
  }
  return '';
}

/** By their length. */
const USUAL_METHODS: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['GET', 'PUT'],
  ['POST', 'HEAD'],
  ['PATCH', 'TRACE'],
  ['DELETE'],
  ['OPTIONS', 'CONNECT'],
];
const NO_METHODS: readonly string[] = [];
