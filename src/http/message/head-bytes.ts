/**
 * What may stand in a Host field: a host name or an IP literal in brackets, and a port. A name that is not
 * ASCII has to be sent as ASCII (IDNA); what an IP literal is made of is not looked at, nor how large a
 * port is, and both name and port may be empty.
 * Source: RFC 9110 section 7.2, RFC 3986 section 3.2.
 */
import { HEX_VALUES, NOT_HEX } from './token.ts';

const PERCENT = 0x25;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** 1 for the bytes of a host name, 2 for those that have a place of their own in a host, else 0. */
const HOST_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[0-9A-Za-z!$&'()*+,\-.;=_~]/.test(char) ? 1 : /[%:[\]]/.test(char) ? 2 : 0;
});

/** Where a name and a port end that are of the usual bytes; more may follow. */
export function plainHostEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && HOST_BYTES[bytes[at]!] === 1) at++;
  return at < end && bytes[at] === COLON ? digitsEnd(bytes, at + 1, end) : at;
}

/** Whether the bytes from `start` to `end` are a host, and a port if there is one. */
export function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  const at = bytes[start] === OPEN ? literalEnd(bytes, start, end) : nameEnd(bytes, start, end);
  if (at === end) return true;
  return at >= start && bytes[at] === COLON && digitsEnd(bytes, at + 1, end) === end;
}

/** Behind the bracket of an IP literal; -1 if there is none, or nothing before it. */
function literalEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end && HOST_BYTES[bytes[at]!] !== 0 && !isBracket(bytes[at]!)) at++;
  return at < end && at > start + 1 && bytes[at] === CLOSE ? at + 1 : -1;
}

/** Where a name ends. */
function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    if (bytes[at] === PERCENT && isHex(bytes, at + 1, end) && isHex(bytes, at + 2, end)) at += 3;
    else if (HOST_BYTES[bytes[at]!] === 1) at++;
    else return at;
  }
  return at;
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  return at;
}

function isBracket(byte: number): boolean {
  return byte === OPEN || byte === CLOSE;
}

function isHex(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && HEX_VALUES[bytes[at]!] !== NOT_HEX;
}
