/**
 * The fields of the addresses of netlink, packet, vsock and XDP sockets, as strace(1) prints them. Reserved
 * fields are there only if they are not zero.
 */
import * as arp from '../syscall/arp.ts';
import * as ethernet from '../syscall/ethernet.ts';
import * as packetNames from '../syscall/packet.ts';
import * as vsockNames from '../syscall/vsock.ts';
import { interfaceText } from './interface.ts';
import { flagsOf, hex, nameOf, namesOf, type Names } from './names.ts';
import { quotedHex } from './quoted.ts';
import type { Style } from './style.ts';

/** Of Ethernet. */
const PROTOCOLS: Names = namesOf(
  ethernet,
  'ETH_P_???',
  // strace 6.1 has no names of these two.
  Object.keys(ethernet).filter(
    (name) => name.startsWith('ETH_P_') && !/PROFINET|ETHERCAT/.test(name),
  ),
);

const HARDWARE: Names = namesOf(
  arp,
  'ARPHRD_???',
  Object.keys(arp).filter((name) => /^ARPHRD_(?!HDLC$)/.test(name)),
);

const PACKET_TYPES: Names = namesOf(packetNames, 'PACKET_???', [
  'PACKET_HOST',
  'PACKET_BROADCAST',
  'PACKET_MULTICAST',
  'PACKET_OTHERHOST',
  'PACKET_OUTGOING',
  'PACKET_LOOPBACK',
  'PACKET_USER',
  'PACKET_KERNEL',
]);

const CIDS: Names = namesOf(vsockNames, '', [
  'VMADDR_CID_ANY',
  'VMADDR_CID_HYPERVISOR',
  'VMADDR_CID_LOCAL',
  'VMADDR_CID_HOST',
]);

const VSOCK_FLAGS: Names = namesOf(vsockNames, 'VMADDR_FLAG_???', ['VMADDR_FLAG_TO_HOST']);

/** <linux/if_xdp.h>: netfd makes no XDP sockets, so it has no file of their constants. */
const XDP_SHARED_UMEM = 1;
const XDP_FLAGS: Names = {
  rows: [
    [XDP_SHARED_UMEM, 'XDP_SHARED_UMEM'],
    [2, 'XDP_COPY'],
    [4, 'XDP_ZEROCOPY'],
    [8, 'XDP_USE_NEED_WAKEUP'],
  ],
  unknown: 'XDP_???',
};

/** sll_addr. */
const HARDWARE_ADDRESS = 12;

/** A protocol in network order, the rest of the number left out: "htons(ETH_P_ALL)". */
export function ethernetProtocol(value: number): string {
  const swapped = ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
  return `htons(${nameOf(swapped, PROTOCOLS)})`;
}

export function netlink(_addr: Uint8Array, view: DataView): string {
  const pad = view.getUint16(2, true);
  const groups = view.getUint32(8, true);
  // C's "%#08x": eight places, the prefix among them.
  const mask = groups === 0 ? '0'.repeat(8) : `0x${groups.toString(16).padStart(6, '0')}`;
  return `${pad === 0 ? '' : `nl_pad=${hex(pad)}, `}nl_pid=${view.getInt32(4, true)}, nl_groups=${mask}`;
}

export function packet(addr: Uint8Array, view: DataView, style: Style): string {
  const length = addr[11]!;
  const parts = [
    `sll_protocol=${ethernetProtocol(view.getUint16(2, true))}`,
    `sll_ifindex=${interfaceText(view.getUint32(4, true), style)}`,
    `sll_hatype=${nameOf(view.getUint16(8, true), HARDWARE)}`,
    `sll_pkttype=${nameOf(addr[10]!, PACKET_TYPES)}`,
    `sll_halen=${length}`,
  ];
  if (length > 0) {
    const bytes = addr.subarray(HARDWARE_ADDRESS, HARDWARE_ADDRESS + length);
    const list = Array.from(bytes, (byte) => (byte === 0 ? '00' : hex(byte)));
    if (bytes.length < length) list.push('...');
    parts.push(`sll_addr=[${list.join(', ')}]`);
  }
  return parts.join(', ');
}

/** Of what has no name, the number alone. */
function nameOrHex(value: number, names: Names): string {
  return names.rows.find(([known]) => known === value)?.[1] ?? hex(value);
}

export function vsock(addr: Uint8Array, view: DataView): string {
  const reserved = view.getUint16(2, true);
  const port = view.getUint32(4, true);
  const parts = [
    `svm_cid=${nameOrHex(view.getUint32(8, true), CIDS)}`,
    `svm_port=${port === vsockNames.VMADDR_PORT_ANY ? 'VMADDR_PORT_ANY' : hex(port)}`,
    `svm_flags=${flagsOf(addr[12]!, VSOCK_FLAGS)}`,
  ];
  if (reserved !== 0) parts.unshift(`svm_reserved1=${hex(reserved)}`);
  const zero = addr.subarray(13, 16);
  if (zero.some((byte) => byte !== 0)) parts.push(`svm_zero=${quotedHex(zero)}`);
  return parts.join(', ');
}

export function xdp(_addr: Uint8Array, view: DataView, style: Style): string {
  const flags = view.getUint16(2, true);
  const fd = view.getInt32(12, true);
  const shared = (flags & XDP_SHARED_UMEM) === 0 ? hex(fd) : `${fd}${style.describe(fd)}`;
  return [
    `sxdp_flags=${flagsOf(flags, XDP_FLAGS)}`,
    `sxdp_ifindex=${interfaceText(view.getUint32(4, true), style)}`,
    `sxdp_queue_id=${view.getUint32(8, true)}`,
    ...(shared === '0' && (flags & XDP_SHARED_UMEM) === 0 ? [] : [`sxdp_shared_umem_fd=${shared}`]),
  ].join(', ');
}
