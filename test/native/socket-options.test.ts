/**
 * The socket options that getsockopt and setsockopt refuse: with them the kernel would read or write
 * outside of the buffer that was checked. Every other one reaches the kernel.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EBADF, EINVAL, ENOENT } from '../../src/syscall/errno.ts';
import { IPPROTO_MPTCP, SOL_IPV6 } from '../../src/syscall/inet.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
} from '../../src/syscall/socket.ts';
import { SOL_SOCKET, SO_TYPE } from '../../src/syscall/socket.ts';
import { SOL_TCP, TCP_INFO, TCP_NODELAY, TCP_ZEROCOPY_RECEIVE } from '../../src/syscall/tcp.ts';
import { askC, noCompiler } from '../c-program.ts';
import { noIPv6 } from '../net/machine.ts';
import { callOf } from './addon.ts';

const ADDRESS = 'an option whose value holds no address';
const LENGTH = 'an option whose value ends at optlen';

type Call = 'setsockopt' | 'getsockopt';
type Option = readonly [level: string, number, optname: string, number];

const refused: Readonly<Record<Call, Readonly<Record<string, readonly Option[]>>>> = {
  setsockopt: {
    [ADDRESS]: [
      ['SOL_IP', 0, 'IPT_SO_SET_REPLACE', 64],
      ['SOL_IP', 0, 'ARPT_SO_SET_REPLACE', 96],
      ['SOL_IP', 0, 'EBT_SO_SET_ENTRIES', 128],
      ['SOL_IP', 0, 'EBT_SO_SET_COUNTERS', 129],
      ['SOL_IPV6', 41, 'IP6T_SO_SET_REPLACE', 64],
      ['SOL_PACKET', 263, 'PACKET_FANOUT_DATA', 22],
      ['SOL_RDS', 276, 'RDS_GET_MR', 2],
      ['SOL_RDS', 276, 'RDS_GET_MR_FOR_DEST', 7],
      ['SOL_XDP', 283, 'XDP_UMEM_REG', 4],
    ],
  },
  getsockopt: {
    [ADDRESS]: [
      ['SOL_IP', 0, 'EBT_SO_GET_ENTRIES', 129],
      ['SOL_IP', 0, 'EBT_SO_GET_INIT_ENTRIES', 131],
      ['IPPROTO_TCP', 6, 'TCP_ZEROCOPY_RECEIVE', 35],
      ['IPPROTO_SCTP', 132, 'SCTP_SOCKOPT_CONNECTX3', 111],
      ['SOL_MPTCP', 284, 'MPTCP_FULL_INFO', 4],
    ],
    [LENGTH]: [
      ['SOL_IP', 0, 'IP_MSFILTER', 41],
      ['SOL_IP', 0, 'MCAST_MSFILTER', 48],
      ['SOL_IPV6', 41, 'MCAST_MSFILTER', 48],
      ['IPPROTO_TCP', 6, 'TCP_AO_GET_KEYS', 41],
    ],
  },
};

const calls = ['setsockopt', 'getsockopt'] as const;

const headers = [
  'sys/socket.h',
  'netinet/in.h',
  'linux/tcp.h',
  'linux/mptcp.h',
  'linux/sctp.h',
  'linux/rds.h',
  'linux/if_packet.h',
  'linux/if_xdp.h',
  'linux/netfilter_ipv4/ip_tables.h',
  'linux/netfilter_ipv6/ip6_tables.h',
  'linux/netfilter_arp/arp_tables.h',
  'linux/netfilter_bridge/ebtables.h',
];

/** What Linux 6.1 and glibc 2.36 do not have. */
const newerThanHeaders: ReadonlySet<string> = new Set([
  'SOL_MPTCP',
  'MPTCP_FULL_INFO',
  'TCP_AO_GET_KEYS',
]);

/** The call with a value of `size` bytes; its result. */
function option(call: Call, fd: number, level: number, optname: number, size = 256): number {
  const optlen = call === 'setsockopt' ? size : new Uint32Array([size]);
  return callOf(call)(fd, level, optname, new Uint8Array(size), optlen);
}

