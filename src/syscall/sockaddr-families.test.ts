/** Addresses of netlink, packet, vsock and Bluetooth: as C lays them out, as Linux gives them. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { Random, chosenSeed } from '../../test/native/random.ts';
import { linux } from '../kernel/linux.ts';
import { BDADDR_LE_PUBLIC, BTPROTO_HCI, BTPROTO_HIDP, BTPROTO_L2CAP } from './bluetooth.ts';
import { BTPROTO_RFCOMM, BTPROTO_SCO, HCI_CHANNEL_USER } from './bluetooth.ts';
import { htons } from './byte-order.ts';
import { EAFNOSUPPORT, EPERM, errnoName } from './errno.ts';
import { ETH_P_ALL, ETH_P_IP } from './ethernet.ts';
import { NETLINK_ROUTE } from './netlink.ts';
import { PACKET_OUTGOING } from './packet.ts';
import * as bluetooth from './sockaddr-bluetooth.ts';
import { isSockaddrNetlink, isSockaddrPacket, isSockaddrVsock } from './sockaddr-link.ts';
import { type Sockaddr, type SockaddrLike, decodeSockaddr, encodeSockaddr } from './sockaddr.ts';
import { AF_BLUETOOTH, AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK } from './socket.ts';
import { SOCK_CLOEXEC, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from './socket.ts';
import { VMADDR_CID_ANY, VMADDR_CID_LOCAL, VMADDR_FLAG_TO_HOST, VMADDR_PORT_ANY } from './vsock.ts';

const { formatBdaddr, parseBdaddr } = bluetooth;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const bdaddr = parseBdaddr('aa:bb:cc:dd:ee:ff');
const mac = bytes(2, 0, 0, 0, 0, 1);

interface Case {
  readonly struct: string;
  readonly sa: Sockaddr;
  /** Assignments of C to `a` that make the same. */
  readonly made: string;
}

const linkCases: readonly Case[] = [
  {
    struct: 'sockaddr_nl',
    sa: { family: AF_NETLINK, pid: 0xfedcba98, groups: 0x80000011 },
    made: 'a.nl_family = AF_NETLINK; a.nl_pid = 0xfedcba98; a.nl_groups = 0x80000011;',
  },
  {
    struct: 'sockaddr_ll',
    sa: {
      family: AF_PACKET,
      protocol: ETH_P_IP,
      ifindex: 0x01020304,
      hatype: 772,
      pkttype: PACKET_OUTGOING,
      addr: mac,
    },
    made:
      'a.sll_family = AF_PACKET; a.sll_protocol = htons(ETH_P_IP); a.sll_ifindex = 0x01020304;' +
      'a.sll_hatype = 772; a.sll_pkttype = PACKET_OUTGOING; a.sll_halen = 6;' +
      'memcpy(a.sll_addr, "\\2\\0\\0\\0\\0\\1", 6);',
  },
  {
    struct: 'sockaddr_vm',
    sa: { family: AF_VSOCK, cid: 3, port: 0x12345678, flags: VMADDR_FLAG_TO_HOST },
    made: 'a.svm_family = AF_VSOCK; a.svm_cid = 3; a.svm_port = 0x12345678; a.svm_flags = 1;',
  },
];

const setBdaddr = (field: string): string =>
  `memcpy(&a.${field}, "\\xff\\xee\\xdd\\xcc\\xbb\\xaa", 6);`;

