/**
 * Network byte order, for the few numbers that system calls take in it: the protocol of a packet
 * socket is `htons(ETH_P_ALL)`. Ports and addresses in a Sockaddr need none of this.
 *
 * The machines here all have the lowest byte first. Source: byteorder(3).
 */

/** 16 bits from the machine's order to the network's. */
export function htons(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
    throw new RangeError(`htons: ${value} is not in 0..65535`);
  }
  return ((value & 0xff) << 8) | (value >>> 8);
}

/** 32 bits from the machine's order to the network's; never negative. */
export function htonl(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError(`htonl: ${value} is not in 0..4294967295`);
  }
  return htons(value & 0xffff) * 0x10000 + htons(value >>> 16);
}

/** 16 bits from the network's order to the machine's. */
export const ntohs: typeof htons = htons;

/** 32 bits from the network's order to the machine's. */
export const ntohl: typeof htonl = htonl;
