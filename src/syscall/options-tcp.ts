/**
 * The options of SOL_TCP.
 *
 * Not here: TCP_ZEROCOPY_RECEIVE, whose value holds addresses; TCP_CM_INQ is the control message of TCP_INQ.
 * Source: tcp(7), <linux/tcp.h>, the kernel's net/ipv4/tcp.c.
 */
import { type OptionTable, optionsOf, type WriteOnly } from './option.ts';
import { bool, bytes, int, tcpInfo, text, uint } from './option-codecs.ts';
import { tcpMd5Signature, type TcpMd5Signature } from './option-structs.ts';
import type { TcpInfo } from './tcp-info.ts';
import * as tcp from './tcp.ts';

/** The values of the options that begin with TCP_. The page is tcp(7). */
export interface TcpOptions {
  /** Small writes are sent at once, not gathered (Nagle). */
  TCP_NODELAY: boolean;
  /**
   * The largest segment, in bytes: 88 to 32767, 0 for no wish. Read of a connection: what is
   * used.
   */
  TCP_MAXSEG: number;
  /** Only full segments are sent, for at most 200 milliseconds. */
  TCP_CORK: boolean;
  /** Seconds of silence before the peer is asked, see SO_KEEPALIVE; 1 to 32767. */
  TCP_KEEPIDLE: number;
  /** Seconds between asking again; 1 to 32767. */
  TCP_KEEPINTVL: number;
  /** How often the peer is asked before the connection is given up; 1 to 127. */
  TCP_KEEPCNT: number;
  /** How often a SYN is sent again before connect(2) fails; 1 to 127. */
  TCP_SYNCNT: number;
  /** Seconds that a closed socket waits for the peer's FIN; 0 the default, negative not at all. */
  TCP_LINGER2: number;
  /**
   * Seconds in which accept(2) waits for a connection's first data. The kernel rounds up to
   * retries.
   */
  TCP_DEFER_ACCEPT: number;
  /** The largest window that is announced, in bytes; 0 for no bound. */
  TCP_WINDOW_CLAMP: number;
  /** What the kernel knows of the connection: times, windows, losses, counters. */
  readonly TCP_INFO: TcpInfo;
  /** Acknowledgements are sent at once; the kernel turns it off by itself later. */
  TCP_QUICKACK: boolean;
  /**
   * The algorithm of congestion control, by name. Not every one is for everybody: CAP_NET_ADMIN.
   */
  TCP_CONGESTION: string;
  /** The key that segments to and from a peer are signed with (RFC 2385). */
  TCP_MD5SIG: WriteOnly<TcpMd5Signature>;
  /** Timeouts of a thin stream are not doubled. */
  TCP_THIN_LINEAR_TIMEOUTS: boolean;
  /** No effect since Linux 4.11. */
  TCP_THIN_DUPACK: boolean;
  /**
   * Milliseconds that sent data may be without an answer before the connection is given up; 0:
   * default.
   */
  TCP_USER_TIMEOUT: number;
  /**
   * 1 to move a connection to another machine, 0 to end that, -1 without a probe. CAP_NET_ADMIN.
   */
  TCP_REPAIR: number;
  /** Which queue is repaired: 0 none, 1 the receive queue, 2 the send queue. */
  TCP_REPAIR_QUEUE: number;
  /** The sequence number of that queue. */
  TCP_QUEUE_SEQ: number;
  /** What was agreed on, as pairs of two 32-bit numbers: code and value. */
  TCP_REPAIR_OPTIONS: WriteOnly<Uint8Array>;
  /**
   * A listener takes data with the SYN, for so many connections at a time (RFC 7413); 0 for none.
   */
  TCP_FASTOPEN: number;
  /** The clock of the timestamps in segments, in milliseconds. To set it: only with TCP_REPAIR. */
  TCP_TIMESTAMP: number;
  /**
   * The socket is writable while fewer bytes than this were not sent yet; 0: the machine's
   * number.
   */
  TCP_NOTSENT_LOWAT: number;
  /** What the algorithm of congestion control knows: a struct of its own, empty if it has none. */
  readonly TCP_CC_INFO: Uint8Array;
  /** A listener keeps the headers of each SYN: 1 from the network on, 2 from the link on. */
  TCP_SAVE_SYN: number;
  /** The headers of the SYN of this connection. Only once, then empty. */
  readonly TCP_SAVED_SYN: Uint8Array;
  /** struct tcp_repair_window: five 32-bit numbers. Only with TCP_REPAIR. */
  TCP_REPAIR_WINDOW: Uint8Array;
  /** connect(2) waits for the first write, whose data goes with the SYN (RFC 7413). */
  TCP_FASTOPEN_CONNECT: boolean;
  /** What is on top of TCP in the kernel, "tls" for one; "" if there is nothing. */
  TCP_ULP: string;
  /** As TCP_MD5SIG, for a prefix or an interface as well. */
  TCP_MD5SIG_EXT: WriteOnly<TcpMd5Signature>;
  /** The key of the cookies of TCP_FASTOPEN, 16 bytes; or with the one before, 32. */
  TCP_FASTOPEN_KEY: Uint8Array;
  /** TCP_FASTOPEN without a cookie. */
  TCP_FASTOPEN_NO_COOKIE: boolean;
  /** Messages come with TCP_CM_INQ: how many bytes are left. */
  TCP_INQ: boolean;
  /** Microseconds by which everything is sent later, to try a slow line. */
  TCP_TX_DELAY: number;
  /** Whether the connection is one of MPTCP indeed. Since Linux 5.16. */
  readonly TCP_IS_MPTCP: boolean;
  /**
   * The longest time before a retransmission, in milliseconds: 1000 to 120000. Since Linux 6.15.
   */
  TCP_RTO_MAX_MS: number;
}