const bluetoothCases: readonly (Case & { readonly encoded: Uint8Array })[] = [
  {
    struct: 'sockaddr_l2',
    sa: {
      family: AF_BLUETOOTH,
      protocol: BTPROTO_L2CAP,
      psm: 0x1001,
      bdaddr,
      cid: 0x0102,
      bdaddrType: BDADDR_LE_PUBLIC,
    },
    made:
      'a.l2_family = AF_BLUETOOTH; a.l2_psm = htobs(0x1001); a.l2_cid = htobs(0x0102);' +
      `a.l2_bdaddr_type = BDADDR_LE_PUBLIC; ${setBdaddr('l2_bdaddr')}`,
    encoded: bytes(31, 0, 1, 16, 255, 238, 221, 204, 187, 170, 2, 1, 1, 0),
  },
  {
    struct: 'sockaddr_rc',
    sa: { family: AF_BLUETOOTH, protocol: BTPROTO_RFCOMM, bdaddr, channel: 30 },
    made: `a.rc_family = AF_BLUETOOTH; a.rc_channel = 30; ${setBdaddr('rc_bdaddr')}`,
    encoded: bytes(31, 0, 255, 238, 221, 204, 187, 170, 30, 0),
  },
  {
    struct: 'sockaddr_hci',
    sa: { family: AF_BLUETOOTH, protocol: BTPROTO_HCI, dev: 0x0102, channel: HCI_CHANNEL_USER },
    made: 'a.hci_family = AF_BLUETOOTH; a.hci_dev = 0x0102; a.hci_channel = HCI_CHANNEL_USER;',
    encoded: bytes(31, 0, 2, 1, 1, 0),
  },
  {
    struct: 'sockaddr_sco',
    sa: { family: AF_BLUETOOTH, protocol: BTPROTO_SCO, bdaddr },
    made: `a.sco_family = AF_BLUETOOTH; ${setBdaddr('sco_bdaddr')}`,
    encoded: bytes(31, 0, 255, 238, 221, 204, 187, 170),
  },
];

/** The bytes that C makes of the cases, in hexadecimal. */
function inC(headers: readonly string[], cases: readonly Case[]): Map<string, string> {
  return askC(
    ['string.h', 'sys/socket.h', 'arpa/inet.h', ...headers],
    cases.map(
      ({ struct, made }) =>
        `{ struct ${struct} a; memset(&a, 0, sizeof a); ${made} printf("${struct} ");` +
        'for (unsigned i = 0; i < sizeof a; i++) printf("%02x", ((unsigned char *)&a)[i]);' +
        'printf("\\n"); }',
    ),
  );
}

const hex = (sa: SockaddrLike): string => Buffer.from(encodeSockaddr(sa)).toString('hex');

const blueZ = ['bluetooth', 'l2cap', 'rfcomm', 'hci', 'sco'].map((name) => `bluetooth/${name}.h`);

function noBlueZ(): string | false {
  if (noCompiler) return noCompiler;
  const lines = ['#if __has_include(<bluetooth/sco.h>)', 'printf("has 1\\n");', '#endif'];
  return askC([], lines).has('has') ? false : 'the headers of libbluetooth-dev are not installed';
}

suite('as C lays them out', { skip: noCompiler }, () => {
  test('netlink, packet, vsock', () => {
    const headers = ['linux/netlink.h', 'linux/if_packet.h', 'linux/if_ether.h'];
    const answers = inC([...headers, 'linux/vm_sockets.h'], linkCases);
    for (const { struct, sa } of linkCases) assert.equal(hex(sa), answers.get(struct), struct);
  });

  test('bluetooth', { skip: noBlueZ() }, () => {
    const answers = inC(blueZ, bluetoothCases);
    for (const { struct, sa } of bluetoothCases) assert.equal(hex(sa), answers.get(struct), struct);
  });
});

test('what is encoded is decoded, also in more room than it needs', () => {
  for (const { sa } of [...linkCases, ...bluetoothCases]) {
    const encoded = encodeSockaddr(sa);
    assert.deepEqual(decodeSockaddr(encoded, encoded.length), sa);
    const room = new Uint8Array(112).fill(0xee);
    room.set(encoded);
    const decoded = decodeSockaddr(room, encoded.length);
    room.fill(0);
    assert.deepEqual(decoded, sa);
  }
  for (const { sa, encoded } of bluetoothCases) assert.deepEqual(encodeSockaddr(sa), encoded);
});

