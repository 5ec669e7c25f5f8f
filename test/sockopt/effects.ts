/**
 * What an option does that is not seen by setting and reading it: each a function that tries it on a
 * socket, or a reason why a machine for tests cannot.
 */
import assert from 'node:assert/strict';
import { linux } from '../../src/kernel/linux.ts';
import type { SocketOptions } from '../../src/sockopt/socket-options.ts';
import { bpfStatement, BPF_K, BPF_RET, type BpfInstruction } from '../../src/syscall/bpf.ts';
import type { SocketOptionName } from '../../src/syscall/options.ts';
import { decodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_RAW, SOCK_STREAM } from '../../src/syscall/socket.ts';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../../src/syscall/tcp.ts';
import { bind, connectTo, loopback, optionsOf, type SocketKind, withSockets } from './sockets.ts';

const { kernel } = linux;

/** Tries the option; with a text, the machine lacks what it takes, and that is why. */
export type Trial = () => string | undefined | void;

const GROUP = Uint8Array.of(239, 1, 2, 3);
const LO = Uint8Array.of(127, 0, 0, 1);
const SOURCE = Uint8Array.of(10, 0, 0, 9);
const GROUP6 = Uint8Array.of(0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2);
const SOURCE6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
const hello = Uint8Array.of(104, 105);

/** On a socket of a kind: `use`, given all that were made. */
function on(
  kind: SocketKind,
  use: (
    options: SocketOptions,
    others: SocketOptions[],
    fds: readonly number[],
  ) => string | undefined | void,
): Trial {
  return () => withSockets(kind, (all, fds) => use(all[0]!, all, fds));
}

/** That it fails so: the kernel has understood it, and says no. */
function fails(code: string, attempt: () => unknown): void {
  assert.throws(attempt, { name: 'SyscallError', code });
}

/** The reason to skip, if `attempt` fails with the error that a machine without it gives. */
function unless(code: string, attempt: () => void): string | undefined {
  try {
    attempt();
  } catch (error) {
    if ((error as { code?: string }).code !== code) throw error;
    return `not on this machine: ${code}`;
  }
  return undefined;
}

/** A group is joined once only, and left once only; these are the errors, of groups and of sources. */
const TWICE = { joined: 'EADDRINUSE', left: 'EADDRNOTAVAIL' };
const SOURCE_TWICE = { joined: 'EADDRNOTAVAIL', left: 'EINVAL' };

function membership(
  kind: SocketKind,
  join: (options: SocketOptions) => void,
  leave: (options: SocketOptions) => void,
  twice: typeof TWICE = TWICE,
): Trial {
  return on(kind, (options) => {
    fails(twice.left, () => leave(options));
    join(options);
    fails(twice.joined, () => join(options));
    leave(options);
    fails(twice.left, () => leave(options));
  });
}

const ofGroup = { group: GROUP, ifindex: 1 };
const ofSource = { group: GROUP, source: SOURCE, local: LO };
const source4 = { ...ofGroup, source: SOURCE };
const groups6 = membership(
  'udp6',
  (options) => (options.IPV6_JOIN_GROUP = { group: GROUP6, ifindex: 1 }),
  (options) => (options.IPV6_LEAVE_GROUP = { group: GROUP6, ifindex: 1 }),
);

const groups = membership(
  'udp',
  (options) => (options.IP_ADD_MEMBERSHIP = ofGroup),
  (options) => (options.IP_DROP_MEMBERSHIP = ofGroup),
);

const sources = membership(
  'udp',
  (options) => (options.IP_ADD_SOURCE_MEMBERSHIP = ofSource),
  (options) => (options.IP_DROP_SOURCE_MEMBERSHIP = ofSource),
  SOURCE_TWICE,
);

