/**
 * sock_diag(7): requests and answers of inet, unix, netlink and packet sockets, as strace(1) prints them. Which of the
 * two a message is says NLM_F_REQUEST.
 */
import * as diag from '../../syscall/sock-diag.ts';
import * as tcp from '../../syscall/tcp.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } from '../../syscall/socket.ts';
import { protocolName, socketTypeName } from '../../syscall/socket-names.ts';
import type { Names } from '../names.ts';
import { type Attributes, array, bits, type Printer, struct, text, value } from './attribute.ts';
import type { Body } from './body.ts';
import { viewOf } from './bytes.ts';
import { ipProtocol } from './neighbour.ts';
import { named, namesLike } from './names.ts';
import {
  addressText,
  type Field,
  flags,
  hex,
  interfaceText,
  oneOf,
  pad,
  u8,
  u16,
  u32,
  u64,
} from './struct.ts';

const states = namesLike(
  tcp,
  /^TCP_(ESTABLISHED|SYN_(SENT|RECV)|FIN_WAIT.|TIME_WAIT|CLOSE|CLOSE_WAIT|LAST_ACK|LISTEN|CLOSING)$/,
  'TCP_???',
);

/** "1<<TCP_LISTEN": flags that are counted. */
function shifted({ rows }: Names, text: (name: string) => string, less: number): Names {
  const moved = rows
    .filter(([bit]) => bit >= less)
    .map(([bit, name]): [number, string] => [(1 << (bit - less)) >>> 0, text(name)]);
  return { rows: moved, unknown: '1<<TCP_???' };
}

/** A state that only the kernel's own headers name. */
const TCP_NEW_SYN_RECV = 12;

const stateFlags = shifted(
  { ...states, rows: [...states.rows, [TCP_NEW_SYN_RECV, 'TCP_NEW_SYN_RECV']] },
  (name) => `1<<${name}`,
  0,
);
const wanted: Names = {
  ...shifted(
    namesLike(diag, /^INET_DIAG_(MEMINFO|INFO|VEGASINFO|CONG|TOS|TCLASS|SKMEMINFO|SHUTDOWN)$/, ''),
    (name) => `1<<(${name}-1)`,
    1,
  ),
  unknown: '1<<INET_DIAG_???',
};

const cookie = (name: string): Field => [
  name,
  8,
  (view, at) => `[${view.getUint32(at, true)}, ${view.getUint32(at + 4, true)}]`,
];

function typeOf(name: string): Field {
  return [name, 1, (view, at) => socketTypeName(view.getUint8(at))];
}

function protocolOf(name: string, family: number): Field {
  return [name, 1, (view, at) => protocolName(family, view.getUint8(at))];
}

/** An address of version 6 has its name within the call that makes it. */
function endText(name: string, bytes: Uint8Array, at: number, family: number): string {
  const text = addressText(bytes, at, family) ?? '';
  return family === AF_INET6 ? text.replace(/\)$/, `, &${name})`) : `${name}=${text}`;
}

/** struct inet_diag_sockid, of sockets of `family`. */
function identity(family: number): Field {
  return [
    'id',
    48,
    (view, at, context) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      const parts = [
        `idiag_sport=htons(${view.getUint16(at)})`,
        `idiag_dport=htons(${view.getUint16(at + 2)})`,
        endText('idiag_src', bytes, at + 4, family),
        endText('idiag_dst', bytes, at + 20, family),
        `idiag_if=${interfaceText(view.getUint32(at + 36, true), context)}`,
        `idiag_cookie=${cookie('')[2](view, at + 40, context)}`,
      ];
      return `{${parts.join(', ')}}`;
    },
  ];
}

const memoryNames = namesLike(diag, /^SK_MEMINFO_/, 'SK_MEMINFO_???');

const memory: Printer = array(4, (bytes, index) => {
  const name = memoryNames.rows.find(([known]) => known === index)?.[1];
  const shown = name ?? `${index} /* SK_MEMINFO_??? */`;
  return `[${shown}]=${viewOf(bytes).getUint32(0, true)}`;
});

const number = value(u32);
const byte = value(u8);

const inetNames = namesLike(diag, /^INET_DIAG_(?!REQ_|BC_|NOCOOKIE|GETSOCK)/, 'INET_DIAG_???');
const shutdownNames = ['0', '0x1 /* RCV_SHUTDOWN */', '0x2 /* SEND_SHUTDOWN */'];

