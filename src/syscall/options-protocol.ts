/**
 * The options of the smaller levels: SOL_UDP, SOL_RAW, SOL_ICMPV6, SOL_NETLINK, SOL_PACKET, AF_VSOCK.
 *
 * Not here: what sets up a ring of packet(7), which is nothing without mmap(2), and what is described
 * nowhere. Source: udp(7), raw(7), netlink(7), packet(7), vsock(7), and the kernel's headers for each.
 */
import * as icmp from './icmp.ts';
import * as icmpv6 from './icmpv6.ts';
import { SOL_ICMPV6, SOL_RAW, SOL_UDP } from './inet.ts';
import * as netlink from './netlink.ts';
import { type OptionTable, optionsOf, type WriteOnly } from './option.ts';
import { bitSet, bool, bytes, int, size64, timeval, uint } from './option-codecs.ts';
import {
  packetFanout,
  type PacketFanout,
  packetMembership,
  type PacketMembership,
  packetStatistics,
  type PacketStatistics,
} from './option-structs.ts';
import * as packet from './packet.ts';
import { AF_VSOCK } from './socket.ts';
import * as udp from './udp.ts';
import * as vsock from './vsock.ts';

/** The values of the options of UDP, ICMP, netlink, packet and vsock sockets. */
export interface ProtocolOptions {
  /** What is written is gathered into one datagram, until this is off again. udp(7). */
  UDP_CORK: boolean;
  /** Datagrams hold packets of another protocol: UDP_ENCAP_…. udp(7). */
  UDP_ENCAP: number;
  /** Over IPv6 is sent without a checksum. */
  UDP_NO_CHECK6_TX: boolean;
  /** Over IPv6 datagrams without a checksum are taken. */
  UDP_NO_CHECK6_RX: boolean;
  /** What is written is cut into datagrams of so many bytes; 0 for not. udp(7). */
  UDP_SEGMENT: number;
  /**
   * Datagrams of one sender come several at once, with their size as a control message. udp(7).
   */
  UDP_GRO: boolean;
  /** The types of ICMP that do not come, as bits: 1 << type. raw(7). */
  ICMP_FILTER: number;
  /**
   * The types of ICMPv6 that do not come, as 256 bits: bit type % 32 of the 32-bit word type /
   * 32.
   */
  ICMPV6_FILTER: Uint8Array;
  /** Another name of ICMPV6_FILTER. */
  ICMP6_FILTER: Uint8Array;
  /** Joins a group, by its number. netlink(7), as for those below. */
  NETLINK_ADD_MEMBERSHIP: WriteOnly<number>;
  /** Leaves it. */
  NETLINK_DROP_MEMBERSHIP: WriteOnly<number>;
  /** Messages come with the number of their group. */
  NETLINK_PKTINFO: boolean;
  /** A message to a group that one receiver could not take is an error. */
  NETLINK_BROADCAST_ERROR: boolean;
  /** Messages that were dropped for want of room are no error. */
  NETLINK_NO_ENOBUFS: boolean;
  /**
   * Messages come from all network namespaces that have a number here. To set it:
   * CAP_NET_BROADCAST.
   */
  NETLINK_LISTEN_ALL_NSID: boolean;
  /** The numbers of the groups that were joined. */
  readonly NETLINK_LIST_MEMBERSHIPS: readonly number[];
  /** Errors come without the request that they are of. */
  NETLINK_CAP_ACK: boolean;
  /** Errors come with a text and other attributes. */
  NETLINK_EXT_ACK: boolean;
  /** Requests are checked strictly, and filter what is asked for. */
  NETLINK_GET_STRICT_CHK: boolean;
  /** More packets of a device come. packet(7), as for those below. */
  PACKET_ADD_MEMBERSHIP: WriteOnly<PacketMembership>;
  /** They come no more. */
  PACKET_DROP_MEMBERSHIP: WriteOnly<PacketMembership>;
  /** Packets that came and that were dropped; reading it starts at 0 again. */
  readonly PACKET_STATISTICS: PacketStatistics;
  /** Packets larger than a frame of the ring are queued too, as many as this. */
  PACKET_COPY_THRESH: number;
  /** Packets come with PACKET_AUXDATA: lengths, and the tag of a VLAN. */
  PACKET_AUXDATA: boolean;
  /** Addresses name the physical device, not the one that is made of several. */
  PACKET_ORIGDEV: boolean;
  /** The layout of frames in a ring: TPACKET_V1, TPACKET_V2, TPACKET_V3. */
  PACKET_VERSION: number;
  /** Bytes that are left free before the packet in each frame of a ring. */
  PACKET_RESERVE: number;
  /** A frame of the transmit ring that is malformed is passed over. */
  PACKET_LOSS: boolean;
  /** Packets have a struct virtio_net_hdr before them. */
  PACKET_VNET_HDR: boolean;
  /** Which timestamps the frames of a ring have: SOF_TIMESTAMPING_…. */
  PACKET_TIMESTAMP: number;
  /** Several sockets share the packets. */
  PACKET_FANOUT: PacketFanout;
  /** Frames of the transmit ring say where the packet begins. */
  PACKET_TX_HAS_OFF: boolean;
  /** Packets that are sent do not go through the queue of the device. */
  PACKET_QDISC_BYPASS: boolean;
  /** Packets that this machine sends do not come. */
  PACKET_IGNORE_OUTGOING: boolean;
  /** The receive buffer, in bytes. vsock(7), as for those below. */
  SO_VM_SOCKETS_BUFFER_SIZE: number;
  /** Its least size. */
  SO_VM_SOCKETS_BUFFER_MIN_SIZE: number;
  /** Its largest size. */
  SO_VM_SOCKETS_BUFFER_MAX_SIZE: number;
  /** How long connect(2) waits, in milliseconds. */
  SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD: number;
  /** The same on a 64-bit machine. */
  SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW: number;
  /** Another name of SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD. */
  SO_VM_SOCKETS_CONNECT_TIMEOUT: number;
}

