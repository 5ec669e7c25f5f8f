/**
 * The structs that are values of socket options: addresses, timestamps, port ranges, keys, statistics.
 * As option-codecs.ts, a codec for each, and nothing is called. Multicast is in option-multicast.ts.
 *
 * Source: socket(7), ipv6(7), packet(7), tcp(7), <linux/in6.h>, <linux/if_packet.h>, <linux/tcp.h>.
 */
import { encodePacketInfo, type PacketInfo } from './ancillary.ts';
import { integer, type OptionCodec, readOnly, uint, viewOf } from './option-codecs.ts';
import { address, encoderOnly, object, withIndex } from './option-fields.ts';
import {
  decodeSockaddr,
  encodeSockaddr,
  type Sockaddr,
  SOCKADDR_STORAGE_SIZE,
} from './sockaddr.ts';

/** struct in6_pktinfo: the source address and the interface of what is sent. */
export const packetInfo6: OptionCodec<PacketInfo> = encoderOnly((name, { addr, ifindex }) =>
  encodePacketInfo({
    addr: address(name, 'addr', addr, 16),
    ifindex: integer(`${name}: ifindex`, ifindex, 0, 0x7fffffff),
  }),
);

/** struct ip6_mtuinfo, of which the kernel fills the MTU alone. */
export const pathMtu: OptionCodec<number> = {
  size: 32,
  encode: (name) => readOnly(name),
  decode: (data) => viewOf(data, 32).getUint32(28, true),
};

/** struct sockaddr of any family. */
export const sockaddr: OptionCodec<Sockaddr> = {
  size: SOCKADDR_STORAGE_SIZE,
  encode: (_name, value) => encodeSockaddr(value),
  decode: (data) => decodeSockaddr(data, data.length),
};

/** The same, where the kernel takes no room beyond it: SO_PEERNAME. */
export const sockaddrExactly: OptionCodec<Sockaddr> = { ...sockaddr, exact: true };

/** struct so_timestamping. */
export interface TimestampingFlags {
  /** SOF_TIMESTAMPING_… or'ed. */
  readonly flags: number;
  /** The clock of the network card that hardware times are of; with SOF_TIMESTAMPING_BIND_PHC. */
  readonly bindPhc?: number;
}

export const timestampingFlags: OptionCodec<TimestampingFlags> = {
  size: 8,
  encode(name, value) {
    const { flags, bindPhc } = object(name, value);
    const words = [integer(`${name}: flags`, flags, 0, 0x7fffffff)];
    // Kernels before 5.14 take the flags alone.
    if (bindPhc !== undefined) words.push(integer(`${name}: bindPhc`, bindPhc, 0, 0x7fffffff));
    return new Uint8Array(Int32Array.from(words).buffer);
  },
  decode(data) {
    const view = viewOf(data, 4);
    return { flags: view.getInt32(0, true), bindPhc: data.length < 8 ? 0 : view.getInt32(4, true) };
  },
};

/** struct sock_txtime. */
export interface TransmitTime {
  /** CLOCK_TAI (11), CLOCK_MONOTONIC (1), …. */
  readonly clockid: number;
  /** 1: the times are deadlines. 2: errors are reported. */
  readonly flags: number;
}

export const transmitTime: OptionCodec<TransmitTime> = {
  size: 8,
  encode(name, value) {
    const { clockid, flags } = object(name, value);
    return new Uint8Array(
      Int32Array.of(
        integer(`${name}: clockid`, clockid, -0x80000000, 0x7fffffff),
        integer(`${name}: flags`, flags, 0, 0x7fffffff),
      ).buffer,
    );
  },
  decode(data) {
    const view = viewOf(data, 8);
    return { clockid: view.getInt32(0, true), flags: view.getUint32(4, true) };
  },
};

/** Ports from `low` to `high`; 0 for the machine's bound. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

export const portRange: OptionCodec<PortRange> = {
  size: 4,
  encode(name, value) {
    const { low, high } = object(name, value);
    const ports = [
      integer(`${name}: low`, low, 0, 0xffff),
      integer(`${name}: high`, high, 0, 0xffff),
    ];
    return new Uint8Array(Uint16Array.from(ports).buffer);
  },
  decode(data) {
    const view = viewOf(data, 4);
    return { low: view.getUint16(0, true), high: view.getUint16(2, true) };
  },
};

/** The numbers of SO_MEMINFO, in bytes but for `drops`: linux/sock_diag.h's SK_MEMINFO_…. */
export interface SocketMemory {
  readonly rmemAlloc: number;
  readonly rcvbuf: number;
  readonly wmemAlloc: number;
  readonly sndbuf: number;
  readonly fwdAlloc: number;
  readonly wmemQueued: number;
  readonly optmem: number;
  readonly backlog: number;
  /** Packets that were dropped. */
  readonly drops: number;
}

