/** Rules: struct fib_rule_hdr and its attributes, as strace(1) prints them. */
import * as rules from '../../syscall/netlink-rule.ts';
import * as route from '../../syscall/netlink-route.ts';
import { address, choice, type Printer, struct, text, value } from './attribute.ts';
import type { Body } from './body.ts';
import { namesLike } from './names.ts';
import { ipProtocol } from './neighbour.ts';
import { protocols, service, tables } from './route.ts';
import { flags, oneOf, pad, u8, u16, u32, type Field } from './struct.ts';

const numbers = [
  rules.FRA_GOTO,
  rules.FRA_PRIORITY,
  rules.FRA_FWMARK,
  rules.FRA_FLOW,
  rules.FRA_FWMASK,
  rules.FRA_SUPPRESS_IFGROUP,
  rules.FRA_SUPPRESS_PREFIXLEN,
];

function big(name: string): Field {
  return [name, 8, (view, at) => `htobe64(${view.getBigUint64(at)})`];
}

export const rule: Body = {
  family: 'family',
  fields: [
    u8('dst_len'),
    u8('src_len'),
    service('tos'),
    oneOf('table', 1, namesLike(route, /^RT_TABLE_/, 'RT_TABLE_???')),
    pad(2),
    oneOf('action', 1, namesLike(rules, /^FR_ACT_/, 'FR_ACT_???')),
    flags('flags', 4, namesLike(rules, /^FIB_RULE_/, 'FIB_RULE_???')),
  ],
  attributes: {
    names: namesLike(rules, /^FRA_/, 'FRA_???'),
    printers: {
      ...Object.fromEntries(numbers.map((type): [number, Printer] => [type, value(u32)])),
      [rules.FRA_DST]: address,
      [rules.FRA_SRC]: address,
      [rules.FRA_IIFNAME]: text,
      [rules.FRA_OIFNAME]: text,
      [rules.FRA_TUN_ID]: value(big),
      [rules.FRA_TABLE]: choice(4, tables),
      [rules.FRA_L3MDEV]: value(u8),
      [rules.FRA_UID_RANGE]: struct([u32('start'), u32('end')]),
      [rules.FRA_PROTOCOL]: choice(1, protocols),
      [rules.FRA_IP_PROTO]: ipProtocol,
      [rules.FRA_SPORT_RANGE]: struct([u16('start'), u16('end')]),
      [rules.FRA_DPORT_RANGE]: struct([u16('start'), u16('end')]),
    },
  },
};
