/** The steps about netlink: what its answers and notifications say. */
import { formatIP } from '../../src/net/ip.ts';
import {
  decodeAttributes,
  decodeNetlinkMessages,
  type NetlinkAttribute,
  type NetlinkMessage,
} from '../../src/syscall/netlink-message.ts';
import * as route from '../../src/syscall/netlink-route.ts';
import * as netlink from '../../src/syscall/netlink.ts';
import {
  addressInfo,
  decodeAddressMessage,
  decodeLinkMessage,
  decodeRouteMessage,
} from '../../src/syscall/route-message.ts';
import { UNIX_DIAG_NAME } from '../../src/syscall/sock-diag.ts';
import { AF_NETLINK, SOCK_RAW } from '../../src/syscall/socket.ts';
import type { Action, Check, Handlers } from './checks.ts';
import { newAddress, SEQUENCE } from './netlink-requests.ts';
import { tuple } from './recorded.ts';
import { int32At } from './results.ts';
import type { Run } from './run.ts';

const NAMES: Readonly<Record<number, string>> = {
  [netlink.NLMSG_ERROR]: 'ERROR',
  [netlink.NLMSG_DONE]: 'DONE',
  [route.RTM_NEWLINK]: 'NEWLINK',
  [route.RTM_NEWADDR]: 'NEWADDR',
  [route.RTM_NEWROUTE]: 'NEWROUTE',
};

/** IFF_UP, IFF_LOOPBACK, IFF_RUNNING. */
const SHOWN_FLAGS = 0x1 | 0x8 | 0x40;

/** sizeof(struct unix_diag_msg), before its attributes. */
const UNIX_DIAG_MSG = 16;

/** All messages since the last request. */
function messagesOf(run: Run): NetlinkMessage[] {
  return run.received.flatMap((bytes) => decodeNetlinkMessages(bytes));
}

/** The messages that tell of something. */
function answers(run: Run): NetlinkMessage[] {
  return messagesOf(run).filter(({ type }) => type !== netlink.NLMSG_DONE);
}

function firstAnswer(run: Run): Uint8Array {
  const [first] = answers(run);
  if (first === undefined) throw new Error('netlink has told nothing');
  return first.payload;
}

const typeNames: Check = (run) => {
  return [...new Set(messagesOf(run).map(({ type }) => NAMES[type] ?? String(type)))].sort();
};

/** The errno, negative, of the last answer; 0 is an acknowledgement. */
const errorOf: Check = (run) => {
  const { type, payload } = messagesOf(run).at(-1)!;
  return type === netlink.NLMSG_ERROR ? int32At(payload) : 'no answer of that kind';
};

function dataOf(attributes: readonly NetlinkAttribute[], type: number): Uint8Array {
  const found = attributes.find((one) => one.type === type);
  if (found === undefined) throw new Error(`netlink has told no attribute ${type}`);
  return found.data;
}

const routeChecks: Readonly<Record<string, Check>> = {
  'message types': typeNames,
  'all have NLM_F_MULTI and my seq': (run) => {
    return messagesOf(run).every(({ flags, seq }) => {
      return (flags & netlink.NLM_F_MULTI) !== 0 && seq === SEQUENCE;
    });
  },
  'index 1 IFLA_IFNAME, IFLA_MTU, ifi_type': (run) => {
    const { attributes, index, type } = decodeLinkMessage(firstAnswer(run));
    if (index !== 1) throw new Error('the first interface is not number 1');
    const mtu = int32At(dataOf(attributes, route.IFLA_MTU));
    return tuple(dataOf(attributes, route.IFLA_IFNAME), mtu, type);
  },
  'flags UP|LOOPBACK|RUNNING': (run) => decodeLinkMessage(firstAnswer(run)).flags & SHOWN_FLAGS,
  'family, prefix, scope, address': (run) => {
    return answers(run).map(({ payload }) => {
      const message = decodeAddressMessage(payload);
      const addr = addressInfo(message)?.addr ?? new Uint8Array(0);
      const { family, prefixLength, scope } = message;
      return tuple(family, prefixLength, scope, Buffer.from(addr).toString('hex'));
    });
  },
  error: errorOf,
  notifications: typeNames,
  'RTM_NEWADDR ack': errorOf,
  'NLK-10: again': errorOf,
  'oif, prefsrc': (run) => {
    const { attributes } = decodeRouteMessage(firstAnswer(run));
    const source = formatIP(dataOf(attributes, route.RTA_PREFSRC));
    return tuple(int32At(dataOf(attributes, route.RTA_OIF)), source);
  },
};

/** Of struct inet_diag_msg: where what stands. */
const INET_DIAG = { state: 1, sport: 4, rqueue: 56, wqueue: 60, inode: 68 } as const;

const diagnosisChecks: Readonly<Record<string, Check>> = {
  listeners: (run) => answers(run).length,
  'state, sport, rqueue, wqueue': (run) => {
    const socket = firstAnswer(run);
    const port = (socket[INET_DIAG.sport]! << 8) | socket[INET_DIAG.sport + 1]!;
    const queues = tuple(int32At(socket, INET_DIAG.rqueue), int32At(socket, INET_DIAG.wqueue));
    return tuple(socket[INET_DIAG.state]!, port === run.portOf(run.fd('l')), queues);
  },
  inode: (run) => {
    return int32At(firstAnswer(run), INET_DIAG.inode) === run.machine.files.stat(run.fd('l')).ino;
  },
  'unix listeners: name': (run) => {
    return answers(run).map(({ payload }) => {
      return dataOf(decodeAttributes(payload, UNIX_DIAG_MSG), UNIX_DIAG_NAME);
    });
  },
};

const actions: Readonly<Record<string, Action>> = {
  '60 address changes': (run) => {
    const fd = run.subject.socket(AF_NETLINK, SOCK_RAW, netlink.NETLINK_ROUTE);
    const kernel = run.address('nl:0/0');
    for (let i = 1; i <= 60; i++) {
      const data = newAddress([10, 8, i, 1], netlink.NLM_F_EXCL);
      const result = run.subject.sendto(fd, data, 0, kernel);
      if (result !== data.length) throw new Error(`address ${i}: ${result}`);
    }
    run.subject.close(fd);
  },
};

export const netlinkHandlers: Handlers = {
  actions,
  checks: { ...routeChecks, ...diagnosisChecks },
};
