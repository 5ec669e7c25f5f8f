/** The levels and types of control messages by strace(1)'s names. */
import * as inet from '../syscall/inet.ts';
import * as socket from '../syscall/socket.ts';
import type { Names } from './names.ts';

/** strace knows this one by the name of its family. */
const AF_VSOCK_LEVEL = 40;

export const LEVELS: Names = {
  unknown: 'SOL_???',
  rows: [
    [inet.SOL_IP, 'SOL_IP'],
    [socket.SOL_SOCKET, 'SOL_SOCKET'],
    [6, 'SOL_TCP'],
    [inet.SOL_UDP, 'SOL_UDP'],
    [AF_VSOCK_LEVEL, 'AF_VSOCK'],
    [inet.SOL_IPV6, 'SOL_IPV6'],
    [inet.SOL_ICMPV6, 'SOL_ICMPV6'],
    [100, 'SOL_CAN_BASE'],
    [101, 'SOL_CAN_RAW'],
    [132, 'SOL_SCTP'],
    [136, 'SOL_UDPLITE'],
    [inet.SOL_RAW, 'SOL_RAW'],
    ...(
      'IPX AX25 ATALK NETROM ROSE DECNET X25 PACKET ATM AAL IRDA NETBEUI LLC DCCP NETLINK TIPC ' +
      'RXRPC PPPOL2TP BLUETOOTH PNPIPE RDS IUCV CAIF ALG NFC KCM TLS XDP'
    )
      .split(' ')
      .map((name, i): [number, string] => [256 + i, `SOL_${name}`]),
  ],
};

/** strace has the names of the options for types that are options, too. */
export const CONTROL_TYPES_SOCKET: Names = {
  unknown: 'SCM_???',
  rows: [
    [socket.SCM_RIGHTS, 'SCM_RIGHTS'],
    [socket.SCM_CREDENTIALS, 'SCM_CREDENTIALS'],
    [socket.SCM_SECURITY, 'SCM_SECURITY'],
    [socket.SO_TIMESTAMP, 'SO_TIMESTAMP_OLD'],
    [socket.SO_TIMESTAMPNS, 'SO_TIMESTAMPNS_OLD'],
    [socket.SO_TIMESTAMPING, 'SO_TIMESTAMPING_OLD'],
    [41, 'SO_WIFI_STATUS'],
    [54, 'SCM_TIMESTAMPING_OPT_STATS'],
    [58, 'SCM_TIMESTAMPING_PKTINFO'],
    [socket.SCM_TXTIME, 'SO_TXTIME'],
    [socket.SO_TIMESTAMP_NEW, 'SO_TIMESTAMP_NEW'],
    [socket.SO_TIMESTAMPNS_NEW, 'SO_TIMESTAMPNS_NEW'],
    [socket.SO_TIMESTAMPING_NEW, 'SO_TIMESTAMPING_NEW'],
  ],
};

export const CONTROL_TYPES_IP: Names = {
  unknown: 'IP_???',
  rows: [
    [inet.IP_TOS, 'IP_TOS'],
    [inet.IP_TTL, 'IP_TTL'],
    [inet.IP_RECVOPTS, 'IP_RECVOPTS'],
    [inet.IP_RETOPTS, 'IP_RETOPTS'],
    [inet.IP_PKTINFO, 'IP_PKTINFO'],
    [inet.IP_RECVERR, 'IP_RECVERR'],
    [socket.SCM_SECURITY, 'SCM_SECURITY'],
    [inet.IP_ORIGDSTADDR, 'IP_ORIGDSTADDR'],
    [inet.IP_CHECKSUM, 'IP_CHECKSUM'],
  ],
};
