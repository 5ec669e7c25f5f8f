import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { Random, chosenSeed } from '../../test/native/random.ts';
import { ARPHRD_ETHER, ARPHRD_INFINIBAND } from './arp.ts';
import {
  type IfreqMember,
  type IfreqMembers,
  SIZEOF_IFREQ,
  decodeIfconf,
  decodeIfreq,
  encodeIfreq,
  ifreqName,
} from './ifreq.ts';
import { IFF_DYNAMIC, IFF_UP } from './interface.ts';
import { AF_INET, AF_INET6 } from './socket.ts';
import { IFF_NO_PI, IFF_TAP } from './tun.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const inet = { family: AF_INET, addr: bytes(192, 0, 2, 1), port: 0 } as const;
const mac = bytes(2, 0, 0, 0, 0, 0xfe);

/** A member, and the assignment of C that makes it. */
const cases: readonly [keyof IfreqMembers, IfreqMember, made: string][] = [
  ['flags', { flags: IFF_UP | IFF_DYNAMIC }, 'r.ifr_flags = IFF_UP | IFF_DYNAMIC;'],
  ['flags', { flags: IFF_TAP | IFF_NO_PI }, 'r.ifr_flags = 0x1002;'],
  ['ifindex', { ifindex: 0x01020304 }, 'r.ifr_ifindex = 0x01020304;'],
  ['mtu', { mtu: 65536 }, 'r.ifr_mtu = 65536;'],
  ['metric', { metric: -2 }, 'r.ifr_metric = -2;'],
  ['qlen', { qlen: 1000 }, 'r.ifr_qlen = 1000;'],
  ['newname', { newname: 'fifteen-letters' }, 'strcpy(r.ifr_newname, "fifteen-letters");'],
  [
    'addr',
    { addr: inet },
    '{ struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };' +
      'memcpy(&r.ifr_addr, &a, sizeof a); }',
  ],
  [
    'hwaddr',
    { hwaddr: { type: ARPHRD_ETHER, addr: mac } },
    'r.ifr_hwaddr.sa_family = 1; memcpy(r.ifr_hwaddr.sa_data, "\\2\\0\\0\\0\\0\\376", 6);',
  ],
  [
    'data',
    { data: Uint8Array.from({ length: 24 }, (_, i) => i + 1) },
    'for (int i = 0; i < 24; i++) ((char *)&r)[16 + i] = i + 1;',
  ],
];