const blocked = on('udp', (options) => {
  options.IP_ADD_MEMBERSHIP = { group: GROUP, local: LO };
  fails('EADDRNOTAVAIL', () => (options.IP_UNBLOCK_SOURCE = ofSource));
  options.IP_BLOCK_SOURCE = ofSource;
  options.IP_UNBLOCK_SOURCE = ofSource;
});

const bothFamilies: Trial = () => {
  membership(
    'udp',
    (options) => (options.MCAST_JOIN_GROUP = ofGroup),
    (options) => (options.MCAST_LEAVE_GROUP = ofGroup),
  )();
  membership(
    'udp6',
    (options) => (options.MCAST_JOIN_GROUP = { group: GROUP6, ifindex: 1 }),
    (options) => (options.MCAST_LEAVE_GROUP = { group: GROUP6, ifindex: 1 }),
  )();
};

const blockedOfBoth: Trial = () => {
  for (const [kind, request] of [
    ['udp', source4],
    ['udp6', { group: GROUP6, source: SOURCE6, ifindex: 1 }],
  ] as const) {
    withSockets(kind, ([options]) => {
      const { group, ifindex } = request;
      options!.MCAST_JOIN_GROUP = { group, ifindex };
      fails('EADDRNOTAVAIL', () => (options!.MCAST_UNBLOCK_SOURCE = request));
      options!.MCAST_BLOCK_SOURCE = request;
      options!.MCAST_UNBLOCK_SOURCE = request;
    });
  }
};

const filter: readonly BpfInstruction[] = [bpfStatement(BPF_RET | BPF_K, 0)];

/** The reason to skip, if the addon does not take programs as their bare instructions. */
function unlessRefused(attempt: () => void): string | undefined {
  try {
    attempt();
  } catch (error) {
    if (!/optname must be an option whose value/.test((error as Error).message)) throw error;
    return 'the addon does not take it yet';
  }
  return undefined;
}

/** Sends a datagram to the socket itself; whether it comes. */
function reachesItself(fd: number): boolean {
  assert.equal(kernel.write(fd, hello, 2), 2);
  const MSG_DONTWAIT = 0x800;
  const F_SETFL = 4;
  assert.equal(kernel.fcntl(fd, F_SETFL, MSG_DONTWAIT), 0);
  return kernel.read(fd, new Uint8Array(8), 8) === 2;
}

const filtered = on('udp', (options, _, [fd]) => {
  bind(fd!, loopback(AF_INET, 0));
  connectTo(fd!, fd!);
  return unlessRefused(() => {
    assert.equal(reachesItself(fd!), true);
    options.SO_ATTACH_FILTER = filter;
    assert.deepEqual(options.SO_GET_FILTER, filter);
    assert.equal(reachesItself(fd!), false);
    options.SO_DETACH_FILTER = true;
    assert.deepEqual(options.SO_GET_FILTER, []);
    assert.equal(reachesItself(fd!), true);
  });
});

const reuseport = on('udp', (options, _, [fd]) => {
  options.SO_REUSEPORT = true;
  fails('ENOENT', () => (options.SO_DETACH_REUSEPORT_BPF = true));
  bind(fd!, loopback(AF_INET, 0));
  return unlessRefused(() => {
    options.SO_ATTACH_REUSEPORT_CBPF = filter;
    options.SO_DETACH_REUSEPORT_BPF = true;
  });
});

const unfiltered = on('udp', (options) => {
  fails('ENOENT', () => (options.SO_DETACH_FILTER = true));
  fails('ENOENT', () => (options.SO_DETACH_BPF = true));
  fails('EBADF', () => (options.SO_ATTACH_BPF = 1_000_000));
  fails('EBADF', () => (options.SO_ATTACH_REUSEPORT_EBPF = 1_000_000));
});

