/**
 * Which descriptors a call is about: the one that it works on, those that it makes, and which way data goes.
 * By its arguments alone; nobody is asked.
 */
import type { Call, CallName } from './call.ts';

/** What a call does with a descriptor: takes from it, gives to it, or something else. */
export type Direction = 'in' | 'out' | 'other';

/** F_DUPFD and F_DUPFD_CLOEXEC, <linux/fcntl.h>. */
const F_DUPFD = 0;
const F_DUPFD_CLOEXEC = 1030;

const DIRECTIONS: ReadonlyMap<CallName, Direction> = new Map<CallName, Direction>([
  ['accept', 'in'],
  ['accept4', 'in'],
  ['read', 'in'],
  ['readv', 'in'],
  ['pread64', 'in'],
  ['recvfrom', 'in'],
  ['recvmsg', 'in'],
  ['recvmmsg', 'in'],
  ['write', 'out'],
  ['writev', 'out'],
  ['sendto', 'out'],
  ['sendmsg', 'out'],
  ['sendmmsg', 'out'],
  ['sendfile', 'out'],
]);

export function directionOf(name: CallName): Direction {
  return DIRECTIONS.get(name) ?? 'other';
}

/** Calls whose first argument is no descriptor, or one that they do nothing with. */
const WITHOUT: ReadonlySet<CallName> = new Set<CallName>([
  'socket',
  'socketpair',
  'pipe2',
  'eventfd2',
  'epoll_create',
  'epoll_create1',
  'epoll_wait',
  'select',
  'pselect6',
  'poll',
  'ppoll',
  'openat',
  'openat2',
  'unlinkat',
  'statx',
]);

/** The descriptor that a call works on; -1: none. Of sendfile where to, of epoll_ctl the one that is watched. */
export function descriptorOf({ name, args }: Call): number {
  if (WITHOUT.has(name)) return -1;
  const fd = name === 'epoll_ctl' ? args[2] : args[0];
  return typeof fd === 'number' && fd >= 0 ? fd : -1;
}

/** The other end of a call that has two; -1: it has one. */
export function otherDescriptorOf({ name, args }: Call): number {
  const fd = name === 'splice' ? args[2] : name === 'sendfile' ? args[1] : -1;
  return typeof fd === 'number' && fd >= 0 ? fd : -1;
}

const MAKING: ReadonlySet<CallName> = new Set<CallName>([
  'socket',
  'accept',
  'accept4',
  'dup',
  'openat',
  'openat2',
  'eventfd2',
  'epoll_create',
  'epoll_create1',
]);

const NONE: readonly number[] = [];

/** The descriptors that a call has made; dup3's closes what was there before. */
export function madeBy({ name, args, result }: Call): readonly number[] {
  if (result < 0) return NONE;
  if (MAKING.has(name)) return [result];
  if (name === 'dup3') return [args[1] as number];
  if (name === 'fcntl') {
    return args[1] === F_DUPFD || args[1] === F_DUPFD_CLOEXEC ? [result] : NONE;
  }
  const pair = name === 'socketpair' ? args[3] : name === 'pipe2' ? args[0] : undefined;
  return pair instanceof Int32Array ? [pair[0]!, pair[1]!] : NONE;
}

/** Whether what is known of descriptors may change by such calls: they are looked at though nobody traces them. */
export function changesDescriptors(name: CallName): boolean {
  return MAKING.has(name) || CHANGING.has(name);
}

const CHANGING: ReadonlySet<CallName> = new Set<CallName>([
  'socketpair',
  'pipe2',
  'dup3',
  'fcntl',
  'bind',
  'listen',
  'connect',
  'close',
]);
