/** Every constant against this machine's headers: the C compiler says what they are. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import * as arp from './arp.ts';
import * as bluetooth from './bluetooth.ts';
import * as bpf from './bpf.ts';
import * as epoll from './epoll.ts';
import * as errno from './errno.ts';
import * as errqueue from './errqueue.ts';
import * as ethernet from './ethernet.ts';
import * as eventfd from './eventfd.ts';
import * as fcntl from './fcntl.ts';
import * as icmp from './icmp.ts';
import * as icmpv6 from './icmpv6.ts';
import * as inet from './inet.ts';
import * as interfaces from './interface.ts';
import * as ioctl from './ioctl.ts';
import * as netlinkMetrics from './netlink-metrics.ts';
import * as netlinkNeighbour from './netlink-neighbour.ts';
import * as netlinkRoute from './netlink-route.ts';
import * as netlinkRule from './netlink-rule.ts';
import * as netlink from './netlink.ts';
import * as packet from './packet.ts';
import * as poll from './poll.ts';
import * as protocolFamily from './protocol-family.ts';
import * as sockDiag from './sock-diag.ts';
import * as socket from './socket.ts';
import * as splice from './splice.ts';
import * as stat from './stat.ts';
import * as tcp from './tcp.ts';
import * as tcpInfo from './tcp-info.ts';
import * as tos from './tos.ts';
import * as tun from './tun.ts';
import * as udp from './udp.ts';
import * as vsock from './vsock.ts';

interface Group {
  readonly file: string;
  readonly constants: object;
  readonly headers: readonly string[];
  /** Those of the file that these headers name, if others name the rest. */
  readonly names?: RegExp;
  /** The package that the headers come with, if a machine with a compiler may lack them. */
  readonly from?: string;
}

const groups: readonly Group[] = [
  { file: 'socket.ts', constants: socket, headers: ['sys/socket.h'] },
  {
    file: 'inet.ts',
    constants: inet,
    headers: [
      'sys/socket.h',
      'netinet/in.h',
      'linux/in.h',
      'linux/in6.h',
      'netinet/udp.h',
      'linux/netfilter_ipv4.h',
      'linux/netfilter_ipv6/ip6_tables.h',
    ],
  },
  { file: 'tcp.ts', constants: tcp, headers: ['netinet/tcp.h'] },
  { file: 'tcp-info.ts', constants: tcpInfo, headers: ['netinet/tcp.h'] },
  { file: 'bpf.ts', constants: bpf, headers: ['linux/filter.h'] },
  { file: 'epoll.ts', constants: epoll, headers: ['sys/epoll.h'] },
  // The kernel's header: glibc changes some of it for its own use.
  { file: 'fcntl.ts', constants: fcntl, headers: ['linux/fcntl.h', 'linux/openat2.h'] },
  { file: 'splice.ts', constants: splice, headers: ['fcntl.h'] },
  { file: 'stat.ts', constants: stat, headers: ['sys/stat.h', 'linux/stat.h'] },
  {
    file: 'errqueue.ts',
    constants: errqueue,
    headers: ['time.h', 'linux/errqueue.h', 'linux/net_tstamp.h'],
  },
  { file: 'netlink.ts', constants: netlink, headers: ['sys/socket.h', 'linux/netlink.h'] },
  { file: 'errno.ts', constants: errno, headers: ['errno.h'] },
  { file: 'protocol-family.ts', constants: protocolFamily, headers: ['sys/socket.h'] },
  { file: 'poll.ts', constants: poll, headers: ['linux/poll.h'] },
  { file: 'eventfd.ts', constants: eventfd, headers: ['sys/eventfd.h'] },
  { file: 'udp.ts', constants: udp, headers: ['linux/udp.h'] },
  { file: 'ioctl.ts', constants: ioctl, headers: ['sys/ioctl.h', 'linux/sockios.h'] },
  { file: 'interface.ts', constants: interfaces, headers: ['linux/if.h'] },
  {
    file: 'tun.ts',
    constants: tun,
    headers: ['sys/ioctl.h', 'linux/if_tun.h', 'linux/filter.h'],
  },
  { file: 'ethernet.ts', constants: ethernet, headers: ['linux/if_ether.h'] },
  { file: 'arp.ts', constants: arp, headers: ['linux/if_arp.h'] },
  { file: 'packet.ts', constants: packet, headers: ['sys/socket.h', 'linux/if_packet.h'] },
  { file: 'vsock.ts', constants: vsock, headers: ['sys/ioctl.h', 'linux/vm_sockets.h'] },
  { file: 'icmp.ts', constants: icmp, headers: ['linux/icmp.h'] },
  // Each of the two headers defines struct icmp6_filter, so one program cannot include both.
  { file: 'icmpv6.ts', constants: icmpv6, headers: ['linux/icmpv6.h'], names: /^ICMPV6_/ },
  { file: 'icmpv6.ts', constants: icmpv6, headers: ['netinet/icmp6.h'], names: /^(ND|ICMP6)_/ },
  {
    file: 'netlink-route.ts',
    constants: netlinkRoute,
    headers: ['linux/rtnetlink.h', 'linux/if_link.h', 'linux/if_addr.h'],
  },
  {
    file: 'netlink-metrics.ts',
    constants: netlinkMetrics,
    headers: ['linux/rtnetlink.h'],
  },
  {
    file: 'netlink-neighbour.ts',
    constants: netlinkNeighbour,
    headers: ['sys/socket.h', 'linux/neighbour.h'],
  },
  { file: 'netlink-rule.ts', constants: netlinkRule, headers: ['linux/fib_rules.h'] },
  { file: 'tos.ts', constants: tos, headers: ['linux/ip.h'] },
  {
    file: 'sock-diag.ts',
    constants: sockDiag,
    headers: ['sock', 'inet', 'unix', 'netlink', 'packet'].map((name) => `linux/${name}_diag.h`),
  },
  {
    file: 'bluetooth.ts',
    constants: bluetooth,
    headers: [
      'sys/socket.h',
      'sys/ioctl.h',
      ...['bluetooth', 'l2cap', 'rfcomm', 'sco', 'hci'].map((name) => `bluetooth/${name}.h`),
    ],
    from: 'libbluetooth-dev',
  },
];

