/** Each struct of an option against C's: what its compiler lays out is what is written and read here. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noCompiler, structFromC } from '../../test/c-program.ts';
import {
  groupFilter,
  groupMembership,
  groupMembership6,
  groupRequest,
  groupSourceRequest,
  multicastInterface,
  sourceFilter,
  sourceMembership,
} from './option-multicast.ts';
import {
  packetFanout,
  packetInfo6,
  packetMembership,
  packetStatistics,
  pathMtu,
  portRange,
  sockaddr,
  socketMemory,
  tcpMd5Signature,
  timestampingFlags,
  transmitTime,
} from './option-structs.ts';
import { AF_INET } from './socket.ts';

const GROUP = Uint8Array.of(224, 1, 2, 3);
const LOCAL = Uint8Array.of(10, 0, 0, 1);
const SOURCE = Uint8Array.of(10, 0, 0, 9);
const GROUP6 = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2);

const IN = ['netinet/in.h'];
const FILL_GROUP = 's.imr_multiaddr.s_addr = htonl(0xe0010203);';
const FILL6 = 'g[0] = 0xff; g[1] = 2; g[14] = 1; g[15] = 2;';

/** As bytes that are compared byte by byte. */
function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

suite('structs of options, as C has them', { skip: noCompiler }, () => {
  test('ip_mreqn', () => {
    const fill = 's.imr_address.s_addr = htonl(0x0a000001); s.imr_ifindex = 3;';
    const request = structFromC(IN, 'struct ip_mreqn', FILL_GROUP, fill);
    const membership = { group: GROUP, local: LOCAL, ifindex: 3 };
    assert.equal(hex(groupMembership.encode('x', membership)), hex(request));
    const outgoing = structFromC(IN, 'struct ip_mreqn', fill);
    assert.equal(hex(multicastInterface.encode('x', membership)), hex(outgoing));
    assert.deepEqual(multicastInterface.decode(LOCAL), { local: LOCAL });
  });

  test('ip_mreq_source', () => {
    const request = structFromC(
      IN,
      'struct ip_mreq_source',
      FILL_GROUP,
      's.imr_interface.s_addr = htonl(0x0a000001); s.imr_sourceaddr.s_addr = htonl(0x0a000009);',
    );
    const membership = { group: GROUP, source: SOURCE, local: LOCAL };
    assert.equal(hex(sourceMembership.encode('x', membership)), hex(request));
  });

  test('ip_msfilter', () => {
    const filter = structFromC(
      IN,
      'struct { struct ip_msfilter f; struct in_addr more; }',
      's.f.imsf_multiaddr.s_addr = htonl(0xe0010203); s.f.imsf_fmode = MCAST_INCLUDE;',
      's.f.imsf_numsrc = 2; s.f.imsf_slist[0].s_addr = htonl(0x0a000009);',
      's.more.s_addr = htonl(0x0a000001);',
    );
    const value = { group: GROUP, mode: 'include', sources: [SOURCE, LOCAL] } as const;
    assert.equal(hex(sourceFilter.encode('x', value)), hex(filter));
  });

  test('group_req, group_source_req, group_filter', () => {
    const fill4 = (group: string): string =>
      `struct sockaddr_in *a = (void *)&s.${group}; a->sin_family = AF_INET; ` +
      'a->sin_addr.s_addr = htonl(0xe0010203);';
    const fillSource = (source: string): string =>
      `struct sockaddr_in *b = (void *)&s.${source}; b->sin_family = AF_INET; ` +
      'b->sin_addr.s_addr = htonl(0x0a000009);';
    const request = structFromC(IN, 'struct group_req', fill4('gr_group'), 's.gr_interface = 3;');
    assert.equal(hex(groupRequest.encode('x', { group: GROUP, ifindex: 3 })), hex(request));
    const ofSource = structFromC(
      IN,
      'struct group_source_req',
      fill4('gsr_group'),
      fillSource('gsr_source'),
    );
    const sourceRequest = { group: GROUP, source: SOURCE };
    assert.equal(hex(groupSourceRequest.encode('x', sourceRequest)), hex(ofSource));
    const filter = structFromC(
      IN,
      'struct group_filter',
      fill4('gf_group'),
      fillSource('gf_slist[0]'),
      's.gf_fmode = MCAST_EXCLUDE; s.gf_numsrc = 1;',
    );
    const value = { group: GROUP, mode: 'exclude', sources: [SOURCE] } as const;
    assert.equal(hex(groupFilter.encode('x', value)), hex(filter));
    const request6 = structFromC(
      IN,
      'struct group_req',
      'struct sockaddr_in6 *a = (void *)&s.gr_group; a->sin6_family = AF_INET6;',
      `unsigned char *g = (void *)&a->sin6_addr; ${FILL6}`,
    );
    assert.equal(hex(groupRequest.encode('x', { group: GROUP6 })), hex(request6));
  });

  test('ipv6_mreq, in6_pktinfo, ip6_mtuinfo', () => {
    const request = structFromC(
      IN,
      'struct ipv6_mreq',
      `unsigned char *g = (void *)&s.ipv6mr_multiaddr; ${FILL6} s.ipv6mr_interface = 5;`,
    );
    const membership = { group: GROUP6, ifindex: 5 };
    assert.equal(hex(groupMembership6.encode('x', membership)), hex(request));
    const info = { addr: GROUP6, ifindex: 5 };
    assert.equal(hex(packetInfo6.encode('x', info)), hex(request), 'laid out the same');
    const mtu = structFromC(
      IN,
      'struct ip6_mtuinfo',
      's.ip6m_addr.sin6_family = AF_INET6; s.ip6m_addr.sin6_scope_id = 2; s.ip6m_mtu = 1280;',
    );
    assert.equal(pathMtu.decode(mtu), 1280);
  });

  test('so_timestamping, sock_txtime', () => {
    const flags = structFromC(
      ['linux/net_tstamp.h'],
      'struct so_timestamping',
      's.flags = 24; s.bind_phc = 2;',
    );
    const timestamping = { flags: 24, bindPhc: 2 };
    assert.equal(hex(timestampingFlags.encode('x', timestamping)), hex(flags));
    assert.deepEqual(timestampingFlags.decode(flags), timestamping);
    assert.equal(timestampingFlags.encode('x', { flags: 24 }).length, 4);
    assert.deepEqual(timestampingFlags.decode(flags.subarray(0, 4)), { flags: 24, bindPhc: 0 });
    const time = structFromC(
      ['linux/net_tstamp.h'],
      'struct sock_txtime',
      's.clockid = 11; s.flags = 3;',
    );
    assert.equal(hex(transmitTime.encode('x', { clockid: 11, flags: 3 })), hex(time));
    assert.deepEqual(transmitTime.decode(time), { clockid: 11, flags: 3 });
  });

  test('tcp_md5sig', () => {
    const signature = structFromC(
      ['netinet/in.h', 'linux/tcp.h'],
      'struct tcp_md5sig',
      'struct sockaddr_in *a = (void *)&s.tcpm_addr; a->sin_family = AF_INET;',
      'a->sin_addr.s_addr = htonl(0x0a000001); a->sin_port = htons(80);',
      's.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX | TCP_MD5SIG_FLAG_IFINDEX; s.tcpm_prefixlen = 24;',
      's.tcpm_keylen = 3; s.tcpm_ifindex = 7; memcpy(s.tcpm_key, "abc", 3);',
    );
    const addr = { family: AF_INET, addr: LOCAL, port: 80 } as const;
    const key = Buffer.from('abc');
    const value = { addr, key, prefixLength: 24, ifindex: 7 };
    assert.equal(hex(tcpMd5Signature.encode('x', value)), hex(signature));
    assert.equal(tcpMd5Signature.encode('x', { addr, key })[128], 0, 'no flags');
  });

  test('packet_mreq, tpacket_stats, tpacket_stats_v3', () => {
    const headers = ['linux/if_packet.h'];
    const request = structFromC(
      headers,
      'struct packet_mreq',
      's.mr_ifindex = 2; s.mr_type = PACKET_MR_MULTICAST; s.mr_alen = 6; s.mr_address[0] = 1;',
    );
    const address = Uint8Array.of(1, 0, 0, 0, 0, 0);
    assert.equal(hex(packetMembership.encode('x', { ifindex: 2, type: 0, address })), hex(request));
    const fill = 's.tp_packets = 9; s.tp_drops = 4;';
    const statistics = structFromC(headers, 'struct tpacket_stats', fill);
    const counted = { packets: 9, drops: 4 };
    assert.deepEqual(packetStatistics.decode(statistics), { ...counted, freezes: undefined });
    const v3 = structFromC(headers, 'struct tpacket_stats_v3', fill, 's.tp_freeze_q_cnt = 1;');
    assert.deepEqual(packetStatistics.decode(v3), { ...counted, freezes: 1 });
  });

  test('the numbers of SO_MEMINFO', () => {
    const memory = structFromC(
      ['linux/sock_diag.h'],
      'struct { unsigned n[SK_MEMINFO_VARS]; }',
      's.n[SK_MEMINFO_RMEM_ALLOC] = 1; s.n[SK_MEMINFO_RCVBUF] = 2; s.n[SK_MEMINFO_WMEM_ALLOC] = 3;',
      's.n[SK_MEMINFO_SNDBUF] = 4; s.n[SK_MEMINFO_FWD_ALLOC] = 5; s.n[SK_MEMINFO_WMEM_QUEUED] = 6;',
      's.n[SK_MEMINFO_OPTMEM] = 7; s.n[SK_MEMINFO_BACKLOG] = 8; s.n[SK_MEMINFO_DROPS] = 9;',
    );
    assert.deepEqual(Object.entries(socketMemory.decode(memory)), [
      ['rmemAlloc', 1],
      ['rcvbuf', 2],
      ['wmemAlloc', 3],
      ['sndbuf', 4],
      ['fwdAlloc', 5],
      ['wmemQueued', 6],
      ['optmem', 7],
      ['backlog', 8],
      ['drops', 9],
    ]);
  });
});

