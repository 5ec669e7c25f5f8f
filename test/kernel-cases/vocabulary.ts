/** The words of the cases as numbers: "DGRAM|NONBLOCK", "SO_LINGER", "IN|ET", and back. */
import * as epoll from '../../src/syscall/epoll.ts';
import { errnoName } from '../../src/syscall/errno.ts';
import * as fcntl from '../../src/syscall/fcntl.ts';
import * as inet from '../../src/syscall/inet.ts';
import * as netlink from '../../src/syscall/netlink.ts';
import * as socket from '../../src/syscall/socket.ts';
import * as tcp from '../../src/syscall/tcp.ts';

type Numbers = Readonly<Record<string, unknown>>;

const constants: Numbers = { ...netlink, ...inet, ...tcp, ...fcntl, ...epoll, ...socket };

/** What the constants above do not have; C's headers are asked elsewhere. */
const others: Numbers = {
  POLLIN: 0x1,
  POLLPRI: 0x2,
  POLLOUT: 0x4,
  POLLERR: 0x8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  POLLRDNORM: 0x40,
  POLLRDBAND: 0x80,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
  POLLRDHUP: 0x2000,
  FIONREAD: 0x541b,
  FIONBIO: 0x5421,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOASYNC: 0x5452,
  SIOCOUTQ: 0x5411,
  SIOCATMARK: 0x8905,
  SIOCGSTAMP: 0x8906,
  SIOCUNIXFILE: 0x89e0,
  UDP_CORK: 1,
  UDP_SEGMENT: 103,
  UDP_GRO: 104,
};

/** The constant of that C name. */
export function constant(name: string): number {
  const value = constants[name] ?? others[name];
  if (typeof value !== 'number') throw new TypeError(`the cases' word ${name} is not known`);
  return value;
}

/** "75", "0x1", "0o6101", or names joined by "|", each with a prefix: flags('SOCK_', 'DGRAM|NONBLOCK'). */
export function flags(prefix: string, text: string): number {
  let bits = 0;
  for (const word of text.split('|')) {
    bits |= /^-?\d/.test(word) ? Number(word) : constant(prefix + word);
  }
  return bits;
}

/** "SO_LINGER", or "6/9999": level and number. */
export function option(text: string): { level: number; optname: number } {
  const [level, optname] = text.split('/');
  if (optname !== undefined) return { level: Number(level), optname: Number(optname) };
  const levels: readonly [string, number][] = [
    ['SO_', socket.SOL_SOCKET],
    ['TCP_', inet.IPPROTO_TCP],
    ['UDP_', inet.IPPROTO_UDP],
    ['IPV6_', inet.SOL_IPV6],
    ['IP_', inet.SOL_IP],
    ['NETLINK_', netlink.SOL_NETLINK],
  ];
  const found = levels.find(([prefix]) => text.startsWith(prefix));
  if (found === undefined) throw new TypeError(`the cases' option ${text} is not known`);
  return { level: found[1], optname: constant(text) };
}

const EVENTS = ['IN', 'PRI', 'OUT', 'ERR', 'HUP', 'NVAL', 'RDNORM', 'RDBAND', 'WRNORM', 'WRBAND'];

/** Events of poll or epoll, whose bits are the same, by name; "-" for none. */
export function events(bits: number, hidden: readonly string[] = []): string {
  const names = [...EVENTS, 'RDHUP'].filter((name) => (bits & constant(`POLL${name}`)) !== 0);
  return names.filter((name) => !hidden.includes(name)).join('|') || '-';
}

/** "EAGAIN" of -11. */
export function errorName(result: number): string {
  return errnoName(-result);
}

const MSG_FLAGS = ['OOB', 'CTRUNC', 'TRUNC', 'EOR', 'ERRQUEUE'];

/** msg_flags by name; "0" for none. */
export function messageFlags(bits: number): string {
  const visible = bits & ~socket.MSG_CMSG_CLOEXEC;
  const names = MSG_FLAGS.filter((name) => (visible & constant(`MSG_${name}`)) !== 0);
  const rest = names.reduce((bit, name) => bit & ~constant(`MSG_${name}`), visible);
  return [...names, ...(rest === 0 && names.length > 0 ? [] : [rest])].join('|');
}