test('what is mostly 0 may be left out', () => {
  const short: [SockaddrLike, Sockaddr][] = [
    [{ family: AF_NETLINK }, { family: AF_NETLINK, pid: 0, groups: 0 }],
    [
      { family: AF_PACKET, protocol: ETH_P_ALL, ifindex: 2 },
      {
        family: AF_PACKET,
        protocol: ETH_P_ALL,
        ifindex: 2,
        hatype: 0,
        pkttype: 0,
        addr: bytes(),
      },
    ],
    [
      { family: AF_VSOCK, cid: VMADDR_CID_ANY, port: VMADDR_PORT_ANY },
      { family: AF_VSOCK, cid: 0xffffffff, port: 0xffffffff, flags: 0 },
    ],
    [
      { family: AF_BLUETOOTH, protocol: BTPROTO_L2CAP, psm: 25, bdaddr },
      { family: AF_BLUETOOTH, protocol: BTPROTO_L2CAP, psm: 25, bdaddr, cid: 0, bdaddrType: 0 },
    ],
    [
      { family: AF_BLUETOOTH, protocol: BTPROTO_HCI, dev: 0 },
      { family: AF_BLUETOOTH, protocol: BTPROTO_HCI, dev: 0, channel: 0 },
    ],
  ];
  for (const [like, full] of short) {
    const encoded = encodeSockaddr(like);
    assert.deepEqual(decodeSockaddr(encoded, encoded.length), full);
  }
});

test('the protocol decides over the length, and says nothing of other families', () => {
  const room = new Uint8Array(20);
  for (const { sa } of bluetoothCases) {
    assert.ok(bluetooth.isSockaddrBluetooth(sa));
    room.set(encodeSockaddr(sa));
    assert.deepEqual(decodeSockaddr(room, 20, sa.protocol), sa);
    assert.equal('data' in decodeSockaddr(room, 20), true);
    assert.equal('data' in decodeSockaddr(room, 5, sa.protocol), true);
    assert.equal('data' in decodeSockaddr(room, 14, BTPROTO_HIDP), true);
    room.fill(0);
  }
  const [netlink] = linkCases;
  assert.ok(netlink);
  assert.deepEqual(decodeSockaddr(encodeSockaddr(netlink.sa), 12, BTPROTO_HCI), netlink.sa);
});

test('a hardware address of any length that the kernel has', () => {
  for (const length of [0, 1, 6, 8, 20, 32]) {
    const addr = new Uint8Array(length).fill(7);
    const sa = {
      family: AF_PACKET,
      protocol: 1,
      ifindex: -1,
      hatype: 2,
      pkttype: 3,
      addr,
    } as const;
    const encoded = encodeSockaddr(sa);
    assert.equal(encoded.length, Math.max(20, 12 + length));
    assert.deepEqual(decodeSockaddr(encoded, encoded.length), sa);
    // As getsockname(2) counts it, and one byte less.
    assert.deepEqual(decodeSockaddr(encoded, 12 + length), sa);
    assert.equal('data' in decodeSockaddr(encoded, 11 + length), true);
  }
});

test('guards', () => {
  const guards: Record<string, (sa: Sockaddr) => boolean> = {
    sockaddr_nl: isSockaddrNetlink,
    sockaddr_ll: isSockaddrPacket,
    sockaddr_vm: isSockaddrVsock,
    sockaddr_l2: bluetooth.isSockaddrL2cap,
    sockaddr_rc: bluetooth.isSockaddrRfcomm,
    sockaddr_hci: bluetooth.isSockaddrHci,
    sockaddr_sco: bluetooth.isSockaddrSco,
  };
  for (const { struct, sa } of [...linkCases, ...bluetoothCases]) {
    for (const [name, guard] of Object.entries(guards)) assert.equal(guard(sa), name === struct);
    const cut = { family: sa.family, data: bytes(1, 2) };
    for (const guard of Object.values(guards)) assert.equal(guard(cut), false);
  }
});

