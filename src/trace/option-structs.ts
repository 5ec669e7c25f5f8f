/**
 * The structs among the values of socket options, as strace(1) prints them.
 *
 * What getsockopt(2) has cut within a field is printed as the bytes of that field: {l_onoff=1, l_linger="\x00"}.
 * What setsockopt(2) is given too short is a pointer; that the columns of option-value.ts see to.
 */
import * as icmp from '../syscall/icmp.ts';
import * as packet from '../syscall/packet.ts';
import { interfaceText } from './interface.ts';
import { nameOf, namesOf, type Names } from './names.ts';
import { quotedHex } from './quoted.ts';
import { inetAddr, ipv6Text, sockaddrText } from './sockaddr.ts';
import type { Style } from './style.ts';

/** A field of 32 bits. */
type Field = readonly [name: string, signed: boolean];

export const LINGER: readonly Field[] = [
  ['l_onoff', true],
  ['l_linger', true],
];

export const PACKET_STATS: readonly Field[] = [
  ['tp_packets', false],
  ['tp_drops', false],
  ['tp_freeze_q_cnt', false],
];

export const RING: readonly Field[] = [
  ['tp_block_size', false],
  ['tp_block_nr', false],
  ['tp_frame_size', false],
  ['tp_frame_nr', false],
];

/** An ID of nobody is -1. */
export const CREDENTIALS: readonly Field[] = [
  ['pid', true],
  ['uid', true],
  ['gid', true],
];

const MEMBERSHIP_TYPES: Names = namesOf(packet, 'PACKET_MR_???', [
  'PACKET_MR_MULTICAST',
  'PACKET_MR_PROMISC',
  'PACKET_MR_ALLMULTI',
  'PACKET_MR_UNICAST',
]);

const ICMP_TYPES: Names = namesOf(icmp, 'ICMP_???', [
  'ICMP_ECHOREPLY',
  'ICMP_DEST_UNREACH',
  'ICMP_SOURCE_QUENCH',
  'ICMP_REDIRECT',
  'ICMP_ECHO',
  'ICMP_TIME_EXCEEDED',
  'ICMP_PARAMETERPROB',
  'ICMP_TIMESTAMP',
  'ICMP_TIMESTAMPREPLY',
  'ICMP_INFO_REQUEST',
  'ICMP_INFO_REPLY',
  'ICMP_ADDRESS',
  'ICMP_ADDRESSREPLY',
]);

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** As many of the fields as there are bytes of. */
export function fieldsText(bytes: Uint8Array, fields: readonly Field[]): string {
  const view = viewOf(bytes);
  const parts: string[] = [];
  for (const [i, [name, signed]] of fields.entries()) {
    const at = 4 * i;
    if (at >= bytes.length) break;
    const whole = at + 4 <= bytes.length;
    const number = whole ? (signed ? view.getInt32(at, true) : view.getUint32(at, true)) : 0;
    parts.push(`${name}=${whole ? number : quotedHex(bytes.subarray(at, at + 4))}`);
  }
  return `{${parts.join(', ')}}`;
}

/** struct group_req. */
export const GROUP_REQUEST = 136;

export function groupRequest(bytes: Uint8Array, style: Style): string {
  const group = sockaddrText(bytes.subarray(8, GROUP_REQUEST), style);
  return `{gr_interface=${interfaceText(viewOf(bytes).getUint32(0, true), style)}, gr_group=${group}}`;
}

/** struct ip_mreq. */
export const IP_REQUEST = 8;

export function ipRequest(bytes: Uint8Array): string {
  return `{imr_multiaddr=${inetAddr(bytes, 0)}, imr_interface=${inetAddr(bytes, 4)}}`;
}

/** struct ipv6_mreq. */
export const IPV6_REQUEST = 20;

export function ipv6Request(bytes: Uint8Array, style: Style): string {
  const group = `inet_pton(AF_INET6, "${ipv6Text(bytes, 0)}", &ipv6mr_multiaddr)`;
  const index = interfaceText(viewOf(bytes).getUint32(16, true), style);
  return `{${group}, ipv6mr_interface=${index}}`;
}

/** struct packet_mreq. */
export const PACKET_REQUEST = 16;

export function packetRequest(bytes: Uint8Array, style: Style): string {
  const view = viewOf(bytes);
  const length = view.getUint16(6, true);
  // Without a length strace prints an address that it has printed before, which nobody else knows.
  const address = bytes.subarray(8, 8 + Math.min(length, 8));
  return `{${[
    `mr_ifindex=${interfaceText(view.getUint32(0, true), style)}`,
    `mr_type=${nameOf(view.getUint16(4, true), MEMBERSHIP_TYPES)}`,
    `mr_alen=${length}`,
    `mr_address=${Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
  ].join(', ')}}`;
}

/** struct icmp_filter: "[ICMP_ECHO ICMP_REDIRECT]", or "~[…]" of those that are not set, if they are fewer. */
export function icmpFilter(bytes: Uint8Array): string {
  const word = new Uint8Array(4).fill(0xff);
  word.set(bytes.subarray(0, 4));
  const mask = viewOf(word).getUint32(0, true);
  const types = Array.from({ length: 32 }, (_, type) => type);
  const set = types.filter((type) => ((mask >>> type) & 1) === 1);
  const most = set.length > 16;
  const listed = most ? types.filter((type) => !set.includes(type)) : set;
  return `${most ? '~' : ''}[${listed.map((type) => nameOf(type, ICMP_TYPES)).join(' ')}]`;
}
