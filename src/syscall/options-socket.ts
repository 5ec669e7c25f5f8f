/**
 * The options of SOL_SOCKET, which are about every kind of socket, or nearly so.
 *
 * SO_BSDCOMPAT is not here: it has had no effect since Linux 2.2. Source: socket(7), unix(7),
 * <asm-generic/socket.h>, Documentation/networking/timestamping.rst, the kernel's net/core/sock.c.
 */
import type { Credentials } from './ancillary.ts';
import type { BpfInstruction } from './bpf.ts';
import { type OptionTable, optionsOf, type WriteOnly } from './option.ts';
import {
  bool,
  bpfProgram,
  command,
  cookie,
  credentials,
  int,
  linger,
  rate,
  text,
  timeval,
  uint,
  uints,
} from './option-codecs.ts';
import {
  sockaddrExactly,
  socketMemory,
  type SocketMemory,
  timestampingFlags,
  type TimestampingFlags,
  transmitTime,
  type TransmitTime,
} from './option-structs.ts';
import type { Sockaddr } from './sockaddr.ts';
import * as socket from './socket.ts';

/** The values of the options that begin with SO_. Where no page is named it is socket(7). */
export interface SocketLevelOptions {
  /** The kernel keeps debug records, if it was built so. To set it: CAP_NET_ADMIN. */
  SO_DEBUG: boolean;
  /** bind(2) may take an address in TIME_WAIT; for datagrams one that others have too. */
  SO_REUSEADDR: boolean;
  /** The type of the socket: SOCK_STREAM, SOCK_DGRAM, …. */
  readonly SO_TYPE: number;
  /** The pending error, positive, 0 for none. Reading it clears it. */
  readonly SO_ERROR: number;
  /** Sends to hosts on the same link only, not by a gateway. */
  SO_DONTROUTE: boolean;
  /** Datagrams may be sent to a broadcast address. */
  SO_BROADCAST: boolean;
  /**
   * The send buffer in bytes. The kernel doubles what is set, within wmem_max, and reads that
   * back.
   */
  SO_SNDBUF: number;
  /**
   * The receive buffer in bytes. The kernel doubles what is set, within rmem_max, and reads that
   * back.
   */
  SO_RCVBUF: number;
  /** A silent peer is asked whether it is still there. For the times see TCP_KEEPIDLE. */
  SO_KEEPALIVE: boolean;
  /** Urgent data stays in the stream; else MSG_OOB fetches it. */
  SO_OOBINLINE: boolean;
  /** UDP over IPv4 is sent without a checksum. */
  SO_NO_CHECK: boolean;
  /** The priority of what is sent, for the queue of the device. Above 6: CAP_NET_ADMIN. */
  SO_PRIORITY: number;
  /**
   * Seconds in which close(2) waits for data to be sent; 0 resets the connection, null does
   * neither.
   */
  SO_LINGER: number | null;
  /** Several sockets bind to the same address, all with this set, and share what comes. */
  SO_REUSEPORT: boolean;
  /** Messages come with SCM_CREDENTIALS. unix(7), netlink(7). */
  SO_PASSCRED: boolean;
  /** Who made the peer of a unix(7) socket: process, user, group, as they were at connect(2). */
  readonly SO_PEERCRED: Credentials;
  /** The bytes that have to be there before the socket is readable. */
  SO_RCVLOWAT: number;
  /** Always 1. */
  readonly SO_SNDLOWAT: number;
  /** How long a blocking read waits, in milliseconds; 0, the default, has no limit. */
  SO_RCVTIMEO: number;
  /**
   * How long a blocking write or connect(2) waits, in milliseconds; 0, the default, has no limit.
   */
  SO_SNDTIMEO: number;
  /** The device, by name, that the socket is bound to; "" for none. To change it: CAP_NET_RAW. */
  SO_BINDTODEVICE: string;
  /** A program that says of each packet how many bytes of it are kept. */
  SO_ATTACH_FILTER: WriteOnly<readonly BpfInstruction[]>;
  /** Takes the program away. */
  SO_DETACH_FILTER: WriteOnly<true>;
  /** The program of SO_ATTACH_FILTER; empty if there is none. */
  readonly SO_GET_FILTER: readonly BpfInstruction[];
  /** The peer's address, as getpeername(2) gives it. */
  readonly SO_PEERNAME: Sockaddr;
  /** Datagrams come with SCM_TIMESTAMP: when they arrived, in microseconds. */
  SO_TIMESTAMP: boolean;
  /** Whether the socket listens. */
  readonly SO_ACCEPTCONN: boolean;
  /** The security context of the peer, where a security module gives it one. */
  readonly SO_PEERSEC: string;
  /** As SO_SNDBUF, beyond wmem_max. CAP_NET_ADMIN. */
  SO_SNDBUFFORCE: WriteOnly<number>;
  /** As SO_RCVBUF, beyond rmem_max. CAP_NET_ADMIN. */
  SO_RCVBUFFORCE: WriteOnly<number>;
  /** Messages come with SCM_SECURITY. unix(7). */
  SO_PASSSEC: boolean;
  /** As SO_TIMESTAMP, in nanoseconds: SCM_TIMESTAMPNS. */
  SO_TIMESTAMPNS: boolean;
  /**
   * The mark of packets that are sent, for routing and filters. To set it: CAP_NET_ADMIN or
   * CAP_NET_RAW.
   */
  SO_MARK: number;
  /** Which timestamps are taken and reported, in software and by the device. */
  SO_TIMESTAMPING: TimestampingFlags;
  /** The protocol of the socket: IPPROTO_TCP, …. */
  readonly SO_PROTOCOL: number;
  /** The family of the socket: AF_INET, …. */
  readonly SO_DOMAIN: number;
  /** Datagrams come with the number of those that were dropped before. */
  SO_RXQ_OVFL: boolean;
  /** What is sent is reported in the error queue, with whether the wireless peer confirmed it. */
  SO_WIFI_STATUS: boolean;
  /** Where MSG_PEEK begins to look, and moves on from; -1 for always the front. */
  SO_PEEK_OFF: number;
  /** Frames are sent without a checksum at the end, where the device can. packet(7). */
  SO_NOFCS: boolean;
  /** The filter can no more be changed; nor can this. */
  SO_LOCK_FILTER: boolean;
  /** No effect since Linux 4.16: select(2) always reports the error queue. */
  SO_SELECT_ERR_QUEUE: boolean;
  /**
   * Microseconds in which a blocking read asks the device again and again. To raise it:
   * CAP_NET_ADMIN.
   */
  SO_BUSY_POLL: number;
  /** The most bytes a second that are sent; Infinity for no limit. */
  SO_MAX_PACING_RATE: number;
  /** How far the offsets SKF_AD_… of a filter go. */
  readonly SO_BPF_EXTENSIONS: number;
  /**
   * The processor on which packets come in; for a group of SO_REUSEPORT the one to be preferred.
   */
  SO_INCOMING_CPU: number;
  /** The descriptor of an extended BPF program that filters, see SO_ATTACH_FILTER. */
  SO_ATTACH_BPF: WriteOnly<number>;
  /** Takes it away: another name of SO_DETACH_FILTER. */
  SO_DETACH_BPF: WriteOnly<true>;
  /** A program that says which socket of the group of SO_REUSEPORT gets a packet. */
  SO_ATTACH_REUSEPORT_CBPF: WriteOnly<readonly BpfInstruction[]>;
  /** The descriptor of an extended BPF program that does. */
  SO_ATTACH_REUSEPORT_EBPF: WriteOnly<number>;
  /** 1 if the peer does not answer: the kernel looks for another way to it. */
  SO_CNX_ADVICE: WriteOnly<number>;
  /** What the socket has of memory, and how many packets it dropped. */
  readonly SO_MEMINFO: SocketMemory;
  /** Which receive queue of a device the last packet came by; 0 if that is unknown. */
  readonly SO_INCOMING_NAPI_ID: number;
  /** A number that no other socket has or had, as in sock_diag(7). */
  readonly SO_COOKIE: bigint;
  /** The supplementary groups of the peer of a unix(7) socket. */
  readonly SO_PEERGROUPS: readonly number[];
  /** send(2) may be given MSG_ZEROCOPY. */
  SO_ZEROCOPY: boolean;
  /**
   * Packets are sent at the time of their SCM_TXTIME, by this clock. Some clocks: CAP_NET_ADMIN.
   */
  SO_TXTIME: TransmitTime;
  /** As SO_BINDTODEVICE, by the index of the interface; 0 for none. */
  SO_BINDTOIFINDEX: number;
  /** As SO_TIMESTAMP; with 64-bit times on every machine, under a kind of message of its own. */
  SO_TIMESTAMP_NEW: boolean;
  /** As SO_TIMESTAMPNS, in the same way. */
  SO_TIMESTAMPNS_NEW: boolean;
  /** As SO_TIMESTAMPING, in the same way. */
  SO_TIMESTAMPING_NEW: TimestampingFlags;
  /** The same as SO_RCVTIMEO on a 64-bit machine. */
  SO_RCVTIMEO_NEW: number;
  /** The same as SO_SNDTIMEO on a 64-bit machine. */
  SO_SNDTIMEO_NEW: number;
  /** Takes the program away that SO_ATTACH_REUSEPORT_CBPF or _EBPF has set. */
  SO_DETACH_REUSEPORT_BPF: WriteOnly<true>;
  /**
   * Asking the device again and again is preferred to its interrupts. To turn it on:
   * CAP_NET_ADMIN.
   */
  SO_PREFER_BUSY_POLL: boolean;
  /** The most packets that asking the device once may bring. To raise it: CAP_NET_ADMIN. */
  SO_BUSY_POLL_BUDGET: WriteOnly<number>;
  /** A number of the network namespace of the socket. */
  readonly SO_NETNS_COOKIE: bigint;
  /**
   * Which buffers the kernel does not resize by itself: 1 the send buffer, 2 the receive buffer.
   */
  SO_BUF_LOCK: number;
  /** Bytes of memory that the socket keeps for itself; only in a memory cgroup. */
  SO_RESERVE_MEM: number;
  /**
   * Whether another path is tried when segments get lost: 1, 0, or -1 for the default of the
   * namespace.
   */
  SO_TXREHASH: number;
  /** Packets come with their mark as a control message of the kind SO_MARK. */
  SO_RCVMARK: boolean;
  /** Messages come with SCM_PIDFD. unix(7), since Linux 6.5. */
  SO_PASSPIDFD: boolean;
  /**
   * A new descriptor of the process of SO_PEERCRED: the caller closes it. unix(7), since Linux
   * 6.5.
   */
  readonly SO_PEERPIDFD: number;
  /** Packets come with their priority as a control message. Since Linux 6.14. */
  SO_RCVPRIORITY: boolean;
  /** Off, messages that carry descriptors are refused. unix(7), since Linux 6.16. */
  SO_PASSRIGHTS: boolean;
}

