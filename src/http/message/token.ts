/**
 * Which bytes may stand where in HTTP's grammar: tables of 256 entries, for the parser's bytes and
 * for the code units of strings alike. An index past 255 gives undefined, which no test accepts.
 * Source: RFC 9110 sections 5.5 and 5.6.2, RFC 9112 section 7.1.
 */

const SP = 0x20;
const HTAB = 0x09;

/** In {@link HEX_VALUES}: no digit. */
export const NOT_HEX = 0xff;

/** 1 for the bytes of a token: a method, a field name. */
export const TOKEN_BYTES: Uint8Array = bytesOf((byte) => {
  return /[0-9A-Za-z!#$%&'*+.^_`|~-]/.test(String.fromCharCode(byte)) ? 1 : 0;
});

/** 1 for the bytes of a field value: all but the controls; HTAB and those above ASCII are fine. */
export const FIELD_VALUE_BYTES: Uint8Array = bytesOf((byte) => {
  return byte === HTAB || (byte >= SP && byte !== 0x7f) ? 1 : 0;
});

/** The value of a hexadecimal digit, {@link NOT_HEX} for any other byte. */
export const HEX_VALUES: Uint8Array = bytesOf((byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? NOT_HEX : value;
});

/** Whether `text` is one token, so not empty. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (TOKEN_BYTES[text.charCodeAt(i)] !== 1) return false;
  }
  return text.length > 0;
}

/** The part of `text` from `start` to `end` without spaces and tabs around it. */
export function trimmedSlice(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (from < to && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** A space or a tab: what may surround a field value. */
export function isBlank(unit: number): boolean {
  return unit === SP || unit === HTAB;
}

function bytesOf(entry: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => entry(byte));
}
