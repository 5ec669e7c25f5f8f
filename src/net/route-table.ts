/**
 * The kernel's tables of interfaces and of their addresses, asked for over netlink.
 *
 * As Go does it: a socket for each question, which blocks. That does not stop the event loop: the
 * kernel fills in the first answer before sendto returns and each further one while the one before
 * it is read, so there is always something to read until NLMSG_DONE. Asked again is what has
 * changed meanwhile (NLM_F_DUMP_INTR), and what may not have fitted into the 4096 bytes: kernels
 * with larger pages say more at a time, and their page size is not known here. Source:
 * rtnetlink(7), Go's syscall/netlink_linux.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { EINTR, EINVAL } from '../syscall/errno.ts';
import {
  decodeNetlinkDone,
  decodeNetlinkError,
  decodeNetlinkMessages,
  type NetlinkMessage,
} from '../syscall/netlink-message.ts';
import { RTM_GETADDR, RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK } from '../syscall/netlink-route.ts';
import { NETLINK_ROUTE, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from '../syscall/netlink.ts';
import {
  type AddressInfo,
  addressInfo,
  decodeAddressMessage,
  decodeLinkMessage,
  encodeDumpRequest,
  type LinkInfo,
  linkInfo,
} from '../syscall/route-message.ts';
import { isSockaddrNetlink } from '../syscall/sockaddr-link.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_ANY_SIZE } from '../syscall/sockaddr.ts';
import { AF_NETLINK, AF_UNSPEC, SOCK_CLOEXEC, SOCK_RAW } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';

/** Go's name for all calls of one question. */
const CALLS = 'netlinkrib';

const SEQUENCE = 1;

/** What is read at a time: the usual page, then more if that may have been too little. */
const FIRST_ROOM = 4096;
const MOST_ROOM = 1 << 20;
const GROWTH = 16;

/** How often a table may change while it is read. */
const MOST_INTERRUPTIONS = 8;

/**
 * Every interface. SyscallError. One that takes up a page by itself (it has dozens of alternative
 * names) is not told, nor are those after it: the kernel ends the table there, with this request,
 * which is Go's.
 */
export function linkTable(kernel: Kernel): LinkInfo[] {
  const messages = dump(kernel, RTM_GETLINK).filter(({ type }) => type === RTM_NEWLINK);
  return parsed('parsenetlinkrouteattr', () =>
    messages.map(({ payload }) => linkInfo(decodeLinkMessage(payload))),
  );
}

/** Every address of every interface. SyscallError. */
export function addressTable(kernel: Kernel): AddressInfo[] {
  const messages = dump(kernel, RTM_GETADDR).filter(({ type }) => type === RTM_NEWADDR);
  return parsed('parsenetlinkrouteattr', () =>
    messages
      .map(({ payload }) => addressInfo(decodeAddressMessage(payload)))
      .filter((address) => address !== null),
  );
}

/** What the kernel has said, or why it has to be asked again. */
type Answer = readonly NetlinkMessage[] | 'interrupted' | 'cut';

function dump(kernel: Kernel, type: number): readonly NetlinkMessage[] {
  let room = FIRST_ROOM;
  for (let interruptions = 0; interruptions < MOST_INTERRUPTIONS;) {
    const answer = ask(kernel, type, room);
    if (answer === 'cut') room *= GROWTH;
    else if (answer === 'interrupted') interruptions++;
    else return answer;
  }
  throw new SyscallError(CALLS, -EINTR);
}

function ask(kernel: Kernel, type: number, room: number): Answer {
  const fd = succeeded(kernel.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  try {
    const addr = encodeSockaddr({ family: AF_NETLINK });
    succeeded(kernel.bind(fd, addr, addr.length));
    const request = encodeDumpRequest(type, AF_UNSPEC, SEQUENCE);
    succeeded(kernel.sendto(fd, request, request.length, 0, addr, addr.length));
    return receiveAll(kernel, fd, ownPort(kernel, fd), new Uint8Array(room));
  } finally {
    kernel.close(fd);
  }
}

function receiveAll(kernel: Kernel, fd: number, port: number, buf: Uint8Array): Answer {
  const messages: NetlinkMessage[] = [];
  let interrupted = false;
  for (;;) {
    const count = receive(kernel, fd, buf);
    // A datagram that fills the buffer may have been longer; what did not fit is gone.
    if (count === buf.length && count < MOST_ROOM) return 'cut';
    for (const message of parsed(CALLS, () => decodeNetlinkMessages(buf, count))) {
      const { type, flags, seq, pid } = message;
      if (seq !== SEQUENCE || pid !== port) throw new SyscallError(CALLS, -EINVAL);
      if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
      if (type === NLMSG_ERROR || type === NLMSG_DONE) {
        requireSuccess(message);
        return interrupted ? 'interrupted' : messages;
      }
      messages.push(message);
    }
  }
}

/** The length of the next datagram that the kernel has sent. */
function receive(kernel: Kernel, fd: number, buf: Uint8Array): number {
  const addr = new Uint8Array(SOCKADDR_ANY_SIZE);
  const addrlen = new Uint32Array(1);
  for (;;) {
    addrlen[0] = addr.length;
    const count = kernel.recvfrom(fd, buf, buf.length, 0, addr, addrlen);
    if (count === -EINTR) continue;
    // One of no bytes would never bring the end.
    if (succeeded(count) === 0) throw new SyscallError(CALLS, -EINVAL);
    const from = decodeSockaddr(addr, addrlen[0]);
    if (!isSockaddrNetlink(from) || from.pid === 0) return count;
  }
}

/** The port that the kernel has given the socket, which is in every answer. */
function ownPort(kernel: Kernel, fd: number): number {
  const addr = new Uint8Array(SOCKADDR_ANY_SIZE);
  const addrlen = Uint32Array.of(addr.length);
  succeeded(kernel.getsockname(fd, addr, addrlen));
  const own = decodeSockaddr(addr, addrlen[0]!);
  if (!isSockaddrNetlink(own)) throw new SyscallError(CALLS, -EINVAL);
  return own.pid;
}

/** NLMSG_ERROR is always a failure: no acknowledgement was asked for. */
function requireSuccess(message: NetlinkMessage): void {
  const errno = parsed(CALLS, () =>
    message.type === NLMSG_DONE
      ? decodeNetlinkDone(message).errno
      : decodeNetlinkError(message).errno || EINVAL,
  );
  if (errno !== 0) throw new SyscallError(CALLS, -errno);
}

function succeeded(result: number): number {
  if (result < 0) throw new SyscallError(CALLS, result);
  return result;
}

/** What `parse` gives; what is malformed is EINVAL, as in Go. */
function parsed<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw new SyscallError(name, -EINVAL);
    throw error;
  }
}