const ofSocket: Trial = on('raw', (raw) => {
  assert.deepEqual([raw.SO_DOMAIN, raw.SO_TYPE, raw.SO_PROTOCOL], [AF_INET, SOCK_RAW, 1]);
  withSockets('tcp6', ([tcp]) => {
    assert.deepEqual([tcp!.SO_DOMAIN, tcp!.SO_TYPE, tcp!.SO_PROTOCOL], [AF_INET6, SOCK_STREAM, 6]);
    assert.deepEqual([tcp!.SO_ACCEPTCONN, tcp!.SO_SNDLOWAT], [false, 1]);
    assert.equal(tcp!.SO_INCOMING_NAPI_ID, 0);
    assert.ok(tcp!.SO_BPF_EXTENSIONS >= 60);
  });
  withSockets('listening', ([options]) => assert.equal(options!.SO_ACCEPTCONN, true));
});

const cookies = on('connected', (a, [, b]) => {
  assert.equal(typeof a.SO_COOKIE, 'bigint');
  assert.equal(a.SO_COOKIE, a.SO_COOKIE);
  assert.notEqual(a.SO_COOKIE, b!.SO_COOKIE);
  return unless('EINVAL', () => assert.equal(a.SO_NETNS_COOKIE, b!.SO_NETNS_COOKIE));
});

const peer = on('unix', (options) => {
  const { pid } = process;
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  assert.deepEqual(options.SO_PEERCRED, { pid, uid, gid });
});

const peerGroups: Trial = () => {
  const before = process.getgroups!();
  const many = Array.from({ length: 100 }, (_, i) => 1000 + i);
  if (process.getuid!() !== 0) return 'only root may have groups';
  try {
    process.setgroups!(many);
    // More than there is room for at first: the kernel says ERANGE, and how much it takes.
    withSockets('unix', ([options]) => assert.deepEqual(options!.SO_PEERGROUPS, many));
  } finally {
    process.setgroups!(before);
  }
  return undefined;
};

const peerProcess = on('unix', (options) =>
  unless('ENOPROTOOPT', () => {
    assert.equal(kernel.close(options.SO_PEERPIDFD), 0);
  }),
);

const pendingError = on('udp', (options, _, [fd]) => {
  withSockets('udp', (_other, [gone]) => {
    bind(gone!, loopback(AF_INET, 0));
    connectTo(fd!, gone!);
  });
  assert.equal(kernel.write(fd!, hello, 2), 2);
  assert.equal(options.SO_ERROR, 111);
  assert.equal(options.SO_ERROR, 0);
});

const bigBuffers = on('tcp', (options) => {
  options.SO_SNDBUFFORCE = 10_000_000;
  options.SO_RCVBUFFORCE = 12_000_000;
  assert.deepEqual([options.SO_SNDBUF, options.SO_RCVBUF], [20_000_000, 24_000_000]);
  const { sndbuf, rcvbuf, drops } = options.SO_MEMINFO;
  assert.deepEqual([sndbuf, rcvbuf, drops], [20_000_000, 24_000_000, 0]);
});

const tcpInfo = on('connected', (client, [, accepted, listener], fds) => {
  assert.equal(kernel.write(fds[0]!, hello, 2), 2);
  assert.equal(kernel.read(fds[1]!, new Uint8Array(8), 8), 2);
  const info = client.TCP_INFO;
  assert.equal(info.tcpi_state, TCP_ESTABLISHED);
  assert.equal(info.tcpi_snd_mss, client.TCP_MAXSEG);
  assert.ok(info.tcpi_rtt > 0 && info.tcpi_snd_cwnd > 0 && info.tcpi_pmtu > 1000);
  assert.equal(info.tcpi_bytes_sent, 2);
  assert.equal(accepted!.TCP_INFO.tcpi_bytes_received, 2);
  assert.equal(accepted!.TCP_INFO.tcpi_data_segs_in, 1);
  client.SO_MAX_PACING_RATE = 1_000_000;
  assert.equal(client.TCP_INFO.tcpi_max_pacing_rate, 1_000_000);
  assert.equal(accepted!.TCP_INFO.tcpi_max_pacing_rate, Infinity);
  assert.equal(listener!.TCP_INFO.tcpi_state, TCP_LISTEN);
  assert.equal(listener!.TCP_INFO.tcpi_sacked, 8, 'the backlog');
  withSockets('tcp', ([fresh]) => assert.equal(fresh!.TCP_INFO.tcpi_state, TCP_CLOSE));
});

