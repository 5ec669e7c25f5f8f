/**
 * IP addresses: their text and their bytes.
 *
 * No zones and no ports: see host-port.ts and tcp-addr.ts. An address is 16 bytes, an IPv4 address
 * among them as ::ffff:a.b.c.d, or the 4 bytes of an IPv4 address; every function takes both.
 * Source: Go's net.IP, RFC 5952 for the text.
 */

/**
 * The 16 bytes of an IPv4 or IPv6 literal, null if `text` is neither. Not "010.0.0.1", not
 * "::1%lo".
 */
export function parseIP(text: string): Uint8Array | null {
  if (text.includes(':')) return parseIPv6(text);
  const v4 = parseIPv4(text);
  return v4 === null ? null : fromIPv4(v4);
}

/** Dotted, if it is an IPv4 address; else as RFC 5952 says. No bytes are "<nil>". */
export function formatIP(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<nil>';
  const v4 = to4(bytes);
  if (v4 !== null) return v4.join('.');
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
  const bytes = new Uint8Array(16);
  bytes[10] = 0xff;
  bytes[11] = 0xff;
  new DataView(bytes.buffer).setUint32(12, packed);
  return bytes;
}

/** 0.0.0.0 or ::. */
export function isUnspecified(bytes: Uint8Array): boolean {
  const significant = to4(bytes) ?? bytes;
  return significant.length >= 4 && significant.every((byte) => byte === 0);
}

function parseIPv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let packed = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    packed = packed * 256 + Number(part);
  }
  return packed;
}

function parseIPv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [before = '', after] = halves;
  const head = parseGroups(before, after === undefined);
  const tail = after === undefined ? [] : parseGroups(after, true);
  if (head === null || tail === null) return null;
  const count = head.length + tail.length;
  // "::" stands for at least one group of zeros.
  if (after === undefined ? count !== 8 : count > 7) return null;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  head.forEach((group, i) => view.setUint16(i * 2, group));
  tail.forEach((group, i) => view.setUint16((8 - tail.length + i) * 2, group));
  return bytes;
}

/** The 16-bit groups of a part of an IPv6 literal; only its end may hold an IPv4 address. */
function parseGroups(text: string, atEnd: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const v4 = atEnd && i === parts.length - 1 ? parseIPv4(part) : null;
    if (v4 === null) return null;
    groups.push(v4 >>> 16, v4 & 0xffff);
  }
  return groups;
}

function formatIPv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2));
  let start = -1;
  let length = 1; // a single group of zeros is not shortened
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    i = Math.max(i, end - 1);
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