test('two numbers in one word', () => {
  assert.equal(hex(portRange.encode('x', { low: 1024, high: 2048 })), '00040008');
  assert.deepEqual(portRange.decode(Uint8Array.of(0, 4, 0, 8)), { low: 1024, high: 2048 });
  assert.equal(hex(packetFanout.encode('x', { id: 1, type: 0x8002 })), '01000280');
  assert.deepEqual(packetFanout.decode(Uint8Array.of(1, 0, 2, 0x80)), { id: 1, type: 0x8002 });
});

test('an address of any family', () => {
  const addr = { family: AF_INET, addr: LOCAL, port: 80 } as const;
  assert.deepEqual(sockaddr.decode(sockaddr.encode('x', addr)), addr);
});

suite('a field that is wrong is named', () => {
  const addr = { family: AF_INET, addr: LOCAL, port: 80 } as const;
  const key = new Uint8Array(81);
  const filter = { group: GROUP, mode: 'include', sources: [] } as const;
  const wrong: readonly (readonly [() => unknown, string])[] = [
    [() => groupMembership.encode('O', null as never), 'O must be an object'],
    [() => portRange.encode('O', 5 as never), 'O must be an object'],
    [
      () => groupMembership.encode('O', { group: GROUP6 }),
      'O: group must be a Uint8Array of 4 bytes',
    ],
    [
      () => groupMembership.encode('O', { group: GROUP, local: '10.0.0.1' as never }),
      'O: local must be a Uint8Array of 4 bytes',
    ],
    [
      () => groupMembership.encode('O', { group: GROUP, ifindex: -1 }),
      'O: ifindex must be an integer in 0..2147483647',
    ],
    [
      () => sourceMembership.encode('O', { group: GROUP } as never),
      'O: source must be a Uint8Array of 4 bytes',
    ],
    [
      () => groupSourceRequest.encode('O', { group: GROUP6, source: SOURCE }),
      'O: source must be a Uint8Array of 16 bytes',
    ],
    [
      () => sourceFilter.encode('O', { ...filter, mode: 'none' as never }),
      "O: mode must be 'include' or 'exclude'",
    ],
    [
      () => sourceFilter.encode('O', { ...filter, sources: 1 as never }),
      'O: sources must be an array',
    ],
    [
      () => groupFilter.encode('O', { ...filter, sources: [GROUP6] }),
      'O: a source must be a Uint8Array of 4 bytes',
    ],
    [
      () => timestampingFlags.encode('O', { flags: 0.5 }),
      'O: flags must be an integer in 0..2147483647',
    ],
    [
      () => transmitTime.encode('O', { clockid: 1 } as never),
      'O: flags must be an integer in 0..2147483647',
    ],
    [
      () => portRange.encode('O', { low: 0, high: 65536 }),
      'O: high must be an integer in 0..65535',
    ],
    [
      () => tcpMd5Signature.encode('O', { addr, key }),
      'O: the length of key must be an integer in 0..80',
    ],
    [() => tcpMd5Signature.encode('O', { addr, key: 'k' as never }), 'O: key must be a Uint8Array'],
    [
      () => packetMembership.encode('O', { ifindex: 1, type: 0, address: new Uint8Array(33) }),
      'O: the length of address must be an integer in 0..32',
    ],
    [() => packetFanout.encode('O', { id: -1, type: 0 }), 'O: id must be an integer in 0..65535'],
    [() => pathMtu.encode('O', 1280), 'O can only be read'],
    [() => groupRequest.decode(GROUP), 'the value of this option can only be set'],
    [() => portRange.decode(new Uint8Array(3)), 'the value of the option must have 4 bytes, not 3'],
  ];
  for (const [call, message] of wrong) {
    test(message, () => assert.throws(call, { message, name: /^(Type|Range)Error$/ }));
  }
});