const savedSyn = on('tcp', (listener, _, [fd]) => {
  bind(fd!, loopback(AF_INET, 0));
  listener.TCP_SAVE_SYN = 1;
  assert.equal(kernel.listen(fd!, 8), 0);
  withSockets('tcp', (_client, [client]) => {
    connectTo(client!, fd!);
    const accepted = kernel.accept4(fd!, null, null, 0);
    try {
      const use = optionsOf(accepted);
      const syn = use.TCP_SAVED_SYN;
      assert.ok(syn.length >= 40, `${syn.length}`);
      assert.equal(syn[0]! >> 4, 4, 'IPv4');
      assert.equal(use.TCP_SAVED_SYN.length, 0);
    } finally {
      kernel.close(accepted);
    }
  });
});

const repair = on('tcp', (options) =>
  unless('EPERM', () => {
    options.TCP_REPAIR = 1;
    options.TCP_REPAIR_QUEUE = 2;
    options.TCP_QUEUE_SEQ = 0xfffffff0;
    assert.equal(options.TCP_REPAIR_QUEUE, 2);
    assert.equal(options.TCP_QUEUE_SEQ, 0xfffffff0);
    options.TCP_TIMESTAMP = 12345;
    assert.ok(options.TCP_TIMESTAMP >= 12345);
    assert.equal(options.TCP_REPAIR_WINDOW.length, 20);
    options.TCP_REPAIR_WINDOW = new Uint8Array(20);
    // A window larger than the largest.
    const wrong = new Uint8Array(Uint32Array.of(0, 5, 1, 0, 0).buffer);
    fails('EINVAL', () => (options.TCP_REPAIR_WINDOW = wrong));
    fails('EPERM', () => (options.TCP_REPAIR_OPTIONS = new Uint8Array(8)));
  }),
);

const algorithm = on('connected', (options) => {
  options.TCP_CONGESTION = 'reno';
  assert.equal(options.TCP_CC_INFO.length, 0);
  return unless('ENOENT', () => {
    options.TCP_CONGESTION = 'bbr';
    assert.ok(options.TCP_CC_INFO.length >= 20);
  });
});

const md5 = on('connected', (options, [, accepted], fds) => {
  const addr = loopback(AF_INET, 0);
  const key = Uint8Array.of(1, 2, 3);
  const refusal = unless('ENOPROTOOPT', () => (options.TCP_MD5SIG = { addr, key }));
  if (refusal !== undefined) return refusal;
  // The peer has no key, and does not take what is signed.
  assert.equal(kernel.write(fds[0]!, hello, 2), 2);
  assert.equal(accepted!.TCP_INFO.tcpi_bytes_received, 0);
  accepted!.TCP_MD5SIG_EXT = { addr, key, prefixLength: 32 };
  fails('EINVAL', () => (options.TCP_MD5SIG_EXT = { addr, key, prefixLength: 33 }));
  return undefined;
});

const ulp = on('connected', (options) => {
  assert.equal(options.TCP_ULP, '');
  fails('ENOENT', () => (options.TCP_ULP = 'no such thing'));
});

const connected4 = on('connected', (options, others) => {
  assert.ok(options.IP_MTU >= 16384);
  assert.deepEqual(options.IP_PKTOPTIONS, new Uint8Array(0));
  others[1]!.IP_RECVTTL = true;
  assert.notEqual(others[1]!.IP_PKTOPTIONS.length, 0);
  assert.throws(() => options.SO_ORIGINAL_DST, { code: /^(ENOENT|ENOPROTOOPT)$/ });
});