const NEWER = 'newer than Linux 6.1 and glibc 2.36, whose headers are still common';
const KERNEL_ONLY = 'in a header of the kernel that is not installed';

/** Constants that the headers may lack, and why they are here all the same. */
const mayBeAbsent: Readonly<Record<string, string>> = {
  O_ASYNC: "glibc's name for the kernel's FASYNC",
  SCM_SECURITY: KERNEL_ONLY,
  SCM_PIDFD: KERNEL_ONLY,
  SO_PASSPIDFD: NEWER,
  SO_PEERPIDFD: NEWER,
  SO_RCVPRIORITY: NEWER,
  SO_PASSRIGHTS: NEWER,
  TCP_IS_MPTCP: NEWER,
  TCP_RTO_MAX_MS: NEWER,
  IPPROTO_L2TP: 'in <linux/in.h>, whose protocols <netinet/in.h> of glibc 2.36 hides',
  IPPROTO_SMC: NEWER,
  IP_LOCAL_PORT_RANGE: NEWER,
  IP_PROTOCOL: NEWER,
};

/** Constants of x86-64 that arm64 numbers differently, as fcntl.ts says. */
const x64Only = new Set(['O_DIRECT', 'O_LARGEFILE', 'O_DIRECTORY', 'O_NOFOLLOW', 'O_TMPFILE']);

/** Enumerators without a macro of the same name, so that #ifdef cannot see them. */
function isPlainEnumerator(name: string): boolean {
  if (
    /^(SOF_TIMESTAMPING_|SCM_TSTAMP_|TCP_CA_|NLMSGERR_|TPACKET_V|IF_(OPER|LINK_MODE)_)/.test(name)
  ) {
    return true;
  }
  if (name in netlinkNeighbour) return name.startsWith('NDA_');
  if (name in netlinkRule) return /^FR(A|_ACT)_/.test(name);
  if (name in netlinkMetrics) return true;
  if (name in netlinkRoute) return /^(IFLA|IFA(?!_F_)|RTA|RTN|RT_SCOPE|RT_TABLE)_/.test(name);
  if (name in sockDiag) {
    return /^(SKNLGRP|SK_MEMINFO|INET_ULP|(INET|UNIX|NETLINK|PACKET)_DIAG)_/.test(name);
  }
  return name in tcp && /^TCP_(ESTABLISHED|SYN_|FIN_|TIME_|CLOS|LAST_|LISTEN)/.test(name);
}

/** The lengths of structs. */
const SIZES: Readonly<Record<string, string>> = {
  SIZEOF_STATX: 'sizeof(struct statx)',
  SIZEOF_OPEN_HOW: 'sizeof(struct open_how)',
};

function question(name: string): string[] {
  const expression = SIZES[name] ?? name;
  const print = `printf("${name} %lld\\n", (long long)(${expression}));`;
  if (expression !== name || isPlainEnumerator(name)) return [print];
  return [`#ifdef ${name}`, print, '#endif'];
}

/** False, or why the constants of a group cannot be compared here. */
function missing({ headers, from }: Group): string | false {
  if (noCompiler || from === undefined) return noCompiler;
  const has = headers.map((header) => `__has_include(<${header}>)`).join(' && ');
  const answer = askC([], [`#if ${has}`, 'printf("has 1\\n");', '#endif']);
  return answer.has('has') ? false : `the headers of ${from} are not installed`;
}

suite('constants are those of the headers', { skip: noCompiler }, () => {
  for (const group of groups) {
    const { file, constants, headers, names = /^/ } = group;
    test(`${file} ${headers.at(-1)}`, { skip: missing(group) }, () => {
      const values = Object.entries(constants).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number' && names.test(entry[0]),
      );
      assert.ok(values.length > 2);
      const answers = askC(
        headers,
        values.flatMap(([name]) => question(name)),
      );
      const skipped = (name: string): boolean => process.arch === 'arm64' && x64Only.has(name);
      const wrong = values.filter(([name, value]) => {
        const answer = answers.get(name);
        if (answer === undefined) return !(name in mayBeAbsent);
        return Number(answer) !== value && !skipped(name);
      });
      const told = wrong.map(
        ([name, value]) => `${name}: ${value} here, ${answers.get(name)} in C`,
      );
      assert.deepEqual(told, []);
    });
  }
});

test('event sets that contain EPOLLET are unsigned after >>> 0', () => {
  const set = (epoll.EPOLLIN | epoll.EPOLLET) >>> 0;
  assert.equal(set, 0x80000001);
  assert.equal((set & epoll.EPOLLET) >>> 0, epoll.EPOLLET);
  assert.equal(new Uint32Array([epoll.EPOLLIN | epoll.EPOLLET])[0], set);
});
