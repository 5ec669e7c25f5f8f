/**
 * The names of the DNS as text: which are valid, which full names a short one may stand for, and the
 * name under which an IP address is looked up. Source: Go's net/dnsclient.go, RFC 1035, RFC 3596
 * (ip6.arpa), RFC 7686 (.onion), resolv.conf(5) for ndots and search.
 */
import { to4 } from './ip.ts';

/** With the dot at the end, which a name of 254 characters must have. */
const MAX_NAME = 254;
const MAX_LABEL = 63;

/**
 * Whether `name` can be asked for: labels of letters, digits, hyphens and underscores, none of which
 * begins or ends in a hyphen or is longer than 63; not digits alone. "." is a name too.
 */
export function isDomainName(name: string): boolean {
  if (name === '.') return true;
  if (name.length > MAX_NAME || (name.length === MAX_NAME && !name.endsWith('.'))) return false;
  const labels = name.replace(/\.$/, '').split('.');
  if (!labels.every(isLabel)) return false;
  return /[^0-9.]/.test(name);
}

function isLabel(label: string): boolean {
  return label.length <= MAX_LABEL && /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(label);
}

/** Whether no server may see the name: that of a Tor service. */
export function isKeptFromDNS(name: string): boolean {
  return /(^|\.)onion\.?$/i.test(name);
}

/** The name with a dot at the end. */
export function absoluteName(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/**
 * The full names to ask for, in order: `name` itself and `name` in each domain of `search`. One with at
 * least `ndots` dots is asked for as it stands first, one that ends in a dot only so.
 */
export function fullNames(name: string, ndots: number, search: readonly string[]): string[] {
  if (isKeptFromDNS(name)) return [];
  if (name.endsWith('.')) return [name];
  const full = `${name}.`;
  const dots = name.split('.').length - 1;
  const found = search.map((domain) => full + domain).filter(({ length }) => length <= MAX_NAME);
  return dots >= ndots ? [full, ...found] : [...found, full];
}

/** "4.3.2.1.in-addr.arpa." of 1.2.3.4, 32 digits and "ip6.arpa." of an IPv6 address. */
export function reverseName(bytes: Uint8Array): string {
  const v4 = to4(bytes);
  if (v4 !== null) return `${[...v4].reverse().join('.')}.in-addr.arpa.`;
  const digits = [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
  return `${digits
    .reverse()
    .map((digit) => `${digit.toString(16)}.`)
    .join('')}ip6.arpa.`;
}