test('what does not fit names the struct and the field', () => {
  const bt = { family: AF_BLUETOOTH, bdaddr } as const;
  const wrong: [SockaddrLike, RegExp][] = [
    [{ family: AF_NETLINK, pid: -1 }, /sockaddr_nl: pid -1/],
    [{ family: AF_NETLINK, groups: 2 ** 32 }, /sockaddr_nl: groups 4294967296/],
    [{ family: AF_PACKET, protocol: 65536 }, /sockaddr_ll: protocol 65536/],
    [{ family: AF_PACKET, ifindex: 2 ** 31 }, /sockaddr_ll: ifindex 2147483648/],
    [{ family: AF_PACKET, hatype: 1.5 }, /sockaddr_ll: hatype 1.5/],
    [{ family: AF_PACKET, pkttype: 256 }, /sockaddr_ll: pkttype 256 is not an 8-bit/],
    [{ family: AF_PACKET, addr: new Uint8Array(33) }, /sockaddr_ll: addr has 33 bytes/],
    [{ family: AF_VSOCK, cid: -1, port: 1 }, /sockaddr_vm: cid -1/],
    [{ family: AF_VSOCK, cid: 1, port: -1 }, /sockaddr_vm: port -1/],
    [{ family: AF_VSOCK, cid: 1, port: 1, flags: 256 }, /sockaddr_vm: flags 256/],
    [{ ...bt, protocol: BTPROTO_L2CAP, psm: 65536 }, /sockaddr_l2: psm 65536/],
    [{ ...bt, protocol: BTPROTO_L2CAP, psm: 1, cid: -1 }, /sockaddr_l2: cid -1/],
    [{ ...bt, protocol: BTPROTO_L2CAP, psm: 1, bdaddr: mac.subarray(1) }, /bdaddr has 5 bytes/],
    [{ ...bt, protocol: BTPROTO_RFCOMM, channel: 256 }, /sockaddr_rc: channel 256/],
    [{ ...bt, protocol: BTPROTO_SCO, bdaddr: bytes() }, /sockaddr_sco: bdaddr has 0 bytes/],
    [{ family: AF_BLUETOOTH, protocol: BTPROTO_HCI, dev: 65536 }, /sockaddr_hci: dev 65536/],
    [{ ...bt, protocol: BTPROTO_HIDP } as unknown as SockaddrLike, /protocol 6 of AF_BLUETOOTH/],
  ];
  for (const [sa, message] of wrong) {
    assert.throws(() => encodeSockaddr(sa), { name: 'RangeError', message });
  }
  const notBytes: [unknown, RegExp][] = [
    [{ family: AF_PACKET, addr: [1, 2] }, /sockaddr_ll: addr must be a Uint8Array/],
    [{ ...bt, protocol: BTPROTO_SCO, bdaddr: '00:00' }, /sockaddr_sco: bdaddr must be/],
    [{ family: AF_UNIX, path: '/a' }, /sockaddr_un: path must be/],
    [{ family: AF_UNIX, data: 'x' }, /sockaddr: data must be/],
    [{ family: 99 }, /family 99 needs its data/],
  ];
  for (const [sa, message] of notBytes) {
    assert.throws(() => encodeSockaddr(sa as SockaddrLike), { name: 'TypeError', message });
  }
});