const peerName: Trial = () => {
  for (const [kind, family] of [
    ['connected', AF_INET],
    ['connected6', AF_INET6],
  ] as const) {
    withSockets(kind, ([, options], [client]) => {
      const name = new Uint8Array(128);
      const length = new Uint32Array([128]);
      assert.equal(kernel.getsockname(client!, name, length), 0);
      assert.equal(options!.SO_PEERNAME.family, family);
      assert.deepEqual(options!.SO_PEERNAME, decodeSockaddr(name, length[0]!));
    });
  }
  withSockets('unix', ([options]) => {
    assert.deepEqual(options!.SO_PEERNAME, { family: AF_UNIX, path: new Uint8Array(0) });
  });
  withSockets('tcp', ([options]) => fails('ENOTCONN', () => options!.SO_PEERNAME));
};

const connected6 = on('connected6', (options) => {
  assert.ok(options.IPV6_MTU >= 16384);
  assert.equal(options.IPV6_PATHMTU, options.IPV6_MTU);
  assert.equal(options.IPV6_ADDRFORM, AF_INET6);
  assert.throws(() => options.IP6T_SO_ORIGINAL_DST, { code: /^(ENOENT|ENOPROTOOPT)$/ });
  fails('EADDRNOTAVAIL', () => (options.IPV6_ADDRFORM = AF_INET));
});

const preferences = on('udp6', (options) => {
  const [TMP, PUBLIC] = [1, 2];
  options.IPV6_ADDR_PREFERENCES = PUBLIC;
  assert.notEqual(options.IPV6_ADDR_PREFERENCES & PUBLIC, 0);
  fails('EINVAL', () => (options.IPV6_ADDR_PREFERENCES = TMP | PUBLIC));
});

const sticky = on('udp6', (options) => {
  options.IPV6_PKTINFO = { addr: new Uint8Array(16), ifindex: 1 };
  options.SO_BINDTOIFINDEX = 1;
  fails('EINVAL', () => (options.IPV6_PKTINFO = { addr: new Uint8Array(16), ifindex: 9999 }));
  options.IPV6_MTU = 1400;
});

const fanout = on('packet', (options) => {
  fails('EINVAL', () => (options.PACKET_FANOUT = { id: 77, type: 0 }));
  assert.deepEqual(options.PACKET_FANOUT, { id: 0, type: 0 });
});

const promiscuous = { ifindex: 1, type: 1 };

const packetGroups = on('packet', (options) => {
  options.PACKET_ADD_MEMBERSHIP = promiscuous;
  options.PACKET_DROP_MEMBERSHIP = promiscuous;
  fails('ENODEV', () => (options.PACKET_ADD_MEMBERSHIP = { ...promiscuous, ifindex: 9999 }));
  const { packets, drops, freezes } = options.PACKET_STATISTICS;
  assert.deepEqual([packets, drops, freezes], [0, 0, undefined]);
});

const netlinkGroups = on('netlink', (options) => {
  assert.deepEqual(options.NETLINK_LIST_MEMBERSHIPS, []);
  options.NETLINK_ADD_MEMBERSHIP = 1;
  options.NETLINK_ADD_MEMBERSHIP = 33;
  assert.deepEqual(options.NETLINK_LIST_MEMBERSHIPS, [1, 33]);
  options.NETLINK_DROP_MEMBERSHIP = 1;
  assert.deepEqual(options.NETLINK_LIST_MEMBERSHIPS, [33]);
});

const rawProtocol = on('raw', (options) =>
  unless('ENOPROTOOPT', () => assert.equal(options.IP_PROTOCOL, 1)),
);

