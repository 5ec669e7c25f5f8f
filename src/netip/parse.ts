/**
 * From text to addresses, addresses with ports, and prefixes. Numbers only: no names are looked up.
 *
 * Each function is there twice: one throws a ParseAddrError that says what is wrong and where, the other
 * gives null. Source: Go's net/netip; the messages are Go's.
 */
import { Addr } from './addr.ts';
import { AddrPort } from './addr-port.ts';
import { ParseAddrError } from './errors.ts';
import { Prefix } from './prefix.ts';
import { quote } from './quote.ts';
import { faultText, isFault, scanAddr } from './scan-addr.ts';

/** The largest number of which Go says that it is out of range, and not that it is no number. */
const MAX_INT = 2n ** 63n - 1n;

/** The address "192.0.2.1", "2001:db8::1", "fe80::1%eth0". ParseAddrError for anything else. */
export function parseAddr(text: string): Addr {
  return required('parseAddr', text, readAddr);
}

/** The same, null for anything else. */
export function tryParseAddr(text: string): Addr | null {
  return optional('tryParseAddr', text, readAddr);
}

/** "192.0.2.1:80", "[2001:db8::1]:80", "[fe80::1%eth0]:80". ParseAddrError for anything else. */
export function parseAddrPort(text: string): AddrPort {
  return required('parseAddrPort', text, readAddrPort);
}

/** The same, null for anything else. */
export function tryParseAddrPort(text: string): AddrPort | null {
  return optional('tryParseAddrPort', text, readAddrPort);
}

/**
 * "10.0.0.0/8", "2001:db8::/32", without zone; the address may have bits that are not the network's.
 * ParseAddrError for anything else.
 */
export function parsePrefix(text: string): Prefix {
  return required('parsePrefix', text, readPrefix);
}

/** The same, null for anything else. */
export function tryParsePrefix(text: string): Prefix | null {
  return optional('tryParsePrefix', text, readPrefix);
}

/** What a text says, or as a string why it says nothing. */
type Read<T> = (text: string) => T | string;

function required<T extends object>(name: string, text: string, read: Read<T>): T {
  requireText(name, text);
  const found = read(text);
  if (typeof found === 'string') throw new ParseAddrError(found, text);
  return found;
}

function optional<T extends object>(name: string, text: string, read: Read<T>): T | null {
  requireText(name, text);
  const found = read(text);
  return typeof found === 'string' ? null : found;
}

function requireText(name: string, text: string): void {
  if (typeof text !== 'string') throw new TypeError(`${name}: text must be a string`);
}

function readAddr(text: string): Addr | string {
  const scanned = scanAddr(text);
  if (isFault(scanned)) return faultText(text, scanned);
  const { bytes, zone } = scanned;
  return bytes.length === 4 ? Addr.from4(bytes) : Addr.from16(bytes).withZone(zone);
}

function readAddrPort(text: string): AddrPort | string {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return 'not an ip:port';
  let host = text.slice(0, colon);
  const digits = text.slice(colon + 1);
  if (host === '') return 'no IP';
  if (digits === '') return 'no port';
  const bracketed = host.startsWith('[');
  if (bracketed) {
    if (!host.endsWith(']')) return 'missing ]';
    host = host.slice(1, -1);
  }
  const port = /^[0-9]+$/.test(digits) ? Number(digits) : Infinity;
  if (port > 0xffff) return `invalid port ${quote(digits)} parsing ${quote(text)}`;
  const addr = readAddr(host);
  if (typeof addr === 'string') return addr;
  if (bracketed === addr.is6) return new AddrPort(addr, port);
  const rule = bracketed
    ? 'square brackets can only be used with IPv6 addresses'
    : 'IPv6 addresses must be surrounded by square brackets';
  return `invalid ip:port ${quote(text)}, ${rule}`;
}

function readPrefix(text: string): Prefix | string {
  const wrong = (reason: string): string => `netip.ParsePrefix(${quote(text)}): ${reason}`;
  const slash = text.lastIndexOf('/');
  if (slash < 0) return wrong("no '/'");
  const addr = readAddr(text.slice(0, slash));
  if (typeof addr === 'string') return wrong(addr);
  if (addr.zone !== '') return wrong('IPv6 zones cannot be present in a prefix');
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]*)$/.test(digits) || BigInt(digits) > MAX_INT) {
    return wrong(`bad bits after slash: ${quote(digits)}`);
  }
  const bits = Number(digits);
  return bits > addr.bitLen ? wrong('prefix length out of range') : new Prefix(addr, bits);
}
