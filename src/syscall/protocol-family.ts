/**
 * The families of socket(2) under their other names, PF_ for AF_.
 *
 * Data only, and the same numbers: a program that says PF_INET to socket(2) and AF_INET in an address
 * is as old as BSD. Source: socket(2), <bits/socket.h>.
 */

// Protocol families: <bits/socket.h>.
export const PF_UNSPEC = 0;
export const PF_LOCAL = 1;
export const PF_UNIX = 1;
export const PF_FILE = 1;
export const PF_INET = 2;
export const PF_AX25 = 3;
export const PF_IPX = 4;
export const PF_APPLETALK = 5;
export const PF_NETROM = 6;
export const PF_BRIDGE = 7;
export const PF_ATMPVC = 8;
export const PF_X25 = 9;
export const PF_INET6 = 10;
export const PF_ROSE = 11;
export const PF_DECnet = 12;
export const PF_NETBEUI = 13;
export const PF_SECURITY = 14;
export const PF_KEY = 15;
export const PF_NETLINK = 16;
export const PF_ROUTE = 16;
export const PF_PACKET = 17;
export const PF_ASH = 18;
export const PF_ECONET = 19;
export const PF_ATMSVC = 20;
export const PF_RDS = 21;
export const PF_SNA = 22;
export const PF_IRDA = 23;
export const PF_PPPOX = 24;
export const PF_WANPIPE = 25;
export const PF_LLC = 26;
export const PF_IB = 27;
export const PF_MPLS = 28;
export const PF_CAN = 29;
export const PF_TIPC = 30;
export const PF_BLUETOOTH = 31;
export const PF_IUCV = 32;
export const PF_RXRPC = 33;
export const PF_ISDN = 34;
export const PF_PHONET = 35;
export const PF_IEEE802154 = 36;
export const PF_CAIF = 37;
export const PF_ALG = 38;
export const PF_NFC = 39;
export const PF_VSOCK = 40;
export const PF_KCM = 41;
export const PF_QIPCRTR = 42;
export const PF_SMC = 43;
export const PF_XDP = 44;
export const PF_MCTP = 45;
