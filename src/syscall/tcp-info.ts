/**
 * struct tcp_info: what the kernel knows of a TCP connection, from the option TCP_INFO.
 *
 * The fields have their C names. The struct has grown with the kernels; what an older one does not
 * give is undefined here. 64-bit counters are numbers: they are exact up to 2^53 bytes or microseconds,
 * which is nine petabytes, or 285 years. A rate without limit (~0) is Infinity.
 *
 * Not decoded is the last word of the 280 bytes that Linux 6.18 gives: two numbers of 16 bits there, and
 * other fields of bits in later kernels, with nothing to tell which. Source: tcp(7), <linux/tcp.h>.
 */

// Bits of tcpi_options: <linux/tcp.h>.
export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;
export const TCPI_OPT_ECN_SEEN = 16;
export const TCPI_OPT_SYN_DATA = 32;

// Values of tcpi_ca_state: <linux/tcp.h>.
export const TCP_CA_Open = 0;
export const TCP_CA_Disorder = 1;
export const TCP_CA_CWR = 2;
export const TCP_CA_Recovery = 3;
export const TCP_CA_Loss = 4;

/** What a kernel has to say of a connection. Where no kernel is named, every one gives the field. */
export interface TcpInfo {
  /** TCP_ESTABLISHED, TCP_LISTEN, …. */
  readonly tcpi_state: number;
  /** What congestion control is about: TCP_CA_Open, …. */
  readonly tcpi_ca_state: number;
  /** Retransmissions of the oldest segment, without an answer. */
  readonly tcpi_retransmits: number;
  /** Probes of a closed window or of a silent peer, without an answer. */
  readonly tcpi_probes: number;
  /** How often the timeout was doubled. */
  readonly tcpi_backoff: number;
  /** TCPI_OPT_… or'ed: what was agreed on. */
  readonly tcpi_options: number;
  /** The shift of the windows that the peer announces. */
  readonly tcpi_snd_wscale: number;
  /** The shift of the windows that are announced to the peer. */
  readonly tcpi_rcv_wscale: number;
  /** 1 if tcpi_delivery_rate is low for want of data to send. */
  readonly tcpi_delivery_rate_app_limited: number;
  /** Why TCP Fast Open was not used, 0 to 3. */
  readonly tcpi_fastopen_client_fail: number;
  /** Timeout before a retransmission, in microseconds. */
  readonly tcpi_rto: number;
  /** How long an acknowledgement is delayed, in microseconds. */
  readonly tcpi_ato: number;
  /** The largest segment that is sent, in bytes. */
  readonly tcpi_snd_mss: number;
  /** The largest segment that came, in bytes. */
  readonly tcpi_rcv_mss: number;
  /** Segments sent and not acknowledged; of a listener the length of the queue. */
  readonly tcpi_unacked: number;
  /** Segments acknowledged selectively; of a listener the bound of the queue. */
  readonly tcpi_sacked: number;
  /** Segments held for lost. */
  readonly tcpi_lost: number;
  /** Segments retransmitted and not acknowledged yet. */
  readonly tcpi_retrans: number;
  /** Not used any more. */
  readonly tcpi_fackets: number;
  /** Milliseconds since data was last sent. */
  readonly tcpi_last_data_sent: number;
  /** Always 0: the kernel does not remember. */
  readonly tcpi_last_ack_sent: number;
  /** Milliseconds since data last came. */
  readonly tcpi_last_data_recv: number;
  /** Milliseconds since an acknowledgement last came. */
  readonly tcpi_last_ack_recv: number;
  /** The MTU of the path, in bytes. */
  readonly tcpi_pmtu: number;
  /** The window that may be announced at present, in bytes. */
  readonly tcpi_rcv_ssthresh: number;
  /** The smoothed round-trip time, in microseconds. */
  readonly tcpi_rtt: number;
  /** How much it varies, in microseconds. */
  readonly tcpi_rttvar: number;
  /** The threshold of slow start, in segments; 2147483647 at first. */
  readonly tcpi_snd_ssthresh: number;
  /** The congestion window, in segments. */
  readonly tcpi_snd_cwnd: number;
  /** The MSS that was announced to the peer. */
  readonly tcpi_advmss: number;
  /** By how many segments the order may differ before one is held for lost. */
  readonly tcpi_reordering: number;
  /** The receiver's estimate of the round-trip time, in microseconds; 0 if it has none. */
  readonly tcpi_rcv_rtt: number;
  /** The room that the receiver sees fit, in bytes. */
  readonly tcpi_rcv_space: number;
  /** Segments retransmitted since the beginning. */
  readonly tcpi_total_retrans: number;
  /** The rate at which is sent, in bytes a second; Infinity if there is no limit. Linux 3.15. */
  readonly tcpi_pacing_rate: number | undefined;
  /** Its bound, of SO_MAX_PACING_RATE. Linux 3.15. */
  readonly tcpi_max_pacing_rate: number | undefined;
  /** Bytes that the peer has acknowledged. Linux 4.1. */
  readonly tcpi_bytes_acked: number | undefined;
  /** Bytes that came, in order. Linux 4.1. */
  readonly tcpi_bytes_received: number | undefined;
  /** Segments sent, with those without data. Linux 4.2. */
  readonly tcpi_segs_out: number | undefined;
  /** Segments that came, with those without data. Linux 4.2. */
  readonly tcpi_segs_in: number | undefined;
  /** Bytes in the send queue that were not sent yet. Linux 4.6. */
  readonly tcpi_notsent_bytes: number | undefined;
  /** The least round-trip time, in microseconds; 4294967295 before there is one. Linux 4.6. */
  readonly tcpi_min_rtt: number | undefined;
  /** Segments with data that came. Linux 4.6. */
  readonly tcpi_data_segs_in: number | undefined;
  /** Segments with data that were sent. Linux 4.6. */
  readonly tcpi_data_segs_out: number | undefined;
  /** The latest measured rate, in bytes a second. Linux 4.9. */
  readonly tcpi_delivery_rate: number | undefined;
  /** Microseconds in which there was something to send. Linux 4.9. */
  readonly tcpi_busy_time: number | undefined;
  /** Of these, those in which the peer's window was in the way. Linux 4.9. */
  readonly tcpi_rwnd_limited: number | undefined;
  /** Of these, those in which the send buffer was in the way. Linux 4.9. */
  readonly tcpi_sndbuf_limited: number | undefined;
  /** Segments that arrived, with retransmitted ones. Linux 4.18. */
  readonly tcpi_delivered: number | undefined;
  /** Of these, those that met congestion (ECN). Linux 4.18. */
  readonly tcpi_delivered_ce: number | undefined;
  /** Bytes sent, with retransmitted ones. Linux 4.19. */
  readonly tcpi_bytes_sent: number | undefined;
  /** Bytes retransmitted. Linux 4.19. */
  readonly tcpi_bytes_retrans: number | undefined;
  /** Segments that the peer got twice. Linux 4.19. */
  readonly tcpi_dsack_dups: number | undefined;
  /** How often segments changed places. Linux 4.19. */
  readonly tcpi_reord_seen: number | undefined;
  /** Segments that came out of order. Linux 5.4. */
  readonly tcpi_rcv_ooopack: number | undefined;
  /** The peer's window, in bytes. Linux 5.4. */
  readonly tcpi_snd_wnd: number | undefined;
  /** The window that is announced to the peer, in bytes. Linux 6.2. */
  readonly tcpi_rcv_wnd: number | undefined;
  /** How often another path was tried by another flow label or hash. Linux 6.2. */
  readonly tcpi_rehash: number | undefined;
  /** Timeouts since the beginning. Linux 6.7. */
  readonly tcpi_total_rto: number | undefined;
  /** Series of them that came to an end. Linux 6.7. */
  readonly tcpi_total_rto_recoveries: number | undefined;
  /** Milliseconds spent in them. Linux 6.7. */
  readonly tcpi_total_rto_time: number | undefined;
  /** Segments that came with the mark of congestion (AccECN). Linux 6.18, as those below. */
  readonly tcpi_received_ce: number | undefined;
  /** Bytes that arrived at the peer marked ECT(1). */
  readonly tcpi_delivered_e1_bytes: number | undefined;
  /** Marked ECT(0). */
  readonly tcpi_delivered_e0_bytes: number | undefined;
  /** Marked with congestion. */
  readonly tcpi_delivered_ce_bytes: number | undefined;
  /** Bytes that came marked ECT(1). */
  readonly tcpi_received_e1_bytes: number | undefined;
  /** Marked ECT(0). */
  readonly tcpi_received_e0_bytes: number | undefined;
  /** Marked with congestion. */
  readonly tcpi_received_ce_bytes: number | undefined;
}

