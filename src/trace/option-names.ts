/**
 * The levels and the options of sockets by name, as strace 6.1 prints them. Some options have one name to
 * getsockopt(2) and another one to setsockopt(2), and what came after 6.1 has none.
 *
 * Made of the constants of src/syscall; what is not there is in option-names-other.ts.
 */
import * as bluetooth from '../syscall/bluetooth.ts';
import { ICMP_FILTER } from '../syscall/icmp.ts';
import * as inet from '../syscall/inet.ts';
import * as netlink from '../syscall/netlink.ts';
import * as packet from '../syscall/packet.ts';
import * as socket from '../syscall/socket.ts';
import * as tcp from '../syscall/tcp.ts';
import * as udp from '../syscall/udp.ts';
import * as vsock from '../syscall/vsock.ts';
import { hex } from './names.ts';
import {
  GET_NETFILTER,
  GET_NETFILTER6,
  OLD_IPV6,
  OLD_NETLINK,
  OLD_SOCKET,
  OLD_TCP,
  OTHER_LEVELS,
  SET_NETFILTER,
  SET_NETFILTER6,
} from './option-names-other.ts';

type Options = ReadonlyMap<number, string>;

interface Level {
  readonly name: string;
  /** What an option without a name is; undefined: options are numbers here. */
  readonly unknown: string | undefined;
  readonly set: Options;
  readonly get: Options;
}

type Constants = Readonly<Record<string, unknown>>;

/** Of several names for a number the first one counts. */
function optionsOf(...tables: readonly Constants[]): Map<number, string> {
  const options = new Map<number, string>();
  for (const table of tables) {
    for (const [name, value] of Object.entries(table)) {
      if (typeof value === 'number' && !options.has(value)) options.set(value, name);
    }
  }
  return options;
}

/** Those whose names match, up to the last one that strace 6.1 knows. */
function only(constants: Constants, names: RegExp, last: number): Constants {
  return Object.fromEntries(
    Object.entries(constants).filter(
      ([name, value]) => names.test(name) && typeof value === 'number' && value <= last,
    ),
  );
}

function level(name: string, unknown: string, set: Options, get: Options = set): Level {
  return { name, unknown, set, get };
}

const IP = only(inet, /^(IP|MCAST)_(?!PMTUDISC|RECVORIGDSTADDR$)/, 50);
const IPV6 = only(inet, /^(IPV6|MCAST)_(?!PMTUDISC|(JOIN|LEAVE)_GROUP$|RECVORIGDSTADDR$)/, 78);
const MULTICAST = only(inet, /^MCAST_/, 48);
const SOCKET = only(socket, /^SO_(?!GET_FILTER$|DETACH_BPF$|ORIGINAL)/, 75);

/** The states of a connection have names like options. */
const TCP_OPTIONS = /^TCP_(?!CM_|ESTABLISHED$|SYN_|FIN_|TIME_WAIT$|CLOS|LAST_ACK$|LISTEN$)/;

const LEVELS: ReadonlyMap<number, Level> = new Map([
  ...OTHER_LEVELS.map(({ level: number, name, unknown, options = {} }): [number, Level] => {
    const known = optionsOf(options);
    return [number, { name, unknown, set: known, get: known }];
  }),
  [
    inet.SOL_IP,
    level('SOL_IP', 'IP_???', optionsOf(IP, SET_NETFILTER), optionsOf(IP, GET_NETFILTER)),
  ],
  [
    inet.SOL_IPV6,
    level(
      'SOL_IPV6',
      'IPV6_???',
      optionsOf(IPV6, MULTICAST, OLD_IPV6, SET_NETFILTER6),
      optionsOf(IPV6, MULTICAST, OLD_IPV6, GET_NETFILTER6),
    ),
  ],
  [
    socket.SOL_SOCKET,
    level(
      'SOL_SOCKET',
      'SO_???',
      optionsOf(OLD_SOCKET, SOCKET),
      optionsOf({ SO_GET_FILTER: socket.SO_GET_FILTER }, OLD_SOCKET, SOCKET),
    ),
  ],
  [tcp.SOL_TCP, level('SOL_TCP', 'TCP_???', optionsOf(only(tcp, TCP_OPTIONS, 37), OLD_TCP))],
  [inet.SOL_UDP, level('SOL_UDP', 'UDP_???', optionsOf(only(udp, /^UDP_(?!ENCAP_)/, 104)))],
  [inet.SOL_RAW, level('SOL_RAW', 'RAW_???', optionsOf({ ICMP_FILTER }))],
  [
    netlink.SOL_NETLINK,
    level(
      'SOL_NETLINK',
      'NETLINK_???',
      // The protocols of netlink come before the options, and have names like these.
      optionsOf(
        only(
          netlink,
          /^NETLINK_(\w+_MEMBERSHIPS?|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|LISTEN_ALL_NSID|\w+_ACK|GET_STRICT_CHK)$/,
          12,
        ),
        OLD_NETLINK,
      ),
    ),
  ],
  [
    packet.SOL_PACKET,
    level(
      'SOL_PACKET',
      'PACKET_???',
      optionsOf(
        only(
          packet,
          /^PACKET_(?!HOST$|BROADCAST$|MULTICAST$|OTHERHOST$|OUTGOING$|LOOPBACK$|USER$|KERNEL$|FASTROUTE$|MR_|FANOUT_(?!DATA$))/,
          23,
        ),
      ),
    ),
  ],
  [
    bluetooth.SOL_BLUETOOTH,
    level(
      'SOL_BLUETOOTH',
      'BT_???',
      optionsOf(
        only(
          bluetooth,
          /^BT_(SECURITY|DEFER_SETUP|FLUSHABLE|POWER|CHANNEL_POLICY|VOICE|SNDMTU|RCVMTU)$/,
          13,
        ),
      ),
    ),
  ],
  [
    socket.AF_VSOCK,
    level(
      'AF_VSOCK',
      'SO_VM_???',
      optionsOf(only(vsock, /^SO_VM_SOCKETS_(?!CONNECT_TIMEOUT$)/, 8)),
    ),
  ],
]);

/** "SOL_SOCKET", "0x11e /* SOL_?? *\/". */
export function levelName(number: number): string {
  return LEVELS.get(number)?.name ?? `${hex(number)} /* SOL_?? */`;
}

/** "SO_REUSEADDR", "0x4c /* SO_??? *\/"; of a level without names a number. */
export function optionText(use: 'get' | 'set', number: number, optname: number): string {
  const known = LEVELS.get(number);
  if (known?.unknown === undefined) return String(optname >>> 0);
  return known[use].get(optname) ?? `${hex(optname)} /* ${known.unknown} */`;
}
