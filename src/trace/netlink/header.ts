/** The words of struct nlmsghdr: types and flags, which depend on the protocol and the type. */
import * as netlink from '../../syscall/netlink.ts';
import * as route from '../../syscall/netlink-route.ts';
import * as diag from '../../syscall/sock-diag.ts';
import { namesOf, type Names } from '../names.ts';
import { flagged, named, namesLike } from './names.ts';

const control = namesOf(netlink, 'NLMSG_???', [
  'NLMSG_NOOP',
  'NLMSG_ERROR',
  'NLMSG_DONE',
  'NLMSG_OVERRUN',
]);

const routes: Names = namesLike(
  route,
  /^RTM_(?!F_|BASE$|(NEW|DEL|GET)TUNNEL$|SETSTATS$)/,
  'RTM_???',
);

const sockets = namesOf(diag, 'SOCK_DIAG_???', [
  'TCPDIAG_GETSOCK',
  'DCCPDIAG_GETSOCK',
  'SOCK_DIAG_BY_FAMILY',
  'SOCK_DESTROY',
]);

const generic: Names = { rows: [[16, 'nlctrl']], unknown: 'GENERIC_FAMILY_???' };

const UNKNOWN: Names = { rows: [], unknown: 'NLMSG_???' };

const PROTOCOLS: ReadonlyMap<number | null, Names> = new Map([
  [netlink.NETLINK_ROUTE, routes],
  [netlink.NETLINK_SOCK_DIAG, sockets],
  [netlink.NETLINK_GENERIC, generic],
]);

export function typeText(type: number, protocol: number | null): string {
  if (type < netlink.NLMSG_MIN_TYPE) return named(type, control);
  return named(type, PROTOCOLS.get(protocol) ?? UNKNOWN);
}

const COMMON = [
  'NLM_F_REQUEST',
  'NLM_F_MULTI',
  'NLM_F_ACK',
  'NLM_F_ECHO',
  'NLM_F_DUMP_INTR',
  'NLM_F_DUMP_FILTERED',
];

function withCommon(names: readonly string[]): Names {
  return namesOf(netlink, 'NLM_F_???', [...COMMON, ...names]);
}

const plain = withCommon([]);
const answers = withCommon(['NLM_F_CAPPED', 'NLM_F_ACK_TLVS']);
const reads = withCommon(['NLM_F_DUMP', 'NLM_F_ROOT', 'NLM_F_MATCH', 'NLM_F_ATOMIC']);
const makes = withCommon(['NLM_F_REPLACE', 'NLM_F_EXCL', 'NLM_F_CREATE', 'NLM_F_APPEND']);
const deletes = withCommon(['NLM_F_NONREC', 'NLM_F_BULK']);

/** rtnetlink's types come in fours: new, delete, get, set. */
const KINDS: readonly Names[] = [makes, deletes, reads, plain];

function namesOfFlags(type: number, protocol: number | null): Names {
  if (type === netlink.NLMSG_ERROR) return answers;
  if (type < netlink.NLMSG_MIN_TYPE) return plain;
  if (protocol === netlink.NETLINK_SOCK_DIAG) return reads;
  return protocol === netlink.NETLINK_ROUTE ? KINDS[type & 3]! : plain;
}

export function flagsText(flags: number, type: number, protocol: number | null): string {
  return flagged(flags, namesOfFlags(type, protocol));
}
