/** Explanations: options of sockets. */
import { IPPROTO_TCP, IPV6_V6ONLY, SOL_IPV6 } from '../../syscall/inet.ts';
import {
  AF_UNIX,
  SO_ATTACH_FILTER,
  SO_BROADCAST,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOL_SOCKET,
} from '../../syscall/socket.ts';
import { TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_NODELAY } from '../../syscall/tcp.ts';
import type { Call } from '../call.ts';
import { type Condition, type Explanation, outcome, reason } from '../explanation.ts';
import { type Descriptor, intOf } from '../history.ts';
import { isProbe } from './sockets.ts';

/** net sets these between bind and listen, or on a connection. */
function willListen(own: Descriptor | undefined): boolean {
  return own?.state === 'bound' || own?.state === 'listening';
}

function option(level: number, names: readonly number[], more?: Condition): Condition {
  return (call, own, history) =>
    call.args[1] === level &&
    names.includes(call.args[2] as number) &&
    (more === undefined || more(call, own, history));
}

const isOn = ({ args }: Call): boolean => intOf(args[3]) !== 0;
const inherited: Condition = (_, own) => willListen(own);

export const options: readonly Explanation[] = [
  reason(
    'setsockopt(…, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0',
    'The first half of the probe: a socket for IPv6 alone.',
    option(SOL_IPV6, [IPV6_V6ONLY], (call, own) => isProbe(own) && isOn(call)),
  ),
  reason(
    'setsockopt(…, SOL_IPV6, IPV6_V6ONLY, [0], 4) = 0',
    'The other half of the probe: an IPv6 socket that takes IPv4 as well, under addresses like ::ffff:127.0.0.1.',
    option(SOL_IPV6, [IPV6_V6ONLY], (_, own) => isProbe(own)),
  ),
  reason(
    'setsockopt(…, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0',
    'IPv6 only: another socket may have the same port for IPv4. Said always, as the default is a setting of the machine.',
    option(SOL_IPV6, [IPV6_V6ONLY], isOn),
  ),
  reason(
    'setsockopt(…, SOL_IPV6, IPV6_V6ONLY, [0], 4) = 0',
    'The socket is for both: IPv4 addresses appear as ::ffff:a.b.c.d. Said always, as the default is a setting of the machine.',
    option(SOL_IPV6, [IPV6_V6ONLY]),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
    'Set on every listener, as in Go. For a unix socket it means nothing: a file with its name is in the way in any case.',
    option(SOL_SOCKET, [SO_REUSEADDR], (_, own) => own?.domain === AF_UNIX),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
    'bind may take a port on which old connections are still in TIME_WAIT, so a server can be started again at once. ' +
      'A port on which somebody listens is still refused.',
    option(SOL_SOCKET, [SO_REUSEADDR]),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_REUSEPORT, [1], 4) = 0',
    'Several sockets, of processes of the same user, may listen on this port; the kernel deals the connections out to them.',
    option(SOL_SOCKET, [SO_REUSEPORT]),
  ),
  reason(
    'setsockopt(…, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
    'Small writes are sent at once and not gathered (Nagle). Accepted connections inherit it from the listening socket, ' +
      'so it is set once and not for each.',
    option(IPPROTO_TCP, [TCP_NODELAY], (call, own) => isOn(call) && willListen(own)),
  ),
  reason(
    'setsockopt(…, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
    'Small writes are sent at once and not gathered until the last one is acknowledged (Nagle).',
    option(IPPROTO_TCP, [TCP_NODELAY], isOn),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0',
    'The kernel is to ask a silent peer whether it is still there. Connections inherit this from the listening socket.',
    option(SOL_SOCKET, [SO_KEEPALIVE], inherited),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0',
    'The kernel is to ask a silent peer whether it is still there, so that one that has vanished is noticed.',
    option(SOL_SOCKET, [SO_KEEPALIVE], isOn),
  ),
  reason(
    'setsockopt(…, SOL_TCP, TCP_KEEPINTVL, [15], 4) = 0',
    'How many seconds lie between two such questions. After nine without an answer (TCP_KEEPCNT, the default) the ' +
      'connection ends with ETIMEDOUT.',
    option(IPPROTO_TCP, [TCP_KEEPINTVL]),
  ),
  reason(
    'setsockopt(…, SOL_TCP, TCP_KEEPIDLE, [15], 4) = 0',
    'After how many seconds of silence the first such question is asked.',
    option(IPPROTO_TCP, [TCP_KEEPIDLE]),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_BROADCAST, [1], 4) = 0',
    'Datagrams may go to a broadcast address; without it that fails with EACCES.',
    option(SOL_SOCKET, [SO_BROADCAST]),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}, 8) = 0',
    'close is to throw away what is not sent and reset the connection. The server does so where an orderly end would make ' +
      'a part look like the whole, or a client takes nothing.',
    option(SOL_SOCKET, [SO_LINGER], (call) => isOn(call) && intOf(call.args[3], 4) === 0),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_LINGER, …) = 0',
    'What close does with bytes that are not sent: off, the kernel sends them in the background for as long as it takes.',
    option(SOL_SOCKET, [SO_LINGER], (call) => !isOn(call)),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_ATTACH_FILTER, …) = 0',
    'A filter that drops every packet: while the listener is shut down nobody new joins its queue, and those who are in it ' +
      'are still accepted. Who was dropped tries again and is refused by then.',
    option(SOL_SOCKET, [SO_ATTACH_FILTER], (_, own) => own?.state === 'listening'),
  ),
  reason(
    'setsockopt(…, SOL_SOCKET, SO_RCVBUF, …) = 0',
    'How much the kernel keeps for this socket. It doubles the number, for its own bookkeeping, and has an upper limit ' +
      '(net.core.rmem_max, wmem_max).',
    option(SOL_SOCKET, [SO_RCVBUF, SO_SNDBUF]),
  ),
  reason(
    'getsockopt(…, SOL_SOCKET, SO_ERROR, …) = 0',
    'epoll only says that connect has ended; SO_ERROR says how, and forgets it.',
    option(SOL_SOCKET, [SO_ERROR], (_, own) => own?.state === 'connecting'),
  ),
  outcome(
    'getsockopt(…, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0',
    'The value is the error with which connect has failed.',
    option(SOL_SOCKET, [SO_ERROR], (call) => call.result === 0 && isOn(call)),
  ),
  outcome(
    'getsockopt(…, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
    'No error.',
    option(SOL_SOCKET, [SO_ERROR], ({ result }) => result === 0),
  ),
];
