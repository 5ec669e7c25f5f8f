/**
 * Links: struct ifinfomsg and its attributes, as strace(1) prints them.
 *
 * Of IFLA_AF_SPEC, IFLA_PROTINFO, IFLA_XDP, IFLA_VFINFO_LIST, IFLA_VF_PORTS, IFLA_PORT_SELF, IFLA_EVENT,
 * IFLA_PROTO_DOWN_REASON and what IFLA_INFO_DATA holds, bytes are shown where strace shows more.
 */
import * as arp from '../../syscall/arp.ts';
import * as interfaces from '../../syscall/interface.ts';
import * as route from '../../syscall/netlink-route.ts';
import {
  type Attributes,
  bits,
  hardware,
  index,
  nested,
  type Printer,
  struct,
  text,
  upTo8,
  value,
  word,
} from './attribute.ts';
import type { Body } from './body.ts';
import { namesLike } from './names.ts';
import { flags, hex, ifindex, oneOf, pad, s32, u8, u16, u32, u64 } from './struct.ts';

/** Of a hardware address strace shows as many bytes as one of ARPHRD_NETROM has, whatever the link's type. */
const HARDWARE = 7;

const COUNTERS = [
  'rx_packets',
  'tx_packets',
  'rx_bytes',
  'tx_bytes',
  'rx_errors',
  'tx_errors',
  'rx_dropped',
  'tx_dropped',
  'multicast',
  'collisions',
  'rx_length_errors',
  'rx_over_errors',
  'rx_crc_errors',
  'rx_frame_errors',
  'rx_fifo_errors',
  'rx_missed_errors',
  'tx_aborted_errors',
  'tx_carrier_errors',
  'tx_fifo_errors',
  'tx_heartbeat_errors',
  'tx_window_errors',
  'rx_compressed',
  'tx_compressed',
];

const stats = struct([...COUNTERS, 'rx_nohandler'].map(u32));
const stats64 = struct([...COUNTERS, 'rx_nohandler', 'rx_otherhost_dropped'].map(u64));

/** As long as an older kernel's, without what is new. */
const shortStats: Printer = struct(COUNTERS.map(u32));
const shortStats64: Printer = struct([...COUNTERS, 'rx_nohandler'].map(u64));
const shortestStats64: Printer = struct(COUNTERS.map(u64));

const map = struct([
  hex('mem_start', 8),
  hex('mem_end', 8),
  hex('base_addr', 8),
  u16('irq'),
  u8('dma'),
  u8('port'),
  pad(4),
]);

const number = value(u32);
const byte = value(u8);

const info: Attributes = {
  names: namesLike(route, /^IFLA_INFO_/, 'IFLA_INFO_???'),
  printers: { [route.IFLA_INFO_KIND]: word, [route.IFLA_INFO_SLAVE_KIND]: word },
};

const extended = namesLike(route, /^RTEXT_FILTER_(?!MST)/, 'RTEXT_FILTER_???');

const names = namesLike(route, /^IFLA_(?!INFO_|IF_NETNSID)/, 'IFLA_???');
const propertyNames = { names, printers: { [route.IFLA_ALT_IFNAME]: text } };

export const linkAttributes: Attributes = {
  names: namesLike(route, /^IFLA_(?!INFO_|TARGET_NETNSID)/, 'IFLA_???'),
  printers: {
    ...Object.fromEntries(
      [
        route.IFLA_MTU,
        route.IFLA_LINK,
        route.IFLA_MASTER,
        route.IFLA_TXQLEN,
        route.IFLA_WEIGHT,
        route.IFLA_NET_NS_PID,
        route.IFLA_NUM_VF,
        route.IFLA_GROUP,
        route.IFLA_NET_NS_FD,
        route.IFLA_PROMISCUITY,
        route.IFLA_NUM_TX_QUEUES,
        route.IFLA_NUM_RX_QUEUES,
        route.IFLA_CARRIER_CHANGES,
        route.IFLA_LINK_NETNSID,
        route.IFLA_GSO_MAX_SEGS,
        route.IFLA_GSO_MAX_SIZE,
        route.IFLA_NEW_NETNSID,
        route.IFLA_IF_NETNSID,
        route.IFLA_CARRIER_UP_COUNT,
        route.IFLA_CARRIER_DOWN_COUNT,
        route.IFLA_NEW_IFINDEX,
        route.IFLA_MIN_MTU,
        route.IFLA_MAX_MTU,
        route.IFLA_GRO_MAX_SIZE,
        route.IFLA_TSO_MAX_SIZE,
        route.IFLA_TSO_MAX_SEGS,
        route.IFLA_ALLMULTI,
      ].map((type): [number, Printer] => [type, number]),
    ),
    [route.IFLA_ADDRESS]: hardware(HARDWARE),
    [route.IFLA_BROADCAST]: hardware(HARDWARE),
    [route.IFLA_PERM_ADDRESS]: hardware(HARDWARE),
    [route.IFLA_LINK_NETNSID]: value(s32),
    [route.IFLA_NEW_NETNSID]: value(s32),
    [route.IFLA_IF_NETNSID]: value(s32),
    [route.IFLA_NEW_IFINDEX]: index,
    [route.IFLA_IFNAME]: text,
    [route.IFLA_QDISC]: text,
    [route.IFLA_IFALIAS]: text,
    [route.IFLA_PHYS_PORT_NAME]: text,
    [route.IFLA_ALT_IFNAME]: text,
    [route.IFLA_PARENT_DEV_NAME]: text,
    [route.IFLA_PARENT_DEV_BUS_NAME]: text,
    [route.IFLA_OPERSTATE]: byte,
    [route.IFLA_LINKMODE]: byte,
    [route.IFLA_CARRIER]: byte,
    [route.IFLA_PROTO_DOWN]: byte,
    [route.IFLA_STATS]: (data, context) => stats(data, context) ?? shortStats(data, context),
    [route.IFLA_STATS64]: (data, context) =>
      stats64(data, context) ?? shortStats64(data, context) ?? shortestStats64(data, context),
    [route.IFLA_MAP]: map,
    [route.IFLA_LINKINFO]: nested(info),
    [route.IFLA_EXT_MASK]: upTo8(bits(4, extended)),
    [route.IFLA_PROP_LIST]: nested(propertyNames),
  },
};

export const link: Body = {
  family: 'ifi_family',
  fields: [
    pad(1),
    oneOf('ifi_type', 2, namesLike(arp, /^ARPHRD_/, 'ARPHRD_???')),
    ifindex('ifi_index'),
    flags('ifi_flags', 4, namesLike(interfaces, /^IFF_/, 'IFF_???')),
    hex('ifi_change', 4),
  ],
  attributes: linkAttributes,
};