const rawIPv6: Trial = () => {
  withSockets('raw6', ([options]) => {
    assert.equal(options!.IPV6_CHECKSUM, 2);
    fails('EINVAL', () => (options!.IPV6_CHECKSUM = 4));
    fails('ENOPROTOOPT', () => (options!.IPV6_ROUTER_ALERT = 0));
  });
  withSockets('anyRaw6', ([options]) => {
    for (const offset of [2, -1]) {
      options!.IPV6_CHECKSUM = offset;
      assert.equal(options!.IPV6_CHECKSUM, offset);
    }
    options!.IPV6_ROUTER_ALERT = 5;
    fails('EADDRINUSE', () => (options!.IPV6_ROUTER_ALERT = 6));
    options!.IPV6_ROUTER_ALERT = -1;
  });
};

const MSFILTER4 = { group: GROUP, mode: 'include', sources: [SOURCE] } as const;

const filters = on('udp', (options) => {
  fails('EINVAL', () => (options.IP_MSFILTER = { ...MSFILTER4, local: LO }));
  options.IP_ADD_MEMBERSHIP = { group: GROUP, local: LO };
  options.IP_MSFILTER = { ...MSFILTER4, local: LO };
  options.MCAST_MSFILTER = { ...MSFILTER4, ifindex: 1 };
  // Sources are included one by one now, which is not to be mixed with blocking some.
  fails('EINVAL', () => (options.IP_BLOCK_SOURCE = ofSource));
});

const sourcesOfBoth = membership(
  'udp6',
  (options) => (options.MCAST_JOIN_SOURCE_GROUP = { group: GROUP6, source: SOURCE6, ifindex: 1 }),
  (options) => (options.MCAST_LEAVE_SOURCE_GROUP = { group: GROUP6, source: SOURCE6, ifindex: 1 }),
  SOURCE_TWICE,
);

const anycast = on('udp6', (options) => {
  fails('ENODEV', () => (options.IPV6_JOIN_ANYCAST = { group: SOURCE6, ifindex: 9999 }));
  fails('ENOENT', () => (options.IPV6_LEAVE_ANYCAST = { group: SOURCE6, ifindex: 1 }));
});

const secrets: Trial = () => {
  // Too short to be a policy: the kernel has got as far as to look.
  const policy = new Uint8Array(8);
  withSockets('udp', ([options]) => {
    assert.throws(() => (options!.IP_XFRM_POLICY = policy), { code: /^(EINVAL|ENOPROTOOPT)$/ });
    assert.throws(() => (options!.IP_IPSEC_POLICY = policy), { name: 'SyscallError' });
  });
  withSockets('udp6', ([options]) => {
    assert.throws(() => (options!.IPV6_XFRM_POLICY = policy), { code: /^(EINVAL|ENOPROTOOPT)$/ });
    assert.throws(() => (options!.IPV6_IPSEC_POLICY = policy), { name: 'SyscallError' });
  });
};

const accepted = on('connected', (options) => {
  options.SO_CNX_ADVICE = 1;
});

const budget = on('tcp', (options) => {
  options.SO_BUSY_POLL_BUDGET = 8;
  fails('EINVAL', () => (options.SO_BUSY_POLL_BUDGET = 70_000));
});

const multipath = on('tcp', (options) =>
  unless('ENOPROTOOPT', () => assert.equal(options.TCP_IS_MPTCP, false)),
);

const label = on('unix', (options) =>
  unless('ENOPROTOOPT', () => assert.equal(typeof options.SO_PEERSEC, 'string')),
);