const OPTIONS = [
  'recverr',
  'is_icsk',
  'freebind',
  'hdrincl',
  'mc_loop',
  'transparent',
  'mc_all',
  'nodefrag',
  'bind_address_no_port',
  'recverr_rfc4884',
  'defer_connect',
];

const sockopt: Printer = (data) => {
  if (data.length < 2) return null;
  const word = viewOf(data).getUint16(0, true);
  const parts = OPTIONS.filter((_, bit) => (word & (1 << bit)) !== 0).map((name) => `${name}=1`);
  return `{${parts.join(', ')}}`;
};

const inetAttributes: Attributes = {
  names: inetNames,
  printers: {
    [diag.INET_DIAG_MEMINFO]: struct(
      ['idiag_rmem', 'idiag_wmem', 'idiag_fmem', 'idiag_tmem'].map(u32),
    ),
    [diag.INET_DIAG_VEGASINFO]: struct(
      ['tcpv_enabled', 'tcpv_rttcnt', 'tcpv_rtt', 'tcpv_minrtt'].map(u32),
    ),
    [diag.INET_DIAG_CONG]: text,
    [diag.INET_DIAG_TOS]: byte,
    [diag.INET_DIAG_TCLASS]: byte,
    [diag.INET_DIAG_SKMEMINFO]: memory,
    [diag.INET_DIAG_SHUTDOWN]: (data) =>
      data.length > 8 ? null : (shutdownNames[data[0]!] ?? String(data[0])),
    [diag.INET_DIAG_DCTCPINFO]: struct([
      u16('dctcp_enabled'),
      u16('dctcp_ce_state'),
      ...['dctcp_alpha', 'dctcp_ab_ecn', 'dctcp_ab_tot'].map(u32),
    ]),
    [diag.INET_DIAG_PROTOCOL]: ipProtocol,
    [diag.INET_DIAG_SKV6ONLY]: byte,
    [diag.INET_DIAG_MARK]: number,
    [diag.INET_DIAG_BBRINFO]: struct([
      hex('bbr_bw_lo', 4),
      hex('bbr_bw_hi', 4),
      ...['bbr_min_rtt', 'bbr_pacing_gain', 'bbr_cwnd_gain'].map(u32),
    ]),
    [diag.INET_DIAG_CLASS_ID]: number,
    [diag.INET_DIAG_CGROUP_ID]: value(u64),
    [diag.INET_DIAG_SOCKOPT]: sockopt,
  },
};

function inetRequest(family: number): Body {
  return {
    family: 'sdiag_family',
    fields: [
      protocolOf('sdiag_protocol', AF_INET),
      flags('idiag_ext', 1, wanted),
      pad(1),
      flags('idiag_states', 4, stateFlags),
      identity(family),
    ],
    attributes: {
      names: namesLike(diag, /^INET_DIAG_REQ_/, 'INET_DIAG_REQ_???'),
      printers: {},
    },
  };
}

function inetAnswer(family: number): Body {
  return {
    family: 'idiag_family',
    fields: [
      oneOf('idiag_state', 1, states),
      u8('idiag_timer'),
      u8('idiag_retrans'),
      identity(family),
      u32('idiag_expires'),
      u32('idiag_rqueue'),
      u32('idiag_wqueue'),
      u32('idiag_uid'),
      u32('idiag_inode'),
    ],
    attributes: inetAttributes,
  };
}

const inHex = (part: number): string => (part === 0 ? '0' : `0x${part.toString(16)}`);

/** The number of the file comes first in memory, and last here. */
const file: Printer = (data) => {
  if (data.length < 8) return null;
  const view = viewOf(data);
  const whole = view.getUint32(4, true);
  const major = (whole & 0xf_ff00) >>> 8;
  const minor = ((whole & 0xff) | ((whole >>> 12) & 0xf_ff00)) >>> 0;
  const device = `makedev(${inHex(major)}, ${inHex(minor)})`;
  return `{udiag_vfs_dev=${device}, udiag_vfs_ino=${view.getUint32(0, true)}}`;
};

