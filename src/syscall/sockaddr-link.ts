/**
 * Socket addresses that are neither IP nor a path: of netlink, of packet sockets, of vsock.
 *
 * Use encodeSockaddr and decodeSockaddr of sockaddr.ts, which know them. Source: netlink(7),
 * packet(7), vsock(7), <linux/netlink.h>, <linux/if_packet.h>, <linux/vm_sockets.h>.
 */
import { anyBytes, copyOf, int32, unsigned, viewOf, withFamily, word } from './struct-fields.ts';
import { AF_NETLINK, AF_PACKET, AF_VSOCK } from './socket.ts';

/** struct sockaddr_nl. */
export interface SockaddrNetlink {
  readonly family: typeof AF_NETLINK;
  /** 0: the kernel, or when binding one that the kernel chooses. */
  readonly pid: number;
  /** A bit for each of the first 32 groups: RTMGRP_LINK, …. */
  readonly groups: number;
}

/** struct sockaddr_ll. */
export interface SockaddrPacket {
  readonly family: typeof AF_PACKET;
  /** ETH_P_IP and the like, as one writes it; the struct has it in network order. */
  readonly protocol: number;
  /** 0 for every interface. */
  readonly ifindex: number;
  /** ARPHRD_ETHER, …: only received. */
  readonly hatype: number;
  /** PACKET_HOST, PACKET_OUTGOING, …: only received. */
  readonly pkttype: number;
  /** The hardware address: mostly 6 bytes, at most 32; none for binding. */
  readonly addr: Uint8Array;
}

/** struct sockaddr_vm. */
export interface SockaddrVsock {
  readonly family: typeof AF_VSOCK;
  /** The machine: VMADDR_CID_HOST, VMADDR_CID_LOCAL, VMADDR_CID_ANY, …. */
  readonly cid: number;
  /** 32 bits; VMADDR_PORT_ANY for one that is free. */
  readonly port: number;
  /** VMADDR_FLAG_TO_HOST or 0. */
  readonly flags: number;
}

type SockaddrPacketLike = Pick<SockaddrPacket, 'family'> & Partial<SockaddrPacket>;

/** The same for who writes one by hand: what is mostly 0 may be left out. */
export type SockaddrLinkLike =
  | (Pick<SockaddrNetlink, 'family'> & Partial<SockaddrNetlink>)
  | SockaddrPacketLike
  | (Omit<SockaddrVsock, 'flags'> & Partial<Pick<SockaddrVsock, 'flags'>>);

/** Any Sockaddr, which only sockaddr.ts knows. */
interface AnySockaddr {
  readonly family: number;
}

export function isSockaddrNetlink(sa: AnySockaddr): sa is SockaddrNetlink {
  return sa.family === AF_NETLINK && 'groups' in sa;
}

export function isSockaddrPacket(sa: AnySockaddr): sa is SockaddrPacket {
  return sa.family === AF_PACKET && 'ifindex' in sa;
}

export function isSockaddrVsock(sa: AnySockaddr): sa is SockaddrVsock {
  return sa.family === AF_VSOCK && 'cid' in sa;
}

const NETLINK_SIZE = 12;
const PACKET_SIZE = 20;
/** Where sll_addr begins. An address of more than 8 bytes makes the struct longer. */
const PACKET_ADDR = 12;
/** MAX_ADDR_LEN of the kernel. */
const PACKET_ADDR_MAX = 32;
const VSOCK_SIZE = 16;

/** For encodeSockaddr. */
export function encodeLink(sa: SockaddrLinkLike): Uint8Array {
  if (sa.family === AF_PACKET) return encodePacket(sa);
  const netlink = sa.family === AF_NETLINK;
  const buf = withFamily(sa.family, netlink ? NETLINK_SIZE : VSOCK_SIZE);
  const view = viewOf(buf);
  if (netlink) {
    view.setUint32(4, unsigned('sockaddr_nl', 'pid', 32, sa.pid ?? 0), true);
    view.setUint32(8, unsigned('sockaddr_nl', 'groups', 32, sa.groups ?? 0), true);
  } else {
    view.setUint32(4, unsigned('sockaddr_vm', 'port', 32, sa.port), true);
    view.setUint32(8, unsigned('sockaddr_vm', 'cid', 32, sa.cid), true);
    buf[12] = unsigned('sockaddr_vm', 'flags', 8, sa.flags ?? 0);
  }
  return buf;
}

/** For decodeSockaddr: the address in the first `end` bytes of `buf`; null if they are not one. */
export function decodeLink(
  buf: Uint8Array,
  end: number,
): SockaddrNetlink | SockaddrPacket | SockaddrVsock | null {
  const family = word(buf, 0);
  const view = viewOf(buf);
  if (family === AF_NETLINK && end >= NETLINK_SIZE) {
    return { family, pid: view.getUint32(4, true), groups: view.getUint32(8, true) };
  }
  if (family === AF_VSOCK && end >= VSOCK_SIZE) {
    const port = view.getUint32(4, true);
    return { family, cid: view.getUint32(8, true), port, flags: view.getUint8(12) };
  }
  // The kernel counts sll_addr only as far as it is used: 18 bytes for Ethernet.
  if (family !== AF_PACKET || end < PACKET_ADDR) return null;
  const addrEnd = PACKET_ADDR + view.getUint8(11);
  if (addrEnd > Math.min(end, PACKET_ADDR + PACKET_ADDR_MAX)) return null;
  return {
    family,
    protocol: view.getUint16(2),
    ifindex: view.getInt32(4, true),
    hatype: view.getUint16(8, true),
    pkttype: view.getUint8(10),
    addr: copyOf(buf, PACKET_ADDR, addrEnd),
  };
}

function encodePacket(sa: SockaddrPacketLike): Uint8Array {
  const addr = anyBytes('sockaddr_ll', 'addr', sa.addr ?? new Uint8Array(0));
  if (addr.length > PACKET_ADDR_MAX) {
    throw new RangeError(
      `sockaddr_ll: addr has ${addr.length} bytes, at most ${PACKET_ADDR_MAX} fit`,
    );
  }
  const buf = withFamily(AF_PACKET, Math.max(PACKET_SIZE, PACKET_ADDR + addr.length));
  const view = viewOf(buf);
  view.setUint16(2, unsigned('sockaddr_ll', 'protocol', 16, sa.protocol ?? 0));
  view.setInt32(4, int32('sockaddr_ll', 'ifindex', sa.ifindex ?? 0), true);
  view.setUint16(8, unsigned('sockaddr_ll', 'hatype', 16, sa.hatype ?? 0), true);
  buf[10] = unsigned('sockaddr_ll', 'pkttype', 8, sa.pkttype ?? 0);
  buf[11] = addr.length;
  buf.set(addr, PACKET_ADDR);
  return buf;
}
