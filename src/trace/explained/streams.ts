/** Explanations: connections, and the bytes that go over them. */
import {
  EAGAIN,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EMFILE,
  ENFILE,
  EPIPE,
} from '../../syscall/errno.ts';
import { AF_UNIX, MSG_MORE, MSG_NOSIGNAL, SOCK_DGRAM, SOCK_STREAM } from '../../syscall/socket.ts';
import type { Call, Value } from '../call.ts';
import { type Condition, type Explanation, failedWith, outcome, reason } from '../explanation.ts';
import type { Descriptor } from '../history.ts';
import { isInternet, typeOf } from './sockets.ts';

function isStream(own: Descriptor | undefined): boolean {
  return own !== undefined && typeOf(own.type) === SOCK_STREAM;
}

function isDatagram(own: Descriptor | undefined): boolean {
  return own !== undefined && typeOf(own.type) === SOCK_DGRAM;
}

function lengthOf(value: Value): number {
  if (value instanceof Uint8Array) return value.length;
  if (!Array.isArray(value)) return 0;
  return value.reduce((sum: number, part: Uint8Array) => sum + part.length, 0);
}

/** How many bytes it was asked for. */
function wanted({ name, args }: Call): number {
  if (name === 'readv' || name === 'writev') return lengthOf(args[1]);
  return args[name === 'sendfile' ? 3 : 2] as number;
}

const all: Condition = (call) => call.result > 0 && call.result === wanted(call);
const short: Condition = (call) => call.result > 0 && call.result < wanted(call);

function ofStream(condition: Condition): Condition {
  return (call, own, history) => isStream(own) && condition(call, own, history);
}

function ofTCP(condition: Condition): Condition {
  return ofStream((call, own, history) => isInternet(own) && condition(call, own, history));
}

