/**
 * The options of SOL_IP, and those of multicast that SOL_IP and SOL_IPV6 have in common (MCAST_…): the
 * length of the group's address says which of the two is meant.
 *
 * IP_ORIGDSTADDR is not here: it is the control message of IP_RECVORIGDSTADDR. Source: ip(7),
 * <linux/in.h>, RFC 3678, the kernel's net/ipv4/ip_sockglue.c.
 */
import * as inet from './inet.ts';
import { type OptionTable, optionsOf, type WriteOnly } from './option.ts';
import { bool, bytes, int, networkInt } from './option-codecs.ts';
import {
  groupFilter,
  type GroupFilter,
  groupMembership,
  type GroupMembership,
  groupRequest,
  type GroupRequest,
  groupSourceRequest,
  type GroupSourceRequest,
  multicastInterface,
  type MulticastInterface,
  sourceFilter,
  type SourceFilter,
  sourceMembership,
  type SourceMembership,
} from './option-multicast.ts';
import { portRange, type PortRange, sockaddr } from './option-structs.ts';
import type { Sockaddr } from './sockaddr.ts';

/** The values of the options that begin with IP_ or MCAST_. Where no page is named it is ip(7). */
export interface IpOptions {
  /**
   * The type-of-service byte of packets that are sent: DSCP and ECN. High priorities:
   * CAP_NET_ADMIN.
   */
  IP_TOS: number;
  /** The time to live of packets that are sent, 1 to 255; -1 sets the default. */
  IP_TTL: number;
  /** What is sent has its IP header already. raw(7). */
  IP_HDRINCL: boolean;
  /** The IP options of packets that are sent; at most 40 bytes. */
  IP_OPTIONS: Uint8Array;
  /** Packets with the option Router Alert come here instead of being forwarded. raw(7). */
  IP_ROUTER_ALERT: boolean;
  /** Datagrams come with their IP options. */
  IP_RECVOPTS: boolean;
  /** The same, turned around for an answer. */
  IP_RETOPTS: boolean;
  /** Datagrams come with IP_PKTINFO: interface and destination. */
  IP_PKTINFO: boolean;
  /**
   * The control messages that the last segment of a stream would come with, see
   * control-message.ts.
   */
  readonly IP_PKTOPTIONS: Uint8Array;
  /** Whether packets may be fragmented: IP_PMTUDISC_…. */
  IP_MTU_DISCOVER: number;
  /** Errors of datagrams go to the error queue (MSG_ERRQUEUE). */
  IP_RECVERR: boolean;
  /** Datagrams come with IP_TTL. */
  IP_RECVTTL: boolean;
  /** Datagrams come with IP_TOS. */
  IP_RECVTOS: boolean;
  /** The largest packet that gets to the peer, in bytes. ENOTCONN without a peer. */
  readonly IP_MTU: number;
  /** bind(2) takes an address that this machine does not have, or not yet. */
  IP_FREEBIND: boolean;
  /** struct sadb_x_policy: how packets are encrypted. CAP_NET_ADMIN. */
  IP_IPSEC_POLICY: WriteOnly<Uint8Array>;
  /** struct xfrm_userpolicy_info: how packets are encrypted. CAP_NET_ADMIN. */
  IP_XFRM_POLICY: WriteOnly<Uint8Array>;
  /** Datagrams come with the security context of their peer. */
  IP_PASSSEC: boolean;
  /**
   * The socket may have any address, for a proxy that is not seen. CAP_NET_ADMIN or CAP_NET_RAW.
   */
  IP_TRANSPARENT: boolean;
  /** Datagrams come with IP_ORIGDSTADDR: where they were sent to before they were redirected. */
  IP_RECVORIGDSTADDR: boolean;
  /** Packets with a smaller time to live are dropped, 0 to 255. */
  IP_MINTTL: number;
  /** Fragments come as they are, without being put together. raw(7). */
  IP_NODEFRAG: boolean;
  /** Datagrams come with their checksum. */
  IP_CHECKSUM: boolean;
  /** bind(2) to port 0 leaves the choice of a port to connect(2), which knows more. */
  IP_BIND_ADDRESS_NO_PORT: boolean;
  /** Datagrams come with the size of their largest fragment. */
  IP_RECVFRAGSIZE: boolean;
  /** Errors come with what the ICMP message has after the packet (RFC 4884). */
  IP_RECVERR_RFC4884: boolean;
  /**
   * The interface for multicast that is sent. Read, it is an address: 0.0.0.0 if it was set by
   * index.
   */
  IP_MULTICAST_IF: MulticastInterface;
  /** The time to live of multicast that is sent, 0 to 255; -1 sets the default, 1. */
  IP_MULTICAST_TTL: number;
  /** Multicast that is sent comes to this machine too. */
  IP_MULTICAST_LOOP: boolean;
  /** Joins a group. */
  IP_ADD_MEMBERSHIP: WriteOnly<GroupMembership>;
  /** Leaves it. */
  IP_DROP_MEMBERSHIP: WriteOnly<GroupMembership>;
  /** Lets a sender through again. */
  IP_UNBLOCK_SOURCE: WriteOnly<SourceMembership>;
  /** Lets a sender to a group that was joined not through. */
  IP_BLOCK_SOURCE: WriteOnly<SourceMembership>;
  /** Joins a group for one sender. */
  IP_ADD_SOURCE_MEMBERSHIP: WriteOnly<SourceMembership>;
  /** Leaves it for that sender. */
  IP_DROP_SOURCE_MEMBERSHIP: WriteOnly<SourceMembership>;
  /** The senders to a group, all at once. Not to be read: the kernel would write beyond optlen. */
  IP_MSFILTER: WriteOnly<SourceFilter>;
  /** Joins a group of IPv4 or IPv6. */
  MCAST_JOIN_GROUP: WriteOnly<GroupRequest>;
  /** Lets a sender to a group that was joined not through. */
  MCAST_BLOCK_SOURCE: WriteOnly<GroupSourceRequest>;
  /** Lets it through again. */
  MCAST_UNBLOCK_SOURCE: WriteOnly<GroupSourceRequest>;
  /** Leaves a group. */
  MCAST_LEAVE_GROUP: WriteOnly<GroupRequest>;
  /** Joins a group for one sender. */
  MCAST_JOIN_SOURCE_GROUP: WriteOnly<GroupSourceRequest>;
  /** Leaves it for that sender. */
  MCAST_LEAVE_SOURCE_GROUP: WriteOnly<GroupSourceRequest>;
  /** The senders to a group, all at once. Not to be read, as IP_MSFILTER. */
  MCAST_MSFILTER: WriteOnly<GroupFilter>;
  /** Datagrams come from all groups that any socket here has joined, not only from our own. */
  IP_MULTICAST_ALL: boolean;
  /** The index of the interface for what is sent; 0 for any. */
  IP_UNICAST_IF: number;
  /** The ports of which the kernel chooses one. Since Linux 6.3. */
  IP_LOCAL_PORT_RANGE: PortRange;
  /** The protocol of a raw socket. Since Linux 6.4. */
  readonly IP_PROTOCOL: number;
  /** Where a connection was going before netfilter redirected it. ENOENT if it was not. */
  readonly SO_ORIGINAL_DST: Sockaddr;
}

