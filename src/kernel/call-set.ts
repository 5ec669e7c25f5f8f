/**
 * Sets of calls, in the words of strace(1)'s -e: names and classes joined by commas, "!" before them for all
 * others. The classes are strace's, of the calls that a Kernel has.
 */
import type { Kernel } from './kernel.ts';

export type CallName = keyof Kernel;

type CallClass = '%network' | '%desc' | '%file' | '%memory' | '%process';

const NETWORK: readonly CallClass[] = ['%network'];
const BOTH: readonly CallClass[] = ['%network', '%desc'];
const DESC: readonly CallClass[] = ['%desc'];
const FILE: readonly CallClass[] = ['%desc', '%file'];

/** Complete by its type. In the order of Kernel. */
const CLASSES: Readonly<Record<CallName, readonly CallClass[]>> = {
  socket: NETWORK,
  socketpair: NETWORK,
  bind: NETWORK,
  listen: NETWORK,
  accept: NETWORK,
  accept4: NETWORK,
  connect: NETWORK,
  shutdown: NETWORK,
  getsockname: NETWORK,
  getpeername: NETWORK,
  setsockopt: NETWORK,
  getsockopt: NETWORK,
  read: DESC,
  write: DESC,
  pread64: DESC,
  readv: DESC,
  writev: DESC,
  recvfrom: NETWORK,
  sendto: NETWORK,
  recvmsg: NETWORK,
  sendmsg: NETWORK,
  recvmmsg: NETWORK,
  sendmmsg: NETWORK,
  sendfile: BOTH,
  splice: DESC,
  close: DESC,
  dup: DESC,
  dup3: DESC,
  fcntl: DESC,
  ioctl: DESC,
  openat: FILE,
  openat2: FILE,
  unlinkat: FILE,
  readlinkat: FILE,
  statx: FILE,
  pipe2: DESC,
  eventfd2: DESC,
  select: DESC,
  pselect6: DESC,
  poll: DESC,
  ppoll: DESC,
  epoll_create: DESC,
  epoll_create1: DESC,
  epoll_ctl: DESC,
  epoll_wait: DESC,
};

export const CALL_NAMES: readonly CallName[] = Object.keys(CLASSES) as CallName[];

const KNOWN_CLASSES: readonly CallClass[] = ['%network', '%desc', '%file', '%memory', '%process'];

/** strace's other words for the same. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['%net', '%network'],
  ['network', '%network'],
  ['desc', '%desc'],
  ['file', '%file'],
]);

function isCall(name: string): name is CallName {
  return Object.hasOwn(CLASSES, name);
}

function namesOf(part: string): readonly CallName[] {
  if (part === 'all' || part === '%all') return CALL_NAMES;
  if (part === 'none') return [];
  if (isCall(part)) return [part];
  const wanted = KNOWN_CLASSES.find((known) => known === (ALIASES.get(part) ?? part));
  if (wanted !== undefined) return CALL_NAMES.filter((name) => CLASSES[name].includes(wanted));
  if (part.startsWith('/')) return matching(part.slice(1));
  // "?name": strace's way to say that it need not exist.
  if (part.startsWith('?')) return isCall(part.slice(1)) ? [part.slice(1) as CallName] : [];
  throw new TypeError(
    `${JSON.stringify(part)} is no call that netfd makes: expected a name such as accept4, ` +
      `/REGEX, ${KNOWN_CLASSES.slice(0, 3).join(', ')}, all or none`,
  );
}

function matching(source: string): readonly CallName[] {
  try {
    const pattern = new RegExp(source);
    return CALL_NAMES.filter((name) => pattern.test(name));
  } catch {
    throw new TypeError(`/${source} is no regular expression`);
  }
}

/** The calls of "accept4,%desc" or "!epoll_wait". TypeError for what is neither call nor class. */
export function callSet(expression: string): ReadonlySet<CallName> {
  if (typeof expression !== 'string') {
    throw new TypeError('a set of calls must be a string, such as "accept4,%network"');
  }
  const others = expression.startsWith('!');
  const parts = (others ? expression.slice(1) : expression).split(',');
  const names = new Set(parts.flatMap(namesOf));
  return others ? new Set(CALL_NAMES.filter((name) => !names.has(name))) : names;
}
