/**
 * Every decoder of the vocabulary on arbitrary bytes: it gives a value or a RangeError, the same whatever
 * stands around its buffer, and leaves the buffer as it was. Mostly the bytes are nearly right: an encoded
 * value, cut or with some bytes changed. NETFD_FUZZ_SECONDS=60 for longer, NETFD_SEED=N repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as ancillary from '../../src/syscall/ancillary.ts';
import { decodeBpfProgram } from '../../src/syscall/bpf.ts';
import { decodeControlMessages, encodeControlMessages } from '../../src/syscall/control-message.ts';
import { decodeIfconf, decodeIfreq, ifreqName } from '../../src/syscall/ifreq.ts';
import * as netlink from '../../src/syscall/netlink-message.ts';
import { NLMSG_DONE, NLMSG_ERROR } from '../../src/syscall/netlink.ts';
import { SOCKET_OPTIONS } from '../../src/syscall/options.ts';
import * as route from '../../src/syscall/route-message.ts';
import { decodeSockaddr, encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { decodeStatx } from '../../src/syscall/stat.ts';
import { decodeTcpInfo } from '../../src/syscall/tcp-info.ts';
import { chosenSeed, Random } from '../native/random.ts';

type Decoder = (bytes: Uint8Array) => unknown;

const BTPROTOS = [0, 1, 2, 3, 8];

function netlinkAll(bytes: Uint8Array): unknown {
  return netlink
    .decodeNetlinkMessages(bytes)
    .map((message) => [
      message,
      attempt(netlink.decodeNetlinkError, { ...message, type: NLMSG_ERROR }),
      attempt(netlink.decodeNetlinkDone, { ...message, type: NLMSG_DONE }),
      attempt(route.decodeLinkMessage, message.payload),
      attempt(route.decodeAddressMessage, message.payload),
      attempt(route.decodeRouteMessage, message.payload),
    ]);
}

function linkAll(bytes: Uint8Array): unknown {
  const link = route.decodeLinkMessage(bytes);
  const name = attempt(netlink.attributeText, link.attributes, 3);
  return [link, name, attempt(route.linkInfo, link)];
}

function addressAll(bytes: Uint8Array): unknown {
  const message = route.decodeAddressMessage(bytes);
  return [message, attempt(route.addressInfo, message)];
}

/** What it gives, or the text of its RangeError. */
function attempt<A extends readonly unknown[]>(
  decode: (...args: A) => unknown,
  ...args: A
): unknown {
  try {
    return decode(...args);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

const decoders: Readonly<Record<string, Decoder>> = {
  ...Object.fromEntries(
    Object.entries(ancillary)
      .filter(([name]) => name.startsWith('decode'))
      .map(([name, decode]) => [name, decode as Decoder]),
  ),
  decodeBpfProgram,
  decodeControlMessages: (bytes) => decodeControlMessages(bytes),
  decodeSockaddr: (bytes) =>
    BTPROTOS.map((protocol) => decodeSockaddr(bytes, bytes.length, protocol)),
  decodeIfconf: (bytes) => decodeIfconf(bytes),
  ifreqName,
  decodeIfreq: (bytes) =>
    (['mtu', 'flags', 'addr', 'hwaddr'] as const).map((member) =>
      attempt(decodeIfreq as (buf: Uint8Array, member: string) => unknown, bytes, member),
    ),
  decodeAttributes: (bytes) => netlink.decodeAttributes(bytes),
  decodeNetlinkMessages: netlinkAll,
  decodeLinkMessage: linkAll,
  decodeAddressMessage: addressAll,
  decodeRouteMessage: route.decodeRouteMessage,
  decodeStatx,
  decodeTcpInfo,
  ...Object.fromEntries(
    Object.entries(SOCKET_OPTIONS)
      .filter(([, { access }]) => access !== 'write-only')
      .map(([name, { codec }]) => [name, (bytes: Uint8Array) => codec.decode(bytes)]),
  ),
};

/** Encoded values to start from. */
function seeds(random: Random): Uint8Array[] {
  const bytes = (size: number): Uint8Array => randomBytes(random, size);
  const messages = Array.from({ length: 1 + random.below(3) }, () => ({
    level: random.pick([0, 1, 41, random.below(300)]),
    type: random.below(60),
    data: bytes(random.below(24)),
  }));
  const attributes = netlink.encodeAttributes(
    Array.from({ length: random.below(4) }, () => ({
      type: random.below(40),
      data: bytes(random.below(12)),
    })),
  );
  const family = random.pick([1, 2, 10, 16, 17, 31, 40, random.below(2 ** 16)]);
  const type = random.pick([2, 3, 16, 20, 24]);
  const payload = new Uint8Array([...bytes(random.pick([4, 8, 12, 16])), ...attributes]);
  return [
    encodeControlMessages(messages),
    attributes,
    netlink.encodeNetlinkMessage({ type, flags: 2, payload }),
    payload,
    Uint8Array.of(family & 255, family >> 8, ...bytes(random.below(120))),
    encodeSockaddr({ family: 1, path: Uint8Array.of(0, ...bytes(random.below(107))) }),
    bytes(random.pick([0, 1, 4, 8, 12, 16, 40, 104, 128, 256, 280, 300])),
  ];
}

function randomBytes(random: Random, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.below(256));
}

/** Cut, changed here and there, or as it is. */
function damaged(random: Random, bytes: Uint8Array): Uint8Array {
  const cut = random.chance(0.3) ? random.below(bytes.length + 1) : bytes.length;
  const copy = bytes.slice(0, cut);
  const changes = copy.length === 0 || random.chance(0.4) ? 0 : random.below(4);
  for (let i = 0; i < changes; i++) {
    copy[random.below(copy.length)] = random.pick([0, 1, 255, 127, 128, random.below(256)]);
  }
  return copy;
}

/** What a decoder makes of `bytes` that stand amid `filler`. */
function decodedAmid(filler: number, name: string, bytes: Uint8Array): unknown {
  const memory = new Uint8Array(bytes.length + 80).fill(filler);
  const buffer = memory.subarray(40, 40 + bytes.length);
  buffer.set(bytes);
  const value = attempt(decoders[name]!, buffer);
  assert.deepEqual(buffer, bytes, `${name} has changed its buffer`);
  assert.ok(
    memory.every((byte, i) => byte === filler || (i >= 40 && i < 40 + bytes.length)),
    `${name} wrote outside of its buffer`,
  );
  memory.fill(~filler & 255); // a value that stands on the buffer would change with it
  return value;
}

test('decoders on arbitrary bytes', { timeout: 600_000 }, (t) => {
  const seed = chosenSeed();
  const random = new Random(seed);
  const names = Object.keys(decoders);
  const until = performance.now() + 1000 * Number(process.env['NETFD_FUZZ_SECONDS'] ?? 2);
  let count = 0;
  while (performance.now() < until) {
    for (const start of seeds(random)) {
      const bytes = damaged(random, start);
      for (const name of random.chance(0.2) ? names : [random.pick(names)]) {
        count++;
        try {
          const results = [0x00, 0xff].map((filler) => decodedAmid(filler, name, bytes));
          assert.equal(inspect(results[0], shown), inspect(results[1], shown));
        } catch (error) {
          const input = Buffer.from(bytes).toString('hex');
          throw new Error(`NETFD_SEED=${seed} repeats it: ${name} of ${input}`, { cause: error });
        }
      }
    }
  }
  t.diagnostic(`NETFD_SEED=${seed}: ${count} inputs to ${names.length} decoders`);
  assert.ok(names.length > 100 && count > 1000);
});

const shown = { depth: null, maxArrayLength: null } as const;
