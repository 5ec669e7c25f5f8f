/** Addresses of links: struct ifaddrmsg and its attributes, as strace(1) prints them. */
import * as route from '../../syscall/netlink-route.ts';
import { address, bits, struct, text, value } from './attribute.ts';
import type { Body } from './body.ts';
import type { Names } from '../names.ts';
import { namesLike } from './names.ts';
import { flags, ifindex, oneOf, s32, u8, u32 } from './struct.ts';

const addressFlags = namesLike(route, /^IFA_F_/, 'IFA_F_???');

/** Of these names strace says nothing of a number that has none. */
export const scopes: Names = namesLike(route, /^RT_SCOPE_/, '');

export const interfaceAddress: Body = {
  family: 'ifa_family',
  fields: [
    u8('ifa_prefixlen'),
    flags('ifa_flags', 1, addressFlags),
    oneOf('ifa_scope', 1, scopes),
    ifindex('ifa_index'),
  ],
  attributes: {
    names: namesLike(route, /^IFA_(?!F_)/, 'IFA_???'),
    printers: {
      [route.IFA_ADDRESS]: address,
      [route.IFA_LOCAL]: address,
      [route.IFA_LABEL]: text,
      [route.IFA_BROADCAST]: address,
      [route.IFA_ANYCAST]: address,
      [route.IFA_CACHEINFO]: struct(['ifa_prefered', 'ifa_valid', 'cstamp', 'tstamp'].map(u32)),
      [route.IFA_MULTICAST]: address,
      [route.IFA_FLAGS]: bits(4, addressFlags),
      [route.IFA_RT_PRIORITY]: value(u32),
      [route.IFA_TARGET_NETNSID]: value(s32),
    },
  },
};
