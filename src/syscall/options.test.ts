/** The table of options: complete, and consistent with the constants. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as icmp from './icmp.ts';
import * as icmpv6 from './icmpv6.ts';
import * as inet from './inet.ts';
import * as netlink from './netlink.ts';
import {
  SOCKET_OPTION_NAMES,
  socketOption,
  type SocketOptionName,
  socketOptionName,
} from './options.ts';
import * as packet from './packet.ts';
import * as socket from './socket.ts';
import * as tcp from './tcp.ts';
import * as udp from './udp.ts';
import * as vsock from './vsock.ts';

const RING = 'nothing without mmap(2)';
const CONTROL = 'the kind of a control message';
const KIND = 'a kind of packet';

/** Constants with the prefix of options that are none of the table. */
const notInTable: Readonly<Record<string, string>> = {
  SO_BSDCOMPAT: 'no effect since Linux 2.2',
  IP_ORIGDSTADDR: CONTROL,
  IPV6_ORIGDSTADDR: CONTROL,
  IPV6_HOPLIMIT: CONTROL,
  IPV6_NEXTHOP: 'not implemented by the kernel as an option',
  IPV6_AUTHHDR: 'not implemented by the kernel',
  IPV6_FLOWLABEL_MGR: 'getsockopt(2) reads its value too: by numbers',
  TCP_CM_INQ: CONTROL,
  TCP_ZEROCOPY_RECEIVE: 'its value holds addresses',
  PACKET_HOST: KIND,
  PACKET_BROADCAST: KIND,
  PACKET_MULTICAST: KIND,
  PACKET_OTHERHOST: KIND,
  PACKET_OUTGOING: KIND,
  PACKET_LOOPBACK: KIND,
  PACKET_USER: KIND,
  PACKET_KERNEL: KIND,
  PACKET_FASTROUTE: KIND,
  PACKET_RECV_OUTPUT: 'not implemented by the kernel',
  PACKET_RX_RING: RING,
  PACKET_TX_RING: RING,
  PACKET_HDRLEN: 'getsockopt(2) reads its value too: by numbers',
  PACKET_TX_TIMESTAMP: 'not implemented by the kernel',
  PACKET_ROLLOVER_STATS: 'described nowhere',
  PACKET_FANOUT_DATA: 'its value holds an address, or is a descriptor, as PACKET_FANOUT has it',
  SO_VM_SOCKETS_PEER_HOST_VM_ID: 'only for the VMCI of VMware',
  SO_VM_SOCKETS_TRUSTED: 'only for the VMCI of VMware',
  SO_VM_SOCKETS_NONBLOCK_TXRX: 'only for callers within the kernel',
};

/** Names that are values of an option, states, protocols. */
const notOptions: readonly RegExp[] = [
  /^IP(V6)?_PMTUDISC_/,
  /^TCP_(ESTABLISHED|SYN_SENT|SYN_RECV|FIN_WAIT\d|TIME_WAIT|CLOS|LAST_ACK|LISTEN)/,
  /^UDP_ENCAP_/,
  /^PACKET_(FANOUT_(HASH|LB|CPU|ROLLOVER|RND|QM|CBPF|EBPF|FLAG)|MR_)/,
  /^NETLINK_(ROUTE|USERSOCK|FIREWALL|SOCK_DIAG|INET_DIAG|NFLOG|XFRM|SELINUX|ISCSI|AUDIT)$/,
  /^NETLINK_(FIB_LOOKUP|CONNECTOR|NETFILTER|IP6_FW|DNRTMSG|KOBJECT_UEVENT|GENERIC|UNUSED)$/,
  /^NETLINK_(SCSITRANSPORT|ECRYPTFS|RDMA|CRYPTO|SMC)$/,
];

const OPTION = /^(SO|IP|IPV6|MCAST|TCP|UDP|NETLINK|PACKET)_|^IP6T_SO_|^ICMP(V6|6)?_FILTER$/;

const files = { icmp, icmpv6, inet, netlink, packet, socket, tcp, udp, vsock };
const constants = new Map<string, number>(
  Object.values(files).flatMap((file) => Object.entries(file) as [string, number][]),
);

function isOption(name: string): boolean {
  return OPTION.test(name) && !notOptions.some((pattern) => pattern.test(name));
}

test('every constant that is an option is in the table, or in a list with a reason', () => {
  const known = new Set<string>([...SOCKET_OPTION_NAMES, ...Object.keys(notInTable)]);
  assert.deepEqual(
    [...constants.keys()].filter((name) => isOption(name) && !known.has(name)),
    [],
  );
  assert.deepEqual(
    Object.keys(notInTable).filter((name) => SOCKET_OPTION_NAMES.includes(name as never)),
    [],
  );
  assert.ok(SOCKET_OPTION_NAMES.length > 200);
});

test('a row has the number of its name', () => {
  for (const name of SOCKET_OPTION_NAMES) {
    assert.equal(socketOption(name).optname, constants.get(name), name);
  }
});

suite('by numbers', () => {
  test('every option is found that can be read, or set, or another name of it', () => {
    for (const name of SOCKET_OPTION_NAMES) {
      const { access, level, optname, codec } = socketOption(name);
      const found = {
        getsockopt: socketOptionName('getsockopt', level, optname),
        setsockopt: socketOptionName('setsockopt', level, optname),
      };
      if (access !== 'write-only') assert.ok(found.getsockopt !== undefined, name);
      if (access !== 'read-only') assert.ok(found.setsockopt !== undefined, name);
      const use = access === 'read-only' ? 'getsockopt' : 'setsockopt';
      assert.equal(socketOption(found[use]!).codec.size, codec.size, name);
    }
  });

  test('the same number may mean two options', () => {
    const { SOL_SOCKET, SO_GET_FILTER } = socket;
    assert.equal(socketOptionName('getsockopt', SOL_SOCKET, SO_GET_FILTER), 'SO_GET_FILTER');
    assert.equal(socketOptionName('setsockopt', SOL_SOCKET, SO_GET_FILTER), 'SO_ATTACH_FILTER');
  });

  test('what IPv4 and IPv6 share is found at both levels', () => {
    const { SOL_IP, SOL_IPV6, MCAST_JOIN_GROUP } = inet;
    for (const level of [SOL_IP, SOL_IPV6]) {
      assert.equal(socketOptionName('setsockopt', level, MCAST_JOIN_GROUP), 'MCAST_JOIN_GROUP');
      assert.equal(socketOptionName('getsockopt', level, MCAST_JOIN_GROUP), undefined);
    }
  });

  test('what is not in the table is not found', () => {
    assert.equal(socketOptionName('getsockopt', socket.SOL_SOCKET, 9999), undefined);
    assert.equal(socketOptionName('setsockopt', socket.SOL_SOCKET, socket.SO_TYPE), undefined);
  });
});

test('a name that is none is a TypeError', () => {
  for (const name of ['SO_NONE', 'toString', '__proto__']) {
    assert.throws(() => socketOption(name as SocketOptionName), {
      name: 'TypeError',
      message: `${name} is not a socket option that has a name here`,
    });
  }
});