test('Bluetooth addresses as text', () => {
  assert.deepEqual(bdaddr, bytes(0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa));
  assert.equal(formatBdaddr(bdaddr), 'aa:bb:cc:dd:ee:ff');
  assert.equal(formatBdaddr(parseBdaddr('00:1A:7d:DA:71:03')), '00:1a:7d:da:71:03');
  for (const text of [
    '',
    'aa:bb:cc:dd:ee',
    'aa:bb:cc:dd:ee:ff:00',
    'aabbccddeeff',
    'a:b:c:d:e:f',
  ]) {
    assert.throws(() => parseBdaddr(text), { name: 'TypeError', message: /parseBdaddr: "/ });
  }
  assert.throws(() => parseBdaddr('aa:bb:cc:dd:ee:ff\n'), /parseBdaddr/);
  assert.throws(() => formatBdaddr(bytes(1, 2, 3)), /bdaddr has 3 bytes, not 6/);
});

test('random bytes of these families: read within bounds, and written again', () => {
  const seed = chosenSeed();
  const random = new Random(seed);
  const families = [AF_NETLINK, AF_PACKET, AF_VSOCK, AF_BLUETOOTH];
  for (let round = 0; round < 20_000; round++) {
    const length = 2 + random.below(50);
    const content = Uint8Array.from({ length }, () => random.below(256));
    content.set([random.pick(families), 0]);
    if (random.chance(0.5)) content[11] = random.below(40);
    const len = random.below(60);
    const protocol = random.chance(0.5) ? random.below(9) : undefined;
    const read = [0x00, 0xff].map((filler) => {
      const memory = new Uint8Array(length + 64).fill(filler);
      const inside = memory.subarray(32, 32 + length);
      inside.set(content.subarray(0, len));
      return decodeSockaddr(inside, len, protocol);
    });
    assert.deepEqual(read[0], read[1], `NETFD_SEED=${seed}`);
    const again = encodeSockaddr(read[0]!);
    assert.deepEqual(decodeSockaddr(again, again.length, protocol), read[0], `NETFD_SEED=${seed}`);
  }
});

suite('as Linux gives them', () => {
  const { kernel } = linux;

  /** The address of a socket that was bound to `like`, or the negative errno of the first failure. */
  function bound(
    type: number,
    protocol: number,
    like: SockaddrLike,
  ): [sa: Sockaddr, length: number] | number {
    const fd = kernel.socket(like.family, type | SOCK_CLOEXEC, protocol);
    if (fd < 0) return fd;
    try {
      const addr = encodeSockaddr(like);
      const failed = kernel.bind(fd, addr, addr.length);
      if (failed < 0) return failed;
      const room = new Uint8Array(112);
      const length = Uint32Array.of(112);
      assert.equal(kernel.getsockname(fd, room, length), 0);
      return [decodeSockaddr(room, length[0]!, protocol), length[0]!];
    } finally {
      kernel.close(fd);
    }
  }

  test('netlink', () => {
    const answer = bound(SOCK_RAW, NETLINK_ROUTE, { family: AF_NETLINK, groups: 0x11 });
    assert.ok(Array.isArray(answer));
    const [sa, length] = answer;
    assert.ok(isSockaddrNetlink(sa));
    assert.equal(sa.groups, 0x11);
    assert.ok(sa.pid > 0);
    assert.equal(length, 12);
  });

  test('packet', (t) => {
    const like = { family: AF_PACKET, protocol: ETH_P_ALL, ifindex: 1 } as const;
    const answer = bound(SOCK_DGRAM, htons(ETH_P_ALL), like);
    if (answer === -EPERM) return t.skip('packet sockets need CAP_NET_RAW');
    const addr = new Uint8Array(6);
    assert.deepEqual(answer, [{ ...like, hatype: 772, pkttype: 0, addr }, 18]);
  });

  test('vsock', (t) => {
    const like = { family: AF_VSOCK, cid: VMADDR_CID_LOCAL, port: VMADDR_PORT_ANY } as const;
    const answer = bound(SOCK_STREAM, 0, { ...like, cid: VMADDR_CID_ANY });
    if (!Array.isArray(answer)) return t.skip(`no vsock here: ${errnoName(-answer)}`);
    const [sa, length] = answer;
    assert.ok(isSockaddrVsock(sa));
    assert.equal(sa.cid, VMADDR_CID_ANY);
    assert.notEqual(sa.port, VMADDR_PORT_ANY);
    assert.equal(length, 16);
  });

  test('unix: a name that the kernel chooses', () => {
    const answer = bound(SOCK_STREAM, 0, { family: AF_UNIX, path: bytes() });
    assert.ok(Array.isArray(answer));
    const [sa, length] = answer;
    assert.ok('path' in sa);
    assert.match(Buffer.from(sa.path).toString('latin1'), /^\0[0-9a-f]{5}$/);
    assert.equal(length, 8);
  });

  test('bluetooth, or a clear EAFNOSUPPORT', (t) => {
    const any = new Uint8Array(6);
    const like = {
      family: AF_BLUETOOTH,
      protocol: BTPROTO_RFCOMM,
      bdaddr: any,
      channel: 0,
    } as const;
    const answer = bound(SOCK_STREAM, BTPROTO_RFCOMM, like);
    if (answer === -EAFNOSUPPORT) return t.skip('this kernel has no Bluetooth: EAFNOSUPPORT');
    assert.deepEqual(answer, [like, 10]);
  });
});
