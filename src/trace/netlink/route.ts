/** Routes: struct rtmsg and its attributes, as strace(1) prints them. */
import * as metrics from '../../syscall/netlink-metrics.ts';
import * as route from '../../syscall/netlink-route.ts';
import * as tos from '../../syscall/tos.ts';
import {
  address,
  type Attributes,
  attributesText,
  choice,
  index,
  nested,
  type Printer,
  struct,
  text,
  value,
} from './attribute.ts';
import { scopes } from './address.ts';
import type { Body } from './body.ts';
import { hexBytes, viewOf } from './bytes.ts';
import type { Names } from '../names.ts';
import type { Context } from './context.ts';
import { flagged, namesLike } from './names.ts';
import { familyName } from '../../syscall/socket-names.ts';
import {
  addressText,
  fieldsText,
  type Field,
  flags,
  hex,
  ifindex,
  oneOf,
  u8,
  u16,
  u32,
  u64,
} from './struct.ts';

export const tables: Names = namesLike(route, /^RT_TABLE_/, '');
export const protocols: Names = namesLike(route, /^RTPROT_/, 'RTPROT_???');
export const types: Names = namesLike(route, /^RTN_/, 'RTN_???');
const hopFlags = namesLike(route, /^RTNH_F_/, 'RTNH_F_???');

/** Type of service, as IP has it. */
export const services: Names = {
  rows: namesLike(tos, /^IPTOS_/, '').rows.toReversed(),
  unknown: '',
};

/** Without a comment where strace has no name: "0x40". */
export function service(name: string): Field {
  return [name, 1, (view, at) => flagged(view.getUint8(at), services).replace(/ .*/, '')];
}

const number = value(u32);
const byte = value(u8);

const metricNames = namesLike(metrics, /^RTAX_/, 'RTAX_???');
const metric: Attributes = {
  names: metricNames,
  printers: {
    ...Object.fromEntries(
      metricNames.rows
        .filter(([type]) => type !== metrics.RTAX_UNSPEC)
        .map(([type]): [number, Printer] => [type, number]),
    ),
    [metrics.RTAX_CC_ALGO]: text,
  },
};

const via: Printer = (data, { style }) => {
  if (data.length < 2) return null;
  const family = viewOf(data).getUint16(0, true);
  const rest = data.subarray(2);
  const found = rest.length === 0 ? null : (addressText(data, 2, family) ?? hexBytes(rest, style));
  return `{rtvia_family=${familyName(family)}${found === null ? '' : `, rtvia_addr=${found}`}}`;
};

const HOP: readonly Field[] = [
  u16('rtnh_len'),
  flags('rtnh_flags', 1, hopFlags),
  u8('rtnh_hops'),
  ifindex('rtnh_ifindex'),
];
const HOP_SIZE = 8;

function hopText(bytes: Uint8Array, context: Context): string {
  const length = Math.min(viewOf(bytes).getUint16(0, true), bytes.length);
  const head = `{${fieldsText(HOP, bytes, context)}}`;
  if (length <= HOP_SIZE) return head;
  return `${head}, ${attributesText(bytes.subarray(HOP_SIZE, length), routeAttributes, context)}`;
}

const multipath: Printer = (data, context) => {
  if (data.length < HOP_SIZE) return null;
  const parts: string[] = [];
  let rest = data;
  while (rest.length >= HOP_SIZE) {
    parts.push(hopText(rest, context));
    const length = viewOf(rest).getUint16(0, true);
    if (length < HOP_SIZE) break;
    rest = rest.subarray((length + 3) & ~3);
  }
  if (rest.length > 0 && rest.length < HOP_SIZE) parts.push(hexBytes(rest, context.style));
  return `[${parts.join(', ')}]`;
};

const cache = struct([
  ...['rta_clntref', 'rta_lastuse', 'rta_expires', 'rta_error', 'rta_used'].map(u32),
  hex('rta_id', 4),
  u32('rta_ts'),
  u32('rta_tsage'),
]);

export const routeAttributes: Attributes = {
  names: namesLike(route, /^RTA_/, 'RTA_???'),
  printers: {
    ...Object.fromEntries(
      [
        route.RTA_PRIORITY,
        route.RTA_PROTOINFO,
        route.RTA_FLOW,
        route.RTA_MP_ALGO,
        route.RTA_MARK,
        route.RTA_UID,
      ].map((type): [number, Printer] => [type, number]),
    ),
    ...Object.fromEntries(
      [route.RTA_DST, route.RTA_SRC, route.RTA_GATEWAY, route.RTA_PREFSRC, route.RTA_NEWDST].map(
        (type): [number, Printer] => [type, address],
      ),
    ),
    [route.RTA_IIF]: index,
    [route.RTA_OIF]: index,
    [route.RTA_METRICS]: nested(metric),
    [route.RTA_MULTIPATH]: multipath,
    [route.RTA_CACHEINFO]: cache,
    [route.RTA_TABLE]: choice(4, tables),
    [route.RTA_MFC_STATS]: struct(['mfcs_packets', 'mfcs_bytes', 'mfcs_wrong_if'].map(u64)),
    [route.RTA_VIA]: via,
    [route.RTA_PREF]: byte,
    [route.RTA_EXPIRES]: value(u64),
    [route.RTA_TTL_PROPAGATE]: byte,
    [route.RTA_IP_PROTO]: byte,
    [route.RTA_SPORT]: value(u16),
    [route.RTA_DPORT]: value(u16),
  },
};

export const routeBody: Body = {
  family: 'rtm_family',
  fields: [
    u8('rtm_dst_len'),
    u8('rtm_src_len'),
    service('rtm_tos'),
    oneOf('rtm_table', 1, tables),
    oneOf('rtm_protocol', 1, protocols),
    oneOf('rtm_scope', 1, scopes),
    oneOf('rtm_type', 1, types),
    flags('rtm_flags', 4, namesLike(route, /^RTM_F_/, 'RTM_F_???')),
  ],
  attributes: routeAttributes,
};
