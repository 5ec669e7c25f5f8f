import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  SOCKADDR_ANY_SIZE,
  SOCKADDR_STORAGE_SIZE,
  type Sockaddr,
  decodeSockaddr,
  encodeSockaddr,
  sockaddrIPv4,
  sockaddrPort,
} from './sockaddr.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } from './socket.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const ip6 = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

suite('encode and decode', () => {
  const cases: [name: string, sa: Sockaddr, encoded: Uint8Array][] = [
    [
      'sockaddr_in',
      { family: AF_INET, addr: bytes(127, 0, 0, 1), port: 0x1f90 },
      bytes(2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    ],
    [
      'sockaddr_in6',
      { family: AF_INET6, addr: ip6, port: 80, flowinfo: 0x01020304, scopeId: 0xfffffffe },
      bytes(10, 0, 0, 80, 1, 2, 3, 4, ...ip6, 0xfe, 0xff, 0xff, 0xff),
    ],
    ['unnamed', { family: AF_UNIX, path: bytes() }, bytes(1, 0)],
    ['path', { family: AF_UNIX, path: text('/a') }, bytes(1, 0, 47, 97, 0)],
    ['abstract', { family: AF_UNIX, path: bytes(0, 97, 0) }, bytes(1, 0, 0, 97, 0)],
    ['empty abstract', { family: AF_UNIX, path: bytes(0) }, bytes(1, 0, 0)],
    ['other family', { family: AF_NETLINK, data: bytes(0, 0, 7) }, bytes(16, 0, 0, 0, 7)],
  ];
  for (const [name, sa, encoded] of cases) {
    test(name, () => {
      assert.deepEqual(encodeSockaddr(sa), encoded);
      assert.deepEqual(decodeSockaddr(encoded, encoded.length), sa);
      const room = new Uint8Array(SOCKADDR_ANY_SIZE).fill(0xee);
      room.set(encoded);
      assert.deepEqual(decodeSockaddr(room, encoded.length), sa);
    });
  }

  test('a path that fills sun_path has no NUL', () => {
    const sa = { family: AF_UNIX, path: text('x'.repeat(108)) } as const;
    assert.equal(encodeSockaddr(sa).length, 110);
    assert.deepEqual(decodeSockaddr(encodeSockaddr(sa), 110), sa);
    const shorter = { family: AF_UNIX, path: text('x'.repeat(107)) } as const;
    assert.equal(encodeSockaddr(shorter).length, 110);
    assert.deepEqual(decodeSockaddr(encodeSockaddr(shorter), 110), shorter);
    // The kernel counts a NUL that is past the end of the struct.
    const room = new Uint8Array(SOCKADDR_ANY_SIZE);
    room.set(encodeSockaddr(sa));
    assert.deepEqual(decodeSockaddr(room, 111), sa);
  });
});

test('what does not fit is a RangeError that names the field', () => {
  const wrong: [Sockaddr, RegExp][] = [
    [{ family: AF_INET, addr: bytes(1, 2, 3, 4), port: 65536 }, /port 65536/],
    [{ family: AF_INET, addr: bytes(1, 2, 3, 4), port: -1 }, /port -1/],
    [{ family: AF_INET, addr: bytes(1, 2, 3, 4), port: 1.5 }, /port 1.5/],
    [{ family: AF_INET, addr: bytes(1, 2, 3), port: 1 }, /addr has 3/],
    [{ family: AF_INET6, addr: bytes(1), port: 1, flowinfo: 0, scopeId: 0 }, /addr has 1/],
    [{ family: AF_INET6, addr: ip6, port: 1, flowinfo: -1, scopeId: 0 }, /flowinfo -1/],
    [{ family: AF_INET6, addr: ip6, port: 1, flowinfo: 0, scopeId: 2 ** 32 }, /scopeId/],
    [{ family: AF_UNIX, path: text('x'.repeat(109)) }, /path has 109/],
    [{ family: AF_UNIX, path: bytes(47, 0, 97) }, /path contains a NUL/],
    [{ family: 70000, data: bytes() }, /family 70000/],
    [{ family: 16, data: new Uint8Array(127) }, /data has 127/],
  ];
  for (const [sa, message] of wrong) {
    assert.throws(() => encodeSockaddr(sa), { name: 'RangeError', message });
  }
});

test('a struct cut short is what is left of it', () => {
  const in4 = encodeSockaddr({ family: AF_INET, addr: bytes(1, 2, 3, 4), port: 80 });
  for (let len = 2; len < 16; len++) {
    assert.deepEqual(decodeSockaddr(in4, len), { family: AF_INET, data: in4.slice(2, len) });
    assert.equal(sockaddrIPv4(in4, len), -1);
  }
  const in6 = encodeSockaddr({ family: AF_INET6, addr: ip6, port: 80, flowinfo: 0, scopeId: 9 });
  assert.deepEqual(decodeSockaddr(in6, 23), { family: AF_INET6, data: in6.slice(2, 23) });
  const short = { family: AF_INET6, addr: ip6, port: 80, flowinfo: 0, scopeId: 0 };
  assert.deepEqual(decodeSockaddr(in6, 24), short);
  for (const len of [0, 1, -5, Number.NaN]) {
    assert.deepEqual(decodeSockaddr(in4, len), { family: 0, data: bytes() });
  }
});

test('sockaddrIPv4 and sockaddrPort see what decodeSockaddr sees', () => {
  const mapped = bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 2, 3, 4);
  const all: [Sockaddr, number][] = [
    [{ family: AF_INET, addr: bytes(255, 2, 3, 4), port: 65535 }, 0xff020304],
    [{ family: AF_INET6, addr: mapped, port: 1, flowinfo: 0, scopeId: 0 }, 0xff020304],
    [{ family: AF_INET6, addr: ip6, port: 256, flowinfo: 0, scopeId: 0 }, -1],
  ];
  for (const [sa, packed] of all) {
    const encoded = encodeSockaddr(sa);
    assert.equal(sockaddrIPv4(encoded, encoded.length), packed);
    assert.equal(sockaddrPort(encoded), 'port' in sa && sa.port);
  }
  assert.equal(sockaddrIPv4(encodeSockaddr({ family: AF_UNIX, path: bytes() }), 2), -1);
});

