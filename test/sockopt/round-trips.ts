/** For each option that is set and read: on which socket, to what, and what is read then. */
import type { OptionAccess } from '../../src/syscall/option.ts';
import type {
  SOCKET_OPTIONS,
  SocketOptionName,
  SocketOptionValue,
} from '../../src/syscall/options.ts';
import type { SocketKind } from './sockets.ts';

type Access<K extends SocketOptionName> = (typeof SOCKET_OPTIONS)[K]['access'];

/** The names that can be both set and read. */
export type TwoWayName = {
  [K in SocketOptionName]: Access<K> extends infer A extends OptionAccess
    ? A extends 'read-write'
      ? K
      : never
    : never;
}[SocketOptionName];

/** The socket, the values to set, and for each what is read if that is something else. */
export interface RoundTrip<T> {
  readonly on: SocketKind;
  readonly set: readonly T[];
  readonly get?: readonly T[];
  /** Linux that has it: before, ENOPROTOOPT is an answer. */
  readonly since?: string;
  /** What machines may lack for it, and the error then. */
  readonly unless?: string;
}

const onAndOff = [true, false] as const;
const bool = (on: SocketKind): RoundTrip<boolean> => ({ on, set: onAndOff });
const ints = (on: SocketKind, ...set: number[]): RoundTrip<number> => ({ on, set });

const lo = Uint8Array.of(127, 0, 0, 1);
const none = new Uint8Array(4);
const padding = Uint8Array.of(1, 1, 1, 0);
const allBits = new Uint8Array(32).fill(0xff);
const noBits = new Uint8Array(32);
/** An extension header of eight bytes: an option that fills it (PadN). */
const header6 = Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0);
const key = Uint8Array.from({ length: 32 }, (_, i) => i);

