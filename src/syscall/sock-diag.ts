/**
 * The vocabulary of sock_diag(7): what NETLINK_SOCK_DIAG is asked and answers.
 *
 * Data only; its framing is netlink-message.ts's. Source: sock_diag(7), <linux/sock_diag.h>,
 * <linux/inet_diag.h>, <linux/unix_diag.h>, <linux/netlink_diag.h>, <linux/packet_diag.h>.
 */

// Types of message: <linux/sock_diag.h>, <linux/inet_diag.h>.
export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;
export const TCPDIAG_GETSOCK = 18;
export const DCCPDIAG_GETSOCK = 19;
export const INET_DIAG_GETSOCK_MAX = 24;

// Groups that hear of closed sockets: <linux/sock_diag.h>.
export const SKNLGRP_NONE = 0;
export const SKNLGRP_INET_TCP_DESTROY = 1;
export const SKNLGRP_INET_UDP_DESTROY = 2;
export const SKNLGRP_INET6_TCP_DESTROY = 3;
export const SKNLGRP_INET6_UDP_DESTROY = 4;

// Numbers in SO_MEMINFO and INET_DIAG_SKMEMINFO: <linux/sock_diag.h>.
export const SK_MEMINFO_RMEM_ALLOC = 0;
export const SK_MEMINFO_RCVBUF = 1;
export const SK_MEMINFO_WMEM_ALLOC = 2;
export const SK_MEMINFO_SNDBUF = 3;
export const SK_MEMINFO_FWD_ALLOC = 4;
export const SK_MEMINFO_WMEM_QUEUED = 5;
export const SK_MEMINFO_OPTMEM = 6;
export const SK_MEMINFO_BACKLOG = 7;
export const SK_MEMINFO_DROPS = 8;

// A cookie for any socket: <linux/inet_diag.h>.
export const INET_DIAG_NOCOOKIE = 0xffffffff;

// Attributes of a request: <linux/inet_diag.h>.
export const INET_DIAG_REQ_NONE = 0;
export const INET_DIAG_REQ_BYTECODE = 1;
export const INET_DIAG_REQ_SK_BPF_STORAGES = 2;
export const INET_DIAG_REQ_PROTOCOL = 3;

// Instructions of INET_DIAG_REQ_BYTECODE: <linux/inet_diag.h>.
export const INET_DIAG_BC_NOP = 0;
export const INET_DIAG_BC_JMP = 1;
export const INET_DIAG_BC_S_GE = 2;
export const INET_DIAG_BC_S_LE = 3;
export const INET_DIAG_BC_D_GE = 4;
export const INET_DIAG_BC_D_LE = 5;
export const INET_DIAG_BC_AUTO = 6;
export const INET_DIAG_BC_S_COND = 7;
export const INET_DIAG_BC_D_COND = 8;
export const INET_DIAG_BC_DEV_COND = 9;
export const INET_DIAG_BC_MARK_COND = 10;
export const INET_DIAG_BC_S_EQ = 11;
export const INET_DIAG_BC_D_EQ = 12;
export const INET_DIAG_BC_CGROUP_COND = 13;

// Attributes of an answer; bit n-1 of idiag_ext asks for attribute n: <linux/inet_diag.h>.
export const INET_DIAG_NONE = 0;
export const INET_DIAG_MEMINFO = 1;
export const INET_DIAG_INFO = 2;
export const INET_DIAG_VEGASINFO = 3;
export const INET_DIAG_CONG = 4;
export const INET_DIAG_TOS = 5;
export const INET_DIAG_TCLASS = 6;
export const INET_DIAG_SKMEMINFO = 7;
export const INET_DIAG_SHUTDOWN = 8;
export const INET_DIAG_DCTCPINFO = 9;
export const INET_DIAG_PROTOCOL = 10;
export const INET_DIAG_SKV6ONLY = 11;
export const INET_DIAG_LOCALS = 12;
export const INET_DIAG_PEERS = 13;
export const INET_DIAG_PAD = 14;
export const INET_DIAG_MARK = 15;
export const INET_DIAG_BBRINFO = 16;
export const INET_DIAG_CLASS_ID = 17;
export const INET_DIAG_MD5SIG = 18;
export const INET_DIAG_ULP_INFO = 19;
export const INET_DIAG_SK_BPF_STORAGES = 20;
export const INET_DIAG_CGROUP_ID = 21;
export const INET_DIAG_SOCKOPT = 22;

