/**
 * The vocabulary of a socket's error queue, and of timestamps that come from there.
 *
 * Data only. Source: ip(7), <linux/errqueue.h>, <linux/net_tstamp.h>,
 * Documentation/networking/timestamping.rst.
 */

// Who reports an extended error: <linux/errqueue.h>.
export const SO_EE_ORIGIN_NONE = 0;
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
export const SO_EE_ORIGIN_TXSTATUS = 4;
export const SO_EE_ORIGIN_ZEROCOPY = 5;
export const SO_EE_ORIGIN_TXTIME = 6;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;

// The kernel has copied after all, although MSG_ZEROCOPY was asked for: <linux/errqueue.h>.
export const SO_EE_CODE_ZEROCOPY_COPIED = 1;
export const SO_EE_CODE_TXTIME_INVALID_PARAM = 1;
export const SO_EE_CODE_TXTIME_MISSED = 2;

// What SO_TIMESTAMPING turns on: <linux/net_tstamp.h>.
export const SOF_TIMESTAMPING_TX_HARDWARE = 0x1;
export const SOF_TIMESTAMPING_TX_SOFTWARE = 0x2;
export const SOF_TIMESTAMPING_RX_HARDWARE = 0x4;
export const SOF_TIMESTAMPING_RX_SOFTWARE = 0x8;
export const SOF_TIMESTAMPING_SOFTWARE = 0x10;
export const SOF_TIMESTAMPING_SYS_HARDWARE = 0x20;
export const SOF_TIMESTAMPING_RAW_HARDWARE = 0x40;
export const SOF_TIMESTAMPING_OPT_ID = 0x80;
export const SOF_TIMESTAMPING_TX_SCHED = 0x100;
export const SOF_TIMESTAMPING_TX_ACK = 0x200;
export const SOF_TIMESTAMPING_OPT_CMSG = 0x400;
export const SOF_TIMESTAMPING_OPT_TSONLY = 0x800;
export const SOF_TIMESTAMPING_OPT_STATS = 0x1000;
export const SOF_TIMESTAMPING_OPT_PKTINFO = 0x2000;
export const SOF_TIMESTAMPING_OPT_TX_SWHW = 0x4000;
export const SOF_TIMESTAMPING_BIND_PHC = 0x8000;

// What a timestamp in the error queue is of: <linux/errqueue.h>.
export const SCM_TSTAMP_SND = 0;
export const SCM_TSTAMP_SCHED = 1;
export const SCM_TSTAMP_ACK = 2;