/** All options that round-trips.ts leaves out. */
export const EFFECTS: Readonly<Partial<Record<SocketOptionName, Trial>>> = {
  SO_TYPE: ofSocket,
  SO_ERROR: pendingError,
  SO_PEERCRED: peer,
  SO_SNDLOWAT: ofSocket,
  SO_ATTACH_FILTER: filtered,
  SO_DETACH_FILTER: unfiltered,
  SO_GET_FILTER: filtered,
  SO_PEERNAME: peerName,
  SO_ACCEPTCONN: ofSocket,
  SO_PEERSEC: label,
  SO_SNDBUFFORCE: bigBuffers,
  SO_RCVBUFFORCE: bigBuffers,
  SO_PROTOCOL: ofSocket,
  SO_DOMAIN: ofSocket,
  SO_BPF_EXTENSIONS: ofSocket,
  SO_ATTACH_BPF: unfiltered,
  SO_DETACH_BPF: unfiltered,
  SO_ATTACH_REUSEPORT_CBPF: reuseport,
  SO_ATTACH_REUSEPORT_EBPF: unfiltered,
  SO_CNX_ADVICE: accepted,
  SO_MEMINFO: bigBuffers,
  SO_INCOMING_NAPI_ID: ofSocket,
  SO_COOKIE: cookies,
  SO_PEERGROUPS: peerGroups,
  SO_DETACH_REUSEPORT_BPF: reuseport,
  SO_BUSY_POLL_BUDGET: budget,
  SO_NETNS_COOKIE: cookies,
  SO_PEERPIDFD: peerProcess,
  IP_PKTOPTIONS: connected4,
  IP_MTU: connected4,
  IP_IPSEC_POLICY: secrets,
  IP_XFRM_POLICY: secrets,
  IP_ADD_MEMBERSHIP: groups,
  IP_DROP_MEMBERSHIP: groups,
  IP_UNBLOCK_SOURCE: blocked,
  IP_BLOCK_SOURCE: blocked,
  IP_ADD_SOURCE_MEMBERSHIP: sources,
  IP_DROP_SOURCE_MEMBERSHIP: sources,
  IP_MSFILTER: filters,
  MCAST_JOIN_GROUP: bothFamilies,
  MCAST_BLOCK_SOURCE: blockedOfBoth,
  MCAST_UNBLOCK_SOURCE: blockedOfBoth,
  MCAST_LEAVE_GROUP: bothFamilies,
  MCAST_JOIN_SOURCE_GROUP: sourcesOfBoth,
  MCAST_LEAVE_SOURCE_GROUP: sourcesOfBoth,
  MCAST_MSFILTER: filters,
  IP_PROTOCOL: rawProtocol,
  SO_ORIGINAL_DST: connected4,
  IPV6_ADDRFORM: connected6,
  IPV6_CHECKSUM: rawIPv6,
  IPV6_JOIN_GROUP: groups6,
  IPV6_LEAVE_GROUP: groups6,
  IPV6_ADD_MEMBERSHIP: groups6,
  IPV6_DROP_MEMBERSHIP: groups6,
  IPV6_ROUTER_ALERT: rawIPv6,
  IPV6_MTU: connected6,
  IPV6_JOIN_ANYCAST: anycast,
  IPV6_LEAVE_ANYCAST: anycast,
  IPV6_IPSEC_POLICY: secrets,
  IPV6_XFRM_POLICY: secrets,
  IPV6_PKTINFO: sticky,
  IPV6_PATHMTU: connected6,
  IPV6_ADDR_PREFERENCES: preferences,
  IP6T_SO_ORIGINAL_DST: connected6,
  TCP_INFO: tcpInfo,
  TCP_MD5SIG: md5,
  TCP_REPAIR_QUEUE: repair,
  TCP_QUEUE_SEQ: repair,
  TCP_REPAIR_OPTIONS: repair,
  TCP_TIMESTAMP: repair,
  TCP_CC_INFO: algorithm,
  TCP_SAVED_SYN: savedSyn,
  TCP_REPAIR_WINDOW: repair,
  TCP_ULP: ulp,
  TCP_MD5SIG_EXT: md5,
  TCP_IS_MPTCP: multipath,
  NETLINK_ADD_MEMBERSHIP: netlinkGroups,
  NETLINK_DROP_MEMBERSHIP: netlinkGroups,
  NETLINK_LIST_MEMBERSHIPS: netlinkGroups,
  PACKET_ADD_MEMBERSHIP: packetGroups,
  PACKET_DROP_MEMBERSHIP: packetGroups,
  PACKET_STATISTICS: packetGroups,
  PACKET_FANOUT: fanout,
};