const ofUdp = optionsOf(SOL_UDP);
const ofRaw = optionsOf(SOL_RAW);
const ofIcmpv6 = optionsOf(SOL_ICMPV6);
const ofNetlink = optionsOf(netlink.SOL_NETLINK);
const ofPacket = optionsOf(packet.SOL_PACKET);
const ofVsock = optionsOf(AF_VSOCK);

export const PROTOCOL_OPTIONS: OptionTable<ProtocolOptions> = {
  UDP_CORK: ofUdp.readWrite(udp.UDP_CORK, bool),
  UDP_ENCAP: ofUdp.readWrite(udp.UDP_ENCAP, int),
  UDP_NO_CHECK6_TX: ofUdp.readWrite(udp.UDP_NO_CHECK6_TX, bool),
  UDP_NO_CHECK6_RX: ofUdp.readWrite(udp.UDP_NO_CHECK6_RX, bool),
  UDP_SEGMENT: ofUdp.readWrite(udp.UDP_SEGMENT, int),
  UDP_GRO: ofUdp.readWrite(udp.UDP_GRO, bool),
  ICMP_FILTER: ofRaw.readWrite(icmp.ICMP_FILTER, uint),
  ICMPV6_FILTER: ofIcmpv6.readWrite(icmpv6.ICMPV6_FILTER, bytes(32, 32)),
  ICMP6_FILTER: ofIcmpv6.readWrite(icmpv6.ICMP6_FILTER, bytes(32, 32)),
  NETLINK_ADD_MEMBERSHIP: ofNetlink.writeOnly(netlink.NETLINK_ADD_MEMBERSHIP, int),
  NETLINK_DROP_MEMBERSHIP: ofNetlink.writeOnly(netlink.NETLINK_DROP_MEMBERSHIP, int),
  NETLINK_PKTINFO: ofNetlink.readWrite(netlink.NETLINK_PKTINFO, bool),
  NETLINK_BROADCAST_ERROR: ofNetlink.readWrite(netlink.NETLINK_BROADCAST_ERROR, bool),
  NETLINK_NO_ENOBUFS: ofNetlink.readWrite(netlink.NETLINK_NO_ENOBUFS, bool),
  NETLINK_LISTEN_ALL_NSID: ofNetlink.readWrite(netlink.NETLINK_LISTEN_ALL_NSID, bool),
  NETLINK_LIST_MEMBERSHIPS: ofNetlink.readOnly(netlink.NETLINK_LIST_MEMBERSHIPS, bitSet),
  NETLINK_CAP_ACK: ofNetlink.readWrite(netlink.NETLINK_CAP_ACK, bool),
  NETLINK_EXT_ACK: ofNetlink.readWrite(netlink.NETLINK_EXT_ACK, bool),
  NETLINK_GET_STRICT_CHK: ofNetlink.readWrite(netlink.NETLINK_GET_STRICT_CHK, bool),
  PACKET_ADD_MEMBERSHIP: ofPacket.writeOnly(packet.PACKET_ADD_MEMBERSHIP, packetMembership),
  PACKET_DROP_MEMBERSHIP: ofPacket.writeOnly(packet.PACKET_DROP_MEMBERSHIP, packetMembership),
  PACKET_STATISTICS: ofPacket.readOnly(packet.PACKET_STATISTICS, packetStatistics),
  PACKET_COPY_THRESH: ofPacket.readWrite(packet.PACKET_COPY_THRESH, int),
  PACKET_AUXDATA: ofPacket.readWrite(packet.PACKET_AUXDATA, bool),
  PACKET_ORIGDEV: ofPacket.readWrite(packet.PACKET_ORIGDEV, bool),
  PACKET_VERSION: ofPacket.readWrite(packet.PACKET_VERSION, int),
  PACKET_RESERVE: ofPacket.readWrite(packet.PACKET_RESERVE, uint),
  PACKET_LOSS: ofPacket.readWrite(packet.PACKET_LOSS, bool),
  PACKET_VNET_HDR: ofPacket.readWrite(packet.PACKET_VNET_HDR, bool),
  PACKET_TIMESTAMP: ofPacket.readWrite(packet.PACKET_TIMESTAMP, int),
  PACKET_FANOUT: ofPacket.readWrite(packet.PACKET_FANOUT, packetFanout),
  PACKET_TX_HAS_OFF: ofPacket.readWrite(packet.PACKET_TX_HAS_OFF, bool),
  PACKET_QDISC_BYPASS: ofPacket.readWrite(packet.PACKET_QDISC_BYPASS, bool),
  PACKET_IGNORE_OUTGOING: ofPacket.readWrite(packet.PACKET_IGNORE_OUTGOING, bool),
  SO_VM_SOCKETS_BUFFER_SIZE: ofVsock.readWrite(vsock.SO_VM_SOCKETS_BUFFER_SIZE, size64),
  SO_VM_SOCKETS_BUFFER_MIN_SIZE: ofVsock.readWrite(vsock.SO_VM_SOCKETS_BUFFER_MIN_SIZE, size64),
  SO_VM_SOCKETS_BUFFER_MAX_SIZE: ofVsock.readWrite(vsock.SO_VM_SOCKETS_BUFFER_MAX_SIZE, size64),
  SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD: ofVsock.readWrite(
    vsock.SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD,
    timeval,
  ),
  SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW: ofVsock.readWrite(
    vsock.SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW,
    timeval,
  ),
  SO_VM_SOCKETS_CONNECT_TIMEOUT: ofVsock.readWrite(vsock.SO_VM_SOCKETS_CONNECT_TIMEOUT, timeval),
};