const unixRequest: Body = {
  family: 'sdiag_family',
  fields: [
    u8('sdiag_protocol'),
    pad(2),
    flags('udiag_states', 4, stateFlags),
    u32('udiag_ino'),
    flags('udiag_show', 4, namesLike(diag, /^UDIAG_SHOW_/, 'UDIAG_SHOW_???')),
    cookie('udiag_cookie'),
  ],
  attributes: null,
};

const unixAnswer: Body = {
  family: 'udiag_family',
  fields: [
    typeOf('udiag_type'),
    oneOf('udiag_state', 1, states),
    pad(1),
    u32('udiag_ino'),
    cookie('udiag_cookie'),
  ],
  attributes: {
    names: namesLike(diag, /^UNIX_DIAG_/, 'UNIX_DIAG_???'),
    printers: {
      [diag.UNIX_DIAG_NAME]: text,
      [diag.UNIX_DIAG_VFS]: file,
      [diag.UNIX_DIAG_PEER]: number,
      [diag.UNIX_DIAG_ICONS]: array(4, (bytes) => String(viewOf(bytes).getUint32(0, true))),
      [diag.UNIX_DIAG_RQLEN]: struct([u32('udiag_rqueue'), u32('udiag_wqueue')]),
      [diag.UNIX_DIAG_MEMINFO]: memory,
      [diag.UNIX_DIAG_SHUTDOWN]: byte,
      [diag.UNIX_DIAG_UID]: number,
    },
  },
};

const all: Names = { rows: [[diag.NDIAG_PROTO_ALL, 'NDIAG_PROTO_ALL']], unknown: '' };

const ring = struct(['ndr_block_size', 'ndr_block_nr', 'ndr_frame_size', 'ndr_frame_nr'].map(u32));

const netlinkRequest: Body = {
  family: 'sdiag_family',
  fields: [
    [
      'sdiag_protocol',
      1,
      (view, at) =>
        view.getUint8(at) === diag.NDIAG_PROTO_ALL
          ? named(diag.NDIAG_PROTO_ALL, all)
          : protocolName(AF_NETLINK, view.getUint8(at)),
    ],
    pad(2),
    u32('ndiag_ino'),
    flags('ndiag_show', 4, namesLike(diag, /^NDIAG_SHOW_/, 'NDIAG_SHOW_???')),
    cookie('ndiag_cookie'),
  ],
  attributes: null,
};

const netlinkAnswer: Body = {
  family: 'ndiag_family',
  fields: [
    typeOf('ndiag_type'),
    protocolOf('ndiag_protocol', AF_NETLINK),
    oneOf('ndiag_state', 1, states),
    u32('ndiag_portid'),
    u32('ndiag_dst_portid'),
    u32('ndiag_dst_group'),
    u32('ndiag_ino'),
    cookie('ndiag_cookie'),
  ],
  attributes: {
    names: namesLike(diag, /^NETLINK_DIAG_/, 'NETLINK_DIAG_???'),
    printers: {
      [diag.NETLINK_DIAG_MEMINFO]: memory,
      [diag.NETLINK_DIAG_GROUPS]: array(
        8,
        (bytes) => `0x${viewOf(bytes).getBigUint64(0, true).toString(16).padStart(14, '0')}`,
      ),
      [diag.NETLINK_DIAG_RX_RING]: ring,
      [diag.NETLINK_DIAG_TX_RING]: ring,
      [diag.NETLINK_DIAG_FLAGS]: bits(4, namesLike(diag, /^NDIAG_FLAG_/, 'NDIAG_FLAG_???')),
    },
  },
};

const packetRequest: Body = {
  family: 'sdiag_family',
  fields: [
    u8('sdiag_protocol'),
    pad(2),
    u32('pdiag_ino'),
    flags('pdiag_show', 4, namesLike(diag, /^PACKET_SHOW_/, 'PACKET_SHOW_???')),
    cookie('pdiag_cookie'),
  ],
  attributes: null,
};

/** The body of a message of a family; null: none that is known. */
export function diagBody(family: number, request: boolean): Body | null {
  if (family === AF_INET || family === AF_INET6) {
    return request ? inetRequest(family) : inetAnswer(family);
  }
  if (family === AF_UNIX) return request ? unixRequest : unixAnswer;
  if (family === AF_NETLINK) return request ? netlinkRequest : netlinkAnswer;
  return family === AF_PACKET && request ? packetRequest : null;
}
