/**
 * The options of SOL_IPV6. Those of multicast that it shares with SOL_IP (MCAST_…) are in options-ip.ts.
 *
 * Not here: IPV6_HOPLIMIT and IPV6_ORIGDSTADDR are control messages; IPV6_NEXTHOP and IPV6_AUTHHDR the
 * kernel does not have; IPV6_FLOWLABEL_MGR is a request whose value is also read by getsockopt(2).
 * Source: ipv6(7), <linux/in6.h>, RFC 3493, RFC 3542, the kernel's net/ipv6/ipv6_sockglue.c.
 */
import type { PacketInfo } from './ancillary.ts';
import * as inet from './inet.ts';
import { type OptionTable, optionsOf, type WriteOnly } from './option.ts';
import { bool, bytes, int, networkInt } from './option-codecs.ts';
import { groupMembership6, type GroupMembership6 } from './option-multicast.ts';
import { packetInfo6, pathMtu, sockaddr } from './option-structs.ts';
import type { Sockaddr } from './sockaddr.ts';

/** The values of the options that begin with IPV6_. The page is ipv6(7). */
export interface Ipv6Options {
  /**
   * AF_INET makes an IPv4 socket of one that is connected to an IPv4 address. Read, the family.
   */
  IPV6_ADDRFORM: number;
  /** Where in a raw packet the checksum is to be put; -1 for nowhere. */
  IPV6_CHECKSUM: number;
  /** Datagrams come with their flow label. */
  IPV6_FLOWINFO: boolean;
  /** The hop limit of packets that are sent, 0 to 255; -1 sets the default. */
  IPV6_UNICAST_HOPS: number;
  /** The index of the interface for multicast that is sent; 0 for any. */
  IPV6_MULTICAST_IF: number;
  /** The hop limit of multicast that is sent, 0 to 255; -1 sets the default, 1. */
  IPV6_MULTICAST_HOPS: number;
  /** Multicast that is sent comes to this machine too. */
  IPV6_MULTICAST_LOOP: boolean;
  /** Joins a group. */
  IPV6_JOIN_GROUP: WriteOnly<GroupMembership6>;
  /** Leaves it. */
  IPV6_LEAVE_GROUP: WriteOnly<GroupMembership6>;
  /** Another name of IPV6_JOIN_GROUP. */
  IPV6_ADD_MEMBERSHIP: WriteOnly<GroupMembership6>;
  /** Another name of IPV6_LEAVE_GROUP. */
  IPV6_DROP_MEMBERSHIP: WriteOnly<GroupMembership6>;
  /**
   * Packets with this Router Alert come here instead of being forwarded; -1 for none. Raw
   * sockets.
   */
  IPV6_ROUTER_ALERT: number;
  /** Whether packets may be fragmented: IPV6_PMTUDISC_…. */
  IPV6_MTU_DISCOVER: number;
  /** The largest packet, in bytes. Read, that which gets to the peer: ENOTCONN without one. */
  IPV6_MTU: number;
  /** Errors of datagrams go to the error queue (MSG_ERRQUEUE). */
  IPV6_RECVERR: boolean;
  /** The socket is for IPv6 alone, not for IPv4 too. Only before bind(2). */
  IPV6_V6ONLY: boolean;
  /** Takes an anycast address. CAP_NET_ADMIN. */
  IPV6_JOIN_ANYCAST: WriteOnly<GroupMembership6>;
  /** Gives it up. */
  IPV6_LEAVE_ANYCAST: WriteOnly<GroupMembership6>;
  /** Datagrams come from all groups that any socket here has joined, not only from our own. */
  IPV6_MULTICAST_ALL: boolean;
  /** Router Alerts come from the socket's own network namespace alone. */
  IPV6_ROUTER_ALERT_ISOLATE: boolean;
  /** Errors come with what the ICMP message has after the packet (RFC 4884). */
  IPV6_RECVERR_RFC4884: boolean;
  /** The flow label of an address that is sent to is used. */
  IPV6_FLOWINFO_SEND: boolean;
  /** struct sadb_x_policy: how packets are encrypted. CAP_NET_ADMIN. */
  IPV6_IPSEC_POLICY: WriteOnly<Uint8Array>;
  /** struct xfrm_userpolicy_info: how packets are encrypted. CAP_NET_ADMIN. */
  IPV6_XFRM_POLICY: WriteOnly<Uint8Array>;
  /** What is sent has its IP header already. Raw sockets. */
  IPV6_HDRINCL: boolean;
  /** Datagrams come with IPV6_PKTINFO: interface and destination. */
  IPV6_RECVPKTINFO: boolean;
  /** The source address and the interface of what is sent. */
  IPV6_PKTINFO: WriteOnly<PacketInfo>;
  /** Datagrams come with IPV6_HOPLIMIT. */
  IPV6_RECVHOPLIMIT: boolean;
  /** Datagrams come with their hop-by-hop options. */
  IPV6_RECVHOPOPTS: boolean;
  /** The hop-by-hop options of what is sent, as the header has them. To set it: CAP_NET_RAW. */
  IPV6_HOPOPTS: Uint8Array;
  /** The destination options before the routing header. To set it: CAP_NET_RAW. */
  IPV6_RTHDRDSTOPTS: Uint8Array;
  /** Datagrams come with their routing header. */
  IPV6_RECVRTHDR: boolean;
  /** The routing header of what is sent. */
  IPV6_RTHDR: Uint8Array;
  /** Datagrams come with their destination options. */
  IPV6_RECVDSTOPTS: boolean;
  /** The destination options of what is sent. To set it: CAP_NET_RAW. */
  IPV6_DSTOPTS: Uint8Array;
  /** Changes of the path's MTU are reported by IPV6_PATHMTU. */
  IPV6_RECVPATHMTU: boolean;
  /** The largest packet that gets to the peer, in bytes. ENOTCONN without one. */
  readonly IPV6_PATHMTU: number;
  /** Packets are not fragmented: too large ones are an error. */
  IPV6_DONTFRAG: boolean;
  /** Datagrams come with IPV6_TCLASS. */
  IPV6_RECVTCLASS: boolean;
  /** The traffic class of what is sent, 0 to 255: DSCP and ECN; -1 sets the default. */
  IPV6_TCLASS: number;
  /** Packets get a flow label by themselves. */
  IPV6_AUTOFLOWLABEL: boolean;
  /** Which source addresses are preferred: IPV6_PREFER_SRC_… of <linux/in6.h> (RFC 5014). */
  IPV6_ADDR_PREFERENCES: number;
  /** Packets with a smaller hop limit are dropped, 0 to 255. */
  IPV6_MINHOPCOUNT: number;
  /** Datagrams come with IPV6_ORIGDSTADDR: where they were sent to before they were redirected. */
  IPV6_RECVORIGDSTADDR: boolean;
  /**
   * The socket may have any address, for a proxy that is not seen. CAP_NET_ADMIN or CAP_NET_RAW.
   */
  IPV6_TRANSPARENT: boolean;
  /** The index of the interface for what is sent; 0 for any. */
  IPV6_UNICAST_IF: number;
  /** Datagrams come with the size of their largest fragment. */
  IPV6_RECVFRAGSIZE: boolean;
  /** bind(2) takes an address that this machine does not have, or not yet. */
  IPV6_FREEBIND: boolean;
  /** Where a connection was going before netfilter redirected it. ENOENT if it was not. */
  readonly IP6T_SO_ORIGINAL_DST: Sockaddr;
}

