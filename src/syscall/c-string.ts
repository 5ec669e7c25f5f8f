/**
 * Strings as system calls take them: bytes that end in a NUL. Not for sun_path, which need not end
 * in one and may begin with one; see sockaddr.ts.
 */

const encoder = new TextEncoder();

/** The UTF-8 bytes of `text` and a NUL. TypeError if `text` itself contains a NUL. */
export function cString(text: string): Uint8Array {
  if (text.includes('\0')) throw new TypeError('cString: text contains a NUL character');
  return encoder.encode(`${text}\0`);
}
