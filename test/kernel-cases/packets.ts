/**
 * IPv4 packets with TCP, UDP and ICMP in them, as bytes: a builder and a parser for tests that look at the
 * wire, or speak on it. No IP options, no IPv6. Source: RFC 791, 792, 768, 9293, 2018, 7323.
 */

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

/** Addresses as text, "10.0.0.1". */
export interface Ipv4 {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly id?: number | undefined;
  readonly ttl?: number | undefined;
  /** Do not fragment. */
  readonly df?: boolean | undefined;
  /** More fragments follow. */
  readonly mf?: boolean | undefined;
  /** Where the payload stands in the whole, in bytes: a multiple of 8. */
  readonly offset?: number | undefined;
}

export interface ParsedIpv4 extends Ipv4 {
  readonly id: number;
  readonly ttl: number;
  readonly df: boolean;
  readonly mf: boolean;
  readonly offset: number;
  /** Whether the header's checksum is right. */
  readonly valid: boolean;
}

export interface TcpSegment {
  readonly sport: number;
  readonly dport: number;
  readonly seq: number;
  readonly ack?: number | undefined;
  /** "S", "S.", ".", ".P", ".F", "R", ".R": "." is ACK. */
  readonly flags: string;
  readonly window?: number | undefined;
  readonly options?: Uint8Array | undefined;
  readonly payload?: Uint8Array | undefined;
}

export interface ParsedTcp extends TcpSegment {
  readonly ack: number;
  readonly window: number;
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
  readonly valid: boolean;
}

export interface UdpDatagram {
  readonly sport: number;
  readonly dport: number;
  readonly payload: Uint8Array;
}

export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  /** The second word of the header: id and sequence of an echo, the MTU of "fragmentation needed". */
  readonly rest: number;
  readonly payload: Uint8Array;
}

/** In the order in which flags are written. */
const TCP_FLAGS: readonly [string, number][] = [
  ['S', 0x02],
  ['.', 0x10],
  ['F', 0x01],
  ['R', 0x04],
  ['P', 0x08],
  ['U', 0x20],
  ['E', 0x40],
  ['W', 0x80],
];

/** The checksum of the Internet over several pieces, each but the last of an even length. */
export function checksum(...pieces: readonly Uint8Array[]): number {
  let sum = 0;
  for (const bytes of pieces) {
    for (const [i, byte] of bytes.entries()) sum += i % 2 === 0 ? byte << 8 : byte;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function encodeIpv4(packet: Ipv4): Uint8Array {
  const { payload, offset = 0 } = packet;
  const bytes = new Uint8Array(20 + payload.length);
  const view = new DataView(bytes.buffer);
  const fragment = (packet.df === true ? 0x4000 : 0) | (packet.mf === true ? 0x2000 : 0);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint16(4, packet.id ?? 0);
  view.setUint16(6, fragment | (offset >> 3));
  view.setUint8(8, packet.ttl ?? 64);
  view.setUint8(9, packet.protocol);
  bytes.set(addressBytes(packet.src), 12);
  bytes.set(addressBytes(packet.dst), 16);
  view.setUint16(10, checksum(bytes.subarray(0, 20)));
  bytes.set(payload, 20);
  return bytes;
}

/** Null for what is not IPv4. RangeError for a packet that is cut short. */
export function decodeIpv4(bytes: Uint8Array): ParsedIpv4 | null {
  if ((bytes[0] ?? 0) >> 4 !== 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = (bytes[0]! & 15) * 4;
  const fragment = view.getUint16(6);
  const length = view.getUint16(2);
  if (length > bytes.length) throw new RangeError(`IPv4: ${length} bytes of ${bytes.length}`);
  return {
    src: [...bytes.subarray(12, 16)].join('.'),
    dst: [...bytes.subarray(16, 20)].join('.'),
    protocol: view.getUint8(9),
    payload: bytes.subarray(header, length),
    id: view.getUint16(4),
    ttl: view.getUint8(8),
    df: (fragment & 0x4000) !== 0,
    mf: (fragment & 0x2000) !== 0,
    offset: (fragment & 0x1fff) * 8,
    valid: checksum(bytes.subarray(0, header)) === 0,
  };
}

/** A segment; its checksum is of a packet from `src` to `dst`. */
export function encodeTcp(segment: TcpSegment, src: string, dst: string): Uint8Array {
  const { options = new Uint8Array(0), payload = new Uint8Array(0) } = segment;
  const header = 20 + Math.ceil(options.length / 4) * 4;
  const bytes = new Uint8Array(header + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, segment.sport);
  view.setUint16(2, segment.dport);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack ?? 0);
  view.setUint8(12, (header / 4) << 4);
  view.setUint8(13, flagBits(segment.flags));
  view.setUint16(14, segment.window ?? 0xffff);
  bytes.set(options, 20);
  bytes.set(payload, header);
  view.setUint16(16, checksum(pseudoHeader(src, dst, TCP, bytes.length), bytes));
  return bytes;
}

export function decodeTcp({ payload: bytes, src, dst }: ParsedIpv4): ParsedTcp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = (view.getUint8(12) >> 4) * 4;
  const bits = view.getUint8(13);
  return {
    sport: view.getUint16(0),
    dport: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: TCP_FLAGS.map(([name, bit]) => ((bits & bit) === 0 ? '' : name)).join(''),
    window: view.getUint16(14),
    options: bytes.subarray(20, header),
    payload: bytes.subarray(header),
    valid: checksum(pseudoHeader(src, dst, TCP, bytes.length), bytes) === 0,
  };
}

/** A datagram; without `src` and `dst` its checksum is 0, which is none. */
export function encodeUdp(datagram: UdpDatagram, src?: string, dst?: string): Uint8Array {
  const { payload } = datagram;
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, datagram.sport);
  view.setUint16(2, datagram.dport);
  view.setUint16(4, bytes.length);
  bytes.set(payload, 8);
  if (src === undefined || dst === undefined) return bytes;
  // A sum of 0 is written as its other form: 0 means none.
  view.setUint16(6, checksum(pseudoHeader(src, dst, UDP, bytes.length), bytes) || 0xffff);
  return bytes;
}

