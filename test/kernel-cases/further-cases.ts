/**
 * Cases beside those of test/golden/kernel-cases.json, in the same words: of calls, families, flags and
 * control messages that those leave out. What is wanted is what Linux 6.18 does.
 */
import type { Case, Step } from './outcome.ts';

/** "send(a, "x", OOB)", what it gives, and what of that must come again, if it is not the same. */
type Line = readonly [call: string, res: string, want?: Step['want']];

function steps(lines: readonly Line[]): Step[] {
  return lines.map(([call, res, want]) => {
    const [, op = '', args = ''] = /^(\w+)\((.*)\)$/s.exec(call)!;
    const number = /^-?\d+$/.test(res) ? Number(res) : res;
    const split = args.match(/(?:\([^)]*\)|\{[^}]*\}|\[[^\]]*\]|"[^"]*"|[^,])+/g) ?? [];
    return {
      op,
      args: op === 'check' ? [args] : split.map((arg) => arg.trim()),
      res,
      want: want ?? (res === 'True' ? true : number),
    };
  });
}

const PAIR: Line = ['socketpair(UNIX, STREAM|NONBLOCK)', 'a,b', 'ok'];

const DATAGRAMS: readonly Line[] = [
  ['socket(INET, DGRAM|NONBLOCK)', 'v', 'ok'],
  ['bind(v, 127.0.0.1:0)', '0'],
  ['socket(INET, DGRAM|NONBLOCK)', 'u', 'ok'],
];

