/**
 * The table of calls: a row for each method of Kernel, a column for each of its arguments. It is complete by its
 * type: a call that is added to Kernel does not compile without a row here.
 *
 * Source: strace 6.1, whose output is the test of it (test/trace).
 */
import { AF_PACKET } from '../syscall/socket.ts';
import { socketTypeName, familyName, protocolName } from '../syscall/socket-names.ts';
import { fd, flags, hidden, int, name, path, received, sent, size, unsigned } from './columns.ts';
import { event, events } from './epoll.ts';
import { command, commandArgument, commandResult } from './fcntl.ts';
import { directory, givenOffset, linkTarget, movedOffset, openFlags, openMode } from './file.ts';
import {
  EPOLL_FLAGS,
  EPOLL_OPERATIONS,
  EVENTFD_FLAGS,
  MSG_FLAGS,
  SHUTDOWN,
  SOCKET_FLAGS,
  SPLICE_FLAGS,
} from './flags.ts';
import { receivedIov, sentIov } from './iov.ts';
import { ioctlArgument, ioctlRequest } from './ioctl.ts';
import { receivedMessage, sentMessage } from './message.ts';
import { receivedPayload, sentPayload } from './payload.ts';
import { messageVector, receivedVector, vectorResult } from './message-vector.ts';
import {
  filledOption,
  givenLength,
  givenOption,
  level,
  optionLength,
  optionName,
} from './option-value.ts';
import { OPEN_FLAGS } from './open-flags.ts';
import { openHow } from './open-how.ts';
import { signalsAndSize, signalsStruct } from './signals.ts';
import type { Column, Result, Signatures } from './signature.ts';
import { filledSockaddr, lengthInOut, sockaddr } from './sockaddr.ts';
import { ethernetProtocol } from './sockaddr-link.ts';
import { AT_FLAGS, statxBuffer, statxFlags, statxMask } from './statx.ts';
import { timespec, timeval } from './time.ts';
import { fdSet, pollFds, pollResult, selectResult } from './wait.ts';

const domain: Column<number> = { print: (value) => familyName(value) };
const type: Column<number> = { print: (value) => socketTypeName(value) };
const protocol: Column<number> = {
  print: (value, call) =>
    call.args[0] === AF_PACKET
      ? ethernetProtocol(value)
      : protocolName(call.args[0] as number, value),
};

/** A result that is a descriptor. */
const made: Result = (call, style) => `${call.result}${style.describe(call.result)}`;

/** Two descriptors that the call has made: "[3, 4]". */
const pair: Column<Int32Array> = {
  print: (value, call, style) =>
    call.result < 0
      ? style.addresses.of(value)
      : `[${value[0]}${style.describe(value[0]!)}, ${value[1]}${style.describe(value[1]!)}]`,
};

/** In the order of Kernel. */
export const signatures: Signatures = {
  socket: { columns: [domain, type, protocol], result: made },
  socketpair: { columns: [domain, type, int, pair] },
  bind: { columns: [fd, sockaddr(2), int] },
  listen: { columns: [fd, int] },
  accept: { columns: [fd, filledSockaddr(2), lengthInOut], result: made },
  accept4: {
    columns: [fd, filledSockaddr(2), lengthInOut, flags(SOCKET_FLAGS)],
    result: made,
  },
  connect: { columns: [fd, sockaddr(2), int] },
  shutdown: { columns: [fd, name(SHUTDOWN)] },
  getsockname: { columns: [fd, filledSockaddr(2), lengthInOut] },
  getpeername: { columns: [fd, filledSockaddr(2), lengthInOut] },
  setsockopt: { columns: [fd, level, optionName, givenOption, givenLength] },
  getsockopt: { columns: [fd, level, optionName, filledOption, optionLength] },
  read: { columns: [fd, received(3), size, hidden] },
  write: { columns: [fd, sent(2, 3), size, hidden] },
  pread64: { columns: [fd, received(), size, size] },
  readv: { columns: [fd, receivedIov] },
  writev: { columns: [fd, sentIov] },
  recvfrom: {
    columns: [fd, receivedPayload, size, flags(MSG_FLAGS), filledSockaddr(5), lengthInOut],
  },
  sendto: {
    columns: [fd, sentPayload, size, flags(MSG_FLAGS), sockaddr(5), int],
  },
  recvmsg: {
    columns: [fd, receivedMessage, hidden, hidden, { ...hidden, changes: true }, flags(MSG_FLAGS)],
  },
  sendmsg: {
    columns: [fd, sentMessage, hidden, hidden, hidden, flags(MSG_FLAGS)],
  },
  recvmmsg: {
    columns: [fd, hidden, receivedVector, int, flags(MSG_FLAGS), timespec],
    result: vectorResult,
  },
  sendmmsg: { columns: [fd, hidden, messageVector, int, flags(MSG_FLAGS)] },
  sendfile: { columns: [fd, fd, movedOffset, size] },
  splice: { columns: [fd, givenOffset, fd, givenOffset, size, flags(SPLICE_FLAGS)] },
  close: { columns: [fd] },
  dup: { columns: [fd], result: made },
  dup3: { columns: [fd, fd, flags(OPEN_FLAGS)], result: made },
  fcntl: { columns: [fd, command, commandArgument], result: commandResult },
  ioctl: { columns: [fd, ioctlRequest, ioctlArgument] },
  openat: {
    columns: [directory, path, openFlags, openMode],
    result: made,
  },
  openat2: { columns: [directory, path, openHow, size], result: made },
  unlinkat: { columns: [directory, path, flags(AT_FLAGS)] },
  readlinkat: {
    columns: [directory, path, linkTarget, size],
  },
  statx: {
    columns: [directory, path, statxFlags, statxMask, statxBuffer],
  },
  pipe2: { columns: [pair, flags(OPEN_FLAGS)] },
  eventfd2: { columns: [unsigned, flags(EVENTFD_FLAGS)], result: made },
  select: {
    columns: [int, fdSet, fdSet, fdSet, timeval],
    result: selectResult,
  },
  pselect6: {
    columns: [int, fdSet, fdSet, fdSet, timespec, signalsStruct],
    result: selectResult,
  },
  poll: { columns: [pollFds, unsigned, int], result: pollResult },
  ppoll: {
    columns: [pollFds, unsigned, timespec, signalsAndSize],
    result: pollResult,
  },
  epoll_create: { columns: [int], result: made },
  epoll_create1: { columns: [flags(EPOLL_FLAGS)], result: made },
  epoll_ctl: { columns: [fd, name(EPOLL_OPERATIONS), fd, event] },
  epoll_wait: { columns: [fd, events, int, int] },
};