const ip = optionsOf(inet.SOL_IP);

const levelOf = ({ group }: GroupRequest): number =>
  group.length === 16 ? inet.SOL_IPV6 : inet.SOL_IP;

export const IP_LEVEL_OPTIONS: OptionTable<IpOptions> = {
  IP_TOS: ip.readWrite(inet.IP_TOS, int),
  IP_TTL: ip.readWrite(inet.IP_TTL, int),
  IP_HDRINCL: ip.readWrite(inet.IP_HDRINCL, bool),
  IP_OPTIONS: ip.readWrite(inet.IP_OPTIONS, bytes(40)),
  IP_ROUTER_ALERT: ip.readWrite(inet.IP_ROUTER_ALERT, bool),
  IP_RECVOPTS: ip.readWrite(inet.IP_RECVOPTS, bool),
  IP_RETOPTS: ip.readWrite(inet.IP_RETOPTS, bool),
  IP_PKTINFO: ip.readWrite(inet.IP_PKTINFO, bool),
  IP_PKTOPTIONS: ip.readOnly(inet.IP_PKTOPTIONS, bytes(1024)),
  IP_MTU_DISCOVER: ip.readWrite(inet.IP_MTU_DISCOVER, int),
  IP_RECVERR: ip.readWrite(inet.IP_RECVERR, bool),
  IP_RECVTTL: ip.readWrite(inet.IP_RECVTTL, bool),
  IP_RECVTOS: ip.readWrite(inet.IP_RECVTOS, bool),
  IP_MTU: ip.readOnly(inet.IP_MTU, int),
  IP_FREEBIND: ip.readWrite(inet.IP_FREEBIND, bool),
  IP_IPSEC_POLICY: ip.writeOnly(inet.IP_IPSEC_POLICY, bytes(4096)),
  IP_XFRM_POLICY: ip.writeOnly(inet.IP_XFRM_POLICY, bytes(4096)),
  IP_PASSSEC: ip.readWrite(inet.IP_PASSSEC, bool),
  IP_TRANSPARENT: ip.readWrite(inet.IP_TRANSPARENT, bool),
  IP_RECVORIGDSTADDR: ip.readWrite(inet.IP_RECVORIGDSTADDR, bool),
  IP_MINTTL: ip.readWrite(inet.IP_MINTTL, int),
  IP_NODEFRAG: ip.readWrite(inet.IP_NODEFRAG, bool),
  IP_CHECKSUM: ip.readWrite(inet.IP_CHECKSUM, bool),
  IP_BIND_ADDRESS_NO_PORT: ip.readWrite(inet.IP_BIND_ADDRESS_NO_PORT, bool),
  IP_RECVFRAGSIZE: ip.readWrite(inet.IP_RECVFRAGSIZE, bool),
  IP_RECVERR_RFC4884: ip.readWrite(inet.IP_RECVERR_RFC4884, bool),
  IP_MULTICAST_IF: ip.readWrite(inet.IP_MULTICAST_IF, multicastInterface),
  IP_MULTICAST_TTL: ip.readWrite(inet.IP_MULTICAST_TTL, int),
  IP_MULTICAST_LOOP: ip.readWrite(inet.IP_MULTICAST_LOOP, bool),
  IP_ADD_MEMBERSHIP: ip.writeOnly(inet.IP_ADD_MEMBERSHIP, groupMembership),
  IP_DROP_MEMBERSHIP: ip.writeOnly(inet.IP_DROP_MEMBERSHIP, groupMembership),
  IP_UNBLOCK_SOURCE: ip.writeOnly(inet.IP_UNBLOCK_SOURCE, sourceMembership),
  IP_BLOCK_SOURCE: ip.writeOnly(inet.IP_BLOCK_SOURCE, sourceMembership),
  IP_ADD_SOURCE_MEMBERSHIP: ip.writeOnly(inet.IP_ADD_SOURCE_MEMBERSHIP, sourceMembership),
  IP_DROP_SOURCE_MEMBERSHIP: ip.writeOnly(inet.IP_DROP_SOURCE_MEMBERSHIP, sourceMembership),
  IP_MSFILTER: ip.writeOnly(inet.IP_MSFILTER, sourceFilter),
  MCAST_JOIN_GROUP: { ...ip.writeOnly(inet.MCAST_JOIN_GROUP, groupRequest), levelOf },
  MCAST_BLOCK_SOURCE: { ...ip.writeOnly(inet.MCAST_BLOCK_SOURCE, groupSourceRequest), levelOf },
  MCAST_UNBLOCK_SOURCE: { ...ip.writeOnly(inet.MCAST_UNBLOCK_SOURCE, groupSourceRequest), levelOf },
  MCAST_LEAVE_GROUP: { ...ip.writeOnly(inet.MCAST_LEAVE_GROUP, groupRequest), levelOf },
  MCAST_JOIN_SOURCE_GROUP: {
    ...ip.writeOnly(inet.MCAST_JOIN_SOURCE_GROUP, groupSourceRequest),
    levelOf,
  },
  MCAST_LEAVE_SOURCE_GROUP: {
    ...ip.writeOnly(inet.MCAST_LEAVE_SOURCE_GROUP, groupSourceRequest),
    levelOf,
  },
  MCAST_MSFILTER: { ...ip.writeOnly(inet.MCAST_MSFILTER, groupFilter), levelOf },
  IP_MULTICAST_ALL: ip.readWrite(inet.IP_MULTICAST_ALL, bool),
  IP_UNICAST_IF: ip.readWrite(inet.IP_UNICAST_IF, networkInt),
  IP_LOCAL_PORT_RANGE: ip.readWrite(inet.IP_LOCAL_PORT_RANGE, portRange),
  IP_PROTOCOL: ip.readOnly(inet.IP_PROTOCOL, int),
  SO_ORIGINAL_DST: ip.readOnly(inet.SO_ORIGINAL_DST, sockaddr),
};