const ipv6 = optionsOf(inet.SOL_IPV6);

export const IPV6_LEVEL_OPTIONS: OptionTable<Ipv6Options> = {
  IPV6_ADDRFORM: ipv6.readWrite(inet.IPV6_ADDRFORM, int),
  IPV6_CHECKSUM: ipv6.readWrite(inet.IPV6_CHECKSUM, int),
  IPV6_FLOWINFO: ipv6.readWrite(inet.IPV6_FLOWINFO, bool),
  IPV6_UNICAST_HOPS: ipv6.readWrite(inet.IPV6_UNICAST_HOPS, int),
  IPV6_MULTICAST_IF: ipv6.readWrite(inet.IPV6_MULTICAST_IF, int),
  IPV6_MULTICAST_HOPS: ipv6.readWrite(inet.IPV6_MULTICAST_HOPS, int),
  IPV6_MULTICAST_LOOP: ipv6.readWrite(inet.IPV6_MULTICAST_LOOP, bool),
  IPV6_JOIN_GROUP: ipv6.writeOnly(inet.IPV6_JOIN_GROUP, groupMembership6),
  IPV6_LEAVE_GROUP: ipv6.writeOnly(inet.IPV6_LEAVE_GROUP, groupMembership6),
  IPV6_ADD_MEMBERSHIP: ipv6.writeOnly(inet.IPV6_ADD_MEMBERSHIP, groupMembership6),
  IPV6_DROP_MEMBERSHIP: ipv6.writeOnly(inet.IPV6_DROP_MEMBERSHIP, groupMembership6),
  IPV6_ROUTER_ALERT: ipv6.readWrite(inet.IPV6_ROUTER_ALERT, int),
  IPV6_MTU_DISCOVER: ipv6.readWrite(inet.IPV6_MTU_DISCOVER, int),
  IPV6_MTU: ipv6.readWrite(inet.IPV6_MTU, int),
  IPV6_RECVERR: ipv6.readWrite(inet.IPV6_RECVERR, bool),
  IPV6_V6ONLY: ipv6.readWrite(inet.IPV6_V6ONLY, bool),
  IPV6_JOIN_ANYCAST: ipv6.writeOnly(inet.IPV6_JOIN_ANYCAST, groupMembership6),
  IPV6_LEAVE_ANYCAST: ipv6.writeOnly(inet.IPV6_LEAVE_ANYCAST, groupMembership6),
  IPV6_MULTICAST_ALL: ipv6.readWrite(inet.IPV6_MULTICAST_ALL, bool),
  IPV6_ROUTER_ALERT_ISOLATE: ipv6.readWrite(inet.IPV6_ROUTER_ALERT_ISOLATE, bool),
  IPV6_RECVERR_RFC4884: ipv6.readWrite(inet.IPV6_RECVERR_RFC4884, bool),
  IPV6_FLOWINFO_SEND: ipv6.readWrite(inet.IPV6_FLOWINFO_SEND, bool),
  IPV6_IPSEC_POLICY: ipv6.writeOnly(inet.IPV6_IPSEC_POLICY, bytes(4096)),
  IPV6_XFRM_POLICY: ipv6.writeOnly(inet.IPV6_XFRM_POLICY, bytes(4096)),
  IPV6_HDRINCL: ipv6.readWrite(inet.IPV6_HDRINCL, bool),
  IPV6_RECVPKTINFO: ipv6.readWrite(inet.IPV6_RECVPKTINFO, bool),
  IPV6_PKTINFO: ipv6.writeOnly(inet.IPV6_PKTINFO, packetInfo6),
  IPV6_RECVHOPLIMIT: ipv6.readWrite(inet.IPV6_RECVHOPLIMIT, bool),
  IPV6_RECVHOPOPTS: ipv6.readWrite(inet.IPV6_RECVHOPOPTS, bool),
  IPV6_HOPOPTS: ipv6.readWrite(inet.IPV6_HOPOPTS, bytes(2048)),
  IPV6_RTHDRDSTOPTS: ipv6.readWrite(inet.IPV6_RTHDRDSTOPTS, bytes(2048)),
  IPV6_RECVRTHDR: ipv6.readWrite(inet.IPV6_RECVRTHDR, bool),
  IPV6_RTHDR: ipv6.readWrite(inet.IPV6_RTHDR, bytes(2048)),
  IPV6_RECVDSTOPTS: ipv6.readWrite(inet.IPV6_RECVDSTOPTS, bool),
  IPV6_DSTOPTS: ipv6.readWrite(inet.IPV6_DSTOPTS, bytes(2048)),
  IPV6_RECVPATHMTU: ipv6.readWrite(inet.IPV6_RECVPATHMTU, bool),
  IPV6_PATHMTU: ipv6.readOnly(inet.IPV6_PATHMTU, pathMtu),
  IPV6_DONTFRAG: ipv6.readWrite(inet.IPV6_DONTFRAG, bool),
  IPV6_RECVTCLASS: ipv6.readWrite(inet.IPV6_RECVTCLASS, bool),
  IPV6_TCLASS: ipv6.readWrite(inet.IPV6_TCLASS, int),
  IPV6_AUTOFLOWLABEL: ipv6.readWrite(inet.IPV6_AUTOFLOWLABEL, bool),
  IPV6_ADDR_PREFERENCES: ipv6.readWrite(inet.IPV6_ADDR_PREFERENCES, int),
  IPV6_MINHOPCOUNT: ipv6.readWrite(inet.IPV6_MINHOPCOUNT, int),
  IPV6_RECVORIGDSTADDR: ipv6.readWrite(inet.IPV6_RECVORIGDSTADDR, bool),
  IPV6_TRANSPARENT: ipv6.readWrite(inet.IPV6_TRANSPARENT, bool),
  IPV6_UNICAST_IF: ipv6.readWrite(inet.IPV6_UNICAST_IF, networkInt),
  IPV6_RECVFRAGSIZE: ipv6.readWrite(inet.IPV6_RECVFRAGSIZE, bool),
  IPV6_FREEBIND: ipv6.readWrite(inet.IPV6_FREEBIND, bool),
  IP6T_SO_ORIGINAL_DST: ipv6.readOnly(inet.IP6T_SO_ORIGINAL_DST, sockaddr),
};
