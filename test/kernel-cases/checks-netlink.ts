/** The steps about netlink: what its answers and notifications say. */
import { formatIP } from '../../src/net/ip.ts';
import * as netlink from '../../src/syscall/netlink.ts';
import { AF_NETLINK, SOCK_RAW } from '../../src/syscall/socket.ts';
import type { Action, Check, Handlers } from './checks.ts';
import { decodeAttributes, decodeMessages, type NetlinkMessage } from './netlink-messages.ts';
import * as requests from './netlink-requests.ts';
import { tuple } from './recorded.ts';
import { int32At } from './results.ts';
import type { Run } from './run.ts';

const NAMES: Readonly<Record<number, string>> = {
  [netlink.NLMSG_ERROR]: 'ERROR',
  [netlink.NLMSG_DONE]: 'DONE',
  [requests.RTM_NEWLINK]: 'NEWLINK',
  [requests.RTM_NEWADDR]: 'NEWADDR',
  [requests.RTM_NEWROUTE]: 'NEWROUTE',
};

const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFA_ADDRESS = 1;
const RTA_OIF = 4;
const RTA_PREFSRC = 7;
const UNIX_DIAG_NAME = 0;

/** Sizes of the structs before the attributes. */
const IFINFOMSG = 16;
const IFADDRMSG = 8;
const RTMSG = 12;
const UNIX_DIAG_MSG = 16;

/** IFF_UP, IFF_LOOPBACK, IFF_RUNNING. */
const SHOWN_FLAGS = 0x1 | 0x8 | 0x40;

/** All messages since the last request. */
function messagesOf(run: Run): NetlinkMessage[] {
  return run.received.flatMap(decodeMessages);
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

function attribute(payload: Uint8Array, offset: number, type: number): Uint8Array {
  const found = decodeAttributes(payload, offset).find((one) => one.type === type);
  if (found === undefined) throw new Error(`netlink has told no attribute ${type}`);
  return found.value;
}

function uint16At(data: Uint8Array, at: number, littleEndian: boolean): number {
  return new DataView(data.buffer, data.byteOffset, data.length).getUint16(at, littleEndian);
}

const linkChecks: Readonly<Record<string, Check>> = {
  'message types': typeNames,
  'all have NLM_F_MULTI and my seq': (run) => {
    return messagesOf(run).every(({ flags, seq }) => {
      return (flags & netlink.NLM_F_MULTI) !== 0 && seq === requests.SEQUENCE;
    });
  },
  'index 1 IFLA_IFNAME, IFLA_MTU, ifi_type': (run) => {
    const link = firstAnswer(run);
    const name = attribute(link, IFINFOMSG, IFLA_IFNAME);
    if (int32At(link, 4) !== 1) throw new Error('the first interface is not number 1');
    return tuple(name, int32At(attribute(link, IFINFOMSG, IFLA_MTU)), uint16At(link, 2, true));
  },
  'flags UP|LOOPBACK|RUNNING': (run) => int32At(firstAnswer(run), 8) & SHOWN_FLAGS,
  'family, prefix, scope, address': (run) => {
    return answers(run).map(({ payload }) => {
      const [family = 0, prefix = 0, , scope = 0] = payload;
      const address = attribute(payload, IFADDRMSG, IFA_ADDRESS);
      return tuple(family, prefix, scope, Buffer.from(address).toString('hex'));
    });
  },
  error: errorOf,
  notifications: typeNames,
  'RTM_NEWADDR ack': errorOf,
  'NLK-10: again': errorOf,
  'oif, prefsrc': (run) => {
    const answer = firstAnswer(run);
    const source = attribute(answer, RTMSG, RTA_PREFSRC);
    return tuple(int32At(attribute(answer, RTMSG, RTA_OIF)), formatIP(source));
  },
};

const diagnosisChecks: Readonly<Record<string, Check>> = {
  listeners: (run) => answers(run).length,
  'state, sport, rqueue, wqueue': (run) => {
    const socket = firstAnswer(run);
    const port = uint16At(socket, 4, false);
    const queues = tuple(int32At(socket, 56), int32At(socket, 60));
    return tuple(socket[1]!, port === run.portOf(run.fd('l')), queues);
  },
  inode: (run) => int32At(firstAnswer(run), 68) === run.machine.files.stat(run.fd('l')).ino,
  'unix listeners: name': (run) => {
    return answers(run).map(({ payload }) => attribute(payload, UNIX_DIAG_MSG, UNIX_DIAG_NAME));
  },
};

const actions: Readonly<Record<string, Action>> = {
  '60 address changes': (run) => {
    const fd = run.subject.socket(AF_NETLINK, SOCK_RAW, netlink.NETLINK_ROUTE);
    const kernel = run.address('nl:0/0');
    for (let i = 1; i <= 60; i++) {
      const data = requests.newAddress([10, 8, i, 1], netlink.NLM_F_EXCL);
      const result = run.subject.sendto(fd, data, 0, kernel);
      if (result !== data.length) throw new Error(`address ${i}: ${result}`);
    }
    run.subject.close(fd);
  },
};

export const netlinkHandlers: Handlers = {
  actions,
  checks: { ...linkChecks, ...diagnosisChecks },
};