suite('struct ifreq', () => {
  test('as C lays it out', { skip: noCompiler }, () => {
    const answers = askC(
      ['string.h', 'sys/socket.h', 'arpa/inet.h', 'net/if.h'],
      [
        ...cases.map(
          ([, , made], i) =>
            `{ struct ifreq r; memset(&r, 0, sizeof r); strcpy(r.ifr_name, "eth0"); ${made}` +
            `printf("case${i} "); for (unsigned i = 0; i < sizeof r; i++)` +
            'printf("%02x", ((unsigned char *)&r)[i]); printf("\\n"); }',
        ),
        'printf("SIZEOF_IFREQ %d\\n", (int)sizeof(struct ifreq));',
      ],
    );
    assert.equal(Number(answers.get('SIZEOF_IFREQ')), SIZEOF_IFREQ);
    for (const [i, [name, member]] of cases.entries()) {
      const encoded = Buffer.from(encodeIfreq('eth0', member)).toString('hex');
      assert.equal(encoded, answers.get(`case${i}`), name);
    }
  });

  test('there and back', () => {
    for (const [name, member] of cases) {
      const encoded = encodeIfreq('eth0', member);
      assert.equal(ifreqName(encoded), 'eth0');
      const value: unknown = decodeIfreq(encoded, name);
      assert.deepEqual({ [name]: value }, member);
    }
    assert.deepEqual(encodeIfreq('lo'), bytes(108, 111, ...new Uint8Array(38)));
    assert.equal(ifreqName(encodeIfreq('', { ifindex: 1 })), '');
  });

  test('hardware other than Ethernet has all of its bytes', () => {
    const addr = Uint8Array.from({ length: 14 }, (_, i) => i);
    const hwaddr = { type: ARPHRD_INFINIBAND, addr };
    assert.deepEqual(decodeIfreq(encodeIfreq('ib0', { hwaddr }), 'hwaddr'), hwaddr);
  });

  test('a name that fills its room, and what is decoded is its own', () => {
    const full = new Uint8Array(40).fill(97);
    assert.equal(ifreqName(full), 'a'.repeat(16));
    const data = decodeIfreq(full, 'data');
    full.fill(0);
    assert.deepEqual(data, new Uint8Array(24).fill(97));
    const buffer = Buffer.from(encodeIfreq('eth0', { hwaddr: { type: 1, addr: mac } }));
    const { addr } = decodeIfreq(buffer, 'hwaddr');
    buffer.fill(0);
    assert.deepEqual(addr, mac);
  });

  test('what does not fit is named', () => {
    const inet6 = { family: AF_INET6, addr: new Uint8Array(16), port: 0 } as const;
    const wrong: [name: string, IfreqMember, RegExp][] = [
      ['sixteen-letters-', { flags: 0 }, /ifr_name "sixteen-letters-" has 16 bytes, at most 15/],
      ['lo', { newname: 'x'.repeat(16) }, /newname "x+" has 16 bytes/],
      ['lo', { flags: 65536 }, /flags 65536 is not a 16-bit number/],
      ['lo', { flags: -1 }, /flags -1/],
      ['lo', { mtu: 2 ** 31 }, /mtu 2147483648/],
      ['lo', { ifindex: 1.5 }, /ifindex 1.5/],
      ['lo', { addr: inet6 }, /addr has 28 bytes, at most 16/],
      ['lo', { data: new Uint8Array(25) }, /data has 25 bytes, at most 24/],
      ['lo', { hwaddr: { type: 1, addr: new Uint8Array(15) } }, /hwaddr.addr has 15 bytes/],
      ['lo', { hwaddr: { type: -1, addr: mac } }, /hwaddr.type -1/],
    ];
    for (const [name, member, message] of wrong) {
      assert.throws(() => encodeIfreq(name, member), { name: 'RangeError', message });
    }
    const notOne = [{}, { speed: 1 }, { data: 'text' }] as unknown as IfreqMember[];
    for (const member of notOne) assert.throws(() => encodeIfreq('lo', member), TypeError);
    assert.throws(() => encodeIfreq('l\0o'), TypeError);
    const short = { name: 'RangeError', message: /buf has 39 bytes, struct ifreq 40/ };
    assert.throws(() => decodeIfreq(new Uint8Array(39), 'mtu'), short);
    assert.throws(() => ifreqName(new Uint8Array(39)), short);
    const speed = 'toString' as unknown as 'mtu';
    assert.throws(() => decodeIfreq(new Uint8Array(40), speed), /no member is called "toString"/);
  });
});

suite('struct ifconf', () => {
  test('its entries', () => {
    const buf = new Uint8Array(120);
    const other = { ...inet, addr: bytes(127, 0, 0, 1) };
    buf.set(encodeIfreq('lo', { addr: other }), 0);
    buf.set(encodeIfreq('eth0', { addr: inet }), 40);
    assert.deepEqual(decodeIfconf(buf, 80), [
      { name: 'lo', addr: other },
      { name: 'eth0', addr: inet },
    ]);
    assert.deepEqual(decodeIfconf(buf, 0), []);
    assert.equal(decodeIfconf(buf).length, 3);
  });

  test('a length that cannot be', () => {
    for (const length of [-40, 39, 41, 160, 0.5, Number.NaN]) {
      assert.throws(() => decodeIfconf(new Uint8Array(120), length), {
        name: 'RangeError',
        message: /decodeIfconf: length .* is not a multiple of 40 in 0\.\.120/,
      });
    }
  });
});

test('random bytes: every member is read, from within the struct', () => {
  const seed = chosenSeed();
  const random = new Random(seed);
  const members = cases.map(([name]) => name);
  for (let round = 0; round < 5000; round++) {
    const content = Uint8Array.from({ length: SIZEOF_IFREQ }, () => random.below(256));
    if (random.chance(0.5)) content.set([random.pick([1, 2, 10, 16, 17, 31, 40]), 0], 16);
    const member = random.pick(members);
    const read = [0x00, 0xff].map((filler) => {
      const memory = new Uint8Array(SIZEOF_IFREQ + 64).fill(filler);
      memory.set(content, 32);
      const inside = memory.subarray(32, 32 + SIZEOF_IFREQ);
      return [ifreqName(inside), decodeIfreq(inside, member), decodeIfconf(inside)];
    });
    assert.deepEqual(read[0], read[1], `NETFD_SEED=${seed}`);
  }
});