export function decodeUdp({ payload: bytes }: ParsedIpv4): UdpDatagram {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { sport: view.getUint16(0), dport: view.getUint16(2), payload: bytes.subarray(8) };
}

export function encodeIcmp({ type, code, rest, payload }: IcmpMessage): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint8(1, code);
  view.setUint32(4, rest);
  bytes.set(payload, 8);
  view.setUint16(2, checksum(bytes));
  return bytes;
}

export function decodeIcmp({ payload: bytes }: ParsedIpv4): IcmpMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    type: view.getUint8(0),
    code: view.getUint8(1),
    rest: view.getUint32(4),
    payload: bytes.subarray(8),
  };
}

/** What the option of timestamps says: the sender's clock, and what it has last seen of the other's. */
export interface Timestamps {
  readonly value: number;
  readonly echo: number;
}

/** The options of a segment, for {@link encodeTcp}: MSS, window scale, SACK permitted, timestamps. */
export function tcpOptions(offer: {
  readonly mss?: number;
  readonly wscale?: number;
  readonly sack?: boolean;
  readonly timestamps?: Timestamps | undefined;
}): Uint8Array {
  const bytes: number[] = [];
  if (offer.mss !== undefined) bytes.push(2, 4, offer.mss >> 8, offer.mss & 255);
  if (offer.sack === true) bytes.push(1, 1, 4, 2);
  if (offer.wscale !== undefined) bytes.push(1, 3, 3, offer.wscale);
  const { timestamps } = offer;
  if (timestamps === undefined) return Uint8Array.from(bytes);
  const words = new DataView(new ArrayBuffer(8));
  words.setUint32(0, timestamps.value);
  words.setUint32(4, timestamps.echo);
  return Uint8Array.from([...bytes, 1, 1, 8, 10, ...new Uint8Array(words.buffer)]);
}

/** The timestamps of a segment; null if it has none. */
export function timestampsOf({ options }: { readonly options: Uint8Array }): Timestamps | null {
  const value = tcpOptionsOf(options).find(({ kind }) => kind === 8)?.value;
  if (value === undefined || value.length < 8) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return { value: view.getUint32(0), echo: view.getUint32(4) };
}

/** The options by name: "MSS=1460", "SACKOK", "TS", "NOP", "WS=10", "SACK(1)" with the number of ranges. */
export function tcpOptionNames({ options }: { readonly options: Uint8Array }): string[] {
  const names: string[] = [];
  for (const { kind, value } of tcpOptionsOf(options)) {
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    if (kind === 1) names.push('NOP');
    else if (kind === 2) names.push(`MSS=${view.getUint16(0)}`);
    else if (kind === 3) names.push(`WS=${view.getUint8(0)}`);
    else if (kind === 4) names.push('SACKOK');
    else if (kind === 5) names.push(`SACK(${value.length / 8})`);
    else names.push(kind === 8 ? 'TS' : `option ${kind}`);
  }
  return names;
}

/** The ranges of a SACK option, each from its first sequence number to the one after it. */
export function sackRanges({ options }: { readonly options: Uint8Array }): [number, number][] {
  const sack = tcpOptionsOf(options).find(({ kind }) => kind === 5)?.value ?? new Uint8Array(0);
  const view = new DataView(sack.buffer, sack.byteOffset, sack.length);
  return Array.from({ length: sack.length / 8 }, (_, i) => {
    return [view.getUint32(8 * i), view.getUint32(8 * i + 4)];
  });
}

function tcpOptionsOf(options: Uint8Array): { kind: number; value: Uint8Array }[] {
  const found: { kind: number; value: Uint8Array }[] = [];
  let at = 0;
  while (at < options.length && options[at] !== 0) {
    const kind = options[at]!;
    const length = kind === 1 ? 1 : Math.max(2, options[at + 1] ?? 2);
    found.push({ kind, value: options.subarray(at + 2, at + length) });
    at += length;
  }
  return found;
}

function flagBits(flags: string): number {
  let bits = 0;
  for (const flag of flags) {
    const known = TCP_FLAGS.find(([name]) => name === flag);
    if (known === undefined) throw new TypeError(`no flag of TCP is written ${flag}`);
    bits |= known[1];
  }
  return bits;
}

function pseudoHeader(src: string, dst: string, protocol: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(addressBytes(src), 0);
  bytes.set(addressBytes(dst), 4);
  bytes.set([0, protocol, length >> 8, length & 255], 8);
  return bytes;
}

function addressBytes(text: string): Uint8Array {
  const parts = text.split('.').map(Number);
  const isByte = (part: number): boolean => Number.isInteger(part) && part >= 0 && part < 256;
  if (parts.length !== 4 || !parts.every(isByte)) throw new TypeError(`no IPv4 address is ${text}`);
  return Uint8Array.from(parts);
}