// A small generator of reproducible numbers: a failure names the seed it began with.
function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

test('what is decoded shares no memory with the buffer, of a Buffer neither', () => {
  const all: Sockaddr[] = [
    { family: AF_INET, addr: bytes(127, 0, 0, 1), port: 80 },
    { family: AF_INET6, addr: ip6, port: 80, flowinfo: 0, scopeId: 0 },
    { family: AF_UNIX, path: text('/run/a') },
    { family: AF_UNIX, path: text('\0abstract') },
    { family: AF_NETLINK, data: bytes(1, 2, 3, 4) },
  ];
  for (const sa of all) {
    const encoded = Buffer.from(encodeSockaddr(sa));
    const decoded = decodeSockaddr(encoded, encoded.length);
    encoded.fill(0xff);
    assert.deepEqual(decoded, sa);
  }
});

test('random bytes: never a failure, nothing read outside, and what is read can be written', () => {
  const families = [AF_INET, AF_INET6, AF_UNIX, AF_NETLINK];
  for (let seed = 1; seed <= 5000; seed++) {
    const [a = 0, b = 0, c = 0] = randomBytes(seed, 3);
    const length = a % (SOCKADDR_STORAGE_SIZE + 1);
    const len = b % (SOCKADDR_STORAGE_SIZE + 20);
    const content = randomBytes(seed * 7919, length);
    if (length >= 2 && c % 8 !== 0) content.set([families[c % 4] ?? 0, 0]);
    const read = [0x00, 0xaa].map((filler) => {
      const memory = new Uint8Array(length + 64).fill(filler);
      const inside = memory.subarray(32, 32 + length);
      inside.set(content);
      inside.fill(filler, Math.min(len, length));
      return decodeSockaddr(inside, len);
    });
    assert.deepEqual(read[0], read[1], `seed ${seed}`);
    const sa = read[0] as Sockaddr;
    const again = encodeSockaddr(sa);
    if (sa.family !== 0 || again.length > 2) {
      assert.deepEqual(decodeSockaddr(again, again.length), sa, `seed ${seed}`);
    }
  }
});