/** The cases by name and title. */
const lines: Readonly<Record<string, readonly Line[]>> = {
  'FUR-01 ppoll and pselect: timeouts in nanoseconds, which must be below a second': [
    PAIR,
    ['ppoll(a)', 'OUT'],
    ['ppoll(b, IN, 50ms)', '-'],
    ['check(>= 50 ms)', 'True'],
    ['send(a, "x")', '1'],
    ['ppoll(b, IN|RDNORM, 1000ms)', 'IN|RDNORM'],
    ['pselect(r={b}, w={a}, x={}, tv=1)', '2 r={b} w={a} x={}'],
    ['pselect(r={}, w={}, x={}, tv=(0, -1))', 'EINVAL'],
    ['pselect(r={}, w={}, x={}, tv=(0, 1000000000))', 'EINVAL'],
    ['pselect(r={b}, w={}, x={}, tv=(0, 999999999))', '1 r={b} w={} x={}'],
  ],
  'FUR-02 writev gathers, readv scatters': [
    PAIR,
    ['writev(a, "ab"+"cd")', '4'],
    ['readv(b, [1,9])', '4', '"abcd"'],
    ['readv(b, [1])', 'EAGAIN'],
    ['readv(b, [])', '0'],
  ],
  'FUR-03 dup3 takes the number that it is told, and O_CLOEXEC alone': [
    PAIR,
    ['dup3(a, a)', 'EINVAL'],
    ['dup3(a, fd70, CLOEXEC)', '70'],
    ['fcntl(fd70, F_GETFD)', '1'],
    ['dup3(a, fd71, NONBLOCK)', 'EINVAL'],
    ['dup3(closed, fd70)', 'EBADF'],
    ['send(fd70, "x")', '1'],
    ['recv(b, 64)', '1', '"x"'],
  ],
  'FUR-04 sendmsg with an address, flags and control messages of IP': [
    ...DATAGRAMS,
    ['setsockopt(v, IP_RECVTTL, 1)', '0'],
    ['setsockopt(v, IP_RECVTOS, 1)', '0'],
    ['sendmsg(u, "x"+"y", IP_TTL=7, IP_TOS=8, DONTWAIT|NOSIGNAL, to 127.0.0.1:P1)', '2'],
    ['recvmsg(v, [1,9], ctl=256)', '2 "xy"', '"xy" flags=0 cmsg=0/2[4B],0/1[1B]'],
    ['check(ttl,tos)', '(7, 8)'],
    ['sendmsg(u, "x", IP_TTL=256, to 127.0.0.1:P1)', 'EINVAL'],
    ['sendmsg(u, "x", 0/99=1, to 127.0.0.1:P1)', 'EINVAL'],
    ['recvmsg(v, 8, ctl=256)', 'EAGAIN'],
  ],
  'FUR-05 sendmmsg and recvmmsg: the messages, and fewer than there is room for': [
    ...DATAGRAMS,
    ['sendmmsg(u, [ok,ok,ok])', '3'],
    ['recvmmsg(v, 3 queued, DONTWAIT)', '3'],
    ['check(messages)', "[b'm0', b'm1', b'm2']"],
    ['recvmmsg(v, none queued, WAITFORONE|DONTWAIT)', 'EAGAIN'],
  ],
  'FUR-06 packet sockets: protocol and interface of the address': [
    ['socket(PACKET, DGRAM, 0)', 'p', 'ok'],
    ['getsockname(p)', 'pkt:0/0'],
    ['bind(p, pkt:2048/1)', '0'],
    ['getsockname(p)', 'pkt:2048/1'],
    ['getpeername(p)', 'EOPNOTSUPP'],
    ['bind(p, pkt:2048/99)', 'ENODEV'],
    ['listen(p, 1)', 'EOPNOTSUPP'],
  ],
  'FUR-07 socketpair: protocols, and families that have no pairs': [
    ['socketpair(UNIX, SEQPACKET, 1)', 'a,b', 'ok'],
    ['send(a, "x")', '1'],
    ['recv(b, 64)', '1', '"x"'],
    ['socketpair(UNIX, STREAM, 2)', 'EPROTONOSUPPORT'],
    ['socketpair(INET, STREAM)', 'EOPNOTSUPP'],
    ['socketpair(NETLINK, DGRAM)', 'EOPNOTSUPP'],
  ],
  'FUR-08 MSG_TRUNC asks for the true length, and tells that a datagram was cut': [
    ...DATAGRAMS,
    ['sendto(u, "abcdef", to 127.0.0.1:P1)', '6'],
    ['sendto(u, "ghijkl", to 127.0.0.1:P1)', '6'],
    ['recv(v, 2, PEEK|TRUNC)', '6 "ab"', 6],
    ['recvmsg(v, 2, ctl=0)', '2 "ab"', '"ab" flags=TRUNC cmsg='],
    ['recvmsg(v, 2, ctl=0, TRUNC)', '6 "gh"', '"gh" flags=TRUNC'],
  ],
  'FUR-09 epoll tells the norm and band bits when they are asked for, and ERR and HUP always': [
    ['epoll_create1(0x80000)', 'ep', 'ok'],
    PAIR,
    ['epoll_ctl(ep, ADD, b, IN|OUT|PRI|RDNORM|WRNORM|RDBAND|WRBAND|MSG|RDHUP)', '0'],
    ['send(a, "x")', '1'],
    ['epoll_wait(ep)', 'b:IN|OUT|RDNORM|WRNORM|WRBAND', 'b:IN|OUT|RDNORM|WRNORM|WRBAND'],
    ['epoll_ctl(ep, MOD, b, 0)', '0'],
    ['close(a)', '0'],
    ['epoll_wait(ep)', 'b:HUP'],
  ],
  'FUR-10 pipes: flags, and moving bytes from a socket by splice': [
    ['pipe2(NONBLOCK|CLOEXEC)', 'r,w', 'ok'],
    ['fcntl(r, F_GETFD)', '1'],
    ['fcntl(r, F_GETFL)', '0o4000'],
    ['fcntl(w, F_GETFL)', '0o4001'],
    ['read(r, 64)', 'EAGAIN'],
    PAIR,
    ['send(a, "abcdef")', '6'],
    ['splice(b, w, 4)', '4'],
    ['read(r, 64)', '4', '"abcd"'],
    ['recv(b, 64)', '2', '"ef"'],
    ['recv(r, 64)', 'ENOTSOCK'],
    ['pipe2(APPEND)', 'EINVAL'],
  ],
};

export const furtherCases: readonly Case[] = Object.entries(lines).map(([name, all]) => {
  const [, id = '', title = ''] = /^(\S+) (.*)$/.exec(name)!;
  return { id, group: 'FUR', title, steps: steps(all) };
});
