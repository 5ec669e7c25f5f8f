/**
 * From the text of an IP address to its bytes: the one parser of the house.
 *
 * Strict: four decimal fields without leading zeros, or groups of one to four hexadecimal digits, of
 * which the last two may be written as an IPv4 address; a zone only after IPv6. It does not throw, as
 * most texts that are no address are names. Source: Go's net/netip (ParseAddr), whose words the
 * reasons are; RFC 4291 section 2.2.
 */
import { quote } from './quote.ts';

/** 4 or 16 bytes, and the zone, empty if there is none. */
export interface ScannedAddr {
  readonly bytes: Uint8Array;
  readonly zone: string;
}

/** Why a text is no address. */
export interface Fault {
  readonly reason: string;
  /** The rest of the text at which it was noticed; may be empty. */
  readonly at: string;
}

export function isFault(result: ScannedAddr | Uint8Array | Fault): result is Fault {
  return 'reason' in result;
}

/** The bytes and zone of an address, or why it is none. */
export function scanAddr(text: string): ScannedAddr | Fault {
  switch (/[.:%]/.exec(text)?.[0]) {
    case '.': {
      const bytes = scanIPv4(text);
      return isFault(bytes) ? bytes : { bytes, zone: '' };
    }
    case ':':
      return scanZoned(text);
    case '%':
      return fault('missing IPv6 address');
    default:
      return fault('unable to parse IP');
  }
}

/** The message for a fault in `text`. */
export function faultText(text: string, { reason, at }: Fault): string {
  return `ParseAddr(${quote(text)}): ${reason}${at === '' ? '' : ` (at ${quote(at)})`}`;
}

function fault(reason: string, at = ''): Fault {
  return { reason, at };
}

function scanIPv4(text: string): Uint8Array | Fault {
  const bytes = new Uint8Array(4);
  let field = 0;
  let start = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0 && i > start) return fault('IPv4 field has octet with leading zero');
      value = value * 10 + digit;
      if (value > 255) return fault('IPv4 field has value >255');
    } else if (text[i] === '.') {
      if (i === start || i === text.length - 1) {
        return fault('IPv4 field must have at least one digit', text.slice(i));
      }
      if (field === 3) return fault('IPv4 address too long');
      bytes[field++] = value;
      start = i + 1;
      value = 0;
    } else {
      return fault('unexpected character', text.slice(i));
    }
  }
  if (field < 3) return fault('IPv4 address too short');
  bytes[3] = value;
  return bytes;
}

function scanZoned(text: string): ScannedAddr | Fault {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) return fault('zone must be a non-empty string');
  const bytes = scanIPv6(percent < 0 ? text : text.slice(0, percent));
  if (isFault(bytes)) return bytes;
  return { bytes, zone: percent < 0 ? '' : text.slice(percent + 1) };
}

function scanIPv6(text: string): Uint8Array | Fault {
  const bytes = new Uint8Array(16);
  let pos = text.startsWith('::') ? 2 : 0;
  /** Where in `bytes` the "::" stands. */
  let gap = pos === 2 ? 0 : -1;
  let filled = 0;
  while (filled < 16 && !(pos === text.length && filled === gap)) {
    const end = groupEnd(text, pos);
    const wrong = wrongGroup(end - pos);
    if (wrong !== null) return fault(wrong, text.slice(pos));
    if (text[end] === '.') {
      const wrongPlace = scanEmbedded(text.slice(pos), bytes, filled, gap);
      if (wrongPlace !== null) return wrongPlace;
      filled += 4;
      pos = text.length;
      break;
    }
    const group = Number.parseInt(text.slice(pos, end), 16);
    bytes[filled++] = group >> 8;
    bytes[filled++] = group & 0xff;
    pos = end;
    if (pos === text.length) break;
    if (text[pos] !== ':') return fault('unexpected character, want colon', text.slice(pos));
    if (++pos === text.length) return fault('colon must be followed by more characters', ':');
    if (text[pos] !== ':') continue;
    if (gap >= 0) return fault('multiple :: in address', text.slice(pos));
    gap = filled;
    pos++;
  }
  if (pos < text.length) return fault('trailing garbage after address', text.slice(pos));
  return widened(bytes, filled, gap);
}

/** The position behind the hexadecimal digits at `pos`. */
function groupEnd(text: string, pos: number): number {
  while (/^[0-9a-fA-F]$/.test(text.charAt(pos))) pos++;
  return pos;
}

function wrongGroup(digits: number): string | null {
  if (digits === 0) return 'each colon-separated field must have at least one digit';
  return digits > 4 ? 'each group must have 4 or less digits' : null;
}

/** Puts the IPv4 address `text` at `filled`; null, or why it may not stand there. */
function scanEmbedded(text: string, bytes: Uint8Array, filled: number, gap: number): Fault | null {
  if (gap < 0 && filled !== 12) {
    return fault('embedded IPv4 address must replace the final 2 fields of the address', text);
  }
  if (filled > 12) {
    return fault('too many hex fields to fit an embedded IPv4 at the end of the address', text);
  }
  const v4 = scanIPv4(text);
  if (isFault(v4)) return fault(faultText(text, v4), text);
  bytes.set(v4, filled);
  return null;
}

/** The address whose first `filled` bytes are known, with zeros at `gap` for all that are missing. */
function widened(bytes: Uint8Array, filled: number, gap: number): Uint8Array | Fault {
  if (filled === 16) {
    return gap < 0 ? bytes : fault('the :: must expand to at least one field of zeros');
  }
  if (gap < 0) return fault('address string too short');
  const tail = 16 - (filled - gap);
  bytes.copyWithin(tail, gap, filled);
  return bytes.fill(0, gap, tail);
}