function expected(call: Call, level: number, optname: number): string | undefined {
  const kinds = Object.entries(refused[call]);
  const found = kinds.find(([, options]) =>
    options.some(([, otherLevel, , other]) => otherLevel === level && other === optname),
  );
  return found?.[0];
}

function socket(domain: number, protocol = 0): number {
  return callOf('socket')(domain, SOCK_STREAM | SOCK_CLOEXEC, protocol);
}

function withSocket(domain: number, use: (fd: number) => void): void {
  const fd = socket(domain);
  assert.ok(fd >= 0, `${fd}`);
  try {
    use(fd);
  } finally {
    callOf('close')(fd);
  }
}

suite('refused', () => {
  for (const call of calls) {
    const levels = [0, 1, 6, 17, 41, 132, 255, 263, 270, 276, 279, 283, 284, -1];
    test(`${call}: those of the list, at every level, and no other`, () => {
      for (const level of levels) {
        for (let optname = -2; optname < 300; optname++) {
          const what = expected(call, level, optname);
          if (what === undefined) {
            assert.equal(option(call, -1, level, optname), -EBADF, `${level} ${optname}`);
            continue;
          }
          const message = `${call}: optname must be ${what}`;
          const error = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message };
          assert.throws(() => option(call, -1, level, optname), error, `${level} ${optname}`);
        }
      }
    });
  }

  test('they are those of the headers', { skip: noCompiler }, () => {
    const options = calls.flatMap((call) => Object.values(refused[call]).flat());
    const numbers = new Map(
      options.flatMap(([level, levelNumber, optname, number]) => [
        [level, levelNumber],
        [optname, number],
      ]),
    );
    const found = askC(
      headers,
      [...numbers.keys()].flatMap((name) => [
        `#ifdef ${name}`,
        `printf("${name} %d\\n", ${name});`,
        '#endif',
      ]),
    );
    for (const [name, number] of numbers) {
      if (newerThanHeaders.has(name) && !found.has(name)) continue;
      assert.equal(Number(found.get(name)), number, name);
    }
  });

  test('nothing is written through an address in the value', () => {
    withSocket(AF_INET, (fd) => {
      const value = new Uint8Array(64).fill(0xff);
      const before = value.slice();
      const optlen = new Uint32Array([64]);
      const ask = (): number =>
        callOf('getsockopt')(fd, SOL_TCP, TCP_ZEROCOPY_RECEIVE, value, optlen);
      assert.throws(ask, { message: `getsockopt: optname must be ${ADDRESS}` });
      assert.deepEqual(value, before);
      assert.equal(optlen[0], 64);
    });
  });
});

