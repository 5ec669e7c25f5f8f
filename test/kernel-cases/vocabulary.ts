/** The words of the cases as numbers: "DGRAM|NONBLOCK", "SO_LINGER", "IN|ET", and back. */
import * as epoll from '../../src/syscall/epoll.ts';
import { errnoName } from '../../src/syscall/errno.ts';
import * as errqueue from '../../src/syscall/errqueue.ts';
import * as fcntl from '../../src/syscall/fcntl.ts';
import * as inet from '../../src/syscall/inet.ts';
import * as ioctl from '../../src/syscall/ioctl.ts';
import * as netlink from '../../src/syscall/netlink.ts';
import { SOCKET_OPTIONS } from '../../src/syscall/options.ts';
import * as packet from '../../src/syscall/packet.ts';
import * as poll from '../../src/syscall/poll.ts';
import * as socket from '../../src/syscall/socket.ts';
import * as tcp from '../../src/syscall/tcp.ts';
import * as tun from '../../src/syscall/tun.ts';
import * as udp from '../../src/syscall/udp.ts';
import * as vsock from '../../src/syscall/vsock.ts';

const constants: Readonly<Record<string, unknown>> = {
  ...epoll,
  ...errqueue,
  ...fcntl,
  ...inet,
  ...ioctl,
  ...netlink,
  ...packet,
  ...poll,
  ...socket,
  ...tcp,
  ...tun,
  ...udp,
  ...vsock,
  /** Of <linux/un.h>: a request of its own family. */
  SIOCUNIXFILE: 0x89e0,
};

/** The constant of that C name. */
export function constant(name: string): number {
  const value = constants[name];
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
  if (!Object.hasOwn(SOCKET_OPTIONS, text)) {
    throw new TypeError(`the cases' option ${text} is not known`);
  }
  return SOCKET_OPTIONS[text as keyof typeof SOCKET_OPTIONS];
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