const so = optionsOf(socket.SOL_SOCKET);

export const SOCKET_LEVEL_OPTIONS: OptionTable<SocketLevelOptions> = {
  SO_DEBUG: so.readWrite(socket.SO_DEBUG, bool),
  SO_REUSEADDR: so.readWrite(socket.SO_REUSEADDR, bool),
  SO_TYPE: so.readOnly(socket.SO_TYPE, int),
  SO_ERROR: so.readOnly(socket.SO_ERROR, int),
  SO_DONTROUTE: so.readWrite(socket.SO_DONTROUTE, bool),
  SO_BROADCAST: so.readWrite(socket.SO_BROADCAST, bool),
  SO_SNDBUF: so.readWrite(socket.SO_SNDBUF, int),
  SO_RCVBUF: so.readWrite(socket.SO_RCVBUF, int),
  SO_KEEPALIVE: so.readWrite(socket.SO_KEEPALIVE, bool),
  SO_OOBINLINE: so.readWrite(socket.SO_OOBINLINE, bool),
  SO_NO_CHECK: so.readWrite(socket.SO_NO_CHECK, bool),
  SO_PRIORITY: so.readWrite(socket.SO_PRIORITY, int),
  SO_LINGER: so.readWrite(socket.SO_LINGER, linger),
  SO_REUSEPORT: so.readWrite(socket.SO_REUSEPORT, bool),
  SO_PASSCRED: so.readWrite(socket.SO_PASSCRED, bool),
  SO_PEERCRED: so.readOnly(socket.SO_PEERCRED, credentials),
  SO_RCVLOWAT: so.readWrite(socket.SO_RCVLOWAT, int),
  SO_SNDLOWAT: so.readOnly(socket.SO_SNDLOWAT, int),
  SO_RCVTIMEO: so.readWrite(socket.SO_RCVTIMEO, timeval),
  SO_SNDTIMEO: so.readWrite(socket.SO_SNDTIMEO, timeval),
  SO_BINDTODEVICE: so.readWrite(socket.SO_BINDTODEVICE, text(16)),
  SO_ATTACH_FILTER: so.writeOnly(socket.SO_ATTACH_FILTER, bpfProgram),
  SO_DETACH_FILTER: so.writeOnly(socket.SO_DETACH_FILTER, command),
  SO_GET_FILTER: so.readOnly(socket.SO_GET_FILTER, bpfProgram),
  SO_PEERNAME: so.readOnly(socket.SO_PEERNAME, sockaddrExactly),
  SO_TIMESTAMP: so.readWrite(socket.SO_TIMESTAMP, bool),
  SO_ACCEPTCONN: so.readOnly(socket.SO_ACCEPTCONN, bool),
  SO_PEERSEC: so.readOnly(socket.SO_PEERSEC, text(256)),
  SO_SNDBUFFORCE: so.writeOnly(socket.SO_SNDBUFFORCE, int),
  SO_RCVBUFFORCE: so.writeOnly(socket.SO_RCVBUFFORCE, int),
  SO_PASSSEC: so.readWrite(socket.SO_PASSSEC, bool),
  SO_TIMESTAMPNS: so.readWrite(socket.SO_TIMESTAMPNS, bool),
  SO_MARK: so.readWrite(socket.SO_MARK, uint),
  SO_TIMESTAMPING: so.readWrite(socket.SO_TIMESTAMPING, timestampingFlags),
  SO_PROTOCOL: so.readOnly(socket.SO_PROTOCOL, int),
  SO_DOMAIN: so.readOnly(socket.SO_DOMAIN, int),
  SO_RXQ_OVFL: so.readWrite(socket.SO_RXQ_OVFL, bool),
  SO_WIFI_STATUS: so.readWrite(socket.SO_WIFI_STATUS, bool),
  SO_PEEK_OFF: so.readWrite(socket.SO_PEEK_OFF, int),
  SO_NOFCS: so.readWrite(socket.SO_NOFCS, bool),
  SO_LOCK_FILTER: so.readWrite(socket.SO_LOCK_FILTER, bool),
  SO_SELECT_ERR_QUEUE: so.readWrite(socket.SO_SELECT_ERR_QUEUE, bool),
  SO_BUSY_POLL: so.readWrite(socket.SO_BUSY_POLL, int),
  SO_MAX_PACING_RATE: so.readWrite(socket.SO_MAX_PACING_RATE, rate),
  SO_BPF_EXTENSIONS: so.readOnly(socket.SO_BPF_EXTENSIONS, int),
  SO_INCOMING_CPU: so.readWrite(socket.SO_INCOMING_CPU, int),
  SO_ATTACH_BPF: so.writeOnly(socket.SO_ATTACH_BPF, int),
  SO_DETACH_BPF: so.writeOnly(socket.SO_DETACH_BPF, command),
  SO_ATTACH_REUSEPORT_CBPF: so.writeOnly(socket.SO_ATTACH_REUSEPORT_CBPF, bpfProgram),
  SO_ATTACH_REUSEPORT_EBPF: so.writeOnly(socket.SO_ATTACH_REUSEPORT_EBPF, int),
  SO_CNX_ADVICE: so.writeOnly(socket.SO_CNX_ADVICE, int),
  SO_MEMINFO: so.readOnly(socket.SO_MEMINFO, socketMemory),
  SO_INCOMING_NAPI_ID: so.readOnly(socket.SO_INCOMING_NAPI_ID, int),
  SO_COOKIE: so.readOnly(socket.SO_COOKIE, cookie),
  SO_PEERGROUPS: so.readOnly(socket.SO_PEERGROUPS, uints),
  SO_ZEROCOPY: so.readWrite(socket.SO_ZEROCOPY, bool),
  SO_TXTIME: so.readWrite(socket.SO_TXTIME, transmitTime),
  SO_BINDTOIFINDEX: so.readWrite(socket.SO_BINDTOIFINDEX, int),
  SO_TIMESTAMP_NEW: so.readWrite(socket.SO_TIMESTAMP_NEW, bool),
  SO_TIMESTAMPNS_NEW: so.readWrite(socket.SO_TIMESTAMPNS_NEW, bool),
  SO_TIMESTAMPING_NEW: so.readWrite(socket.SO_TIMESTAMPING_NEW, timestampingFlags),
  SO_RCVTIMEO_NEW: so.readWrite(socket.SO_RCVTIMEO_NEW, timeval),
  SO_SNDTIMEO_NEW: so.readWrite(socket.SO_SNDTIMEO_NEW, timeval),
  SO_DETACH_REUSEPORT_BPF: so.writeOnly(socket.SO_DETACH_REUSEPORT_BPF, command),
  SO_PREFER_BUSY_POLL: so.readWrite(socket.SO_PREFER_BUSY_POLL, bool),
  SO_BUSY_POLL_BUDGET: so.writeOnly(socket.SO_BUSY_POLL_BUDGET, int),
  SO_NETNS_COOKIE: so.readOnly(socket.SO_NETNS_COOKIE, cookie),
  SO_BUF_LOCK: so.readWrite(socket.SO_BUF_LOCK, int),
  SO_RESERVE_MEM: so.readWrite(socket.SO_RESERVE_MEM, int),
  SO_TXREHASH: so.readWrite(socket.SO_TXREHASH, int),
  SO_RCVMARK: so.readWrite(socket.SO_RCVMARK, bool),
  SO_PASSPIDFD: so.readWrite(socket.SO_PASSPIDFD, bool),
  SO_PEERPIDFD: so.readOnly(socket.SO_PEERPIDFD, int),
  SO_RCVPRIORITY: so.readWrite(socket.SO_RCVPRIORITY, bool),
  SO_PASSRIGHTS: so.readWrite(socket.SO_PASSRIGHTS, bool),
};