const rows = optionsOf(tcp.SOL_TCP);

export const TCP_LEVEL_OPTIONS: OptionTable<TcpOptions> = {
  TCP_NODELAY: rows.readWrite(tcp.TCP_NODELAY, bool),
  TCP_MAXSEG: rows.readWrite(tcp.TCP_MAXSEG, int),
  TCP_CORK: rows.readWrite(tcp.TCP_CORK, bool),
  TCP_KEEPIDLE: rows.readWrite(tcp.TCP_KEEPIDLE, int),
  TCP_KEEPINTVL: rows.readWrite(tcp.TCP_KEEPINTVL, int),
  TCP_KEEPCNT: rows.readWrite(tcp.TCP_KEEPCNT, int),
  TCP_SYNCNT: rows.readWrite(tcp.TCP_SYNCNT, int),
  TCP_LINGER2: rows.readWrite(tcp.TCP_LINGER2, int),
  TCP_DEFER_ACCEPT: rows.readWrite(tcp.TCP_DEFER_ACCEPT, int),
  TCP_WINDOW_CLAMP: rows.readWrite(tcp.TCP_WINDOW_CLAMP, int),
  TCP_INFO: rows.readOnly(tcp.TCP_INFO, tcpInfo),
  TCP_QUICKACK: rows.readWrite(tcp.TCP_QUICKACK, bool),
  TCP_CONGESTION: rows.readWrite(tcp.TCP_CONGESTION, text(16)),
  TCP_MD5SIG: rows.writeOnly(tcp.TCP_MD5SIG, tcpMd5Signature),
  TCP_THIN_LINEAR_TIMEOUTS: rows.readWrite(tcp.TCP_THIN_LINEAR_TIMEOUTS, bool),
  TCP_THIN_DUPACK: rows.readWrite(tcp.TCP_THIN_DUPACK, bool),
  TCP_USER_TIMEOUT: rows.readWrite(tcp.TCP_USER_TIMEOUT, int),
  TCP_REPAIR: rows.readWrite(tcp.TCP_REPAIR, int),
  TCP_REPAIR_QUEUE: rows.readWrite(tcp.TCP_REPAIR_QUEUE, int),
  TCP_QUEUE_SEQ: rows.readWrite(tcp.TCP_QUEUE_SEQ, uint),
  TCP_REPAIR_OPTIONS: rows.writeOnly(tcp.TCP_REPAIR_OPTIONS, bytes(1024)),
  TCP_FASTOPEN: rows.readWrite(tcp.TCP_FASTOPEN, int),
  TCP_TIMESTAMP: rows.readWrite(tcp.TCP_TIMESTAMP, uint),
  TCP_NOTSENT_LOWAT: rows.readWrite(tcp.TCP_NOTSENT_LOWAT, uint),
  TCP_CC_INFO: rows.readOnly(tcp.TCP_CC_INFO, bytes(256)),
  TCP_SAVE_SYN: rows.readWrite(tcp.TCP_SAVE_SYN, int),
  TCP_SAVED_SYN: rows.readOnly(tcp.TCP_SAVED_SYN, bytes(4096)),
  TCP_REPAIR_WINDOW: rows.readWrite(tcp.TCP_REPAIR_WINDOW, bytes(20, 20)),
  TCP_FASTOPEN_CONNECT: rows.readWrite(tcp.TCP_FASTOPEN_CONNECT, bool),
  TCP_ULP: rows.readWrite(tcp.TCP_ULP, text(16)),
  TCP_MD5SIG_EXT: rows.writeOnly(tcp.TCP_MD5SIG_EXT, tcpMd5Signature),
  TCP_FASTOPEN_KEY: rows.readWrite(tcp.TCP_FASTOPEN_KEY, bytes(32, 16)),
  TCP_FASTOPEN_NO_COOKIE: rows.readWrite(tcp.TCP_FASTOPEN_NO_COOKIE, bool),
  TCP_INQ: rows.readWrite(tcp.TCP_INQ, bool),
  TCP_TX_DELAY: rows.readWrite(tcp.TCP_TX_DELAY, int),
  TCP_IS_MPTCP: rows.readOnly(tcp.TCP_IS_MPTCP, bool),
  TCP_RTO_MAX_MS: rows.readWrite(tcp.TCP_RTO_MAX_MS, int),
};