/** Up to tcpi_total_retrans: what every kernel gives. */
const LEAST_SIZE = 104;

/**
 * The fields in what getsockopt(2) gave for TCP_INFO. RangeError for fewer bytes than the struct had in
 * the beginning (104); a field that does not lie in `data` as a whole is undefined.
 */
export function decodeTcpInfo(data: Uint8Array): TcpInfo {
  if (data.length < LEAST_SIZE) {
    throw new RangeError(`decodeTcpInfo: data must have ${LEAST_SIZE} bytes, not ${data.length}`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return { ...firstFields(view), ...laterFields(view) };
}

type LaterField = { [K in keyof TcpInfo]: undefined extends TcpInfo[K] ? K : never }[keyof TcpInfo];

function firstFields(view: DataView): Omit<TcpInfo, LaterField> {
  const byte = (at: number): number => view.getUint8(at);
  const word = (at: number): number => view.getUint32(at, true);
  return {
    tcpi_state: byte(0),
    tcpi_ca_state: byte(1),
    tcpi_retransmits: byte(2),
    tcpi_probes: byte(3),
    tcpi_backoff: byte(4),
    tcpi_options: byte(5),
    tcpi_snd_wscale: byte(6) & 0xf,
    tcpi_rcv_wscale: byte(6) >> 4,
    tcpi_delivery_rate_app_limited: byte(7) & 1,
    tcpi_fastopen_client_fail: (byte(7) >> 1) & 3,
    tcpi_rto: word(8),
    tcpi_ato: word(12),
    tcpi_snd_mss: word(16),
    tcpi_rcv_mss: word(20),
    tcpi_unacked: word(24),
    tcpi_sacked: word(28),
    tcpi_lost: word(32),
    tcpi_retrans: word(36),
    tcpi_fackets: word(40),
    tcpi_last_data_sent: word(44),
    tcpi_last_ack_sent: word(48),
    tcpi_last_data_recv: word(52),
    tcpi_last_ack_recv: word(56),
    tcpi_pmtu: word(60),
    tcpi_rcv_ssthresh: word(64),
    tcpi_rtt: word(68),
    tcpi_rttvar: word(72),
    tcpi_snd_ssthresh: word(76),
    tcpi_snd_cwnd: word(80),
    tcpi_advmss: word(84),
    tcpi_reordering: word(88),
    tcpi_rcv_rtt: word(92),
    tcpi_rcv_space: word(96),
    tcpi_total_retrans: word(100),
  };
}

function laterFields(view: DataView): Pick<TcpInfo, LaterField> {
  const has = (end: number): boolean => end <= view.byteLength;
  const half = (at: number) => (has(at + 2) ? view.getUint16(at, true) : undefined);
  const word = (at: number) => (has(at + 4) ? view.getUint32(at, true) : undefined);
  const long = (at: number) => (has(at + 8) ? Number(view.getBigUint64(at, true)) : undefined);
  return {
    tcpi_pacing_rate: has(112) ? decodeRate(view, 104) : undefined,
    tcpi_max_pacing_rate: has(120) ? decodeRate(view, 112) : undefined,
    tcpi_bytes_acked: long(120),
    tcpi_bytes_received: long(128),
    tcpi_segs_out: word(136),
    tcpi_segs_in: word(140),
    tcpi_notsent_bytes: word(144),
    tcpi_min_rtt: word(148),
    tcpi_data_segs_in: word(152),
    tcpi_data_segs_out: word(156),
    tcpi_delivery_rate: long(160),
    tcpi_busy_time: long(168),
    tcpi_rwnd_limited: long(176),
    tcpi_sndbuf_limited: long(184),
    tcpi_delivered: word(192),
    tcpi_delivered_ce: word(196),
    tcpi_bytes_sent: long(200),
    tcpi_bytes_retrans: long(208),
    tcpi_dsack_dups: word(216),
    tcpi_reord_seen: word(220),
    tcpi_rcv_ooopack: word(224),
    tcpi_snd_wnd: word(228),
    tcpi_rcv_wnd: word(232),
    tcpi_rehash: word(236),
    tcpi_total_rto: half(240),
    tcpi_total_rto_recoveries: half(242),
    tcpi_total_rto_time: word(244),
    tcpi_received_ce: word(248),
    tcpi_delivered_e1_bytes: word(252),
    tcpi_delivered_e0_bytes: word(256),
    tcpi_delivered_ce_bytes: word(260),
    tcpi_received_e1_bytes: word(264),
    tcpi_received_e0_bytes: word(268),
    tcpi_received_ce_bytes: word(272),
  };
}

/** A rate of 64 bits, as SO_MAX_PACING_RATE has it too: bytes a second, Infinity for no limit. */
export function decodeRate(view: DataView, at: number): number {
  const rate = view.getBigUint64(at, true);
  return rate === 0xffffffffffffffffn ? Infinity : Number(rate);
}
