/**
 * The vocabulary of packet(7): options of SOL_PACKET, kinds of packet, memberships, rings.
 *
 * Data only; protocols are in ethernet.ts, kinds of hardware in arp.ts. Source: packet(7),
 * <linux/if_packet.h>.
 */

// Level of the options below: <bits/socket.h>.
export const SOL_PACKET = 263;

// Kinds of packet, in sll_pkttype: <linux/if_packet.h>.
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
export const PACKET_LOOPBACK = 5;
export const PACKET_USER = 6;
export const PACKET_KERNEL = 7;
export const PACKET_FASTROUTE = 6;

// Options of SOL_PACKET: <linux/if_packet.h>.
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_RECV_OUTPUT = 3;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_COPY_THRESH = 7;
export const PACKET_AUXDATA = 8;
export const PACKET_ORIGDEV = 9;
export const PACKET_VERSION = 10;
export const PACKET_HDRLEN = 11;
export const PACKET_RESERVE = 12;
export const PACKET_TX_RING = 13;
export const PACKET_LOSS = 14;
export const PACKET_VNET_HDR = 15;
export const PACKET_TX_TIMESTAMP = 16;
export const PACKET_TIMESTAMP = 17;
export const PACKET_FANOUT = 18;
export const PACKET_TX_HAS_OFF = 19;
export const PACKET_QDISC_BYPASS = 20;
export const PACKET_ROLLOVER_STATS = 21;
export const PACKET_FANOUT_DATA = 22;
export const PACKET_IGNORE_OUTGOING = 23;

// How PACKET_FANOUT divides: <linux/if_packet.h>.
export const PACKET_FANOUT_HASH = 0;
export const PACKET_FANOUT_LB = 1;
export const PACKET_FANOUT_CPU = 2;
export const PACKET_FANOUT_ROLLOVER = 3;
export const PACKET_FANOUT_RND = 4;
export const PACKET_FANOUT_QM = 5;
export const PACKET_FANOUT_CBPF = 6;
export const PACKET_FANOUT_EBPF = 7;

// Flags of PACKET_FANOUT: <linux/if_packet.h>.
export const PACKET_FANOUT_FLAG_ROLLOVER = 0x1000;
export const PACKET_FANOUT_FLAG_UNIQUEID = 0x2000;
export const PACKET_FANOUT_FLAG_DEFRAG = 0x8000;

// Kinds of membership, in struct packet_mreq: <linux/if_packet.h>.
export const PACKET_MR_MULTICAST = 0;
export const PACKET_MR_PROMISC = 1;
export const PACKET_MR_ALLMULTI = 2;
export const PACKET_MR_UNICAST = 3;

// Status of a frame in a ring, and in PACKET_AUXDATA: <linux/if_packet.h>.
export const TP_STATUS_KERNEL = 0x0;
export const TP_STATUS_USER = 0x1;
export const TP_STATUS_COPY = 0x2;
export const TP_STATUS_LOSING = 0x4;
export const TP_STATUS_CSUMNOTREADY = 0x8;
export const TP_STATUS_VLAN_VALID = 0x10;
export const TP_STATUS_BLK_TMO = 0x20;
export const TP_STATUS_VLAN_TPID_VALID = 0x40;
export const TP_STATUS_CSUM_VALID = 0x80;
export const TP_STATUS_AVAILABLE = 0x0;
export const TP_STATUS_SEND_REQUEST = 0x1;
export const TP_STATUS_SENDING = 0x2;
export const TP_STATUS_WRONG_FORMAT = 0x4;
export const TP_STATUS_TS_SOFTWARE = 0x20000000;
export const TP_STATUS_TS_SYS_HARDWARE = 0x40000000;

// The same, as a positive number; a set with it is compared after >>> 0: <linux/if_packet.h>.
export const TP_STATUS_TS_RAW_HARDWARE = 0x80000000;

// Versions of PACKET_VERSION: <linux/if_packet.h>.
export const TPACKET_V1 = 0;
export const TPACKET_V2 = 1;
export const TPACKET_V3 = 2;

// Rings: <linux/if_packet.h>.
export const TPACKET_ALIGNMENT = 16;
export const TP_FT_REQ_FILL_RXHASH = 1;