suite('any other option', () => {
  test('is set and got', () => {
    withSocket(AF_INET, (fd) => {
      const on = new Uint8Array(Int32Array.of(1).buffer);
      assert.equal(callOf('setsockopt')(fd, SOL_TCP, TCP_NODELAY, on, 4), 0);
      const value = new Uint8Array(8).fill(0xa5);
      const optlen = new Uint32Array([8]);
      assert.equal(callOf('getsockopt')(fd, SOL_TCP, TCP_NODELAY, value, optlen), 0);
      assert.equal(new Int32Array(value.buffer)[0], 1);
      assert.deepEqual([...value.subarray(4)], [0xa5, 0xa5, 0xa5, 0xa5]);
      assert.equal(optlen[0], 4);
    });
  });

  test('writes no more than optlen, be the buffer small or large', () => {
    withSocket(AF_INET, (fd) => {
      for (const size of [0, 1, 2, 100, 4095, 4096, 100_000]) {
        const value = new Uint8Array(size + 16).fill(0xa5);
        const optlen = new Uint32Array([size]);
        assert.equal(callOf('getsockopt')(fd, SOL_TCP, TCP_INFO, value, optlen), 0);
        const length = optlen[0]!;
        assert.ok(length === size || (length > 200 && length < size), `${length} of ${size}`);
        assert.ok(value.subarray(length).every((byte) => byte === 0xa5));
        if (size > 0) assert.equal(value[0], 7, 'TCP_CLOSE');
      }
    });
  });

  test('gets what stands in the value', { skip: noIPv6 }, () => {
    const IPV6_FLOWLABEL_MGR = 32;
    const IPV6_FL_F_REMOTE = 8;
    const FLR_FLAGS = 22;
    withSocket(AF_INET6, (fd) => {
      const request = new Uint8Array(32);
      const ask = (): number =>
        callOf('getsockopt')(fd, SOL_IPV6, IPV6_FLOWLABEL_MGR, request, new Uint32Array([32]));
      assert.equal(ask(), -ENOENT, 'the socket has no flow label');
      request[FLR_FLAGS] = IPV6_FL_F_REMOTE;
      assert.equal(ask(), 0, 'and no more has its peer, which is no error');
    });
  });

  test('of MPTCP is got', (t) => {
    const fd = socket(AF_INET, IPPROTO_MPTCP);
    if (fd < 0) return t.skip('this machine has no MPTCP');
    const SOL_MPTCP = 284;
    const MPTCP_INFO = 1;
    assert.equal(option('getsockopt', fd, SOL_MPTCP, MPTCP_INFO), 0);
    callOf('close')(fd);
  });

  test('a length is not negative', () => {
    withSocket(AF_INET, (fd) => {
      const length = new Int32Array([-1]);
      const get = (): number =>
        callOf('getsockopt')(fd, SOL_SOCKET, SO_TYPE, new Uint8Array(4), length);
      assert.throws(get, {
        name: 'RangeError',
        message: 'getsockopt: optlen must be no larger than the buffer',
      });
      assert.equal(length[0], -1);
    });
  });
});

suite('a filter of classic BPF is its instructions', () => {
  const SO_ATTACH_FILTER = 26;
  /** ret #N: so many bytes of the packet pass. */
  const pass = (bytes: number): number[] => [6, 0, 0, 0, bytes, 0, 0, 0];
  const program = Uint8Array.from([...pass(4), ...pass(9)]);

  test('it filters, and is given back', () => {
    const pair = new Int32Array(2);
    assert.equal(callOf('socketpair')(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
    const [a = -1, b = -1] = pair;
    const set = callOf('setsockopt')(b, SOL_SOCKET, SO_ATTACH_FILTER, program, program.length);
    assert.equal(set, 0);
    callOf('write')(a, Buffer.from('abcdefgh'), 8);
    assert.equal(callOf('read')(b, new Uint8Array(16), 16), 4);

    const get = (room: Uint8Array | null, optlen: Uint32Array): number =>
      callOf('getsockopt')(b, SOL_SOCKET, SO_ATTACH_FILTER, room, optlen);
    const room = new Uint8Array(24).fill(0xa5);
    const optlen = Uint32Array.of(20);
    assert.equal(get(room, optlen), 0);
    assert.equal(optlen[0], 16);
    assert.deepEqual([...room], [...program, ...new Uint8Array(8).fill(0xa5)]);
    assert.equal(get(room, optlen.fill(8)), -EINVAL);
    assert.equal(get(null, optlen.fill(0)), 0);
    assert.equal(optlen[0], 16);
    assert.throws(() => get(room, optlen.fill(25)), RangeError);
    callOf('close')(a);
    callOf('close')(b);
  });

  test('one that is wrong, or too long for the length to be told, is refused by the kernel', () => {
    withSocket(AF_INET, (fd) => {
      const set = (value: Uint8Array | null, length: number): number =>
        callOf('setsockopt')(fd, SOL_SOCKET, SO_ATTACH_FILTER, value, length);
      assert.equal(set(new Uint8Array(8).fill(255), 8), -EINVAL);
      assert.equal(set(program, 7), -EINVAL);
      assert.equal(set(program, 0), -EINVAL);
      assert.equal(set(program, -1), -EINVAL);
      assert.equal(set(null, 8), -EINVAL);
      const long = new Uint8Array(8 * (2 ** 16 + 1)).map((_, i) => program[i & 7]!);
      assert.equal(set(long, long.length), -EINVAL);
      assert.throws(() => set(program, 17), RangeError);
    });
  });
});