export const socketMemory: OptionCodec<SocketMemory> = {
  size: 64,
  encode: (name) => readOnly(name),
  decode(data) {
    const view = viewOf(data, 36);
    const word = (index: number): number => view.getUint32(4 * index, true);
    return {
      rmemAlloc: word(0),
      rcvbuf: word(1),
      wmemAlloc: word(2),
      sndbuf: word(3),
      fwdAlloc: word(4),
      wmemQueued: word(5),
      optmem: word(6),
      backlog: word(7),
      drops: word(8),
    };
  },
};

/** struct tcp_md5sig: the key that segments of one peer are signed with (RFC 2385). */
export interface TcpMd5Signature {
  readonly addr: Sockaddr;
  /** At most 80 bytes; none removes the key. */
  readonly key: Uint8Array;
  /** For all addresses with this prefix. TCP_MD5SIG_EXT alone. */
  readonly prefixLength?: number;
  /** For an interface of this VRF. TCP_MD5SIG_EXT alone. */
  readonly ifindex?: number;
}

const MD5_KEY_MAX = 80;
const MD5_HAS_PREFIX = 1;
const MD5_HAS_IFINDEX = 2;

export const tcpMd5Signature: OptionCodec<TcpMd5Signature> = encoderOnly((name, signature) => {
  const { addr, key, prefixLength, ifindex } = signature;
  if (!(key instanceof Uint8Array)) throw new TypeError(`${name}: key must be a Uint8Array`);
  const data = new Uint8Array(SOCKADDR_STORAGE_SIZE + 8 + MD5_KEY_MAX);
  data.set(encodeSockaddr(addr), 0);
  data[128] =
    (prefixLength === undefined ? 0 : MD5_HAS_PREFIX) |
    (ifindex === undefined ? 0 : MD5_HAS_IFINDEX);
  data[129] = integer(`${name}: prefixLength`, prefixLength ?? 0, 0, 128);
  data[130] = integer(`${name}: the length of key`, key.length, 0, MD5_KEY_MAX);
  data.set(key, 136);
  return withIndex(name, data, 132, ifindex ?? 0);
});

/** struct packet_mreq: which more packets a device lets through. */
export interface PacketMembership {
  readonly ifindex: number;
  /** PACKET_MR_MULTICAST, PACKET_MR_PROMISC, PACKET_MR_ALLMULTI, PACKET_MR_UNICAST. */
  readonly type: number;
  /** A hardware address, up to 32 bytes, for the first and the last type. */
  readonly address?: Uint8Array;
}

const HARDWARE_ADDRESS_MAX = 32;

export const packetMembership: OptionCodec<PacketMembership> = encoderOnly(
  (name, { ifindex, type, address: hardware = new Uint8Array(0) }) => {
    const length = integer(
      `${name}: the length of address`,
      hardware.length,
      0,
      HARDWARE_ADDRESS_MAX,
    );
    const data = new Uint8Array(8 + Math.max(8, length));
    const view = new DataView(data.buffer);
    view.setUint16(4, integer(`${name}: type`, type, 0, 0xffff), true);
    view.setUint16(6, length, true);
    data.set(hardware, 8);
    return withIndex(name, data, 0, ifindex);
  },
);

/** struct tpacket_stats: since it was last asked for. */
export interface PacketStatistics {
  readonly packets: number;
  readonly drops: number;
  /** How often the ring was full: with PACKET_VERSION TPACKET_V3 alone, else undefined. */
  readonly freezes: number | undefined;
}

export const packetStatistics: OptionCodec<PacketStatistics> = {
  size: 12,
  encode: (name) => readOnly(name),
  decode(data) {
    const view = viewOf(data, 8);
    return {
      packets: view.getUint32(0, true),
      drops: view.getUint32(4, true),
      freezes: data.length < 12 ? undefined : view.getUint32(8, true),
    };
  },
};

/** PACKET_FANOUT: the sockets with the same `id` share the packets. */
export interface PacketFanout {
  readonly id: number;
  /** PACKET_FANOUT_HASH, …, or'ed with PACKET_FANOUT_FLAG_…. */
  readonly type: number;
}

export const packetFanout: OptionCodec<PacketFanout> = {
  size: 4,
  encode(name, value) {
    const { id, type } = object(name, value);
    const high = integer(`${name}: type`, type, 0, 0xffff);
    return uint.encode(name, integer(`${name}: id`, id, 0, 0xffff) + 0x10000 * high);
  },
  decode(data) {
    const view = viewOf(data, 4);
    return { id: view.getUint16(0, true), type: view.getUint16(2, true) };
  },
};