export const streams: readonly Explanation[] = [
  reason(
    'accept4(…, SOCK_CLOEXEC|SOCK_NONBLOCK) = …',
    'Takes the next finished connection from the queue of the kernel. The flags are given again, since on Linux an accepted ' +
      'socket does not inherit them.',
  ),
  outcome(
    'accept4(…) = -1 EAGAIN …',
    'Nobody has connected yet. netfd tries first and waits afterwards, so this is no failure: it means that from now on ' +
      'epoll is waited for.',
    (call, own) => call.result === -EAGAIN && own?.accepted === 0,
  ),
  outcome(
    'accept4(…) = -1 EAGAIN …',
    'The queue is empty: all who had connected are accepted. epoll tells of the next.',
    failedWith(EAGAIN),
  ),
  outcome(
    'accept4(…) = -1 EMFILE …',
    'There is still no free descriptor; the server rests for twice as long as before, a second at most.',
    (call, own) => (call.result === -EMFILE || call.result === -ENFILE) && own?.starved === true,
  ),
  outcome(
    'accept4(…) = -1 EMFILE …',
    'No free descriptor. The connection stays in the queue; the server rests for 5 ms, and tries again.',
    failedWith(EMFILE, ENFILE),
  ),
  outcome(
    'accept4(…) = -1 ECONNABORTED …',
    'The client gave up while it was in the queue. The next one is taken at once, as if this one had never come.',
    failedWith(ECONNABORTED),
  ),
  outcome(
    'accept4(…) = …',
    'A socket of its own for this client; the listener goes on listening.',
    ({ result }) => result >= 0,
  ),

  reason(
    'connect(…, {sa_family=AF_INET, …}, 16) = 0',
    'Sends nothing: it sets where datagrams go, from where they may come, and makes the kernel choose a route.',
    (_, own) => isDatagram(own) && isInternet(own),
  ),
  reason(
    'connect(…, {sa_family=AF_INET6, …}, 28) = …',
    'Another attempt, in the other address family, is still under way. If both belong to one dial ("happy eyeballs", RFC 8305) ' +
      'the first that is there wins, and the other is closed.',
    (call, own, history) => isStream(own) && isInternet(own) && history.racing(call.args[0]),
  ),
  reason(
    'connect(…, {sa_family=AF_INET, …}, 16) = …',
    'Begins the TCP handshake (SYN). The socket is non-blocking, so the call does not wait for the answer.',
    ofTCP(() => true),
  ),
  reason(
    'connect(…, {sa_family=AF_UNIX, …}, …) = …',
    'Connects to a socket of this machine by its name. There is no handshake: it works or fails at once.',
    (_, own) => own?.domain === AF_UNIX,
  ),
  outcome(
    'connect(…) = -1 EINPROGRESS …',
    'The handshake is under way; no failure. epoll tells when it has ended (EPOLLOUT), and SO_ERROR how.',
    failedWith(EINPROGRESS),
  ),
  outcome('connect(…) = -1 ECONNREFUSED …', 'Nobody listens there.', failedWith(ECONNREFUSED)),
  outcome(
    'connect(…) = -1 EAGAIN …',
    'The queue of the unix listener is full.',
    failedWith(EAGAIN),
  ),

  reason(
    'read(…) = …',
    'Reads what has come, as far as there is room in the buffer. It does not wait for the buffer to be full.',
    (_, own) => isStream(own),
    ['readv'],
  ),
  outcome(
    'read(…) = 0',
    'The end of the stream: the peer has sent all that it wanted to (in TCP: FIN). It may still read.',
    ofStream((call) => call.result === 0 && wanted(call) > 0),
    ['readv'],
  ),
  outcome(
    'read(…) = …',
    'Fewer bytes than there was room for, so nothing is left. But the peer has finished, so the end is still to be read.',
    ofTCP((call, own, history) => own?.finished === true && short(call, own, history)),
    ['readv'],
  ),
  outcome(
    'read(…) = …',
    'Fewer bytes than there was room for, so the socket is drained: the next read waits for epoll, and the one that would ' +
      'say EAGAIN is not made.',
    ofTCP(short),
    ['readv'],
  ),
  outcome(
    'read(…) = …',
    'Fewer bytes than there was room for. On a unix socket that does not mean that it is drained: a read stops in front of ' +
      'passed descriptors.',
    ofStream(short),
    ['readv'],
  ),
  outcome('read(…) = …', 'The buffer is full, so there may be more.', ofStream(all), ['readv']),
  outcome(
    'read(…) = -1 EAGAIN …',
    'Nothing has come yet; epoll tells when something has.',
    failedWith(EAGAIN),
    ['readv'],
  ),
  outcome(
    'read(…) = -1 ECONNRESET …',
    'The peer has cut the connection (RST): it has thrown away what was not read, or crashed. What was on its way is lost.',
    failedWith(ECONNRESET),
    ['readv', 'write', 'writev'],
  ),

  reason(
    'sendto(…, MSG_MORE, NULL, 0) = …',
    'The head of a reply whose body is a file. MSG_MORE: it waits in the kernel for the first bytes of the file, so that ' +
      'no small packet goes alone.',
    ({ args }) => ((args[3] as number) & MSG_MORE) !== 0,
  ),
  reason(
    'sendto(…, MSG_NOSIGNAL, NULL, 0) = …',
    'MSG_NOSIGNAL: if the peer is gone it only fails with EPIPE and raises no SIGPIPE. netfd itself uses write, as Node, ' +
      'Bun and Deno ignore the signal.',
    ({ args }, own) => isStream(own) && ((args[3] as number) & MSG_NOSIGNAL) !== 0,
  ),
  reason(
    'write(…) = …',
    'Hands bytes to the kernel, which sends them on its own.',
    (_, own) => isStream(own),
    ['writev'],
  ),
  outcome(
    'write(…) = …',
    'The kernel has taken all of it. That means its buffer, not the peer.',
    ofStream(all),
    ['writev', 'sendto'],
  ),
  outcome(
    'write(…) = …',
    'The kernel has taken a part, and its buffer is full. The rest follows when there is room (EPOLLOUT).',
    ofStream(short),
    ['writev', 'sendto'],
  ),
  outcome(
    'write(…) = -1 EAGAIN …',
    'The buffer of the socket is full: the peer reads more slowly than we write. epoll tells when there is room (EPOLLOUT).',
    (call, own) => isStream(own) && call.result === -EAGAIN,
    ['writev', 'sendto', 'sendfile'],
  ),
  outcome(
    'write(…) = -1 EPIPE …',
    'Nobody reads at the other end any more, or our side was shut down for writing: nothing can be sent on this connection.',
    failedWith(EPIPE),
    ['writev', 'sendto', 'sendfile'],
  ),
];