export const ROUND_TRIPS: {
  readonly [K in TwoWayName]: RoundTrip<SocketOptionValue<K>> | { readonly otherwise: string };
} = {
  SO_DEBUG: bool('tcp'),
  SO_REUSEADDR: bool('tcp'),
  SO_DONTROUTE: bool('tcp'),
  SO_BROADCAST: bool('udp'),
  SO_SNDBUF: { on: 'tcp', set: [20_000], get: [40_000] },
  SO_RCVBUF: { on: 'tcp', set: [20_000], get: [40_000] },
  SO_KEEPALIVE: bool('tcp'),
  SO_OOBINLINE: bool('tcp'),
  SO_NO_CHECK: bool('udp'),
  SO_PRIORITY: ints('udp', 6, 7, 0),
  SO_LINGER: { on: 'tcp', set: [5, 0, null] },
  SO_REUSEPORT: bool('tcp'),
  SO_PASSCRED: bool('unix'),
  SO_RCVLOWAT: { on: 'tcp', set: [100, 0], get: [100, 1] },
  SO_RCVTIMEO: { on: 'tcp', set: [1500, 3_600_000, 0] },
  SO_SNDTIMEO: { on: 'tcp', set: [1500, 0] },
  SO_BINDTODEVICE: { on: 'udp', set: ['lo', ''] },
  SO_TIMESTAMP: bool('udp'),
  SO_PASSSEC: bool('unix'),
  SO_TIMESTAMPNS: bool('udp'),
  SO_MARK: ints('tcp', 0xfffffffe, 0),
  SO_TIMESTAMPING: {
    on: 'udp',
    set: [
      { flags: 0x18, bindPhc: 0 },
      { flags: 0, bindPhc: 0 },
    ],
  },
  SO_RXQ_OVFL: bool('udp'),
  SO_WIFI_STATUS: bool('udp'),
  SO_PEEK_OFF: ints('unix', 3, 0, -1),
  SO_NOFCS: bool('packet'),
  SO_LOCK_FILTER: { on: 'udp', set: [true] },
  SO_SELECT_ERR_QUEUE: bool('udp'),
  SO_BUSY_POLL: ints('tcp', 50, 0),
  SO_MAX_PACING_RATE: { on: 'tcp', set: [1_000_000, 2 ** 40, Infinity] },
  SO_INCOMING_CPU: ints('tcp', 0),
  SO_ZEROCOPY: bool('tcp'),
  SO_TXTIME: { on: 'udp', set: [{ clockid: 1, flags: 3 }] },
  SO_BINDTOIFINDEX: ints('udp', 1, 0),
  SO_TIMESTAMP_NEW: bool('udp'),
  SO_TIMESTAMPNS_NEW: bool('udp'),
  SO_TIMESTAMPING_NEW: { on: 'udp', set: [{ flags: 0x18, bindPhc: 0 }] },
  SO_RCVTIMEO_NEW: { on: 'tcp', set: [1500, 0] },
  SO_SNDTIMEO_NEW: { on: 'tcp', set: [1500, 0] },
  SO_PREFER_BUSY_POLL: bool('tcp'),
  SO_BUF_LOCK: ints('tcp', 3, 1, 0),
  SO_RESERVE_MEM: { on: 'tcp', set: [0], unless: 'EOPNOTSUPP' },
  SO_TXREHASH: { on: 'tcp', set: [0, 1], since: '6.0' },
  SO_RCVMARK: { on: 'udp', set: onAndOff, since: '6.0' },
  SO_PASSPIDFD: { on: 'unix', set: onAndOff, since: '6.5' },
  SO_RCVPRIORITY: { on: 'udp', set: onAndOff, since: '6.14' },
  SO_PASSRIGHTS: { on: 'unix', set: onAndOff, since: '6.16' },

  IP_TOS: ints('udp', 0x10, 0xb8, 0),
  IP_TTL: { on: 'udp', set: [5, 255, -1], get: [5, 255, 64] },
  IP_HDRINCL: bool('raw'),
  IP_OPTIONS: { on: 'udp', set: [padding, new Uint8Array(0)] },
  IP_ROUTER_ALERT: { on: 'raw', set: onAndOff, unless: 'ENOPROTOOPT' },
  IP_RECVOPTS: bool('udp'),
  IP_RETOPTS: bool('udp'),
  IP_PKTINFO: bool('udp'),
  IP_MTU_DISCOVER: ints('udp', 0, 1, 2, 3, 4, 5),
  IP_RECVERR: bool('udp'),
  IP_RECVTTL: bool('udp'),
  IP_RECVTOS: bool('udp'),
  IP_FREEBIND: bool('udp'),
  IP_PASSSEC: bool('udp'),
  IP_TRANSPARENT: bool('udp'),
  IP_RECVORIGDSTADDR: bool('udp'),
  IP_MINTTL: ints('udp', 3, 255, 0),
  IP_NODEFRAG: bool('raw'),
  IP_CHECKSUM: bool('udp'),
  IP_BIND_ADDRESS_NO_PORT: bool('udp'),
  IP_RECVFRAGSIZE: bool('udp'),
  IP_RECVERR_RFC4884: bool('udp'),
  IP_MULTICAST_IF: {
    on: 'udp',
    set: [{ local: lo }, { ifindex: 1 }, {}],
    get: [{ local: lo }, { local: none }, { local: none }],
  },
  IP_MULTICAST_TTL: { on: 'udp', set: [0, 200, -1], get: [0, 200, 1] },
  IP_MULTICAST_LOOP: bool('udp'),
  IP_MULTICAST_ALL: bool('udp'),
  IP_UNICAST_IF: ints('udp', 1, 0),
  IP_LOCAL_PORT_RANGE: {
    on: 'tcp',
    set: [
      { low: 40_000, high: 40_100 },
      { low: 0, high: 0 },
    ],
    since: '6.3',
  },

  IPV6_ADDRFORM: { otherwise: 'is for a connected socket; see the effects' },
  IPV6_CHECKSUM: { otherwise: 'of ICMPv6 is fixed; see the effects' },
  IPV6_FLOWINFO: bool('udp6'),
  IPV6_UNICAST_HOPS: { on: 'udp6', set: [5, 0, -1], get: [5, 0, 64] },
  IPV6_MULTICAST_IF: ints('udp6', 1, 0),
  IPV6_MULTICAST_HOPS: { on: 'udp6', set: [5, -1], get: [5, 1] },
  IPV6_MULTICAST_LOOP: bool('udp6'),
  IPV6_ROUTER_ALERT: { otherwise: 'is for another kind of raw socket; see the effects' },
  IPV6_MTU_DISCOVER: ints('udp6', 0, 1, 2, 3, 4, 5),
  IPV6_MTU: { otherwise: 'is read of a connected socket; see the effects' },
  IPV6_RECVERR: bool('udp6'),
  IPV6_V6ONLY: bool('tcp6'),
  IPV6_MULTICAST_ALL: bool('udp6'),
  IPV6_ROUTER_ALERT_ISOLATE: bool('udp6'),
  IPV6_RECVERR_RFC4884: bool('udp6'),
  IPV6_FLOWINFO_SEND: bool('udp6'),
  IPV6_HDRINCL: bool('raw6'),
  IPV6_RECVPKTINFO: bool('udp6'),
  IPV6_RECVHOPLIMIT: bool('udp6'),
  IPV6_RECVHOPOPTS: bool('udp6'),
  IPV6_HOPOPTS: { on: 'udp6', set: [header6, new Uint8Array(0)] },
  IPV6_RTHDRDSTOPTS: { on: 'udp6', set: [header6, new Uint8Array(0)] },
  IPV6_RECVRTHDR: bool('udp6'),
  IPV6_RTHDR: { on: 'udp6', set: [new Uint8Array(0)] },
  IPV6_RECVDSTOPTS: bool('udp6'),
  IPV6_DSTOPTS: { on: 'udp6', set: [header6, new Uint8Array(0)] },
  IPV6_RECVPATHMTU: bool('udp6'),
  IPV6_DONTFRAG: bool('udp6'),
  IPV6_RECVTCLASS: bool('udp6'),
  IPV6_TCLASS: { on: 'udp6', set: [0x10, 0xb8, -1], get: [0x10, 0xb8, 0] },
  IPV6_AUTOFLOWLABEL: bool('udp6'),
  IPV6_ADDR_PREFERENCES: { otherwise: 'adds what is not said; see the effects' },
  IPV6_MINHOPCOUNT: ints('udp6', 3, 255, 0),
  IPV6_RECVORIGDSTADDR: bool('udp6'),
  IPV6_TRANSPARENT: bool('udp6'),
  IPV6_UNICAST_IF: ints('udp6', 1, 0),
  IPV6_RECVFRAGSIZE: bool('udp6'),
  IPV6_FREEBIND: bool('udp6'),

  TCP_NODELAY: bool('tcp'),
  TCP_MAXSEG: { on: 'tcp', set: [1000, 0], get: [1000, 536] },
  TCP_CORK: bool('tcp'),
  TCP_KEEPIDLE: ints('tcp', 1, 32767),
  TCP_KEEPINTVL: ints('tcp', 1, 32767),
  TCP_KEEPCNT: ints('tcp', 1, 127),
  TCP_SYNCNT: ints('tcp', 1, 127),
  TCP_LINGER2: { on: 'tcp', set: [5, -1, 0], get: [5, -1, 60] },
  TCP_DEFER_ACCEPT: { on: 'tcp', set: [4, 0], get: [7, 0] },
  TCP_WINDOW_CLAMP: ints('tcp', 100_000, 0),
  TCP_QUICKACK: bool('connected'),
  TCP_CONGESTION: { on: 'tcp', set: ['reno', 'cubic'] },
  TCP_THIN_LINEAR_TIMEOUTS: bool('tcp'),
  TCP_THIN_DUPACK: { on: 'tcp', set: onAndOff, get: [false, false] },
  TCP_USER_TIMEOUT: ints('tcp', 5000, 0),
  TCP_REPAIR: { on: 'tcp', set: [1, 0], unless: 'EPERM' },
  TCP_REPAIR_QUEUE: { otherwise: 'is for TCP_REPAIR; see the effects' },
  TCP_QUEUE_SEQ: { otherwise: 'is for TCP_REPAIR; see the effects' },
  TCP_FASTOPEN: ints('tcp', 5),
  TCP_TIMESTAMP: { otherwise: 'is a clock; see the effects' },
  TCP_NOTSENT_LOWAT: ints('tcp', 16384, 0xffffffff, 0),
  TCP_SAVE_SYN: ints('tcp', 1, 2, 0),
  TCP_REPAIR_WINDOW: { otherwise: 'is for TCP_REPAIR; see the effects' },
  TCP_FASTOPEN_CONNECT: { on: 'tcp', set: onAndOff, unless: 'EOPNOTSUPP' },
  TCP_ULP: { otherwise: 'is for machines that have one; see the effects' },
  TCP_FASTOPEN_KEY: { on: 'tcp', set: [key.subarray(0, 16), key] },
  TCP_FASTOPEN_NO_COOKIE: bool('tcp'),
  TCP_INQ: bool('tcp'),
  TCP_TX_DELAY: ints('tcp', 1000, 0),
  TCP_RTO_MAX_MS: { on: 'tcp', set: [2000, 120_000], since: '6.15' },

  UDP_CORK: bool('udp'),
  UDP_ENCAP: ints('udp', 2),
  UDP_NO_CHECK6_TX: bool('udp6'),
  UDP_NO_CHECK6_RX: bool('udp6'),
  UDP_SEGMENT: ints('udp', 1400, 0),
  UDP_GRO: bool('udp'),
  ICMP_FILTER: ints('raw', 0xfffffffe, 0),
  ICMPV6_FILTER: { on: 'raw6', set: [allBits, noBits] },
  ICMP6_FILTER: { on: 'raw6', set: [noBits, allBits] },
  NETLINK_PKTINFO: bool('netlink'),
  NETLINK_BROADCAST_ERROR: bool('netlink'),
  NETLINK_NO_ENOBUFS: bool('netlink'),
  NETLINK_LISTEN_ALL_NSID: { on: 'netlink', set: onAndOff, unless: 'ENOPROTOOPT' },
  NETLINK_CAP_ACK: bool('netlink'),
  NETLINK_EXT_ACK: bool('netlink'),
  NETLINK_GET_STRICT_CHK: bool('netlink'),
  PACKET_COPY_THRESH: ints('packet', 64, 0),
  PACKET_AUXDATA: bool('packet'),
  PACKET_ORIGDEV: bool('packet'),
  PACKET_VERSION: ints('packet', 1, 2, 0),
  PACKET_RESERVE: ints('packet', 64, 0),
  PACKET_LOSS: bool('packet'),
  PACKET_VNET_HDR: bool('packet'),
  PACKET_TIMESTAMP: ints('packet', 0x40, 0),
  PACKET_FANOUT: { otherwise: 'is for a bound socket; see the effects' },
  PACKET_TX_HAS_OFF: bool('packet'),
  PACKET_QDISC_BYPASS: bool('packet'),
  PACKET_IGNORE_OUTGOING: bool('packet'),
  SO_VM_SOCKETS_BUFFER_SIZE: ints('vsock', 200_000),
  SO_VM_SOCKETS_BUFFER_MIN_SIZE: ints('vsock', 1000),
  SO_VM_SOCKETS_BUFFER_MAX_SIZE: ints('vsock', 300_000),
  SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD: ints('vsock', 1500),
  SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW: ints('vsock', 1500),
  SO_VM_SOCKETS_CONNECT_TIMEOUT: ints('vsock', 1500),
};
