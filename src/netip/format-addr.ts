/** From the bytes of an IP address to its text. Source: RFC 5952 for IPv6. */

/** Dotted. */
export function formatIPv4(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** Lower case, no leading zeros, and the first of the longest runs of zero groups as "::". */
export function formatIPv6(bytes: Uint8Array): string {
  const groups = groupsOf(bytes);
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

/** All eight groups with all their digits. */
export function expandIPv6(bytes: Uint8Array): string {
  return groupsOf(bytes)
    .map((group) => group.toString(16).padStart(4, '0'))
    .join(':');
}

function groupsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2));
}
