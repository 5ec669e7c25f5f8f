/**
 * The path of a request as text: percent-decoded a segment at a time, cleaned of "//", "." and
 * "..", and encoded again for a Location field.
 *
 * A path as sent is latin1: a code unit past ASCII is a byte that the client should have encoded.
 * Cleaning looks at the encoded path, where "%2F" is no slash and "%2E" no dot.
 * Source: RFC 3986 sections 2.1 and 5.2.4; cleaning is that of Go's ServeMux.
 */
import { HEX_VALUES, NOT_HEX } from './token.ts';

const PERCENT = 0x25;
const SLASH = 0x2f;
const DOT = 0x2e;

/** The path has an escape or a byte past ASCII: its segments must be decoded. */
export const ESCAPED = 1;
/** The path may differ from the clean one: {@link cleanPath} will tell. */
export const UNCLEAN = 2;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** 1 for the bytes that need no escape in a path. */
const pathBytes = Uint8Array.from({ length: 128 }, (_, byte) => {
  return /[0-9A-Za-z\-._~!$&'()*+,;=:@/%]/.test(String.fromCharCode(byte)) ? 1 : 0;
});

/** The sum of {@link ESCAPED} and {@link UNCLEAN} as they apply to a path as sent. */
export function pathTraits(path: string): number {
  let traits = path.charCodeAt(0) === SLASH ? 0 : UNCLEAN;
  let before = 0;
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    if (unit === PERCENT || unit >= 0x80) traits |= ESCAPED;
    else if (before === SLASH && (unit === SLASH || unit === DOT)) traits |= UNCLEAN;
    before = unit;
  }
  return traits;
}

/** Whether each percent sign of a path as sent begins an escape. As Go wants it. */
export function isEncoded(path: string): boolean {
  for (let at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 3)) {
    if (escapeAt(path, at) < 0) return false;
  }
  return true;
}

/**
 * A path as sent or a part of it, percent-decoded as UTF-8. An incomplete escape stays as it is;
 * what is not UTF-8 becomes U+FFFD.
 */
export function decodePath(text: string): string {
  let at = 0;
  while (at < text.length && isPlain(text.charCodeAt(at))) at++;
  return at === text.length ? text : decodeBytes(text);
}

/** The path that names the same thing with no "//", "." or ".."; a slash at its end is kept. */
export function cleanPath(path: string): string {
  if (path === '') return '/';
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  if (kept.length === 0) return '/';
  return `/${kept.join('/')}${path.endsWith('/') ? '/' : ''}`;
}

/**
 * A path as sent, with all escaped that a browser might not take for a part of the path: a
 * backslash, say, which it takes for a slash. Escapes stay as they are.
 */
export function escapePath(path: string): string {
  let escaped = '';
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    escaped += pathBytes[unit] === 1 ? path[i] : escapedByte(unit);
  }
  return escaped;
}

/** Latin1 text with its controls and its bytes past ASCII escaped: fit for a Location field. */
export function escapeBytes(text: string): string {
  let escaped = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    escaped += unit < 0x20 || unit >= 0x7f ? escapedByte(unit) : text[i];
  }
  return escaped;
}

/** Text as latin1, a code unit for each byte of its UTF-8: the form of paths as sent. */
export function utf8Units(text: string): string {
  let units = '';
  for (const byte of encoder.encode(text)) units += String.fromCharCode(byte);
  return units;
}

/** "%5C" */
function escapedByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function isPlain(unit: number): boolean {
  return unit < 0x80 && unit !== PERCENT;
}

function decodeBytes(text: string): string {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = text.charCodeAt(i);
    const escaped = byte === PERCENT ? escapeAt(text, i) : -1;
    if (escaped >= 0) {
      byte = escaped;
      i += 2;
    }
    bytes[length++] = byte;
  }
  return decoder.decode(bytes.subarray(0, length));
}

/** The byte that the escape at `at` stands for; -1 if there is none. */
function escapeAt(text: string, at: number): number {
  const high = HEX_VALUES[text.charCodeAt(at + 1)] ?? NOT_HEX;
  const low = HEX_VALUES[text.charCodeAt(at + 2)] ?? NOT_HEX;
  return high === NOT_HEX || low === NOT_HEX ? -1 : high * 16 + low;
}