// Attributes in INET_DIAG_ULP_INFO: <linux/inet_diag.h>.
export const INET_ULP_INFO_UNSPEC = 0;
export const INET_ULP_INFO_NAME = 1;
export const INET_ULP_INFO_TLS = 2;
export const INET_ULP_INFO_MPTCP = 3;

// What unix sockets are asked for: <linux/unix_diag.h>.
export const UDIAG_SHOW_NAME = 0x1;
export const UDIAG_SHOW_VFS = 0x2;
export const UDIAG_SHOW_PEER = 0x4;
export const UDIAG_SHOW_ICONS = 0x8;
export const UDIAG_SHOW_RQLEN = 0x10;
export const UDIAG_SHOW_MEMINFO = 0x20;
export const UDIAG_SHOW_UID = 0x40;

// Attributes of unix sockets: <linux/unix_diag.h>.
export const UNIX_DIAG_NAME = 0;
export const UNIX_DIAG_VFS = 1;
export const UNIX_DIAG_PEER = 2;
export const UNIX_DIAG_ICONS = 3;
export const UNIX_DIAG_RQLEN = 4;
export const UNIX_DIAG_MEMINFO = 5;
export const UNIX_DIAG_SHUTDOWN = 6;
export const UNIX_DIAG_UID = 7;

// What netlink sockets are asked for: <linux/netlink_diag.h>.
export const NDIAG_PROTO_ALL = 0xff;
export const NDIAG_SHOW_MEMINFO = 0x1;
export const NDIAG_SHOW_GROUPS = 0x2;
export const NDIAG_SHOW_RING_CFG = 0x4;
export const NDIAG_SHOW_FLAGS = 0x8;

// Attributes of netlink sockets: <linux/netlink_diag.h>.
export const NETLINK_DIAG_MEMINFO = 0;
export const NETLINK_DIAG_GROUPS = 1;
export const NETLINK_DIAG_RX_RING = 2;
export const NETLINK_DIAG_TX_RING = 3;
export const NETLINK_DIAG_FLAGS = 4;

// Flags of netlink sockets: <linux/netlink_diag.h>.
export const NDIAG_FLAG_CB_RUNNING = 0x1;
export const NDIAG_FLAG_PKTINFO = 0x2;
export const NDIAG_FLAG_BROADCAST_ERROR = 0x4;
export const NDIAG_FLAG_NO_ENOBUFS = 0x8;
export const NDIAG_FLAG_LISTEN_ALL_NSID = 0x10;
export const NDIAG_FLAG_CAP_ACK = 0x20;

// What packet sockets are asked for: <linux/packet_diag.h>.
export const PACKET_SHOW_INFO = 0x1;
export const PACKET_SHOW_MCLIST = 0x2;
export const PACKET_SHOW_RING_CFG = 0x4;
export const PACKET_SHOW_FANOUT = 0x8;
export const PACKET_SHOW_MEMINFO = 0x10;
export const PACKET_SHOW_FILTER = 0x20;

// Attributes of packet sockets: <linux/packet_diag.h>.
export const PACKET_DIAG_INFO = 0;
export const PACKET_DIAG_MCLIST = 1;
export const PACKET_DIAG_RX_RING = 2;
export const PACKET_DIAG_TX_RING = 3;
export const PACKET_DIAG_FANOUT = 4;
export const PACKET_DIAG_UID = 5;
export const PACKET_DIAG_MEMINFO = 6;
export const PACKET_DIAG_FILTER = 7;

// Flags in PACKET_DIAG_INFO: <linux/packet_diag.h>.
export const PDI_RUNNING = 0x1;
export const PDI_AUXDATA = 0x2;
export const PDI_ORIGDEV = 0x4;
export const PDI_VNETHDR = 0x8;
export const PDI_LOSS = 0x10;
