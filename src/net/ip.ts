/**
 * IP addresses as bytes, as sockaddrs have them.
 *
 * No zones and no ports: see host-port.ts and tcp-addr.ts. An address is 16 bytes, an IPv4 address
 * among them as ::ffff:a.b.c.d, or the 4 bytes of an IPv4 address; every function takes both. The
 * texts are read and written by netip. Source: Go's net.IP.
 */
import { formatIPv4, formatIPv6 } from '../netip/format-addr.ts';
import { isFault, scanAddr } from '../netip/scan-addr.ts';

/**
 * The 16 bytes of an IPv4 or IPv6 literal, null if `text` is neither. Not "010.0.0.1", not
 * "::1%lo".
 */
export function parseIP(text: string): Uint8Array | null {
  const scanned = scanAddr(text);
  if (isFault(scanned) || scanned.zone !== '') return null;
  return to16(scanned.bytes);
}

/** Dotted, if it is an IPv4 address; else as RFC 5952 says. No bytes are "<nil>". */
export function formatIP(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<nil>';
  const v4 = to4(bytes);
  if (v4 !== null) return formatIPv4(v4);
  if (bytes.length === 16) return formatIPv6(bytes);
  return `?${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The last 4 bytes of an IPv4 address (a view, not a copy); null if it is not one. */
export function to4(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === 4) return bytes;
  if (bytes.length !== 16 || bytes[10] !== 0xff || bytes[11] !== 0xff) return null;
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return null;
  return bytes.subarray(12);
}

/** An IPv4 address as one number, 127.0.0.1 as 0x7f000001; null if it is not one. */
export function packIPv4(bytes: Uint8Array): number | null {
  const v4 = to4(bytes);
  if (v4 === null) return null;
  return new DataView(v4.buffer, v4.byteOffset, 4).getUint32(0);
}

/** The 16 bytes of ::ffff:a.b.c.d, from a.b.c.d as one number. */
export function fromIPv4(packed: number): Uint8Array {
  const bytes = mapped();
  new DataView(bytes.buffer).setUint32(12, packed);
  return bytes;
}

/** 0.0.0.0 or ::. */
export function isUnspecified(bytes: Uint8Array): boolean {
  const significant = to4(bytes) ?? bytes;
  return significant.length >= 4 && significant.every((byte) => byte === 0);
}

/** 16 bytes as they are, 4 as those of ::ffff:a.b.c.d. */
function to16(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  const all = mapped();
  all.set(bytes, 12);
  return all;
}

/** ::ffff:0.0.0.0 */
function mapped(): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[10] = 0xff;
  bytes[11] = 0xff;
  return bytes;
}
